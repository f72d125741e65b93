package dev.caravan.restore;

import dev.caravan.ledger.Target;

/// How many copies of a target are read at the same time: as many as it has drives, connections or
/// heads to feed them. Immutable.
@FunctionalInterface
public interface Readers {
    /// One after the other.
    Readers ONE = target -> 1;

    int of(Target target);
}
