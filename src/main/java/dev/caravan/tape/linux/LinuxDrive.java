package dev.caravan.tape.linux;

import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.DriveStatus;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tape drive of the Linux `st` driver, in variable block mode: one write is one record.
///
/// A direct buffer goes to the kernel as it is; bytes of a heap buffer, and of a read into less
/// than 4 KiB, are copied through one aligned buffer. Nothing that failed is tried again but a
/// write or read that a signal kept from beginning.
///
/// The kernel itself writes one filemark when the drive is closed or moved right after a record,
/// also when the process dies. So a filemark says nothing of what lies before it.
///
/// Confined to one user at a time. A call blocks for as long as the drive takes, minutes for a
/// rewind; a virtual thread gives it to a platform thread of this drive. An interrupt does not end
/// a call. Sources: st(4), <linux/mtio.h>, `Documentation/scsi/st.rst` of the kernel.
public final class LinuxDrive implements Drive {
    private static final Logger LOG = LoggerFactory.getLogger(LinuxDrive.class);

    private static final long UNKNOWN = -1;

    private final OpenTape tape;
    private final PlatformThreadSyscalls calls;
    private final DriveCommands commands;
    private final RecordTransfer transfer;

    /// The drive answers MTIOCPOS. One that does not cannot locate either.
    private final boolean positions;

    /// Where the tape must stand by what was acknowledged, or [#UNKNOWN].
    private long expected;

    /// The end of the tape was met and nothing has moved it back: `st` forgets it at a filemark.
    private boolean nearEnd;

    /// The end of data was told here; the next read is an error.
    private boolean endOfDataSeen;

    private LinuxDrive(OpenTape tape, PlatformThreadSyscalls calls) throws TapeException {
        this.tape = tape;
        this.calls = calls;
        this.commands = new DriveCommands(tape);
        this.transfer = new RecordTransfer(tape);
        this.positions = prepare();
    }

    /// Opens a drive for one user, with or without a cartridge in it, and makes `st` behave:
    /// records of any length, logical block numbers, filemarks that wait. Where the tape stands is
    /// not known then: rewind or seek first.
    ///
    /// @param device a no-rewind device: `/dev/nst0`, better `/dev/tape/by-id/…-nst`
    /// @param patience how long to wait for a cartridge to be threaded; zero to look once
    /// @throws TapeException with `EBUSY` if another program has it open, `ENOENT` or `ENXIO` if
    ///   there is none, `EACCES` without the right
    public static LinuxDrive open(Path device, Duration patience) throws TapeException {
        return open(NativeTapeSyscalls.KERNEL, device, patience);
    }

    static LinuxDrive open(TapeSyscalls kernel, Path device, Duration patience)
            throws TapeException {
        PlatformThreadSyscalls calls = new PlatformThreadSyscalls(kernel, "tape " + device);
        OpenTape tape = null;
        try {
            tape = OpenTape.open(calls, device, patience);
            return new LinuxDrive(tape, calls);
        } catch (TapeException | RuntimeException e) {
            if (tape != null) {
                try {
                    tape.close();
                } catch (TapeException alsoFailed) {
                    e.addSuppressed(alsoFailed);
                }
            }
            calls.end();
            throw e;
        }
    }

    private boolean prepare() throws TapeException {
        TapeState state = tape.state("open");
        if (!state.ready()) {
            expected = UNKNOWN;
            return false;
        }
        tape.command("set variable blocks", TapeAbi.MTSETBLK, 0);
        if (state.file() < 0) { // a change of cartridge or a reset: some kernels want a rewind
            tape.command("rewind", TapeAbi.MTREW, 1);
        }
        long block = calls.mtpos(tape.fd());
        expected = block < 0 ? UNKNOWN : block;
        return block >= 0;
    }

    @Override
    public String device() {
        return tape.device().toString();
    }

