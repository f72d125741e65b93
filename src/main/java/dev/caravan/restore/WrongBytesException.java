package dev.caravan.restore;

import java.io.IOException;

/// What was read is not what was written there.
final class WrongBytesException extends IOException {
    WrongBytesException(String message) {
        super(message);
    }
}
