package dev.caravan.segment;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// A segment as a stream of bytes that knows its offset, and for which an early end is an error.
final class Blocks implements Closeable {
    private final InputStream in;
    private long position;

    Blocks(InputStream in, long position) {
        this.in = in;
        this.position = position;
    }

    long position() {
        return position;
    }

    void read(byte[] buffer, int offset, int length) throws IOException {
        int count = in.readNBytes(buffer, offset, length);
        position += count;
        if (count < length) {
            throw cut();
        }
    }

    int readSome(byte[] buffer, int offset, int length) throws IOException {
        int count = in.read(buffer, offset, length);
        if (count < 0) {
            throw cut();
        }
        position += count;
        return count;
    }

    void skipTo(long offset) throws IOException {
        try {
            in.skipNBytes(offset - position);
        } catch (EOFException e) {
            throw cut();
        }
        position = offset;
    }

    private SegmentFormatException cut() {
        return new SegmentFormatException(position, "it ends here, within a member");
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
