package dev.caravan.tape.vtl;

import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.DriveStatus;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A drive over a [TapImage] that answers as the Linux `st` driver was measured to answer: filemark
/// on close after a write, end of data once and then `EIO`, `ENOMEM` for a short buffer, and behind
/// the early warning every other write refused until the hard end, where all are.
final class VirtualDrive implements Drive {
    /// What stays free on the host's disk, so that a full one still takes filemarks and
    /// inventories, and the ledger that may lie beside them.
    private static final long HOST_RESERVE = 16L << 20;

    private final String device;
    private final FileStore host;
    private final DeviceLock lock;
    private final VirtualFaults faults;
    private final @Nullable Cartridge cartridge;
    private @Nullable TapImage medium;
    private long block;
    private boolean wrote;
    private boolean endOfDataSeen;
    private boolean refuseNext = true;
    private boolean gone;

    VirtualDrive(
            String device,
            Path directory,
            DeviceLock lock,
            VirtualFaults faults,
            @Nullable Cartridge cartridge)
            throws IOException {
        this.device = device;
        this.host = Files.getFileStore(directory);
        this.lock = lock;
        this.faults = faults;
        this.cartridge = cartridge;
        this.medium = cartridge == null ? null : TapImage.open(directory);
    }

    @Override
    public String device() {
        return device;
    }

    @Override
    public boolean streams() {
        return false;
    }

    @Override
    public WriteResult write(ByteBuffer data) throws TapeException {
        int length = data.remaining();
        if (length == 0 || length > MAX_RECORD_BYTES) {
            throw error(
                    "write",
                    Errno.EINVAL,
                    "record of %d bytes, want 1 to %d".formatted(length, MAX_RECORD_BYTES));
        }
        TapImage image = writable("write");
        Cartridge tape = tape();
        long before = image.index().offset(block);
        boolean fits = before + BlockIndex.framed(length) <= tape.capacityBytes();
        boolean early = before >= tape.earlyWarningBytes();
        boolean refused = early && refuseNext;
        refuseNext = early && !refuseNext;
        if (!fits || refused) {
            if (fits && faults.recordsOnNoSpace()) {
                append(image, data);
            }
            return WriteResult.NO_SPACE;
        }
        if (faults.writeFails()) {
            throw error("write", Errno.EIO, "medium error at block " + block);
        }
        append(image, data);
        return WriteResult.WRITTEN;
    }

    private void append(TapImage image, ByteBuffer data) throws TapeException {
        try {
            if (host.getUsableSpace() < data.remaining() + HOST_RESERVE) {
                throw hostFull("write", null);
            }
            cutBehind(image);
            if (faults.writeTears()) {
                gone = true;
                image.tear(data);
                throw error("write", Errno.EIO, "the drive is gone");
            }
            image.append(data);
        } catch (TapeException e) {
            throw e;
        } catch (IOException e) {
            throw failed("write", e);
        }
        block++;
        wrote = true;
        endOfDataSeen = false;
    }

    @Override
    public void writeFilemarks(int count) throws TapeException {
        TapImage image = writable("write a filemark");
        if (faults.filemarkFails()) {
            throw error("write a filemark", Errno.EIO, "deferred write error");
        }
        long end = image.index().offset(block) + count * BlockIndex.framed(BlockIndex.FILEMARK);
        if (count > 0 && end > tape().capacityBytes()) {
            throw error("write a filemark", Errno.EIO, "end of medium");
        }
        try {
            if (count > 0) {
                cutBehind(image);
                image.appendFilemarks(count);
                block += count;
            }
            image.sync();
        } catch (IOException e) {
            throw failed("write a filemark", e);
        }
        wrote = false;
    }

    @Override
    public ReadResult read(ByteBuffer buffer) throws TapeException {
        TapImage image = medium("read");
        if (block == image.index().blocks()) {
            if (endOfDataSeen || block == 0) {
                throw error("read", Errno.EIO, "blank check: nothing was written here");
            }
            endOfDataSeen = true;
            return new ReadResult.EndOfData();
        }
        wrote = false;
        int length = image.index().length(block);
        if (length == BlockIndex.FILEMARK) {
            block++;
            return new ReadResult.Filemark();
        }
        if (length > buffer.remaining()) {
            block++;
            throw error(
                    "read",
                    Errno.ENOMEM,
                    "record of %d bytes, buffer of %d".formatted(length, buffer.remaining()));
        }
        try {
            image.read(block, buffer);
        } catch (IOException e) {
            throw failed("read", e);
        }
        block++;
        return new ReadResult.Data(length);
    }

    @Override
    public void rewind() throws TapeException {
        moveTo(medium("rewind"), 0);
    }

    @Override
    public void seek(long target) throws TapeException {
        TapImage image = medium("seek");
        endAfterWrite(image);
        if (target < 0 || target > image.index().blocks()) {
            throw error(
                    "seek",
                    Errno.EIO,
                    "block %d, end of data is %d".formatted(target, image.index().blocks()));
        }
        moveTo(image, target);
    }

