package dev.caravan.ledger;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Why a batch of copies may count.
///
/// @param method what was done, in the words of `src/main/docs/ledger-schema.md`, such as
///   `syncfs+rename+stat`
/// @param at when the proof was complete
/// @param program name and version of the program that proved it
/// @param bytesRead how many bytes were read on the medium for it; null if the proof does not say
/// @param place where that was, for a person; null if the proof does not say
public record Evidence(
        String method,
        Level level,
        Instant at,
        String program,
        @Nullable Long bytesRead,
        @Nullable String place) {

    /// A proof that does not say what it read, nor where.
    public Evidence(String method, Level level, Instant at, String program) {
        this(method, level, at, program, null, null);
    }

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
