package dev.caravan.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/// An exchange body that is read again from its origin instead of from a cached copy: for Camel it
/// is a stream cache of known length, so it is neither copied to the heap nor spooled. Opens
/// lazily; [#reset] is cheap. Confined to one thread at a time: the one that routes the exchange,
/// and for a while the one with which an endpoint reads it.
abstract class ReopenableBody extends InputStream implements StreamCache {
    private @Nullable InputStream open;

    /// Opens the bytes from 0.
    abstract InputStream reopen() throws IOException;

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (open == null) {
            open = reopen();
        }
        return open.read(buffer, offset, length);
    }

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
