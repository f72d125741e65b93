package dev.caravan.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;

/// What statx(2) says of a file. Immutable.
///
/// @param device as `st_dev` of stat(2)
/// @param type the `S_IFMT` bits of the mode, see inode(7)
/// @param mode the 12 permission bits (07777)
/// @param size in bytes
/// @param blocks512 what is allocated, in units of 512 bytes
/// @param modified mtime, to the nanosecond
/// @param changed ctime: no program can set it
public record Stat(
        long device,
        long inode,
        int type,
        int mode,
        int links,
        int uid,
        int gid,
        long size,
        long blocks512,
        Instant modified,
        Instant changed) {

    static Stat of(MemorySegment statx) {
        int mode = statx.get(ValueLayout.JAVA_SHORT, Abi.STX_MODE);
        return new Stat(
                device(
                        statx.get(ValueLayout.JAVA_INT, Abi.STX_DEV_MAJOR),
                        statx.get(ValueLayout.JAVA_INT, Abi.STX_DEV_MINOR)),
                statx.get(ValueLayout.JAVA_LONG, Abi.STX_INO),
                mode & Abi.S_IFMT,
                mode & 07777,
                statx.get(ValueLayout.JAVA_INT, Abi.STX_NLINK),
                statx.get(ValueLayout.JAVA_INT, Abi.STX_UID),
                statx.get(ValueLayout.JAVA_INT, Abi.STX_GID),
                statx.get(ValueLayout.JAVA_LONG, Abi.STX_SIZE),
                statx.get(ValueLayout.JAVA_LONG, Abi.STX_BLOCKS),
                time(statx, Abi.STX_MTIME),
                time(statx, Abi.STX_CTIME));
    }

    /// gnu_dev_makedev(3): the encoding in which everyone else shows a device number.
    private static long device(long major, long minor) {
        return (major & 0xffff_f000L) << 32
                | (major & 0xfffL) << 8
                | (minor & 0xffff_ff00L) << 12
                | (minor & 0xffL);
    }

    /// tmpfs and xfs can store seconds that no Instant holds; such a time is cut to what it can.
    private static Instant time(MemorySegment statx, long at) {
        long seconds = statx.get(ValueLayout.JAVA_LONG, at);
        return Instant.ofEpochSecond(
                Math.clamp(seconds, Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()),
                statx.get(ValueLayout.JAVA_INT, at + Abi.TV_NSEC));
    }

    public boolean isFile() {
        return type == Abi.S_IFREG;
    }

    public boolean isFolder() {
        return type == Abi.S_IFDIR;
    }

    public boolean isSymlink() {
        return type == Abi.S_IFLNK;
    }

    /// `file`, `folder`, `symlink`, `FIFO`, `socket`, `block device` or `character device`.
    public String typeName() {
        return switch (type) {
            case Abi.S_IFREG -> "file";
            case Abi.S_IFDIR -> "folder";
            case Abi.S_IFLNK -> "symlink";
            case Abi.S_IFIFO -> "FIFO";
            case Abi.S_IFSOCK -> "socket";
            case Abi.S_IFBLK -> "block device";
            case Abi.S_IFCHR -> "character device";
            default -> "unknown type 0%o".formatted(type);
        };
    }

    /// Whether less is allocated than the size says: then there may be holes.
    public boolean sparse() {
        return blocks512 * 512 < size;
    }
}
