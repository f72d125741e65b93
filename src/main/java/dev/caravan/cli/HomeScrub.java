package dev.caravan.cli;

import dev.caravan.ledger.DueCopies.Scope;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Target;
import dev.caravan.pipeline.Scrub;
import dev.caravan.restore.Verified;
import dev.caravan.restore.Verifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The scrub of a home at work: copies whose proof is older than half of what is allowed, the
/// oldest first, up to a budget; those that are older than allowed beyond it, so that the oldest
/// age is bounded whatever the budget is. One scrub runs at a time.
final class HomeScrub implements Scrub {
    private static final Logger LOG = LoggerFactory.getLogger(HomeScrub.class);

    /// An age that no proof has.
    private static final Duration NEVER = Duration.ofDays(36_500);

    private final Ledger ledger;
    private final TargetParts parts;
    private final Map<MediaKind, Duration> ages;
    private volatile boolean stopping;

    /// @param policies how old proofs may become: the strictest of the sources holds for a target,
    ///   because what is on it is of all of them; media kinds asked for no age are left alone
    HomeScrub(Ledger ledger, TargetParts parts, Policies policies) {
        this.ledger = ledger;
        this.parts = parts;
        this.ages = policies.strictestAges();
    }

    /// Ends a scrub before the next copy; what it has recorded stays.
    void stop() {
        stopping = true;
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public synchronized void scrub(long bytes) {
        long run = ledger.runs().beginBeside("scrub");
        List<Verified> results = new ArrayList<>();
        String outcome = "stopped";
        try {
            HomeLegalHolds.apply(ledger, parts).forEach(LOG::warn);
            for (Target target : ledger.targets().active()) {
                Duration age = ages.get(target.mediaKind());
                if (age != null) {
                    results.add(scrub(target, bytes, age));
                } else if (target.mediaKind() == MediaKind.OBJECT_STORE) {
                    results.add(scrub(target, 0, NEVER)); // nothing is due but its locks
                }
            }
            outcome = VerifyText.outcome(results);
        } catch (Stopped _) {
            LOG.info("scrub is stopped: what it has not looked at keeps the proof it has");
        } finally {
            end(run, outcome, results);
        }
    }

    private void end(long run, String outcome, List<Verified> results) {
        try {
            ledger.runs().end(run, outcome, VerifyCommand.numbers(results));
        } catch (LedgerException failed) {
            LOG.error("the run of the scrub is not ended: {}", failed.getMessage());
        }
    }

    private Verified scrub(Target target, long bytes, Duration age) {
        Instant now = ledger.verifications().now();
        Verifier verifier =
                new Verifier(
                        ledger,
                        Program.nameAndVersion(),
                        parts::medium,
                        (name, what, done, all) -> {
                            if (stopping) {
                                throw new Stopped();
                            }
                        });
        Instant overdue = later(now.minus(age));
        Verified result =
                verifier.verify(
                        target,
                        new Verifier.Request(
                                new Scope(List.of(), later(now.minus(age.dividedBy(2))), false),
                                Evidence.Level.V2,
                                bytes,
                                overdue));
        tell(result, overdue, age);
        return result;
    }

    /// Proofs that an accepted older ledger has are read again soon, however young they are.
    private Instant later(Instant before) {
        return ledger.heads().doubtedAt().filter(before::isBefore).orElse(before);
    }

    private void tell(Verified result, Instant overdue, Duration age) {
        String name = result.target();
        LOG.info(
                "scrubbed {}: {} verified, {} bad, {} read",
                name,
                result.verified(),
                result.bad(),
                Words.bytes(result.bytesRead()));
        result.details().forEach(detail -> LOG.warn("{}: {}", name, Words.shown(detail)));
        result.away().forEach(away -> LOG.info("{}: {}", name, Words.shown(away)));
        if (result.trouble() != null) {
            LOG.warn("scrub of {} ended early: {}", name, Words.shown(result.trouble()));
        }
        ledger.dueCopies()
                .oldestProof(name)
                .filter(oldest -> oldest.isBefore(overdue))
                .ifPresent(oldest ->
                        LOG.warn(
                                "{}: a copy was last proven {}, more than the {} that the policy allows",
                                name,
                                Words.ago(oldest, ledger.verifications().now()),
                                Words.duration(age)));
    }
}
