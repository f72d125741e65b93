package dev.caravan.cli;

import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.RetentionPlan;
import dev.caravan.ledger.RetentionRules;
import dev.caravan.ledger.Runs;
import dev.caravan.pipeline.Forget;
import dev.caravan.restore.Forgetting;
import dev.caravan.restore.Verifier;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Retention of a home at work, as `forget` does it: without a retention in the settings it does
/// nothing, and tape is not relied on. One runs at a time. Beside the copy routes it is safe,
/// because each transaction looks at everything again, and only history and whole objects are
/// removed.
final class HomeForget implements Forget {
    private static final Logger LOG = LoggerFactory.getLogger(HomeForget.class);

    private final Ledger ledger;
    private final TargetParts parts;
    private final RetentionRules rules;
    private volatile boolean stopping;

    HomeForget(Ledger ledger, TargetParts parts, RetentionRules rules) {
        this.ledger = ledger;
        this.parts = parts;
        this.rules = rules;
    }

    /// Ends it before the next copy is read; what was retired stays so.
    void stop() {
        stopping = true;
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public synchronized void forget() {
        if (rules.keep().isEmpty()) {
            return;
        }
        RetentionPlan plan = ledger.retention().plan(rules, null);
        String many = HomeRetention.tooMany(plan);
        if (many != null) {
            LOG.warn(
                    "{}; if that is meant, stop this program and run caravan forget --allow-many",
                    many);
            return;
        }
        long run = ledger.runs().beginBeside("forget");
        try {
            tell(
                    run(
                            run,
                            null,
                            plan,
                            (name, what, done, all) -> {
                                if (stopping) {
                                    throw new Stopped();
                                }
                            }));
        } catch (Stopped _) {
            LOG.info("forget is stopped: what it has not retired stays");
        }
    }

    /// Does what a plan says, removes what is due, and ends the run, whatever happens.
    ///
    /// @param only the one target; null for all
    ForgetText run(
            long run, @Nullable String only, RetentionPlan plan, Verifier.Listener listener) {
        Verifier verifier = new Verifier(ledger, Program.nameAndVersion(), parts::medium, listener);
        String outcome = "stopped early";
        Runs.Numbers numbers = new Runs.Numbers(0, 0, 0, 0, 0);
        try {
            Forgetting.Forgotten forgotten =
                    new Forgetting(ledger, rules, only, verifier, Clock.systemUTC()).run(plan);
            List<RetiredData.OfTarget> removed = new RetiredData(ledger, parts, rules).remove(only);
            ForgetText text = new ForgetText(plan, rules, forgotten, removed, null);
            long retired = forgotten.copies().values().stream().mapToLong(n -> n).sum();
            outcome = text.outcome();
            numbers = new Runs.Numbers(retired, 0, retired, forgotten.bytes(), forgotten.left());
            return text;
        } finally {
            end(run, outcome, numbers);
        }
    }

    private void end(long run, String outcome, Runs.Numbers numbers) {
        try {
            ledger.runs().end(run, outcome, numbers);
        } catch (LedgerException failed) {
            LOG.error("the run of forget is not ended: {}", failed.getMessage());
        }
    }

    private static void tell(ForgetText text) {
        LOG.info("forget: {}", text.outcome());
        text.troubles().forEach(trouble -> LOG.warn("forget: {}", Words.shown(trouble)));
    }
}
