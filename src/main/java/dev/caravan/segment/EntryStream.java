package dev.caravan.segment;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;

/// The content of a member with zeros for its holes. Closing it does not close the segment.
final class EntryStream extends InputStream {
    private final Stored stored;

    EntryStream(Stored stored) {
        this.stored = stored;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (length == 0) {
            return 0;
        }
        if (stored.left() == 0) {
            return -1;
        }
        int zeros = (int) Math.min(length, stored.holeLeft());
        if (zeros == 0) {
            return stored.readData(buffer, offset, length);
        }
        Arrays.fill(buffer, offset, offset + zeros, (byte) 0);
        stored.skipHole(zeros);
        return zeros;
    }
}
