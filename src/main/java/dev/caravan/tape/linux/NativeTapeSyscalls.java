package dev.caravan.tape.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.caravan.tape.drive.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// [TapeSyscalls] of the running kernel. A call may last minutes and blocks its thread, the carrier
/// of a virtual one too: [PlatformThreadSyscalls] keeps it off carriers. Thread-safe.
final class NativeTapeSyscalls implements TapeSyscalls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private static final MethodHandle OPEN =
            call("open", JAVA_INT, Linker.Option.firstVariadicArg(2), ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = call("close", JAVA_INT, null, JAVA_INT);
    private static final MethodHandle READ =
            call("read", JAVA_LONG, null, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITE =
            call("write", JAVA_LONG, null, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle IOCTL =
            call(
                    "ioctl",
                    JAVA_INT,
                    Linker.Option.firstVariadicArg(2),
                    JAVA_INT,
                    JAVA_LONG,
                    ADDRESS);

    private static final Path SYSFS = Path.of("/sys/dev/char");

    /// The only one; it has no state.
    static final NativeTapeSyscalls KERNEL = new NativeTapeSyscalls();

    private NativeTapeSyscalls() {}

    private static MethodHandle call(
            String name,
            MemoryLayout result,
            Linker.@Nullable Option variadic,
            MemoryLayout... arguments) {
        FunctionDescriptor descriptor = FunctionDescriptor.of(result, arguments);
        MemorySegment function = LINKER.defaultLookup().findOrThrow(name);
        return variadic == null
                ? LINKER.downcallHandle(function, descriptor, ERRNO)
                : LINKER.downcallHandle(function, descriptor, ERRNO, variadic);
    }

    private static MemorySegment errno(Arena arena) {
        return arena.allocate(Linker.Option.captureStateLayout());
    }

    private static long result(MemorySegment errno, long returned) {
        return returned == -1 ? -errno.get(JAVA_INT, 0) : returned;
    }

    /// A method handle of a C function throws nothing but for a wrong type here.
    private static AssertionError impossible(Throwable thrown) {
        return new AssertionError(thrown);
    }

    @Override
    public int open(Path device, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = errno(arena);
            MemorySegment path = arena.allocateFrom(device.toString());
            return (int) result(errno, (int) OPEN.invokeExact(errno, path, flags, 0));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// Never again after EINTR: Linux has closed it by then.
    @Override
    public int close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = errno(arena);
            return (int) result(errno, (int) CLOSE.invokeExact(errno, fd));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    @Override
    public long read(int fd, MemorySegment into) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = errno(arena);
            return result(errno, (long) READ.invokeExact(errno, fd, into, into.byteSize()));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    @Override
    public long write(int fd, MemorySegment record) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = errno(arena);
            return result(errno, (long) WRITE.invokeExact(errno, fd, record, record.byteSize()));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    private static int ioctl(Arena arena, int fd, long request, MemorySegment argument) {
        MemorySegment errno = errno(arena);
        try {
            return (int) result(errno, (int) IOCTL.invokeExact(errno, fd, request, argument));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    @Override
    public int mtop(int fd, int operation, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mtop = arena.allocate(TapeAbi.MTOP);
            mtop.set(JAVA_SHORT, TapeAbi.offset(TapeAbi.MTOP, "mt_op"), (short) operation);
            mtop.set(JAVA_INT, TapeAbi.offset(TapeAbi.MTOP, "mt_count"), count);
            return ioctl(arena, fd, TapeAbi.MTIOCTOP, mtop);
        }
    }

    @Override
    public int mtget(int fd, MemorySegment mtget) {
        try (Arena arena = Arena.ofConfined()) {
            return ioctl(arena, fd, TapeAbi.MTIOCGET, mtget);
        }
    }

    @Override
    public long mtpos(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mtpos = arena.allocate(TapeAbi.MTPOS);
            int result = ioctl(arena, fd, TapeAbi.MTIOCPOS, mtpos);
            return result < 0 ? result : mtpos.get(JAVA_LONG, 0);
        }
    }

    @Override
    public ScsiReply sgIo(
            int fd, byte[] cdb, Direction direction, MemorySegment buffer, Duration timeout) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment command = arena.allocateFrom(JAVA_BYTE, cdb);
            MemorySegment sense = arena.allocate(TapeAbi.SENSE_BYTES);
            MemorySegment header = arena.allocate(TapeAbi.SG_IO_HDR);
            set(header, "interface_id", 'S');
            set(
                    header,
                    "dxfer_direction",
                    switch (direction) {
                        case NONE -> TapeAbi.SG_DXFER_NONE;
                        case TO_DEVICE -> TapeAbi.SG_DXFER_TO_DEV;
                        case FROM_DEVICE -> TapeAbi.SG_DXFER_FROM_DEV;
                    });
            header.set(JAVA_BYTE, TapeAbi.offset(TapeAbi.SG_IO_HDR, "cmd_len"), (byte) cdb.length);
            header.set(
                    JAVA_BYTE,
                    TapeAbi.offset(TapeAbi.SG_IO_HDR, "mx_sb_len"),
                    (byte) TapeAbi.SENSE_BYTES);
            int length = direction == Direction.NONE ? 0 : Math.toIntExact(buffer.byteSize());
            set(header, "dxfer_len", length);
            if (length > 0) {
                set(header, "dxferp", buffer);
            }
            set(header, "cmdp", command);
            set(header, "sbp", sense);
            set(header, "timeout", Math.toIntExact(timeout.toMillis()));
            int result = ioctl(arena, fd, TapeAbi.SG_IO, header);
            if (result < 0) {
                return ScsiReply.refused(-result);
            }
            int senseBytes =
                    header.get(JAVA_BYTE, TapeAbi.offset(TapeAbi.SG_IO_HDR, "sb_len_wr")) & 0xFF;
            return new ScsiReply(
                    0,
                    header.get(JAVA_BYTE, TapeAbi.offset(TapeAbi.SG_IO_HDR, "status")) & 0xFF,
                    header.get(JAVA_SHORT, TapeAbi.offset(TapeAbi.SG_IO_HDR, "host_status"))
                            & 0xFFFF,
                    ScsiSense.of(sense.asSlice(0, senseBytes).toArray(JAVA_BYTE)),
                    length
                            - Math.clamp(
                                    header.get(
                                            JAVA_INT, TapeAbi.offset(TapeAbi.SG_IO_HDR, "resid")),
                                    0,
                                    length));
        }
    }

    private static void set(MemorySegment header, String field, int value) {
        header.set(JAVA_INT, TapeAbi.offset(TapeAbi.SG_IO_HDR, field), value);
    }

    private static void set(MemorySegment header, String field, MemorySegment address) {
        header.set(ADDRESS, TapeAbi.offset(TapeAbi.SG_IO_HDR, field), address);
    }

    @Override
    public int deviceNumber(Path device) {
        try {
            int mode = (int) Files.getAttribute(device, "unix:mode");
            if ((mode & S_IFMT) != S_IFCHR) {
                return 0;
            }
            long rdev = (long) Files.getAttribute(device, "unix:rdev");
            // <linux/kdev_t.h>, new_encode_dev
            int major = (int) (rdev >>> 8) & 0xFFF;
            int minor = (int) (rdev & 0xFF) | ((int) (rdev >>> 12) & 0xFFF00);
            return major << MINOR_BITS | minor;
        } catch (NoSuchFileException e) {
            return -Errno.ENOENT.number();
        } catch (FileSystemException e) {
            return -Errno.EACCES.number();
        } catch (IOException e) {
            return -Errno.EIO.number();
        }
    }

    // <linux/stat.h>
    private static final int S_IFMT = 0170000;
    private static final int S_IFCHR = 0020000;

    /// <linux/kdev_t.h>
    static final int MINOR_BITS = 20;

    private static Path sysfs(int deviceNumber) {
        return SYSFS.resolve(
                "%d:%d"
                        .formatted(
                                deviceNumber >>> MINOR_BITS,
                                deviceNumber & ((1 << MINOR_BITS) - 1)));
    }

    @Override
    public OptionalInt options(int deviceNumber) {
        try {
            String text =
                    Files.readString(sysfs(deviceNumber).resolve("options"))
                            .strip()
                            .toLowerCase(Locale.ROOT);
            return OptionalInt.of(Integer.decode(text));
        } catch (IOException | NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    @Override
    public Optional<Path> generic(int deviceNumber) {
        Path drive = sysfs(deviceNumber).resolve("device/scsi_generic");
        try (DirectoryStream<Path> names = Files.newDirectoryStream(drive)) {
            for (Path name : names) {
                return Optional.of(Path.of("/dev").resolve(name.getFileName()));
            }
        } catch (IOException e) { // no sysfs, or no sg driver: the drive is asked through st
            return Optional.empty();
        }
        return Optional.empty();
    }
}
