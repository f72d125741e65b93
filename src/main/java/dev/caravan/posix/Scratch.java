package dev.caravan.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;

/// The native memory of one thread for the arguments of one system call: allocating it for each
/// call would cost more than the call. Confined to its thread; freed some time after the thread has
/// ended.
final class Scratch {

    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
    private static final int SMALLEST_TRANSFER = 1 << 14;
    static final int LARGEST_TRANSFER = 1 << 20;

    final MemorySegment errno;
    final MemorySegment statx;
    final MemorySegment openHow;
    final MemorySegment target;
    private final MemorySegment name;
    private final MemorySegment otherName;
    private final MemorySegment times;
    private MemorySegment transfer = MemorySegment.NULL;

    private Scratch() {
        Arena arena = Arena.ofAuto();
        errno = arena.allocate(Linker.Option.captureStateLayout());
        statx = arena.allocate(Abi.STATX_BYTES, 8);
        openHow = arena.allocate(Abi.OPEN_HOW_BYTES, 8);
        times = arena.allocate(2 * Abi.TIMESPEC_BYTES, 8);
        name = arena.allocate(Abi.PATH_MAX);
        otherName = arena.allocate(Abi.PATH_MAX);
        target = arena.allocate(Abi.PATH_MAX);
    }

    static Scratch ofThread() {
        return OF_THREAD.get();
    }

    /// A C string of part of a path; the caller has checked that it is shorter than PATH_MAX.
    MemorySegment name(byte[] path, int from, int to) {
        return string(name, path, from, to);
    }

    /// For calls that take two.
    MemorySegment otherName(byte[] path, int from, int to) {
        return string(otherName, path, from, to);
    }

    private static MemorySegment string(MemorySegment into, byte[] path, int from, int to) {
        MemorySegment.copy(path, from, into, ValueLayout.JAVA_BYTE, 0, to - from);
        into.set(ValueLayout.JAVA_BYTE, to - from, (byte) 0);
        return into;
    }

    /// `struct timespec[2]` of utimensat(2): the access time as it is, this modification time.
    MemorySegment times(Instant modified) {
        times.set(ValueLayout.JAVA_LONG, Abi.TV_NSEC, Abi.UTIME_OMIT);
        times.set(ValueLayout.JAVA_LONG, Abi.TIMESPEC_BYTES, modified.getEpochSecond());
        times.set(ValueLayout.JAVA_LONG, Abi.TIMESPEC_BYTES + Abi.TV_NSEC, modified.getNano());
        return times;
    }

    /// A buffer for contents: of `length` bytes, or of the largest there is.
    MemorySegment transfer(int length) {
        int wanted = Math.clamp(length, SMALLEST_TRANSFER, LARGEST_TRANSFER);
        if (transfer.byteSize() < wanted) {
            int rounded = Integer.highestOneBit(wanted - 1) << 1;
            transfer = Arena.ofAuto().allocate(rounded, 4096);
        }
        return transfer;
    }
}
