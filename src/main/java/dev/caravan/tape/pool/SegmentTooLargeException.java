package dev.caravan.tape.pool;

import java.io.IOException;

/// A body does not fit onto an empty cartridge, so no other cartridge will take it either.
public final class SegmentTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    SegmentTooLargeException(String message) {
        super(message);
    }
}
