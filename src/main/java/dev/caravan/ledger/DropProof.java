package dev.caravan.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/// That copies which are relied on were read on their targets just now, and are right: without it
/// no copy is dropped that its version still needs others for. It is made by reading only
/// ([Retention#prove]), and ends after a minute. Immutable.
public final class DropProof {
    /// How long a read is relied on.
    public static final Duration LIFE = Duration.ofSeconds(60);

    /// A copy that was read.
    record Copy(long version, int target) {}

    /// What the read gave it.
    record Read(long evidence, Instant at) {}

    private final Map<Copy, Read> reads;

    DropProof(Map<Copy, Read> reads) {
        this.reads = Map.copyOf(reads);
    }

    /// How many copies it is of.
    public int size() {
        return reads.size();
    }

    /// Whether it still holds for a copy.
    ///
    /// @param evidence that the copy has now: another one is that of another proof
    boolean holds(long version, int target, long evidence, Instant now) {
        Read read = reads.get(new Copy(version, target));
        return read != null
                && read.evidence == evidence
                && !read.at.isAfter(now)
                && Duration.between(read.at, now).compareTo(LIFE) <= 0;
    }
}
