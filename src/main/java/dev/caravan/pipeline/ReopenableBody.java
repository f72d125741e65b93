package dev.caravan.pipeline;

import dev.caravan.target.Pace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/// An exchange body that is read again from its origin instead of from a cached copy: for Camel it
/// is a stream cache of known length, so it is neither copied to the heap nor spooled. Opens
/// lazily; [#reset] is cheap. Confined to one thread at a time: the one that routes the exchange,
/// and for a while the one with which an endpoint reads it. As a channel it spares a tape drive a
/// copy of every byte.
abstract class ReopenableBody extends InputStream implements StreamCache, ReadableByteChannel {
    private static final int COPIED = 64 << 10;
    private static final int DROPPED = 256 << 10;

    private final Pace pace;
    private @Nullable InputStream open;
    private byte[] copied = {};
    private long from;
    private volatile boolean gave;

    /// @param pace at which it may be read
    ReopenableBody(Pace pace) {
        this.pace = pace;
    }

    /// Opens the bytes from 0.
    abstract InputStream reopen() throws IOException;

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = opened().read(buffer, offset, pace.most(length));
        gave |= count > 0;
        pace.take(count);
        return count;
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
        int limit = buffer.limit();
        buffer.limit(buffer.position() + pace.most(buffer.remaining()));
        try {
            int count = readUnpaced(buffer);
            gave |= count > 0;
            pace.take(count);
            return count;
        } finally {
            buffer.limit(limit);
        }
    }

    private int readUnpaced(ByteBuffer buffer) throws IOException {
        InputStream in = opened();
        if (in instanceof ReadableByteChannel channel) {
            return channel.read(buffer);
        }
        if (copied.length == 0) {
            copied = new byte[COPIED];
        }
        int count = in.read(copied, 0, Math.min(copied.length, buffer.remaining()));
        if (count > 0) {
            buffer.put(copied, 0, count);
        }
        return count;
    }

    private InputStream opened() throws IOException {
        if (open == null) {
            open = reopen();
            drop(open);
        }
        return open;
    }

    /// Gives only the bytes from this one on: those before are read, because they are hashed, and
    /// dropped, which no line is needed for.
    void beginAt(long offset) {
        close();
        from = offset;
        gave = false;
    }

    /// Whether any bytes were given since [#beginAt].
    boolean gave() {
        return gave;
    }

    /// What ends before is told by the bytes that are missing.
    private void drop(InputStream in) throws IOException {
        byte[] dropped = new byte[from == 0 ? 0 : DROPPED];
        long left = from;
        while (left > 0) {
            int count = in.read(dropped, 0, (int) Math.min(left, DROPPED));
            if (count < 0) {
                return;
            }
            left -= count;
        }
    }

    /// It can always be read, again if need be.
    @Override
    public boolean isOpen() {
        return true;
    }

    /// An endpoint may read all of it twice: to know its hash, and to send it.
    @Override
    public boolean markSupported() {
        return true;
    }

    /// There is one mark, at the first byte.
    @Override
    public void mark(int readLimit) {}

    @Override
    public void reset() {
        close();
    }

    @Override
    public void close() {
        InputStream closing = open;
        open = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (IOException failed) {
                throw new java.io.UncheckedIOException(failed);
            }
        }
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        transferTo(out);
    }

    @Override
    public StreamCache copy(Exchange exchange) {
        return this;
    }

    @Override
    public boolean inMemory() {
        return false;
    }

    @Override
    public long position() {
        return -1;
    }
}
