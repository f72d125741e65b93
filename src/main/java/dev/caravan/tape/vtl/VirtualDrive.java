package dev.caravan.tape.vtl;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.DriveStatus;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A drive over a [TapImage] that answers as the Linux `st` driver was measured to answer: filemark
/// on close after a write, end of data once and then `EIO`, `ENOMEM` for a short buffer, and behind
/// the early warning every other write refused until the hard end, where all are. A cleaning
/// cartridge never becomes ready.
final class VirtualDrive implements Drive {
    private static final long NONE = -1;

    private final String device;
    private final String serial;
    private final DeviceLock lock;
    private final VirtualFaults faults;
    private final boolean cleaning;
    private @Nullable LoadedCartridge medium;
    private long block;
    private boolean wrote;
    private boolean endOfDataSeen;
    private boolean refuseNext = true;
    private boolean gone;
    private boolean lost;

    /// The first block that was acknowledged and then lost.
    private long deferred = NONE;

    /// @param serial of the drive, whatever is in it
    /// @param directory of the cartridge, or of the library if there is none
    VirtualDrive(
            String device,
            String serial,
            Path directory,
            DeviceLock lock,
            VirtualFaults faults,
            @Nullable Cartridge cartridge)
            throws IOException {
        this.device = device;
        this.serial = serial;
        this.lock = lock;
        this.faults = faults;
        this.cleaning = cartridge != null && cartridge.barcode().cleaning();
        this.medium =
                cartridge == null || cleaning ? null : LoadedCartridge.open(directory, cartridge);
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
        LoadedCartridge tape = writable("write");
        boolean fits = tape.takesRecord(block, length);
        boolean early = tape.behindEarlyWarning(block);
        boolean refused = early && refuseNext;
        refuseNext = !early || !refuseNext;
        if (!fits || refused) {
            if (fits && faults.recordsOnNoSpace()) {
                append(tape, data);
            }
            return WriteResult.NO_SPACE;
        }
        if (faults.writeFails()) {
            throw error("write", Errno.EIO, "medium error at block " + block);
        }
        if (faults.writeIsLost() && deferred == NONE) {
            deferred = block;
        }
        append(tape, data);
        faults.pause(faults.timing().transfer(length));
        return WriteResult.WRITTEN;
    }

