package dev.caravan.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// One method per system call, named and ordered as in C. Each returns what the call returns, or
/// the negated error number: what an error means, the caller decides, and most are no exception.
/// Calls that a signal may interrupt are tried again. Thread-safe.
final class Syscalls {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private static final MethodHandle OPENAT =
            variadic("openat", 3, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle STATX =
            call("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle CLOSE = call("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle PREAD =
            call("pread", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PWRITE =
            call("pwrite", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle LSEEK =
            call("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle FALLOCATE =
            call("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FTRUNCATE = call("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle FSYNC = call("fsync", JAVA_INT, JAVA_INT);
    private static final MethodHandle SYNCFS = call("syncfs", JAVA_INT, JAVA_INT);
    private static final MethodHandle FLOCK = call("flock", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle GETDENTS64 =
            call("getdents64", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle MKDIRAT =
            call("mkdirat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle UNLINKAT =
            call("unlinkat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle RENAMEAT2 =
            call("renameat2", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle LINKAT =
            call("linkat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SYMLINKAT =
            call("symlinkat", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    private static final MethodHandle READLINKAT =
            call("readlinkat", JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle FCHMODAT =
            call("fchmodat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle FCHMOD = call("fchmod", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle FCHOWNAT =
            call("fchownat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle FCHOWN =
            call("fchown", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle UTIMENSAT =
            call("utimensat", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle FUTIMENS = call("futimens", JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle FACCESSAT =
            call("faccessat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle FLISTXATTR =
            call("flistxattr", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle FGETXATTR =
            call("fgetxattr", JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle FSETXATTR =
            call("fsetxattr", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SYSCALL =
            variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);
    private static final MethodHandle POSIX_FADVISE =
            call("posix_fadvise", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SYNC_FILE_RANGE =
            call("sync_file_range", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETEUID = call("geteuid", JAVA_INT);

    private Syscalls() {}

    private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                ERRNO);
    }

    private static MethodHandle variadic(
            String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                ERRNO,
                Linker.Option.firstVariadicArg(fixed));
    }

    private static long result(MemorySegment errno, long returned) {
        return returned == -1 ? -errno.get(JAVA_INT, 0) : returned;
    }

    private static int result(MemorySegment errno, int returned) {
        return returned == -1 ? -errno.get(JAVA_INT, 0) : returned;
    }

    /// A method handle of a C function throws nothing but for a wrong type here.
    private static AssertionError impossible(Throwable thrown) {
        return new AssertionError(thrown);
    }

    /// openat2(2), which the C library has no function for.
    static int openat2(int directory, MemorySegment path, MemorySegment how) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            long result;
            do {
                result =
                        result(
                                errno,
                                (long)
                                        SYSCALL.invokeExact(
                                                errno,
                                                Abi.SYS_OPENAT2,
                                                (long) directory,
                                                path,
                                                how,
                                                Abi.OPEN_HOW_BYTES));
            } while (result == -Errno.EINTR);
            return (int) result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    static int syncFileRange(int fd, long position, long count, int flags) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            int result;
            do {
                result =
                        result(
                                errno,
                                (int)
                                        SYNC_FILE_RANGE.invokeExact(
                                                errno, fd, position, count, flags));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// posix_fadvise(3) returns its error and sets no errno.
    static int posixFadvise(int fd, long position, long count, int advice) {
        try {
            return -(int)
                    POSIX_FADVISE.invokeExact(
                            Scratch.ofThread().errno, fd, position, count, advice);
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// geteuid(2): always successful.
    static int geteuid() {
        try {
            return (int) GETEUID.invokeExact(Scratch.ofThread().errno);
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// openat(2).
    static int openat(int directory, MemorySegment path, int flags, int mode) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            int result;
            do {
                result =
                        result(
                                errno,
                                (int) OPENAT.invokeExact(errno, directory, path, flags, mode));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// statx(2); glibc emulates it where the kernel refuses.
    static int statx(int directory, MemorySegment path, int flags, int mask, MemorySegment statx) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(
                    errno, (int) STATX.invokeExact(errno, directory, path, flags, mask, statx));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// close(2): never again after EINTR, Linux has closed it by then.
    static int close(int fd) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) CLOSE.invokeExact(errno, fd));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// pread(2).
    static long pread(int fd, MemorySegment buffer, long count, long position) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            long result;
            do {
                result =
                        result(errno, (long) PREAD.invokeExact(errno, fd, buffer, count, position));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// pwrite(2).
    static long pwrite(int fd, MemorySegment buffer, long count, long position) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            long result;
            do {
                result =
                        result(
                                errno,
                                (long) PWRITE.invokeExact(errno, fd, buffer, count, position));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// lseek(2).
    static long lseek(int fd, long position, int whence) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (long) LSEEK.invokeExact(errno, fd, position, whence));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// fallocate(2).
    static int fallocate(int fd, int mode, long position, long count) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            int result;
            do {
                result =
                        result(
                                errno,
                                (int) FALLOCATE.invokeExact(errno, fd, mode, position, count));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// ftruncate(2).
    static int ftruncate(int fd, long size) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            int result;
            do {
                result = result(errno, (int) FTRUNCATE.invokeExact(errno, fd, size));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// fsync(2).
    static int fsync(int fd) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            int result;
            do {
                result = result(errno, (int) FSYNC.invokeExact(errno, fd));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// syncfs(2).
    static int syncfs(int fd) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            int result;
            do {
                result = result(errno, (int) SYNCFS.invokeExact(errno, fd));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// flock(2).
    static int flock(int fd, int operation) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            int result;
            do {
                result = result(errno, (int) FLOCK.invokeExact(errno, fd, operation));
            } while (result == -Errno.EINTR);
            return result;
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// getdents64(2).
    static long getdents64(int fd, MemorySegment buffer, long count) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (long) GETDENTS64.invokeExact(errno, fd, buffer, count));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// mkdirat(2).
    static int mkdirat(int directory, MemorySegment path, int mode) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) MKDIRAT.invokeExact(errno, directory, path, mode));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// unlinkat(2).
    static int unlinkat(int directory, MemorySegment path, int flags) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) UNLINKAT.invokeExact(errno, directory, path, flags));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// renameat2(2).
    static int renameat2(
            int from, MemorySegment fromPath, int to, MemorySegment toPath, int flags) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(
                    errno, (int) RENAMEAT2.invokeExact(errno, from, fromPath, to, toPath, flags));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// linkat(2).
    static int linkat(int from, MemorySegment fromPath, int to, MemorySegment toPath, int flags) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(
                    errno, (int) LINKAT.invokeExact(errno, from, fromPath, to, toPath, flags));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// symlinkat(2).
    static int symlinkat(MemorySegment target, int directory, MemorySegment path) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) SYMLINKAT.invokeExact(errno, target, directory, path));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// readlinkat(2).
    static long readlinkat(int directory, MemorySegment path, MemorySegment buffer, long count) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(
                    errno, (long) READLINKAT.invokeExact(errno, directory, path, buffer, count));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// fchmodat(3): the C library does AT_SYMLINK_NOFOLLOW, which the call proper ignores.
    static int fchmodat(int directory, MemorySegment path, int mode, int flags) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) FCHMODAT.invokeExact(errno, directory, path, mode, flags));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// fchmod(2).
    static int fchmod(int fd, int mode) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) FCHMOD.invokeExact(errno, fd, mode));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// fchownat(2).
    static int fchownat(int directory, MemorySegment path, int uid, int gid, int flags) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(
                    errno, (int) FCHOWNAT.invokeExact(errno, directory, path, uid, gid, flags));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// fchown(2).
    static int fchown(int fd, int uid, int gid) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) FCHOWN.invokeExact(errno, fd, uid, gid));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// utimensat(2).
    static int utimensat(int directory, MemorySegment path, MemorySegment times, int flags) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) UTIMENSAT.invokeExact(errno, directory, path, times, flags));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// futimens(3).
    static int futimens(int fd, MemorySegment times) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) FUTIMENS.invokeExact(errno, fd, times));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// faccessat(3): the C library does the flags where the kernel is too old.
    static int faccessat(int directory, MemorySegment path, int mode, int flags) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) FACCESSAT.invokeExact(errno, directory, path, mode, flags));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// flistxattr(2).
    static long flistxattr(int fd, MemorySegment names, long count) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (long) FLISTXATTR.invokeExact(errno, fd, names, count));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// fgetxattr(2).
    static long fgetxattr(int fd, MemorySegment name, MemorySegment value, long count) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (long) FGETXATTR.invokeExact(errno, fd, name, value, count));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }

    /// fsetxattr(2).
    static int fsetxattr(int fd, MemorySegment name, MemorySegment value, long count, int flags) {
        MemorySegment errno = Scratch.ofThread().errno;
        try {
            return result(errno, (int) FSETXATTR.invokeExact(errno, fd, name, value, count, flags));
        } catch (Throwable thrown) {
            throw impossible(thrown);
        }
    }
}
