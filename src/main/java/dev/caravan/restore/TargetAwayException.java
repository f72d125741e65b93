package dev.caravan.restore;

import java.io.IOException;

/// A target can not be reached as a whole: that says nothing of the copies on it.
final class TargetAwayException extends IOException {
    TargetAwayException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
