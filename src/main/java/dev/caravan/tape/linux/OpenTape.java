package dev.caravan.tape.linux;

import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// An open no-rewind device of `st`: its descriptor, its calls with their errors in words, and how
/// it comes to be open. Confined to one user at a time.
final class OpenTape implements AutoCloseable {
    private static final int FLAGS = TapeAbi.O_RDWR | TapeAbi.O_NONBLOCK | TapeAbi.O_CLOEXEC;

    /// Options of `st` that would make a filemark prove nothing, cut records off in silence, or
    /// write filemarks that nobody asked for.
    private static final int HARMFUL =
            TapeAbi.MT_ST_NOWAIT
                    | TapeAbi.MT_ST_NOWAIT_EOF
                    | TapeAbi.MT_ST_SILI
                    | TapeAbi.MT_ST_TWO_FM;

    private static final Duration POLL = Duration.ofMillis(250);

    private final TapeSyscalls calls;
    private final Path device;
    private final int number;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment mtget = arena.allocate(TapeAbi.MTGET);
    private int fd = -1;
    private @Nullable String refusal;

    private OpenTape(TapeSyscalls calls, Path device, int number) {
        this.calls = calls;
        this.device = device;
        this.number = number;
    }

    /// Opens the device and waits until a cartridge is threaded, at most `patience`.
    static OpenTape open(TapeSyscalls calls, Path device, Duration patience) throws TapeException {
        requireSupported(device);
        OpenTape tape = new OpenTape(calls, device, deviceNumber(calls, device));
        try {
            tape.awaitCartridge(patience);
            tape.setOptions();
            return tape;
        } catch (TapeException | RuntimeException e) {
            tape.abandon();
            throw e;
        }
    }

    /// The request codes of `ioctl` have other bits on other processors.
    private static void requireSupported(Path device) throws TapeException {
        String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        if (!system.equals("Linux on amd64") && !system.equals("Linux on aarch64")) {
            throw new TapeException(
                    "open",
                    device.toString(),
                    Errno.ENODEV,
                    "tape drives need Linux on amd64 or aarch64, this is " + system);
        }
    }

    private static int deviceNumber(TapeSyscalls calls, Path device) throws TapeException {
        int number = calls.deviceNumber(device);
        if (number < 0) {
            throw openError(device, -number);
        }
        if (number >>> NativeTapeSyscalls.MINOR_BITS != TapeAbi.SCSI_TAPE_MAJOR) {
            throw new TapeException(
                    "open",
                    device.toString(),
                    Errno.ENOTTY,
                    "it is no SCSI tape device (character device with major %d)"
                            .formatted(TapeAbi.SCSI_TAPE_MAJOR));
        }
        if ((number & TapeAbi.NO_REWIND_MINOR) == 0) {
            throw new TapeException(
                    "open",
                    device.toString(),
                    Errno.EINVAL,
                    "this device rewinds at every close; take the one whose name begins with 'n' or ends in '-nst'");
        }
        return number;
    }

