package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;
import dev.caravan.item.Xattr;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;

/// A file that is being brought back, under a name of ours beside its own until [#publish]. It is
/// written from its start to its end; long runs of zeros become holes. Confined to one thread.
public final class Pending implements Closeable {

    private static final byte[] ZEROS = new byte[1 << 16];
    private static final int BLOCK = 1 << 12;

    /// Shorter runs are not worth the fragments.
    private static final int SHORTEST_HOLE = ZEROS.length;

    private final Directory folder;
    private final ItemPath path;
    private final Metadata metadata;
    private final boolean overwrite;
    private final Shortfalls shortfalls;
    private final byte[] partName = PartName.next();
    private final OpenFile file;

    /// Where the next byte goes, but for `zeros` that are still to become a hole or be written.
    private long position;

    private long zeros;
    private boolean over;

    /// @param folder becomes this object's to close
    Pending(
            Directory folder,
            ItemPath path,
            Metadata metadata,
            boolean overwrite,
            Shortfalls shortfalls)
            throws IOException {
        this.folder = folder;
        this.path = path;
        this.metadata = metadata;
        this.overwrite = overwrite;
        this.shortfalls = shortfalls;
        this.file = folder.createFile(partName, 0600);
        try {
            file.tryLock();
        } catch (PosixException failed) {
            // Without locks nobody can tell whether a leftover is dead, so nobody removes it.
            if (!lockless(failed)) {
                close();
                throw failed;
            }
        }
    }

    static boolean lockless(PosixException failed) {
        return switch (failed.errno()) {
            case Errno.ENOLCK, Errno.ENOSYS, Errno.EOPNOTSUPP, Errno.EINVAL -> true;
            default -> false;
        };
    }

    /// Adds bytes.
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int end = offset + length;
        int data = offset;
        int at = offset;
        while (at < end) {
            int runEnd = endOfZeroBlocks(bytes, at, end, position + zeros + (at - data));
            boolean joins = at == data && zeros > 0;
            if (runEnd > at && (joins || runEnd == end || runEnd - at >= SHORTEST_HOLE)) {
                writeData(bytes, data, at);
                zeros += runEnd - at;
                data = runEnd;
                at = runEnd;
            } else {
                long next = position + zeros + (runEnd - data);
                at = (int) Math.min(end, runEnd + BLOCK - next % BLOCK);
            }
        }
        writeData(bytes, data, end);
    }

    /// Where the blocks of zeros end that begin at `at`, which is at `place` in the file. They are
    /// whole ones but for the first and the last of the buffer, which go on in its neighbours.
    private static int endOfZeroBlocks(byte[] bytes, int at, int end, long place) {
        int blockEnd = at + (int) (BLOCK - place % BLOCK);
        int zerosEnd = at;
        while (blockEnd <= end
                && Arrays.equals(bytes, zerosEnd, blockEnd, ZEROS, 0, blockEnd - zerosEnd)) {
            zerosEnd = blockEnd;
            blockEnd += BLOCK;
        }
        boolean tail = blockEnd > end;
        return tail && Arrays.equals(bytes, zerosEnd, end, ZEROS, 0, end - zerosEnd)
                ? end
                : zerosEnd;
    }

    private void writeData(byte[] bytes, int from, int to) throws PosixException {
        if (from == to) {
            return;
        }
        if (zeros < SHORTEST_HOLE) {
            file.writeAt(position, ZEROS, 0, (int) zeros);
        }
        position += zeros;
        zeros = 0;
        file.writeAt(position, bytes, from, to - from);
        position += to - from;
    }

    /// Adds a hole: as many zeros, which take no room.
    public void skip(long length) throws IOException {
        if (zeros < SHORTEST_HOLE) {
            file.writeAt(position, ZEROS, 0, (int) zeros);
        }
        position += zeros + length;
        zeros = 0;
    }

    /// Gives the file its metadata and its name, in one step.
    ///
    /// @throws ExistsException if the name was taken meanwhile, and is not to be replaced
    /// @throws IOException if it is not as long as it should be, or writing failed; the name then
    ///   is as it was
    public void publish() throws IOException {
        long size = position + zeros;
        if (size != metadata.size()) {
            throw new IOException(
                    "'%s': %d bytes were written, it has %d"
                            .formatted(path, size, metadata.size()));
        }
        if (file.stat().size() < size) {
            file.truncate(size);
        }
        for (Xattr xattr : metadata.xattrs()) {
            shortfalls.attempt(path, () -> file.setXattr(xattr.name(), xattr.value()));
        }
        if (Directory.effectiveUser() == 0) {
            shortfalls.attempt(path, () -> file.setOwner(metadata.uid(), metadata.gid()));
        }
        Stat stat = file.stat();
        shortfalls.attempt(path, () -> file.setMode(safeMode(path, metadata, stat, shortfalls)));
        shortfalls.attempt(path, () -> file.setTimes(metadata.modified()));
        // some file systems tell only now that writing failed
        file.close();
        TreeWriter.rename(folder, partName, path, overwrite);
        over = true;
        folder.close();
    }

    /// The mode; without setuid or setgid if the file could not be given to the user or group whose
    /// rights they would lend.
    static int safeMode(ItemPath path, Metadata wanted, Stat actual, Shortfalls shortfalls) {
        int mode = wanted.mode();
        if (actual.uid() != wanted.uid()) {
            mode &= ~04000;
        }
        if (actual.gid() != wanted.gid()) {
            mode &= ~02000;
        }
        if (mode != wanted.mode()) {
            shortfalls.add(path, "setuid or setgid is left off, because the owner is another");
        }
        return mode;
    }

    /// Leaves the tree as it was. Does nothing after [#publish].
    public void abandon() throws IOException {
        if (over) {
            return;
        }
        over = true;
        try (folder) {
            try (file) {
                folder.removeFile(partName);
            }
        }
    }

    /// As [#abandon].
    @Override
    public void close() throws IOException {
        abandon();
    }
}
