package dev.caravan.posix;

/// A file that is read from its medium and not from this machine's memory: with `O_DIRECT`, or
/// where the file system refuses that, after its pages were synced and dropped. Confined to one
/// thread at a time.
public final class ColdFile implements AutoCloseable {
    /// `O_DIRECT` wants addresses, positions and lengths in multiples of the device's block; every
    /// one divides this.
    private static final int ALIGNED = 4096;

    /// How the bytes were kept from coming out of the page cache.
    public enum Way {
        /// Read past the page cache.
        DIRECT,
        /// Its pages were written out and dropped before it was read.
        DROPPED
    }

    private final Directory folder;
    private final byte[] path;
    private OpenFile file;
    private Way way;
    private long position;

    private ColdFile(Directory folder, byte[] path, OpenFile file, Way way) {
        this.folder = folder;
        this.path = path.clone();
        this.file = file;
        this.way = way;
    }

    /// Opens a file as [Directory#openFile] does; what was opened may be anything, so look at
    /// [#stat] before reading.
    public static ColdFile open(Directory folder, byte[] path) throws PosixException {
        try {
            return new ColdFile(folder, path, folder.openDirect(path), Way.DIRECT);
        } catch (PosixException refused) {
            // a file system without O_DIRECT answers EINVAL; so does a path that is no path, which
            // fails again here
            if (!refused.is(Errno.EINVAL)) {
                throw refused;
            }
            return new ColdFile(folder, path, dropped(folder, path), Way.DROPPED);
        }
    }

    /// Dirty pages can not be dropped: they are written first. A file of a read-only file system is
    /// clean.
    private static OpenFile dropped(Directory folder, byte[] path) throws PosixException {
        OpenFile file = folder.openFile(path);
        try {
            try {
                file.sync();
            } catch (PosixException refused) {
                if (!refused.is(Errno.EROFS) && !refused.is(Errno.EINVAL)) {
                    throw refused;
                }
            }
            file.dropCache();
            return file;
        } catch (PosixException failed) {
            file.close();
            throw failed;
        }
    }

    public Stat stat() throws PosixException {
        return file.stat();
    }

    /// Which way its bytes came, so far.
    public Way way() {
        return way;
    }

    /// Reads the next bytes.
    ///
    /// @param into of a length that is a multiple of 4096
    /// @return how many, -1 at the end
    public int read(byte[] into) throws PosixException {
        if (way == Way.DIRECT) {
            if (position % ALIGNED != 0) {
                // O_DIRECT ends short at the end of the file only, or where it cannot go on
                if (position >= file.stat().size()) {
                    return -1;
                }
                fallBack();
            } else {
                try {
                    return advanced(file.readAt(position, into, 0, into.length));
                } catch (PosixException refused) {
                    if (!refused.is(Errno.EINVAL)) {
                        throw refused;
                    }
                    fallBack();
                }
            }
        }
        return advanced(file.readAt(position, into, 0, into.length));
    }

    private int advanced(int count) {
        position += Math.max(count, 0);
        return count;
    }

    /// Some file systems take the flag and refuse the read.
    private void fallBack() throws PosixException {
        OpenFile again = dropped(folder, path);
        file.close();
        file = again;
        way = Way.DROPPED;
    }

    @Override
    public void close() throws PosixException {
        file.close();
    }
}
