package dev.caravan.item;

import java.io.IOException;

/// The bytes of a version can not be had from where they were looked for. It concerns this one
/// item: the target is well and goes on with the next.
public final class ContentUnavailableException extends IOException {

    /// Why; the caller decides by it.
    public enum Reason {
        /// The file is not in the state the version was registered in: a newer version is due.
        CHANGED,
        /// There is no such file any more.
        VANISHED,
        /// It is there and may not be read, or reading failed: a person should look.
        UNREADABLE
    }

    private final Reason reason;

    public ContentUnavailableException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
