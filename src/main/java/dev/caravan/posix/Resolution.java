package dev.caravan.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// How a path is opened below a directory without following a symlink: by openat2(2) in one call,
/// or part by part with `O_NOFOLLOW` where the kernel (before 5.6) or a container's filter lacks
/// it. Both open the same things and give the same errors. Thread-safe.
final class Resolution {

    /// What stands for a folder on the way: it needs no right to read it.
    static final int FOLDER = Abi.O_PATH | Abi.O_DIRECTORY | Abi.O_CLOEXEC;

    static final Resolution BY_KERNEL = new Resolution(true);
    static final Resolution BY_PARTS = new Resolution(false);

    private volatile boolean openat2;

    private Resolution(boolean openat2) {
        this.openat2 = openat2;
    }

    /// 0, or the error of a path that can not be below a directory.
    static int fault(byte[] path) {
        int start = 0;
        for (int i = 0; i <= path.length && path.length > 0; i++) {
            if (i < path.length && path[i] == 0) {
                return Errno.EINVAL;
            }
            if (i == path.length || path[i] == '/') {
                int length = i - start;
                boolean dots =
                        (length == 1 && path[start] == '.')
                                || (length == 2 && path[start] == '.' && path[start + 1] == '.');
                if (length == 0 || dots) {
                    return Errno.EINVAL;
                }
                if (length >= Abi.PATH_MAX) {
                    return Errno.ENAMETOOLONG;
                }
                start = i + 1;
            }
        }
        return 0;
    }

    /// Opens the path that is the first `length` bytes.
    ///
    /// @return a file descriptor, or the negated error number
    int open(int directory, byte[] path, int length, int flags, int mode) {
        if (openat2) {
            int opened = open(directory, path, length, flags, mode, true);
            switch (-opened) {
                case Errno.ENOSYS -> openat2 = false;
                // A filter's way to say that it does not know the call; or the file's own refusal,
                // which the walk repeats.
                case Errno.EPERM, Errno.EAGAIN -> {}
                default -> {
                    return opened;
                }
            }
        }
        return open(directory, path, length, flags, mode, false);
    }

    private static int open(
            int directory, byte[] path, int length, int flags, int mode, boolean whole) {
        int at = directory;
        int from = 0;
        while (true) {
            int to = whole ? stretch(path, from, length) : part(path, from, length);
            boolean last = to == length;
            int stepFlags = last ? flags : FOLDER;
            int stepMode = last ? mode : 0;
            int opened =
                    whole
                            ? openStretch(at, path, from, to, stepFlags, stepMode)
                            : openPart(at, path, from, to, stepFlags, stepMode);
            if (at != directory) {
                Syscalls.close(at);
            }
            if (opened < 0 || last) {
                return opened;
            }
            at = opened;
            from = to + 1;
        }
    }

    /// As many parts as one call takes.
    private static int stretch(byte[] path, int from, int length) {
        if (length - from < Abi.PATH_MAX) {
            return length;
        }
        int to = from + Abi.PATH_MAX - 1;
        while (path[to] != '/') {
            to--;
        }
        return to;
    }

    private static int part(byte[] path, int from, int length) {
        int to = from;
        while (to < length && path[to] != '/') {
            to++;
        }
        return to;
    }

    private static int openStretch(int at, byte[] path, int from, int to, int flags, int mode) {
        Scratch scratch = Scratch.ofThread();
        MemorySegment how = scratch.openHow;
        how.set(ValueLayout.JAVA_LONG, Abi.HOW_FLAGS, flags);
        how.set(ValueLayout.JAVA_LONG, Abi.HOW_MODE, mode);
        how.set(
                ValueLayout.JAVA_LONG,
                Abi.HOW_RESOLVE,
                Abi.RESOLVE_NO_SYMLINKS | Abi.RESOLVE_BENEATH);
        return Syscalls.openat2(at, scratch.name(path, from, to), how);
    }

    private static int openPart(int at, byte[] path, int from, int to, int flags, int mode) {
        Scratch scratch = Scratch.ofThread();
        MemorySegment name = scratch.name(path, from, to);
        int opened = Syscalls.openat(at, name, flags | Abi.O_NOFOLLOW, mode);
        // With O_DIRECTORY, open(2) calls a symlink ENOTDIR, and openat2(2) calls it ELOOP.
        if (opened == -Errno.ENOTDIR
                && Syscalls.statx(
                                at,
                                name,
                                Abi.AT_SYMLINK_NOFOLLOW,
                                Abi.STATX_BASIC_STATS,
                                scratch.statx)
                        == 0
                && Stat.of(scratch.statx).isSymlink()) {
            return -Errno.ELOOP;
        }
        return opened;
    }
}
