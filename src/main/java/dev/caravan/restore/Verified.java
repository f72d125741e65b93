package dev.caravan.restore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What verifying copies of one target came to.
///
/// @param verified copies that are proven now
/// @param bad copies that are not what they should be, or are not there
/// @param fell copies of these that counted until now
/// @param untold copies of which nothing can be said now; they stay what they are
/// @param differing copies whose metadata on the medium is another one, though their content is
///   right
/// @param bytesRead on the medium
/// @param left copies, or stored objects, that were due and not looked at
/// @param details the first of what is to be told, in words
/// @param away cartridges that are not in the library, and why
/// @param trouble why it ended before its end; null if it did not
public record Verified(
        String target,
        long verified,
        long bad,
        long fell,
        long untold,
        long differing,
        long bytesRead,
        long left,
        List<String> details,
        List<String> away,
        @Nullable String trouble) {
    private static final int TOLD = 50;

    public Verified {
        details = List.copyOf(details);
        away = List.copyOf(away);
    }

    /// Whether all that was looked at is good. What is in a vault is not looked at.
    public boolean good() {
        return bad == 0 && untold == 0 && trouble == null;
    }

    /// Adds it up. Confined to one thread.
    static final class Tally {
        private final String target;
        private final List<String> details = new java.util.ArrayList<>();
        private final List<String> away = new java.util.ArrayList<>();
        long verified;
        long bad;
        long fell;
        long untold;
        long differing;
        long bytesRead;
        long left;
        @Nullable String trouble;

        Tally(String target) {
            this.target = target;
        }

        void tell(String detail) {
            if (details.size() < TOLD) {
                details.add(detail);
            }
        }

        void away(String why) {
            away.add(why);
        }

        void add(dev.caravan.ledger.TapeFiles.Outcome outcome) {
            verified += outcome.verified();
            bad += outcome.suspect();
            fell += outcome.fell();
        }

        Verified sum() {
            return new Verified(
                    target, verified, bad, fell, untold, differing, bytesRead, left, details, away,
                    trouble);
        }
    }
}
