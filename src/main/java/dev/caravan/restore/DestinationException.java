package dev.caravan.restore;

import java.io.IOException;

/// The place that is restored to failed: no other copy can help.
final class DestinationException extends IOException {
    DestinationException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
