package dev.caravan.tape;

import dev.caravan.tape.changer.Barcode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/// A fetched tape file as a message body. It is a `StreamCache`, so Camel reads it again from the
/// tape instead of keeping a copy. The drive is held from the first byte to the last, or to
/// `close`.
final class TapeFileBody extends InputStream implements StreamCache {
    private final TapeLibrary library;
    private final Barcode barcode;
    private final long block;
    private final long offset;
    private @Nullable InputStream open;
    private long position;
    private boolean ended;

    TapeFileBody(TapeLibrary library, Barcode barcode, long block, long offset) throws IOException {
        this.library = library;
        this.barcode = barcode;
        this.block = block;
        this.offset = offset;
        this.open = library.read(barcode, block, offset);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, to.length);
        if (ended) {
            return -1;
        }
        InputStream in = open;
        if (in == null) {
            in = library.read(barcode, block, offset);
            open = in;
        }
        int count = in.read(to, from, length);
        if (count < 0) {
            close();
        } else {
            position += count;
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        InputStream in = open;
        open = null;
        if (in != null) {
            in.close();
        }
    }

    /// The next read begins at the start again, and only then takes a drive again.
    @Override
    public void reset() {
        if (position == 0 && !ended) {
            return;
        }
        try {
            close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ended = false;
        position = 0;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        transferTo(out);
    }

    @Override
    public StreamCache copy(Exchange exchange) throws IOException {
        return new TapeFileBody(library, barcode, block, offset);
    }

    @Override
    public boolean inMemory() {
        return false;
    }

    /// Not known before the filemark is met.
    @Override
    public long length() {
        return 0;
    }

    @Override
    public long position() {
        return position;
    }
}
