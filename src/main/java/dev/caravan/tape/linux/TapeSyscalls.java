package dev.caravan.tape.linux;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/// What this package asks of the kernel: the seam between its decisions and a device. A call
/// returns what the system call returns, or the negated error number; what an error means, the
/// caller decides. Nothing is tried again here. Memory is off the heap.
///
/// Implementors: the kernel ([NativeTapeSyscalls]) and the device of the tests, which behaves as
/// `st` was measured to behave.
interface TapeSyscalls {
    /// Which way the data of a SCSI command goes.
    enum Direction {
        NONE,
        TO_DEVICE,
        FROM_DEVICE
    }

    /// open(2): the descriptor.
    int open(Path device, int flags);

    /// close(2).
    int close(int fd);

    /// read(2): one record, or 0 at a filemark or the end of data.
    long read(int fd, MemorySegment into);

    /// write(2): one record.
    long write(int fd, MemorySegment record);

    /// ioctl(2) `MTIOCTOP`; `operation` and `count` as in <linux/mtio.h>.
    int mtop(int fd, int operation, int count);

    /// ioctl(2) `MTIOCGET`: fills a `struct mtget`.
    int mtget(int fd, MemorySegment mtget);

    /// ioctl(2) `MTIOCPOS`: the block number.
    long mtpos(int fd);

    /// ioctl(2) `SG_IO`: one SCSI command. `buffer` is what is sent, or what is filled; it may be
    /// empty where the direction is NONE.
    ScsiReply sgIo(int fd, byte[] cdb, Direction direction, MemorySegment buffer, Duration timeout);

    /// The device number of a character device (major << 20 | minor), or the negated error number;
    /// 0 for anything that is none.
    int deviceNumber(Path device);

    /// The options of `st` for a device (`MT_ST_…` flags), as sysfs tells them.
    OptionalInt options(int deviceNumber);

    /// The `sg` device of the same drive, as sysfs tells it.
    Optional<Path> generic(int deviceNumber);
}
