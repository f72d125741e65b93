package dev.caravan.posix;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An open directory, and all that can be done to names below it. A name is bytes, relative, may
/// hold several parts, and is resolved without following any symlink (`ELOOP`); where a method says
/// so, the empty name is the directory itself. Names with `..`, `.`, an empty part or a NUL are
/// refused (`EINVAL`). So whatever others do to the tree meanwhile, nothing outside of it is
/// touched. Every method throws [PosixException] with the kernel's error number.
///
/// Thread-safe, but for [#close]: nobody may be using it then.
public final class Directory implements AutoCloseable {

    private static final byte[] ITSELF = {};
    private static final byte[] DOT = {'.'};
    private static final int LISTING_BYTES = 1 << 15;
    private static final int OPEN_FOLDER = Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_CLOEXEC;

    private final byte[] shownAs;
    private final Resolution resolution;
    private int fd;

    private Directory(int fd, byte[] shownAs, Resolution resolution) {
        this.fd = fd;
        this.shownAs = shownAs;
        this.resolution = resolution;
    }

    /// Opens a directory that the operator named: symlinks on the way there are followed.
    public static Directory open(Path path) throws PosixException {
        return open(path, Resolution.BY_KERNEL);
    }

    static Directory open(Path path, Resolution resolution) throws PosixException {
        byte[] bytes = PathBytes.ofPath(path);
        byte[] name = bytes.length == 0 ? DOT : bytes;
        if (name.length >= Abi.PATH_MAX) {
            throw new PosixException("open folder", name, Errno.ENAMETOOLONG);
        }
        MemorySegment cString = Scratch.ofThread().name(name, 0, name.length);
        int fd = Syscalls.openat(Abi.AT_FDCWD, cString, OPEN_FOLDER, 0);
        PosixException.check("open folder", name, fd);
        return new Directory(fd, name, resolution);
    }

    /// The user whose rights this process has, geteuid(2); 0 is root.
    public static int effectiveUser() {
        return Syscalls.geteuid();
    }

    /// Needs the right to read it. The empty name opens this directory once more.
    public Directory openDirectory(byte[] path) throws PosixException {
        if (path.length == 0) {
            int again = Syscalls.openat(fd, Scratch.ofThread().name(DOT, 0, 1), OPEN_FOLDER, 0);
            PosixException.check("open folder", shownAs, again);
            return new Directory(again, shownAs, resolution);
        }
        return new Directory(open("open folder", path, OPEN_FOLDER, 0), path.clone(), resolution);
    }

    /// Opens a file for reading, and never waits: not for the writer of a FIFO, nor for a device.
    /// What was opened may be anything, so look at [OpenFile#stat] before reading.
    public OpenFile openFile(byte[] path) throws PosixException {
        int flags = Abi.O_RDONLY | Abi.O_NONBLOCK | Abi.O_NOFOLLOW | Abi.O_NOCTTY | Abi.O_CLOEXEC;
        return new OpenFile(open("open", path, flags, 0), path.clone());
    }

    /// As [#openFile], to be read past the page cache (`O_DIRECT`): positions and lengths must then
    /// be multiples of 4096. `EINVAL` where the file system has no such thing.
    OpenFile openDirect(byte[] path) throws PosixException {
        int flags = Abi.O_RDONLY | Abi.O_NONBLOCK | Abi.O_NOFOLLOW | Abi.O_NOCTTY | Abi.O_CLOEXEC;
        return new OpenFile(open("open", path, flags | Abi.O_DIRECT, 0), path.clone());
    }

    /// Opens an existing file to be read and changed; never waits, as [#openFile].
    public OpenFile openToChange(byte[] path) throws PosixException {
        int flags = Abi.O_RDWR | Abi.O_NONBLOCK | Abi.O_NOFOLLOW | Abi.O_CLOEXEC | Abi.O_NOCTTY;
        return new OpenFile(open("open", path, flags, 0), path.clone());
    }

