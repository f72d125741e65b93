package dev.caravan.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.List;

/// An open file. Reading and writing have one position, which starts at 0; the methods with `At`
/// leave it alone. Every method throws [PosixException]. Confined to one thread at a time.
public final class OpenFile implements AutoCloseable {

    private final byte[] path;
    private int fd;
    private long position;

    OpenFile(int fd, byte[] path) {
        this.fd = fd;
        this.path = path;
    }

    public Stat stat() throws PosixException {
        Scratch scratch = Scratch.ofThread();
        check(
                "stat",
                Syscalls.statx(
                        fd,
                        scratch.name(path, 0, 0),
                        Abi.AT_EMPTY_PATH,
                        Abi.STATX_BASIC_STATS,
                        scratch.statx));
        return Stat.of(scratch.statx);
    }

    /// Reads the next bytes.
    ///
    /// @return how many, which may be fewer than wanted; -1 at the end
    public int read(byte[] into, int offset, int length) throws PosixException {
        int read = readAt(position, into, offset, length);
        position += Math.max(read, 0);
        return read;
    }

    /// As [#read], from a position of its own.
    public int readAt(long from, byte[] into, int offset, int length) throws PosixException {
        if (length == 0) {
            return 0;
        }
        MemorySegment buffer = Scratch.ofThread().transfer(length);
        long count = Math.min(length, buffer.byteSize());
        int read = (int) check("read", Syscalls.pread(fd, buffer, count, from));
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, offset, read);
        return read == 0 ? -1 : read;
    }

    /// Writes all of it.
    public void write(byte[] bytes, int offset, int length) throws PosixException {
        writeAt(position, bytes, offset, length);
        position += length;
    }

    /// As [#write], to a position of its own.
    public void writeAt(long to, byte[] bytes, int offset, int length) throws PosixException {
        MemorySegment buffer = Scratch.ofThread().transfer(length);
        int done = 0;
        while (done < length) {
            int count = (int) Math.min(length - done, buffer.byteSize());
            MemorySegment.copy(bytes, offset + done, buffer, ValueLayout.JAVA_BYTE, 0, count);
            done += (int) check("write", Syscalls.pwrite(fd, buffer, count, to + done));
        }
    }

    /// Where data begins at or after `from`, lseek(2) `SEEK_DATA`; -1 when there is only hole to
    /// the end.
    public long nextData(long from) throws PosixException {
        return seek(from, Abi.SEEK_DATA);
    }

    /// Where a hole begins at or after `from`, the end of the file counting as one; -1 when `from`
    /// is at or behind the end.
    public long nextHole(long from) throws PosixException {
        return seek(from, Abi.SEEK_HOLE);
    }

    private long seek(long from, int whence) throws PosixException {
        long found = Syscalls.lseek(fd, from, whence);
        return found == -Errno.ENXIO ? -1 : check("seek in", found);
    }

    /// Gives the blocks of a range back; it then reads as zeros. The size stays.
    public void punchHole(long from, long length) throws PosixException {
        int mode = Abi.FALLOC_FL_PUNCH_HOLE | Abi.FALLOC_FL_KEEP_SIZE;
        check("punch hole in", Syscalls.fallocate(fd, mode, from, length));
    }

    /// Sets the size: cuts off the end, or adds a hole.
    public void truncate(long size) throws PosixException {
        check("truncate", Syscalls.ftruncate(fd, size));
    }

    /// Makes contents and metadata durable, fsync(2). After an error what was written is lost:
    /// write it again to another file, do not sync again.
    public void sync() throws PosixException {
        check("sync", Syscalls.fsync(fd));
    }

    public void setMode(int mode) throws PosixException {
        check("set mode of", Syscalls.fchmod(fd, mode));
    }

    /// Clears setuid and setgid, as chown(2) does: set the mode after it.
    public void setOwner(int uid, int gid) throws PosixException {
        check("set owner of", Syscalls.fchown(fd, uid, gid));
    }

    /// Sets mtime to the nanosecond and leaves atime.
    public void setTimes(Instant modified) throws PosixException {
        check("set time of", Syscalls.futimens(fd, Scratch.ofThread().times(modified)));
    }

    /// The extended attributes in the `user.` namespace, and access control lists; none where the
    /// file system has no such thing.
    public List<ExtendedAttribute> xattrs() throws PosixException {
        return Xattrs.read(fd, path);
    }

    public void setXattr(String name, byte[] value) throws PosixException {
        Xattrs.write(fd, path, name, value);
    }

    /// Locks it for as long as it is open here, flock(2); the kernel unlocks it when the process
    /// ends, however it ends.
    ///
    /// @return whether it was free
    public boolean tryLock() throws PosixException {
        int locked = Syscalls.flock(fd, Abi.LOCK_EX | Abi.LOCK_NB);
        return locked != -Errno.EAGAIN && check("lock", locked) == 0;
    }

    /// Tells the kernel to read ahead further than it would.
    public void adviseSequential() throws PosixException {
        check("advise on", Syscalls.posixFadvise(fd, 0, 0, Abi.POSIX_FADV_SEQUENTIAL));
    }

    /// Asks the kernel to forget the clean pages of this file.
    public void dropCache() throws PosixException {
        check("advise on", Syscalls.posixFadvise(fd, 0, 0, Abi.POSIX_FADV_DONTNEED));
    }

    /// Starts writing out what was written to a range, and does not wait: sync_file_range(2), so
    /// neither the metadata nor the cache of the disk itself.
    void startWriteOut(long from, long length) throws PosixException {
        check("write out", Syscalls.syncFileRange(fd, from, length, Abi.SYNC_FILE_RANGE_WRITE));
    }

    /// Waits until what was written to a range is out, and asks the kernel to forget all pages up
    /// to its end: those of NFS can be dropped only once the server has committed them.
    void awaitWriteOut(long from, long length) throws PosixException {
        int all =
                Abi.SYNC_FILE_RANGE_WAIT_BEFORE
                        | Abi.SYNC_FILE_RANGE_WRITE
                        | Abi.SYNC_FILE_RANGE_WAIT_AFTER;
        check("write out", Syscalls.syncFileRange(fd, from, length, all));
        check("advise on", Syscalls.posixFadvise(fd, 0, from + length, Abi.POSIX_FADV_DONTNEED));
    }

    /// Network file systems and quotas may report a failed write only here. Closing twice does
    /// nothing.
    @Override
    public void close() throws PosixException {
        if (fd < 0) {
            return;
        }
        int closed = Syscalls.close(fd);
        fd = -1;
        if (closed != -Errno.EINTR) {
            check("close", closed);
        }
    }

    private long check(String operation, long result) throws PosixException {
        return PosixException.check(operation, path, result);
    }
}