    @Override
    public WriteResult write(ByteBuffer record) throws TapeException {
        int length = record.remaining();
        if (length == 0 || length > MAX_RECORD_BYTES) {
            throw tape.error(
                    "write",
                    Errno.EINVAL,
                    "record of %d bytes, want 1 to %d".formatted(length, MAX_RECORD_BYTES));
        }
        requireOpen("write");
        tape.requireWritable("write");
        long written = transfer.write(record);
        if (written == -Errno.ENOSPC.number()) {
            return noSpace();
        }
        if (written < 0) {
            expected = UNKNOWN;
            throw transfer.error("write", (int) -written, length);
        }
        if (written != length) {
            expected = UNKNOWN;
            throw tape.error(
                    "write",
                    Errno.EIO,
                    "the drive took %d of %d bytes of a record".formatted(written, length));
        }
        record.position(record.limit());
        advance(1);
        return WriteResult.WRITTEN;
    }

    /// After the refusal of a write some drives have the record on the tape nevertheless. One block
    /// more than acknowledged is that; anything else means that data is not where it must be.
    private WriteResult noSpace() throws TapeException {
        nearEnd = true;
        long block = positions && expected != UNKNOWN ? calls.mtpos(tape.fd()) : UNKNOWN;
        if (block >= 0 && block != expected) {
            if (block != expected + 1) {
                throw tape.error(
                        "write",
                        Errno.EIO,
                        "at the end of the tape the drive is at block %d, %d were acknowledged"
                                .formatted(block, expected));
            }
            LOG.info("{}: the record refused at block {} is on the tape", device(), expected);
            expected = block;
        }
        return WriteResult.NO_SPACE;
    }

    @Override
    public void writeFilemarks(int count) throws TapeException {
        if (count < 0) {
            throw tape.error("write filemarks", Errno.EINVAL, "count " + count);
        }
        requireOpen("write a filemark");
        tape.requireWritable("write a filemark");
        long before = expected;
        expected = UNKNOWN;
        tape.command("write a filemark", TapeAbi.MTWEOF, count);
        endOfDataSeen = endOfDataSeen && count == 0;
        expected = before == UNKNOWN ? UNKNOWN : before + count;
    }

    @Override
    public ReadResult read(ByteBuffer buffer) throws TapeException {
        requireOpen("read");
        int space = RecordTransfer.space(buffer);
        long read = transfer.read(buffer);
        if (read > 0) {
            advance(1);
            return new ReadResult.Data((int) read);
        }
        if (read == 0) {
            return endOfFile();
        }
        if (read == -Errno.EIO.number() && atEndOfData()) {
            endOfDataSeen = true;
            return new ReadResult.EndOfData();
        }
        if (read == -Errno.ENOMEM.number()) {
            advance(1);
            throw tape.error(
                    "read",
                    Errno.ENOMEM,
                    "a record larger than the buffer of %d bytes".formatted(space));
        }
        expected = UNKNOWN;
        throw transfer.error("read", (int) -read, space);
    }

    /// A read of 0 bytes is a filemark or the end of data: only `st`'s flags tell which.
    private ReadResult endOfFile() throws TapeException {
        TapeState state = tape.state("read");
        if (state.has(TapeAbi.GMT_EOD)) {
            endOfDataSeen = true;
            return new ReadResult.EndOfData();
        }
        if (state.has(TapeAbi.GMT_EOF)) {
            advance(1);
            return new ReadResult.Filemark();
        }
        expected = UNKNOWN;
        throw tape.error(
                "read",
                Errno.EIO,
                "nothing was read, at neither a filemark nor the end of data (status %08Xh)"
                        .formatted(state.gstat()));
    }

    /// `st` reads 0 bytes at the end of data only right behind a filemark; behind a record, a seek
    /// or a write it answers `EIO` as for damage. So the drive is asked where its data ends. A
    /// blank tape has no end of data to find.
    private boolean atEndOfData() throws TapeException {
        if (!positions || endOfDataSeen) {
            return false;
        }
        long here = calls.mtpos(tape.fd());
        if (here <= 0 || calls.mtop(tape.fd(), TapeAbi.MTEOM, 1) < 0) {
            return false;
        }
        if (calls.mtpos(tape.fd()) == here) {
            expected = here;
            return true;
        }
        tape.command("go back to block " + here, TapeAbi.MTSEEK, (int) here);
        return false;
    }

