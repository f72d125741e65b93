package dev.caravan.ledger;

import org.jspecify.annotations.Nullable;

/// What looking at one copy showed.
public sealed interface CopyFinding {

    /// It is what it should be.
    ///
    /// @param differs how its metadata on the medium differs from what was copied, which a restore
    ///   takes from the ledger; null if it does not
    record Good(@Nullable String differs) implements CopyFinding {}

    /// It is there and is not what it should be, or can not be read.
    record Wrong(String why) implements CopyFinding {}

    /// It is not there.
    record Missing(String why) implements CopyFinding {}

    /// Nothing can be said of it now: it stays what it is.
    record Untold(String why) implements CopyFinding {}
}
