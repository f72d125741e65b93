package dev.caravan.target;

import java.io.IOException;

/// The target as a whole can not take or give copies now. What was claimed for it goes back
/// untouched; the other targets go on.
public final class TargetException extends IOException {

    /// What to do about it.
    public enum Remedy {
        /// Try again later: unreachable, full, busy.
        WAIT,
        /// A person must look before anything more is sent there: wrong medium, changed host key,
        /// refused key.
        PERSON
    }

    private final Remedy remedy;

    public TargetException(Remedy remedy, String message) {
        super(message);
        this.remedy = remedy;
    }

    public TargetException(Remedy remedy, String message, Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
    }

    public Remedy remedy() {
        return remedy;
    }
}
