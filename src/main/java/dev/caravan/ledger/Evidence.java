package dev.caravan.ledger;

import java.time.Instant;

/// Why a batch of copies may count.
///
/// @param method what was done, in the words of `src/main/docs/ledger-schema.md`, such as
///   `syncfs+rename+stat`
/// @param at when the proof was complete
/// @param program name and version of the program that proved it
public record Evidence(String method, Level level, Instant at, String program) {

    /// How far the proof goes.
    public enum Level {
        /// Durable by the rule of its target kind.
        V1,
        /// The target itself attests the hash.
        V2,
        /// All bytes were read back and hash equal.
        V3,
        /// Restored to scratch through the restore path, content and metadata equal.
        V4
    }
}
