package dev.caravan.tape.pool;

import java.time.Instant;

/// Where a volume is while it is not in the library. That it is inside is never written down: only
/// the changer knows that, and it is asked.
public sealed interface Location {
    /// @return since when it has been there, as far as we were told
    Instant since();

    /// Out of the library, within reach.
    record Shelf(Instant since) implements Location {
        @Override
        public String toString() {
            return "shelf";
        }
    }

    /// In the place for removed media that bears this name.
    record Vault(String name, Instant since) implements Location {
        public Vault {
            if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,31}")) {
                throw new IllegalArgumentException(
                        "vault '%s': want 1 to 32 of A-Z a-z 0-9 . _ -".formatted(name));
            }
        }

        @Override
        public String toString() {
            return "vault " + name;
        }
    }
}
