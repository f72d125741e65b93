package dev.caravan.cli;

import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Reached;
import dev.caravan.ledger.Standings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What is missing, and what will be done about it, in words.
final class PolicyWords {
    private PolicyWords() {}

    /// `4 copies, 2 media kinds, 1 offsite`, and what else there is.
    static String of(Reached reached) {
        return "%s, %s, %d offsite%s%s"
                .formatted(
                        Words.count(reached.copies(), "copy", "copies"),
                        Words.count(reached.mediaKinds(), "media kind", "media kinds"),
                        reached.offsite(),
                        reached.offline() == 0 ? "" : ", " + reached.offline() + " offline",
                        reached.errors() == 0
                                ? ""
                                : ", " + Words.count(reached.errors(), "error", "errors"));
    }

    /// What is wanted and not there, such as `2 of 3 copies`.
    static List<String> missing(Policy policy, Reached reached) {
        List<String> missing = new ArrayList<>();
        if (reached.copies() < policy.copies()) {
            missing.add("%d of %d copies".formatted(reached.copies(), policy.copies()));
        }
        if (reached.mediaKinds() < policy.mediaKinds()) {
            missing.add(
                    "%d of %d media kinds".formatted(reached.mediaKinds(), policy.mediaKinds()));
        }
        if (reached.offsite() < policy.offsite()) {
            missing.add("%d of %d offsite".formatted(reached.offsite(), policy.offsite()));
        }
        if (reached.offline() < policy.offline()) {
            missing.add(
                    "%d of %d offline or immutable".formatted(reached.offline(), policy.offline()));
        }
        if (reached.errors() > 0) {
            missing.add(
                    Words.count(reached.errors(), "copy", "copies")
                            + " suspect or not verified for too long");
        }
        return missing;
    }

    static String step(Standings.Step step, Instant now) {
        String from = step.from() == null ? "" : ", from " + step.from();
        return switch (step.action()) {
            case MAKE -> "copy to " + step.target() + from + when(step, now);
            case REMAKE -> "copy to " + step.target() + " anew" + from + when(step, now);
            case UNDER_WAY -> "copy to " + step.target() + from + ", under way";
            case VERIFY -> "verify the copy on " + step.target() + ": it counts when it was read";
            case PERSON -> step.target() + " waits for you: caravan status says why";
            case NOTHING_TO_MAKE_FROM ->
                    "no copy on " + step.target() + ": nothing good is left to make it from";
        };
    }

    private static String when(Standings.Step step, Instant now) {
        Instant next = step.nextAt();
        return next == null
                ? ", at the next pass"
                : ", not before %s (in %s)"
                        .formatted(Words.local(next), Words.duration(Duration.between(now, next)));
    }

    /// What no target that is there can mend, and what a person can do.
    static List<String> beyond(Policy policy, Reached then) {
        List<String> beyond = new ArrayList<>();
        if (then.offline() < policy.offline()) {
            beyond.add(
                    "offline or immutable: %d of %d: carry a cartridge off (caravan tape export, caravan tape vault out), or lock objects (caravan.s3.lock)"
                            .formatted(then.offline(), policy.offline()));
        }
        if (then.offsite() < policy.offsite()) {
            beyond.add(
                    "offsite: %d of %d: add a target at another site, or one far enough away"
                            .formatted(then.offsite(), policy.offsite()));
        }
        if (then.mediaKinds() < policy.mediaKinds()) {
            beyond.add(
                    "media kinds: %d of %d: add a target of another kind"
                            .formatted(then.mediaKinds(), policy.mediaKinds()));
        }
        if (then.copies() < policy.copies()) {
            beyond.add(
                    "copies: %d of %d: add a target on a medium of its own"
                            .formatted(then.copies(), policy.copies()));
        }
        if (then.errors() > 0) {
            beyond.add(
                    "errors: %s suspect with nothing good left to make it from"
                            .formatted(Words.count(then.errors(), "copy", "copies")));
        }
        return beyond;
    }
}
