package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.DriveStatus;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A virtual library whose drives and changer fail in ways that the virtual one does not know.
final class FaultyLibrary implements Library, Changer {
    private final VirtualLibrary library;

    /// The drive is gone from the computer at the n-th write from now; 0 is never.
    int goneAtWrite;

    /// What a drive adds to its position after a filemark.
    long positionSlips;

    /// The drives do not tell what a cartridge takes, as those of `tgt`.
    boolean sizeless;

    /// The number of a drive that another computer has; -1 for none.
    int anothersDrive = -1;

    /// How many loads are jammed from now on.
    int jams;

    /// The drive has let go of its cartridge, and only the changer can take it.
    boolean letGo;

    /// With what every read fails; null for none.
    @Nullable Errno unreadable;

    /// How many reads fail from now on, though the medium is good.
    int badReads;

    /// The drives do not tell their position.
    boolean positionless;

    final List<Barcode> loaded = new ArrayList<>();

    FaultyLibrary(VirtualLibrary library) {
        this.library = library;
    }

    @Override
    public Changer changer() {
        return this;
    }

    @Override
    public LibraryInventory inventory() throws TapeException {
        LibraryInventory now = library.inventory();
        return new LibraryInventory(
                now.slots(),
                now.drives().stream()
                        .map(bay ->
                                bay.drive() == anothersDrive
                                        ? new Bay(
                                                bay.drive(),
                                                bay.cartridge(),
                                                bay.homeSlot(),
                                                false,
                                                Optional.empty(),
                                                false)
                                        : bay)
                        .toList());
    }

    @Override
    public void load(Barcode barcode, int drive) throws TapeException {
        if (jams > 0) {
            jams--;
            throw new TapeException(
                    "load " + barcode, "changer", Errno.EIO, "mechanical positioning error");
        }
        loaded.add(barcode);
        library.load(barcode, drive);
    }

    @Override
    public void unload(int drive) throws TapeException {
        letGo = false;
        library.unload(drive);
    }

    @Override
    public void transfer(int fromSlot, int toSlot) throws TapeException {
        library.transfer(fromSlot, toSlot);
    }

    @Override
    public Drive open(int drive) throws TapeException {
        return new FaultyDrive(library.open(drive));
    }

    private final class FaultyDrive implements Drive {
        private final Drive drive;
        private boolean gone;
        private boolean marked;

        FaultyDrive(Drive drive) {
            this.drive = drive;
        }

        private Drive there(String operation) throws TapeException {
            if (gone) {
                throw new TapeException(operation, device(), Errno.ENODEV, "no such device");
            }
            return drive;
        }

        @Override
        public String device() {
            return drive.device();
        }

        @Override
        public WriteResult write(ByteBuffer record) throws TapeException {
            gone |= goneAtWrite > 0 && --goneAtWrite == 0;
            marked = false;
            return there("write").write(record);
        }

        @Override
        public void writeFilemarks(int count) throws TapeException {
            there("write a filemark").writeFilemarks(count);
            marked = true;
        }

        @Override
        public ReadResult read(ByteBuffer buffer) throws TapeException {
            Errno every = unreadable;
            if (every != null) {
                throw new TapeException("read", drive.device(), every, "the read failed");
            }
            if (badReads > 0) {
                badReads--;
                throw new TapeException("read", device(), Errno.EIO, "one bad read");
            }
            return there("read").read(buffer);
        }

        @Override
        public void rewind() throws TapeException {
            there("rewind").rewind();
        }

        @Override
        public void seek(long block) throws TapeException {
            there("seek").seek(block);
        }

        @Override
        public void spaceFilemarks(int count) throws TapeException {
            there("space").spaceFilemarks(count);
        }

        @Override
        public void seekToEndOfData() throws TapeException {
            there("seek to the end of data").seekToEndOfData();
        }

        @Override
        public OptionalLong position() throws TapeException {
            if (positionless) {
                return OptionalLong.empty();
            }
            long block = there("read the position").position().orElseThrow();
            return OptionalLong.of(marked ? block + positionSlips : block);
        }

        @Override
        public DriveStatus status() throws TapeException {
            DriveStatus status = there("read the status").status();
            if (letGo) {
                return new DriveStatus(
                        false, false, false, OptionalLong.empty(), OptionalLong.empty());
            }
            return sizeless
                    ? new DriveStatus(
                            status.ready(),
                            status.writeProtected(),
                            status.earlyWarning(),
                            OptionalLong.empty(),
                            OptionalLong.empty())
                    : status;
        }

        @Override
        public DriveIdentity identity() throws TapeException {
            return there("identify").identity();
        }

        @Override
        public MediumReport medium() throws TapeException {
            return there("read the cartridge memory").medium();
        }

        @Override
        public void unload() throws TapeException {
            if (letGo) {
                throw new TapeException("unload", device(), Errno.ENOMEDIUM, "no medium");
            }
            there("unload").unload();
        }

        @Override
        public void close() throws TapeException {
            drive.close();
            there("close");
        }
    }
}
