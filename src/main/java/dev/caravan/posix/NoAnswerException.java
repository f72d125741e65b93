package dev.caravan.posix;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/// A folder did not answer for as long as it is waited for. That says nothing of what is in it.
public final class NoAnswerException extends IOException {
    private final boolean leftBehind;

    NoAnswerException(String folder, Duration waited, boolean leftBehind) {
        super(
                "%s has not answered for %d s: is the server of this folder there?"
                        .formatted(folder, waited.toSeconds()));
        this.leftBehind = leftBehind;
    }

    /// Never null.
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /// Whether a thread is still at the work, and has all that it uses; otherwise it was not begun.
    boolean isLeftBehind() {
        return leftBehind;
    }
}