    private void append(LoadedCartridge tape, ByteBuffer data) throws TapeException {
        try {
            if (tape.hostIsFull(data.remaining())) {
                throw hostFull("write", null);
            }
            if (faults.writeTears()) {
                gone = true;
                tape.tear(block, data);
                throw error("write", Errno.EIO, "the drive is gone");
            }
            tape.append(block, data);
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
        LoadedCartridge tape = writable("write a filemark");
        if (count < 0) {
            throw error("write a filemark", Errno.EINVAL, "count " + count);
        }
        if (faults.filemarkFails()) {
            throw error("write a filemark", Errno.EIO, "deferred write error");
        }
        reportDeferred("write a filemark", tape);
        if (count > 0 && !tape.takesFilemarks(block, count)) {
            throw error("write a filemark", Errno.EIO, "end of medium");
        }
        try {
            if (count > 0) {
                tape.appendFilemarks(block, count);
                block += count;
                endOfDataSeen = false;
            }
            tape.sync();
        } catch (IOException e) {
            throw failed("write a filemark", e);
        }
        wrote = false;
    }

    /// What the drive could not write after all ends the tape where it failed.
    private void reportDeferred(String operation, LoadedCartridge tape) throws TapeException {
        if (deferred == NONE) {
            return;
        }
        long failedAt = deferred;
        deferred = NONE;
        wrote = false;
        try {
            tape.cut(failedAt);
        } catch (IOException e) {
            throw failed(operation, e);
        }
        block = failedAt;
        throw error(operation, Errno.EIO, "deferred write error at block " + failedAt);
    }

    @Override
    public ReadResult read(ByteBuffer buffer) throws TapeException {
        LoadedCartridge tape = medium("read");
        checkPosition("read");
        reportDeferred("read", tape);
        wrote = false; // st flushes here and writes no filemark
        if (block == tape.blocks()) {
            if (endOfDataSeen || block == 0) {
                throw error("read", Errno.EIO, "blank check: nothing was written here");
            }
            endOfDataSeen = true;
            return new ReadResult.EndOfData();
        }
        int length = tape.length(block);
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
        if (faults.readFails()) {
            block++;
            throw error("read", Errno.EIO, "unrecovered read error at block " + (block - 1));
        }
        try {
            tape.read(block, buffer);
        } catch (IOException e) {
            throw failed("read", e);
        }
        block++;
        faults.pause(faults.timing().transfer(length));
        return new ReadResult.Data(length);
    }

    @Override
    public void rewind() throws TapeException {
        LoadedCartridge tape = medium("rewind");
        lost = false;
        endAfterWrite(tape);
        moveTo(tape, 0);
    }

    @Override
    public void seek(long target) throws TapeException {
        LoadedCartridge tape = movable("seek");
        if (target < 0 || target > tape.blocks()) {
            throw error(
                    "seek",
                    Errno.EIO,
                    "block %d, end of data is %d".formatted(target, tape.blocks()));
        }
        moveTo(tape, target);
    }

    @Override
    public void spaceFilemarks(int count) throws TapeException {
        LoadedCartridge tape = movable("space");
        long target = tape.behindFilemarks(block, count);
        if (target < 0) {
            moveTo(tape, tape.blocks());
            throw error("space", Errno.EIO, "fewer than %d filemarks follow".formatted(count));
        }
        moveTo(tape, target);
    }

    @Override
    public void seekToEndOfData() throws TapeException {
        LoadedCartridge tape = movable("seek to the end of data");
        moveTo(tape, tape.blocks());
    }

    @Override
    public OptionalLong position() throws TapeException {
        requireOpen("read the position");
        if (medium == null) {
            throw error("read the position", Errno.EIO, "no cartridge");
        }
        return faults.positionUnknown() || lost ? OptionalLong.empty() : OptionalLong.of(block);
    }

    @Override
    public DriveStatus status() throws TapeException {
        requireOpen("read the status");
        return medium == null
                ? new DriveStatus(
                        false, cleaning, false, OptionalLong.empty(), OptionalLong.empty())
                : medium.status(block);
    }

    @Override
    public DriveIdentity identity() throws TapeException {
        requireOpen("inquire");
        return new DriveIdentity("CARAVAN", "VIRTUAL-LTO", "1", serial);
    }

    @Override
    public MediumReport medium() throws TapeException {
        if (cleaning) {
            requireOpen("read the cartridge memory");
            Set<TapeAlert> alerts = new HashSet<>(faults.takeAlerts());
            alerts.add(TapeAlert.CLEANING_MEDIA);
            return new MediumReport(Optional.empty(), alerts, OptionalInt.empty(), false);
        }
        return medium("read the cartridge memory").report(faults.takeAlerts());
    }

    @Override
    public void unload() throws TapeException {
        if (cleaning) {
            requireOpen("unload"); // the drive gives it back by itself
            return;
        }
        LoadedCartridge tape = medium("unload");
        lost = false;
        endAfterWrite(tape);
        moveTo(tape, 0);
        closeMedium(tape);
    }

    /// Writes the filemark that `st` writes on a close after a write, and frees the drive.
    @Override
    public void close() throws TapeException {
        if (!lock.held()) {
            return;
        }
        LoadedCartridge tape = medium;
        try (lock) {
            if (tape != null) {
                try {
                    endAfterWrite(tape);
                } finally {
                    closeMedium(tape);
                }
            }
        } catch (TapeException e) {
            throw e;
        } catch (IOException e) {
            throw failed("close", e);
        }
    }

    private void closeMedium(LoadedCartridge tape) throws TapeException {
        medium = null;
        try {
            tape.close();
        } catch (IOException e) {
            throw failed("close", e);
        }
    }

    private void moveTo(LoadedCartridge tape, long target) {
        faults.pause(
                faults.timing()
                        .wind(tape.offset(block), tape.offset(target), tape.capacityBytes()));
        block = target;
        endOfDataSeen = false;
        refuseNext = true;
    }

    private void endAfterWrite(LoadedCartridge tape) throws TapeException {
        if (!wrote || gone || lost) {
            return;
        }
        wrote = false;
        reportDeferred("write a filemark", tape);
        if (tape.takesFilemarks(block, 1)) {
            writeFilemarks(1);
        }
    }

    private LoadedCartridge writable(String operation) throws TapeException {
        LoadedCartridge tape = medium(operation);
        checkPosition(operation);
        if (tape.writeProtected()) {
            throw error(operation, Errno.EACCES, "the cartridge is write-protected");
        }
        if (tape.forbidsOverwriting(block)) {
            throw error(
                    operation,
                    Errno.EIO,
                    "data protect, WORM medium: overwrite attempted at block " + block);
        }
        return tape;
    }

    private LoadedCartridge movable(String operation) throws TapeException {
        LoadedCartridge tape = medium(operation);
        checkPosition(operation);
        endAfterWrite(tape);
        return tape;
    }

    private void checkPosition(String operation) throws TapeException {
        if (faults.positionIsLost()) {
            lost = true;
            wrote = false;
        }
        if (lost) {
            throw error(operation, Errno.EIO, "the drive was reset; rewind first");
        }
    }

    private LoadedCartridge medium(String operation) throws TapeException {
        requireOpen(operation);
        if (gone) {
            throw error(operation, Errno.EIO, "the drive is gone");
        }
        LoadedCartridge tape = medium;
        if (tape == null) {
            throw error(
                    operation,
                    Errno.ENOMEDIUM,
                    cleaning ? "a cleaning cartridge is loaded" : "no cartridge");
        }
        return tape;
    }

    private void requireOpen(String operation) throws TapeException {
        if (!lock.held()) {
            throw error(operation, Errno.EBADF, "the drive is closed");
        }
    }

    private TapeException failed(String operation, IOException cause) {
        if (cause instanceof ClosedChannelException) {
            return new TapeException(operation, device, Errno.EINTR, "interrupted", cause);
        }
        try {
            if (medium != null && medium.hostIsFull(0)) {
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
