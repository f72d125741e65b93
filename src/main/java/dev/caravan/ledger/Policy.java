package dev.caravan.ledger;

import java.time.Duration;
import java.util.Map;

/// What every item of a source must have reached; the original is one of the copies, and 0 errors
/// are always asked for. Immutable.
///
/// @param copies on media that do not fail together
/// @param offsite copies at another site than the source's
/// @param offline copies without a path to them now, or that nobody can change
/// @param verified by media kind the greatest age of a copy's last proof; a kind that is missing is
///   asked for none
/// @param distanceMetres from the source's site to that of an offsite copy, at least; 0 asks for
///   none
public record Policy(
        int copies,
        int mediaKinds,
        int offsite,
        int offline,
        Map<MediaKind, Duration> verified,
        long distanceMetres) {
    /// The 3-2-1 rule, without any age.
    public static final Policy THREE_TWO_ONE = new Policy(3, 2, 1);

    public Policy {
        verified = Map.copyOf(verified);
    }

    /// One that asks for these three numbers only.
    public Policy(int copies, int mediaKinds, int offsite) {
        this(copies, mediaKinds, offsite, 0, Map.of(), 0);
    }

    public boolean isMetBy(Reached reached) {
        return reached.copies() >= copies
                && reached.mediaKinds() >= mediaKinds
                && reached.offsite() >= offsite
                && reached.offline() >= offline
                && reached.errors() == 0;
    }
}