    @Override
    public void rewind() throws TapeException {
        requireOpen("rewind");
        move("rewind", TapeAbi.MTREW, 1, 0);
    }

    /// Where the drive cannot locate, the blocks are counted by reading from the beginning.
    @Override
    public void seek(long block) throws TapeException {
        requireOpen("seek");
        if (block < 0 || block > Integer.MAX_VALUE) {
            throw tape.error("seek", Errno.EIO, "block " + block);
        }
        if (!positions) {
            seekByReading(block);
            return;
        }
        move("seek to block " + block, TapeAbi.MTSEEK, (int) block, block);
        OptionalLong reached = position();
        if (reached.isPresent() && reached.getAsLong() != block) {
            throw tape.error(
                    "seek",
                    Errno.EIO,
                    "block %d was wanted, the drive is at %d"
                            .formatted(block, reached.getAsLong()));
        }
    }

    private void seekByReading(long block) throws TapeException {
        rewind();
        ByteBuffer record = transfer.any();
        for (long at = 0; at < block; at++) {
            if (read(record.clear()) instanceof ReadResult.EndOfData) {
                throw tape.error(
                        "seek", Errno.EIO, "block %d, end of data is %d".formatted(block, at));
            }
        }
    }

    @Override
    public void spaceFilemarks(int count) throws TapeException {
        requireOpen("space");
        move("space over %d filemarks".formatted(count), TapeAbi.MTFSF, count, UNKNOWN);
    }

    @Override
    public void seekToEndOfData() throws TapeException {
        requireOpen("seek to the end of data");
        move("seek to the end of data", TapeAbi.MTEOM, 1, UNKNOWN);
    }

    private void move(String operation, int command, int count, long target) throws TapeException {
        expected = UNKNOWN;
        nearEnd = false;
        endOfDataSeen = false;
        tape.command(operation, command, count);
        expected = target;
    }

    @Override
    public OptionalLong position() throws TapeException {
        requireOpen("read the position");
        long block = calls.mtpos(tape.fd());
        if (block >= 0) {
            expected = block;
            return OptionalLong.of(block);
        }
        if (block == -Errno.EIO.number()) {
            if (tape.state("read the position").ready()) {
                return OptionalLong.empty();
            }
            throw tape.error("read the position", Errno.EIO, "no cartridge");
        }
        throw tape.error("read the position", (int) -block);
    }

    @Override
    public DriveStatus status() throws TapeException {
        requireOpen("read the status");
        TapeState state = tape.state("read the status");
        Optional<CartridgeMemory> memory = state.ready() ? commands.memory() : Optional.empty();
        return new DriveStatus(
                state.ready(),
                state.has(TapeAbi.GMT_WR_PROT),
                nearEnd || state.has(TapeAbi.GMT_EOT),
                memory.map(CartridgeMemory::capacityBytes).orElse(OptionalLong.empty()),
                memory.map(CartridgeMemory::remainingBytes).orElse(OptionalLong.empty()));
    }

    @Override
    public DriveIdentity identity() throws TapeException {
        requireOpen("inquire");
        return commands.identity();
    }

    @Override
    public MediumReport medium() throws TapeException {
        requireOpen("read the cartridge memory");
        TapeState state = tape.state("read the cartridge memory");
        MediumReport report = commands.report(state);
        if (!state.ready() && report.alerts().isEmpty() && report.memory().isEmpty()) {
            throw tape.error("read the cartridge memory", Errno.ENOMEDIUM.number());
        }
        return report;
    }

    @Override
    public void unload() throws TapeException {
        requireOpen("unload");
        move("unload", TapeAbi.MTOFFL, 1, UNKNOWN);
    }

    @Override
    public void close() throws TapeException {
        if (!tape.isOpen()) {
            return;
        }
        commands.close();
        try {
            tape.close();
        } finally {
            calls.end();
        }
    }

    private void requireOpen(String operation) throws TapeException {
        if (!tape.isOpen()) {
            throw tape.error(operation, Errno.EBADF, "the drive is closed");
        }
    }

    private void advance(long blocks) {
        endOfDataSeen = false;
        if (expected != UNKNOWN) {
            expected += blocks;
        }
    }
}
