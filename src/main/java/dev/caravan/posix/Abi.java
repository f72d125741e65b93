package dev.caravan.posix;

/// Constants of the Linux ABI, with the header each one is from. Those that differ between the two
/// processors we run on are chosen at start.
final class Abi {

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

    // <asm-generic/fcntl.h>, the same on both
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_NOCTTY = 0400;
    static final int O_NONBLOCK = 04000;
    static final int O_CLOEXEC = 02000000;
    static final int O_PATH = 010000000;

    // arch/arm64/include/uapi/asm/fcntl.h overrides these of <asm-generic/fcntl.h>
    static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;

    // and this one
    static final int O_DIRECT = ARM ? 0200000 : 040000;

    // <linux/fcntl.h>
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_EACCESS = 0x200;
    static final int AT_REMOVEDIR = 0x200;
    static final int AT_NO_AUTOMOUNT = 0x800;
    static final int AT_EMPTY_PATH = 0x1000;

    // <linux/openat2.h>; the number is 437 on every architecture, <asm-generic/unistd.h>
    static final long SYS_OPENAT2 = 437;
    static final long RESOLVE_NO_SYMLINKS = 0x04;
    static final long RESOLVE_BENEATH = 0x08;
    static final long OPEN_HOW_BYTES = 24;
    static final long HOW_FLAGS = 0;
    static final long HOW_MODE = 8;
    static final long HOW_RESOLVE = 16;

    // <linux/stat.h>: struct statx is the same on every architecture, struct stat is not
    static final int STATX_BASIC_STATS = 0x7ff;
    static final long STATX_BYTES = 256;
    static final long STX_NLINK = 16;
    static final long STX_UID = 20;
    static final long STX_GID = 24;
    static final long STX_MODE = 28;
    static final long STX_INO = 32;
    static final long STX_SIZE = 40;
    static final long STX_BLOCKS = 48;
    static final long STX_CTIME = 96;
    static final long STX_MTIME = 112;
    static final long STX_DEV_MAJOR = 136;
    static final long STX_DEV_MINOR = 140;

    /// Within struct statx_timestamp; struct timespec of 64-bit Linux has the same two offsets.
    static final long TV_NSEC = 8;

    static final int S_IFMT = 0170000;
    static final int S_IFIFO = 0010000;
    static final int S_IFCHR = 0020000;
    static final int S_IFDIR = 0040000;
    static final int S_IFBLK = 0060000;
    static final int S_IFREG = 0100000;
    static final int S_IFLNK = 0120000;
    static final int S_IFSOCK = 0140000;
    static final long UTIME_OMIT = (1L << 30) - 2;
    static final long TIMESPEC_BYTES = 16;

    // struct linux_dirent64 of getdents64(2)
    static final long D_RECLEN = 16;
    static final long D_TYPE = 18;
    static final long D_NAME = 19;

    // <linux/fs.h>, <unistd.h>, <fcntl.h>, <linux/falloc.h>, <sys/file.h>
    static final int RENAME_NOREPLACE = 1;
    static final int R_OK = 4;
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;
    static final int POSIX_FADV_SEQUENTIAL = 2;
    static final int POSIX_FADV_DONTNEED = 4;
    static final int SYNC_FILE_RANGE_WAIT_BEFORE = 1;
    static final int SYNC_FILE_RANGE_WRITE = 2;
    static final int SYNC_FILE_RANGE_WAIT_AFTER = 4;
    static final int FALLOC_FL_KEEP_SIZE = 1;
    static final int FALLOC_FL_PUNCH_HOLE = 2;
    static final int LOCK_EX = 2;
    static final int LOCK_NB = 4;

    // <linux/limits.h>
    /// The longest path one system call takes, with its NUL.
    static final int PATH_MAX = 4096;

    static final int XATTR_LIST_MAX = 65536;
    static final int XATTR_SIZE_MAX = 65536;

    private Abi() {}
}
