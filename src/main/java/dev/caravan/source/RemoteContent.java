package dev.caravan.source;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Version;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;

/// The bytes of a file on a server, never more than its version has. What goes wrong with it
/// concerns the item: the target that its copy is for has nothing to do with it.
final class RemoteContent implements Content {

    /// An open file of a server.
    interface Bytes extends Closeable {
        /// As [java.io.InputStream#read(byte\[\], int, int)].
        ///
        /// @throws NoSuchFileException if it is another file by now
        int read(byte[] buffer, int offset, int length) throws IOException;

        /// @throws ContentUnavailableException if it is not what it was when it was opened
        void verifyUnchanged() throws IOException;

        @Override
        void close();
    }

    private final Version version;
    private final Bytes bytes;
    private final long size;
    private long position;

    RemoteContent(Version version, Bytes bytes) {
        this.version = version;
        this.bytes = bytes;
        this.size = version.metadata().size();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (position >= size && length > 0) {
            return -1;
        }
        int count;
        try {
            count = bytes.read(buffer, offset, (int) Math.min(length, size - position));
        } catch (IOException | RuntimeException failed) {
            throw unavailable(failed, Reason.CHANGED);
        }
        if (count < 0) {
            throw changed(version, "ends at %d of %d bytes".formatted(position, size));
        }
        position += count;
        return count;
    }

    @Override
    public List<Extent> extents() {
        return size == 0 ? List.of() : List.of(new Extent(0, size));
    }

    @Override
    public void verifyUnchanged() throws IOException {
        try {
            bytes.verifyUnchanged();
        } catch (IOException | RuntimeException failed) {
            throw unavailable(failed, Reason.CHANGED);
        }
    }

    @Override
    public void close() {
        bytes.close();
    }

    static ContentUnavailableException changed(Version version, String what) {
        return new ContentUnavailableException(
                Reason.CHANGED, "'%s' %s".formatted(version.path(), what));
    }

    /// What a failure of the server, or of its client, means for the item. It has no cause: that
    /// would be told beside it for each item again.
    ///
    /// @param absent what it means that there is no such file
    static ContentUnavailableException unavailable(Exception failed, Reason absent) {
        if (failed instanceof ContentUnavailableException known) {
            return known;
        }
        String message = failed.getMessage();
        return new ContentUnavailableException(
                failed instanceof NoSuchFileException ? absent : Reason.UNREADABLE,
                failed instanceof IOException && message != null ? message : failed.toString());
    }
}
