package dev.caravan.ledger;

/// The state of one copy, in the order of its life.
public enum CopyState {
    /// Due; a copy that waits for its retry is WANTED with its next time.
    WANTED,
    /// Claimed by a running copy route.
    WRITING,
    /// The target accepted the bytes; nothing is proven.
    ACKED,
    /// Proven durable on the medium: it counts.
    DURABLE,
    /// Read back and equal, or attested by the target: it counts.
    VERIFIED,
    /// Its proof is too old: it counts, and a verify is due.
    STALE,
    /// Needs a person.
    FAILED,
    /// A verify found something wrong: out of the count at once.
    SUSPECT,
    /// Its medium is gone.
    LOST,
    /// Given up by retention.
    RETIRED;

    /// Whether a copy in this state counts as one of the three.
    public boolean counts() {
        return this == DURABLE || this == VERIFIED || this == STALE;
    }
}