    /// Creates a file, to be read and written; `EEXIST` if the name is taken, by a dangling symlink
    /// too. The process's umask is taken off the mode.
    public OpenFile createFile(byte[] path, int mode) throws PosixException {
        int flags = Abi.O_RDWR | Abi.O_CREAT | Abi.O_EXCL | Abi.O_NOFOLLOW | Abi.O_CLOEXEC;
        return new OpenFile(open("create", path, flags, mode), path.clone());
    }

    private int open(String operation, byte[] path, int flags, int mode) throws PosixException {
        int fault = Resolution.fault(path);
        int opened = fault == 0 ? resolution.open(fd, path, path.length, flags, mode) : -fault;
        return PosixException.check(operation, path, opened);
    }

    /// What the file system says of it. Of a symlink: the link's own. The empty name is this
    /// directory.
    public Stat stat(byte[] path) throws PosixException {
        MemorySegment statx = Scratch.ofThread().statx;
        int flags = Abi.AT_SYMLINK_NOFOLLOW | Abi.AT_NO_AUTOMOUNT | Abi.AT_EMPTY_PATH;
        call(
                "stat",
                path,
                (at, name) -> Syscalls.statx(at, name, flags, Abi.STATX_BASIC_STATS, statx));
        return Stat.of(statx);
    }

    /// As [#stat]; null if there is nothing by that name, which is no error and costs no exception.
    public @Nullable Stat statIfAny(byte[] path) throws PosixException {
        MemorySegment statx = Scratch.ofThread().statx;
        int flags = Abi.AT_SYMLINK_NOFOLLOW | Abi.AT_NO_AUTOMOUNT | Abi.AT_EMPTY_PATH;
        int result =
                at(
                        path,
                        (at, name) ->
                                Syscalls.statx(at, name, flags, Abi.STATX_BASIC_STATS, statx));
        if (result == -Errno.ENOENT || result == -Errno.ENOTDIR) {
            return null;
        }
        PosixException.check("stat", path, result);
        return Stat.of(statx);
    }

    /// The device that holds this directory, as in [Stat#device].
    public long device() throws PosixException {
        return stat(ITSELF).device();
    }

    /// Makes a folder. The process's umask is taken off the mode.
    public void makeDirectory(byte[] path, int mode) throws PosixException {
        call("make folder", path, (at, name) -> Syscalls.mkdirat(at, name, mode));
    }

    public void removeDirectory(byte[] path) throws PosixException {
        call("remove folder", path, (at, name) -> Syscalls.unlinkat(at, name, Abi.AT_REMOVEDIR));
    }

    /// Removes the name of anything but a folder.
    public void removeFile(byte[] path) throws PosixException {
        call("remove", path, (at, name) -> Syscalls.unlinkat(at, name, 0));
    }

    /// Renames atomically, folders too.
    ///
    /// @param replace whether what has the new name already is replaced; if not: `EEXIST`. Where
    ///   the file system can not do that in one step it is done as link and remove; where it has no
    ///   links, and for folders, by looking first: what another program puts there at that moment
    ///   is replaced
    public void rename(byte[] from, Directory toDirectory, byte[] to, boolean replace)
            throws PosixException {
        int flags = replace ? 0 : Abi.RENAME_NOREPLACE;
        int renamed = renameat2(from, toDirectory, to, flags);
        if (!replace && (renamed == -Errno.EINVAL || renamed == -Errno.ENOSYS)) {
            if (linkIfPossible(from, toDirectory, to)) {
                removeFile(from);
                return;
            }
            boolean taken = toDirectory.statIfAny(to) != null;
            renamed = taken ? -Errno.EEXIST : renameat2(from, toDirectory, to, 0);
        }
        PosixException.check("rename", from, to, renamed);
    }

    private int renameat2(byte[] from, Directory toDirectory, byte[] to, int flags) {
        return pair(
                from,
                toDirectory,
                to,
                (a, name, b, newName) -> Syscalls.renameat2(a, name, b, newName, flags));
    }

    /// As [#link], where the file system has links, and room for another.
    ///
    /// @return whether it could
    public boolean linkIfPossible(byte[] from, Directory toDirectory, byte[] to)
            throws PosixException {
        try {
            link(from, toDirectory, to);
            return true;
        } catch (PosixException failed) {
            if (failed.is(Errno.EPERM) || failed.is(Errno.EMLINK) || failed.isUnsupported()) {
                return false;
            }
            throw failed;
        }
    }