    /// `st` looks for a cartridge only when it is opened, so waiting is opening again. Opening
    /// without O_NONBLOCK would wait for two minutes in the kernel.
    private void awaitCartridge(Duration patience) throws TapeException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            fd = openOnce();
            if (state("open").ready() || System.nanoTime() - deadline >= 0) {
                return;
            }
            check("open", calls.close(fd));
            fd = -1;
            pause();
        }
    }

    private int openOnce() throws TapeException {
        int opened = calls.open(device, FLAGS);
        while (opened == -Errno.EINTR.number()) {
            opened = calls.open(device, FLAGS);
        }
        if (opened < 0) {
            throw openError(device, -opened);
        }
        return opened;
    }

    private void pause() throws TapeException {
        try {
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TapeException("open", device.toString(), Errno.EINTR, "interrupted", e);
        }
    }

    /// Only root may set the options; whoever is not finds them as the administrator left them.
    private void setOptions() throws TapeException {
        int set =
                calls.mtop(
                        fd,
                        TapeAbi.MTSETDRVBUFFER,
                        TapeAbi.MT_ST_SETBOOLEANS | TapeAbi.MT_ST_SCSI2LOGICAL);
        int cleared =
                set < 0
                        ? set
                        : calls.mtop(
                                fd, TapeAbi.MTSETDRVBUFFER, TapeAbi.MT_ST_CLEARBOOLEANS | HARMFUL);
        if (cleared == -Errno.EPERM.number() || cleared == -Errno.EACCES.number()) {
            refusal = judge(calls.options(number));
        } else if (cleared < 0) {
            throw error("set the options of st", -cleared);
        }
    }

    private static @Nullable String judge(OptionalInt options) {
        if (options.isEmpty()) {
            return "the options of st can be neither set nor read; run as root";
        }
        int set = options.getAsInt();
        StringBuilder wrong = new StringBuilder();
        append(wrong, set, TapeAbi.MT_ST_NOWAIT, "clear no-wait");
        append(wrong, set, TapeAbi.MT_ST_NOWAIT_EOF, "clear nowait-eof (0x8000)");
        append(wrong, set, TapeAbi.MT_ST_SILI, "clear sili");
        append(wrong, set, TapeAbi.MT_ST_TWO_FM, "clear two-fms");
        append(wrong, ~set, TapeAbi.MT_ST_SCSI2LOGICAL, "set scsi2logical");
        return wrong.isEmpty()
                ? null
                : "the options of st are %04Xh and only root may change them: %s"
                        .formatted(set, wrong);
    }

    private static void append(StringBuilder wrong, int options, int flag, String cure) {
        if ((options & flag) != 0) {
            wrong.append(wrong.isEmpty() ? "" : ", ").append(cure);
        }
    }

    Path device() {
        return device;
    }

    int number() {
        return number;
    }

    TapeSyscalls calls() {
        return calls;
    }

    int fd() {
        return fd;
    }

    /// Fails where an option of `st` that cannot be changed would make a write unsafe.
    void requireWritable(String operation) throws TapeException {
        if (refusal != null) {
            throw new TapeException(operation, device.toString(), Errno.EPERM, refusal);
        }
    }

    TapeState state(String operation) throws TapeException {
        check(operation, calls.mtget(fd, mtget));
        return TapeState.of(mtget);
    }

    /// `MTIOCTOP`; never tried again, because half of it may have been done.
    void command(String operation, int command, int count) throws TapeException {
        check(operation, calls.mtop(fd, command, count));
    }

    void check(String operation, long result) throws TapeException {
        if (result < 0) {
            throw error(operation, (int) -result);
        }
    }

    /// A drive that was not ready when it was opened answers `EIO` for everything: no cartridge may
    /// be blamed for that.
    TapeException error(String operation, int number) {
        Errno errno = Errno.of(number);
        if (errno == Errno.EIO && notReady()) {
            return error(operation, Errno.ENOMEDIUM, "the drive is not ready");
        }
        String sense =
                switch (errno) {
                    case EIO -> "the drive failed; the kernel's log has its sense data";
                    case EACCES -> "the cartridge is write-protected";
                    case EROFS -> "the cartridge is write-protected";
                    case ENOMEDIUM -> "no cartridge";
                    case ENODEV, ENXIO -> "the drive is gone";
                    case ENOSPC -> "end of the medium";
                    case EBUSY -> "the drive or its host adapter cannot do this now";
                    case EPERM -> "not permitted";
                    case ENOTTY -> "it is no tape device";
                    default -> "error " + number;
                };
        return error(operation, errno, sense);
    }

    private boolean notReady() {
        return calls.mtget(fd, mtget) == 0 && !TapeState.of(mtget).ready();
    }

    TapeException error(String operation, Errno errno, String sense) {
        return new TapeException(operation, device.toString(), errno, sense);
    }

    private static TapeException openError(Path device, int number) {
        Errno errno = Errno.of(number);
        String sense =
                switch (errno) {
                    case ENOENT, ENXIO, ENODEV ->
                            "no such drive; is it connected and the driver st loaded?";
                    case EBUSY -> "another program has the drive open";
                    case EACCES, EPERM ->
                            "not permitted; the user must be in the group of the device (tape)";
                    case EROFS -> "the cartridge is write-protected";
                    case ENOMEDIUM -> "no cartridge";
                    default -> "error " + number;
                };
        return new TapeException("open", device.toString(), errno, sense);
    }

    /// The `sg` device of the drive. What is sent through it needs no right but its group's, while
    /// `SG_IO` on `st` needs CAP_SYS_RAWIO.
    Optional<Path> generic() {
        return calls.generic(number);
    }

    MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, 4096);
    }

    private void abandon() {
        if (fd >= 0) {
            int _ = calls.close(fd);
            fd = -1;
        }
        arena.close();
    }

    /// The kernel writes a filemark here if a record was written last; its failure is reported.
    @Override
    public void close() throws TapeException {
        if (fd < 0) {
            return;
        }
        int result = calls.close(fd);
        fd = -1;
        try {
            if (result < 0) {
                throw error("close", Errno.of(-result), "the last filemark could not be written");
            }
        } finally {
            arena.close();
        }
    }

    boolean isOpen() {
        return fd >= 0;
    }
}
