package dev.caravan.segment;

import dev.caravan.item.Content;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The bytes of a file that is written in parts. It stays open from part to part, so that they come
/// of one read; a part that must be read again opens it anew. Confined to one thread at a time.
public final class PartSource implements Closeable {
    private final Version version;
    private final Contents contents;
    private @Nullable Content open;
    private long position;

    public PartSource(Version version, Contents contents) {
        this.version = version;
        this.contents = contents;
    }

    Version version() {
        return version;
    }

    /// Makes the next read begin at `offset`.
    ///
    /// @throws dev.caravan.item.ContentUnavailableException as [Contents#open]
    void seek(long offset) throws IOException {
        if (open != null && position > offset) {
            close();
        }
        if (open == null) {
            open = contents.open(version);
            position = 0;
        }
        if (position < offset) {
            open.skip(offset - position);
            position = offset;
        }
    }

    /// @return -1 at the end of the file
    int read(byte[] buffer, int offset, int length) throws IOException {
        int count = opened().read(buffer, offset, length);
        position += Math.max(count, 0);
        return count;
    }

    /// @throws dev.caravan.item.ContentUnavailableException if the file is not what it was
    void verifyUnchanged() throws IOException {
        opened().verifyUnchanged();
    }

    private Content opened() {
        if (open == null) {
            throw new IllegalStateException("read before seek");
        }
        return open;
    }

    @Override
    public void close() throws IOException {
        Content closing = open;
        open = null;
        if (closing != null) {
            closing.close();
        }
    }
}
