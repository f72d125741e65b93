package dev.caravan.segment;

import java.io.IOException;

/// The bytes are not those of a segment, or no longer: what was found, and where.
public final class SegmentFormatException extends IOException {
    private final long offset;

    public SegmentFormatException(long offset, String found) {
        super("segment is damaged at byte " + offset + ": " + found);
        this.offset = offset;
    }

    /// Bytes from the start of the segment to the block that is wrong.
    public long offset() {
        return offset;
    }
}
