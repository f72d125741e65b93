package dev.caravan.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Where copies go.
///
/// @param identity what was derived of the medium itself (sentinel, host key); null before first
///   use
/// @param active whether a loaded copy route serves it
public record Target(
        int id,
        String name,
        MediaKind mediaKind,
        String site,
        boolean offsite,
        boolean simulated,
        boolean active,
        @Nullable String identity,
        State state,
        int attempts,
        Instant nextAt,
        @Nullable String lastError) {

    /// Whether the target as a whole can take copies.
    public enum State {
        READY,
        /// It failed as a whole (full, unreachable) and is tried again at `nextAt`.
        WAITING,
        /// It failed in a way that needs a person (host key changed, wrong medium).
        STOPPED
    }

    /// What a copy route declares of its target.
    public record Declared(
            String name, MediaKind mediaKind, String site, boolean offsite, boolean simulated) {}
}
