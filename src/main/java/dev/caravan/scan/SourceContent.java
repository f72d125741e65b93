package dev.caravan.scan;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Version;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// An open file of a source. Reads as much at once as its caller has room for, and takes holes from
/// the file's map instead of reading them.
final class SourceContent implements Content {

    private static final int MOST_EXTENTS = 10_000;

    /// From here on the kernel's usual read-ahead is worth enlarging.
    private static final long LARGE = 1 << 20;

    private final OpenFile file;
    private final Version version;
    private final long size;
    private final List<Extent> extents;
    private int extent;
    private long position;

    /// @throws ContentUnavailableException if this is not the file the version was made of
    SourceContent(OpenFile file, Version version) throws IOException {
        this.file = file;
        this.version = version;
        this.size = version.metadata().size();
        Stat stat = unchanged();
        try {
            extents = stat.sparse() ? map() : whole();
            if (size >= LARGE) {
                file.adviseSequential();
            }
        } catch (PosixException failed) {
            throw unreadable(failed);
        }
    }

    private List<Extent> whole() {
        return size == 0 ? List.of() : List.of(new Extent(0, size));
    }

    private List<Extent> map() throws PosixException {
        List<Extent> found = new ArrayList<>();
        long from = file.nextData(0);
        while (from >= 0 && from < size) {
            if (found.size() == MOST_EXTENTS) {
                return whole();
            }
            long hole = file.nextHole(from);
            long to = hole < 0 ? size : Math.min(hole, size);
            found.add(new Extent(from, to - from));
            from = file.nextData(to);
        }
        return List.copyOf(found);
    }

    @Override
    public List<Extent> extents() {
        return extents;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (length == 0) {
            return 0;
        }
        if (position >= size) {
            return -1;
        }
        while (extent < extents.size() && extents.get(extent).end() <= position) {
            extent++;
        }
        long dataFrom = extent < extents.size() ? extents.get(extent).offset() : size;
        int count;
        if (position < dataFrom) {
            count = (int) Math.min(length, dataFrom - position);
            Arrays.fill(buffer, offset, offset + count, (byte) 0);
        } else {
            int wanted = (int) Math.min(length, extents.get(extent).end() - position);
            count = readData(buffer, offset, wanted);
        }
        position += count;
        return count;
    }

    private int readData(byte[] buffer, int offset, int wanted) throws IOException {
        try {
            int count = file.readAt(position, buffer, offset, wanted);
            if (count < 0) {
                throw changed("ends at %d of %d bytes".formatted(position, size));
            }
            return count;
        } catch (PosixException failed) {
            throw unreadable(failed);
        }
    }

    /// A seek: that the file is as long as its version was looked at when it was opened, and will
    /// be again.
    @Override
    public void skip(long count) {
        position = Math.min(position + count, size);
        extent = 0;
    }

    @Override
    public void verifyUnchanged() throws IOException {
        unchanged();
    }

    private Stat unchanged() throws ContentUnavailableException {
        try {
            Stat stat = file.stat();
            if (!stat.isFile()) {
                throw changed("is a %s now".formatted(stat.typeName()));
            }
            if (!Observed.fingerprint(stat).equals(version.fingerprint())) {
                throw changed("has changed since version %d".formatted(version.number()));
            }
            return stat;
        } catch (PosixException failed) {
            throw unreadable(failed);
        }
    }

    private ContentUnavailableException changed(String what) {
        return new ContentUnavailableException(
                Reason.CHANGED, "'%s' %s".formatted(version.path(), what));
    }

    private static ContentUnavailableException unreadable(PosixException failed) {
        ContentUnavailableException unreadable =
                new ContentUnavailableException(Reason.UNREADABLE, failed.getMessage());
        unreadable.initCause(failed);
        return unreadable;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