    @Override
    public void spaceFilemarks(int count) throws TapeException {
        TapImage image = medium("space");
        endAfterWrite(image);
        long target = image.index().behindFilemarks(block, count);
        if (target < 0) {
            moveTo(image, image.index().blocks());
            throw error("space", Errno.EIO, "fewer than %d filemarks follow".formatted(count));
        }
        moveTo(image, target);
    }

    @Override
    public void seekToEndOfData() throws TapeException {
        TapImage image = medium("seek to the end of data");
        endAfterWrite(image);
        moveTo(image, image.index().blocks());
    }

    @Override
    public OptionalLong position() throws TapeException {
        if (medium == null) {
            throw error("read the position", Errno.EIO, "no cartridge");
        }
        return faults.positionUnknown() ? OptionalLong.empty() : OptionalLong.of(block);
    }

    @Override
    public DriveStatus status() {
        TapImage image = medium;
        if (image == null || cartridge == null) {
            return new DriveStatus(false, false, false, OptionalLong.empty(), OptionalLong.empty());
        }
        long warning = cartridge.earlyWarningBytes();
        return new DriveStatus(
                true,
                cartridge.writeProtected(),
                image.index().offset(block) >= warning,
                OptionalLong.of(cartridge.capacityBytes()),
                OptionalLong.of(Math.max(0, warning - image.index().endOffset())));
    }

    @Override
    public DriveIdentity identity() {
        return new DriveIdentity("CARAVAN", "VIRTUAL-LTO", "1", device);
    }

    @Override
    public MediumReport medium() throws TapeException {
        TapImage image = medium("read the cartridge memory");
        Cartridge tape = tape();
        return new MediumReport(
                Optional.of(
                        new CartridgeMemory(
                                Optional.of(tape.barcode().text()),
                                Optional.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.of(
                                        Math.max(
                                                0,
                                                tape.earlyWarningBytes()
                                                        - image.index().endOffset())),
                                OptionalLong.of(tape.capacityBytes()),
                                OptionalLong.empty())),
                Set.of(),
                OptionalInt.empty(),
                false);
    }

    @Override
    public void unload() throws TapeException {
        TapImage image = medium("unload");
        endAfterWrite(image);
        closeImage(image);
    }

    /// Writes the filemark that `st` writes on a close after a write, and frees the drive.
    @Override
    public void close() throws TapeException {
        if (!lock.held()) {
            return;
        }
        TapImage image = medium;
        try (lock) {
            if (image != null) {
                try {
                    endAfterWrite(image);
                } finally {
                    closeImage(image);
                }
            }
        } catch (TapeException e) {
            throw e;
        } catch (IOException e) {
            throw failed("close", e);
        }
    }

    private void closeImage(TapImage image) throws TapeException {
        medium = null;
        try {
            image.close();
        } catch (IOException e) {
            throw failed("close", e);
        }
    }

    private void moveTo(TapImage image, long target) throws TapeException {
        endAfterWrite(image);
        block = target;
        endOfDataSeen = false;
        refuseNext = true;
    }

    private void endAfterWrite(TapImage image) throws TapeException {
        if (!wrote || gone) {
            return;
        }
        wrote = false;
        if (image.index().offset(block) + BlockIndex.framed(0) <= tape().capacityBytes()) {
            writeFilemarks(1);
        }
    }

    private void cutBehind(TapImage image) throws IOException {
        if (block < image.index().blocks()) {
            image.truncate(block);
        }
    }

    private Cartridge tape() throws TapeException {
        if (cartridge == null) {
            throw error("use", Errno.ENOMEDIUM, "no cartridge");
        }
        return cartridge;
    }

    private TapImage writable(String operation) throws TapeException {
        TapImage image = medium(operation);
        if (tape().writeProtected()) {
            throw error(operation, Errno.EACCES, "the cartridge is write-protected");
        }
        return image;
    }

    private TapImage medium(String operation) throws TapeException {
        if (gone) {
            throw error(operation, Errno.EIO, "the drive is gone");
        }
        TapImage image = medium;
        if (image == null) {
            throw error(operation, Errno.ENOMEDIUM, "no cartridge");
        }
        return image;
    }

    private TapeException failed(String operation, IOException cause) {
        if (cause instanceof ClosedChannelException) {
            return new TapeException(operation, device, Errno.EINTR, "interrupted", cause);
        }
        try {
            if (host.getUsableSpace() < HOST_RESERVE) {
                return hostFull(operation, cause);
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return new TapeException(
                operation, device, Errno.EIO, String.valueOf(cause.getMessage()), cause);
    }

    /// A full host disk is not the end of the tape: it is an error, and nobody may take it for one.
    private TapeException hostFull(String operation, @Nullable IOException cause) {
        return new TapeException(
                operation,
                device,
                Errno.ENOSPC,
                "the disk under the library is full; free some space",
                cause);
    }

    private TapeException error(String operation, Errno errno, String sense) {
        return new TapeException(operation, device, errno, sense);
    }
}