    /// Gives a file, or a symlink itself, a second name.
    public void link(byte[] from, Directory toDirectory, byte[] to) throws PosixException {
        int linked =
                pair(
                        from,
                        toDirectory,
                        to,
                        (a, name, b, newName) -> Syscalls.linkat(a, name, b, newName, 0));
        PosixException.check("link", from, to, linked);
    }

    /// Makes a symlink.
    ///
    /// @param target what it points to, byte for byte; need not exist
    public void symlink(byte[] target, byte[] path) throws PosixException {
        if (target.length >= Abi.PATH_MAX) {
            throw new PosixException("make symlink", path, Errno.ENAMETOOLONG);
        }
        call(
                "make symlink",
                path,
                (at, name) ->
                        Syscalls.symlinkat(
                                Scratch.ofThread().otherName(target, 0, target.length), at, name));
    }

    /// What a symlink points to; `EINVAL` if it is none.
    public byte[] readLink(byte[] path) throws PosixException {
        MemorySegment target = Scratch.ofThread().target;
        int length =
                call(
                        "read symlink",
                        path,
                        (at, name) -> (int) Syscalls.readlinkat(at, name, target, Abi.PATH_MAX));
        return target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Sets the 12 permission bits; not of a symlink (`EOPNOTSUPP`). The empty name is this
    /// directory.
    public void setMode(byte[] path, int mode) throws PosixException {
        call(
                "set mode of",
                path,
                (at, name) ->
                        path.length == 0
                                ? Syscalls.fchmod(at, mode)
                                : Syscalls.fchmodat(at, name, mode, Abi.AT_SYMLINK_NOFOLLOW));
    }

    /// Sets user and group. Of a symlink: the link's own. The empty name is this directory.
    public void setOwner(byte[] path, int uid, int gid) throws PosixException {
        int flags = Abi.AT_SYMLINK_NOFOLLOW | Abi.AT_EMPTY_PATH;
        call("set owner of", path, (at, name) -> Syscalls.fchownat(at, name, uid, gid, flags));
    }

    /// Sets mtime to the nanosecond and leaves atime. Of a symlink: the link's own. The empty name
    /// is this directory.
    public void setTimes(byte[] path, Instant modified) throws PosixException {
        MemorySegment times = Scratch.ofThread().times(modified);
        call(
                "set time of",
                path,
                (at, name) ->
                        path.length == 0
                                ? Syscalls.futimens(at, times)
                                : Syscalls.utimensat(at, name, times, Abi.AT_SYMLINK_NOFOLLOW));
    }

    /// Whether the permission bits and access lists let this process read it; the contents may
    /// still turn out to be unreadable.
    public boolean readable(byte[] path) throws PosixException {
        int flags = Abi.AT_EACCESS | Abi.AT_SYMLINK_NOFOLLOW;
        int result = at(path, (at, name) -> Syscalls.faccessat(at, name, Abi.R_OK, flags));
        if (result != -Errno.EACCES) {
            PosixException.check("look at", path, result);
        }
        return result == 0;
    }

    /// Lists this directory, in the file system's order and in bounded memory.
    ///
    /// @throws PosixException if the file system broke off; what was visited so far stands
    /// @throws IOException the visitor's own
    public void list(EntryVisitor visitor) throws IOException {
        try (Directory again = openDirectory(ITSELF);
                Arena arena = Arena.ofConfined()) {
            MemorySegment entries = arena.allocate(LISTING_BYTES, 8);
            while (true) {
                long filled = Syscalls.getdents64(again.fd, entries, LISTING_BYTES);
                PosixException.check("list", shownAs, filled);
                if (filled == 0) {
                    return;
                }
                again.visit(entries, filled, visitor);
            }
        }
    }

    private void visit(MemorySegment entries, long filled, EntryVisitor visitor)
            throws IOException {
        long at = 0;
        while (at < filled) {
            int length =
                    Short.toUnsignedInt(entries.get(ValueLayout.JAVA_SHORT, at + Abi.D_RECLEN));
            byte type = entries.get(ValueLayout.JAVA_BYTE, at + Abi.D_TYPE);
            byte[] name = name(entries, at + Abi.D_NAME, at + length);
            boolean dots =
                    name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
            if (!dots) {
                visitor.visit(name, folder(name, type));
            }
            at += length;
        }
    }

    /// The types of `<dirent.h>` are the type bits of a mode, shifted; 0 where the file system
    /// keeps none in its directories.
    private boolean folder(byte[] name, byte type) throws PosixException {
        if (type != 0) {
            return type == Abi.S_IFDIR >> 12;
        }
        try {
            return stat(name).isFolder();
        } catch (PosixException failed) {
            if (failed.is(Errno.ENOENT)) {
                return false;
            }
            throw failed;
        }
    }

    /// The NUL-terminated name; after it come bytes of padding.
    private static byte[] name(MemorySegment entries, long from, long limit) {
        long to = from;
        while (to < limit && entries.get(ValueLayout.JAVA_BYTE, to) != 0) {
            to++;
        }
        return entries.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
    }

    /// The extended attributes in the `user.` namespace of a file or folder, which is opened for
    /// it; none where the file system has no such thing. The empty name is this directory.
    public List<ExtendedAttribute> xattrs(byte[] path) throws PosixException {
        if (path.length == 0) {
            return Xattrs.read(fd, shownAs);
        }
        try (OpenFile file = openFile(path)) {
            return file.xattrs();
        }
    }

    /// Sets an extended attribute of this directory.
    public void setXattr(String name, byte[] value) throws PosixException {
        Xattrs.write(fd, shownAs, name, value);
    }

    /// Makes the names in this directory durable, fsync(2). Some network file systems say `EINVAL`
    /// or `EOPNOTSUPP`.
    public void sync() throws PosixException {
        PosixException.check("sync folder", shownAs, Syscalls.fsync(fd));
    }

    /// Makes everything written to the file system that holds this directory durable, syncfs(2).
    public void syncFileSystem() throws PosixException {
        PosixException.check("sync file system of", shownAs, Syscalls.syncfs(fd));
    }

    /// Closing a directory can lose nothing, so it reports nothing.
    @Override
    public void close() {
        if (fd >= 0) {
            Syscalls.close(fd);
            fd = -1;
        }
    }

    @FunctionalInterface
    private interface Call {
        int on(int directory, MemorySegment name);
    }

    @FunctionalInterface
    private interface PairCall {
        int on(int directory, MemorySegment name, int other, MemorySegment otherName);
    }

    private int call(String operation, byte[] path, Call call) throws PosixException {
        int result = at(path, call);
        return PosixException.check(operation, path.length == 0 ? shownAs : path, result);
    }

    /// Opens the folder that holds the path's last part, and makes the call there.
    private int at(byte[] path, Call call) {
        int fault = Resolution.fault(path);
        if (fault != 0) {
            return -fault;
        }
        int slash = lastSlash(path);
        if (slash < 0) {
            return call.on(fd, Scratch.ofThread().name(path, 0, path.length));
        }
        int parent = resolution.open(fd, path, slash, Resolution.FOLDER, 0);
        if (parent < 0) {
            return parent;
        }
        try {
            return call.on(parent, Scratch.ofThread().name(path, slash + 1, path.length));
        } finally {
            Syscalls.close(parent);
        }
    }

    private int pair(byte[] from, Directory toDirectory, byte[] to, PairCall call) {
        return at(
                from,
                (at, overwrittenBelow) -> {
                    int start = lastSlash(from) + 1;
                    MemorySegment name = Scratch.ofThread().otherName(from, start, from.length);
                    return toDirectory.at(
                            to, (other, otherName) -> call.on(at, name, other, otherName));
                });
    }

    private static int lastSlash(byte[] path) {
        int at = path.length - 1;
        while (at >= 0 && path[at] != '/') {
            at--;
        }
        return at;
    }
}
