package dev.caravan.segment;

import dev.caravan.item.Content.Extent;
import java.io.IOException;
import java.util.List;

/// The stored bytes of the member a reader stands at, and how far they were taken. Confined to one
/// thread.
final class Stored {
    private final Blocks blocks;
    private final long start;
    private final List<Extent> extents;
    private final long size;
    private final long end;
    private long position;
    private int extent;
    private boolean passed;

    /// @param size of the content, holes included
    Stored(Blocks blocks, List<Extent> extents, long size) {
        this.blocks = blocks;
        this.start = blocks.position();
        this.extents = List.copyOf(extents);
        this.size = size;
        long stored = 0;
        for (Extent e : this.extents) {
            stored += e.length();
        }
        this.end = start + Format.padded(stored);
    }

    long start() {
        return start;
    }

    List<Extent> extents() {
        return extents;
    }

    /// Bytes of content not taken yet.
    long left() {
        if (passed) {
            throw new IllegalStateException("the reader has gone on to another member");
        }
        return size - position;
    }

    /// Bytes until the next data; 0 if the next byte is data or there is none.
    long holeLeft() {
        while (extent < extents.size() && extents.get(extent).end() <= position) {
            extent++;
        }
        long next = extent < extents.size() ? extents.get(extent).offset() : size;
        return Math.max(0, next - position);
    }

    void skipHole(long length) {
        position += length;
    }

    /// Reads 1 byte or more; only where [#left] is not 0 and [#holeLeft] is.
    int readData(byte[] buffer, int offset, int length) throws IOException {
        int most = (int) Math.min(length, extents.get(extent).end() - position);
        int count = blocks.readSome(buffer, offset, most);
        position += count;
        return count;
    }

    /// Leaves the reader at the next member.
    void pass() throws IOException {
        blocks.skipTo(end);
        passed = true;
    }
}
