package dev.caravan.ledger;

import dev.caravan.ledger.RetentionPlan.Example;
import dev.caravan.ledger.RetentionPlan.Reason;
import dev.caravan.ledger.RetentionPlan.Work;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Adds up what was decided of many items. Confined.
final class RetentionSums {
    private static final int SHOWN = 5;

    private final RetentionRules rules;
    private final @Nullable String only;
    private final Map<Integer, Sum> sums = new LinkedHashMap<>();
    private final List<Work> expiring = new ArrayList<>();
    private final List<Work> dropping = new ArrayList<>();

    RetentionSums(Session s, List<Target> targets, RetentionRules rules, @Nullable String only)
            throws SQLException {
        this.rules = rules;
        this.only = only;
        for (Target target : targets) {
            if (only == null || only.equals(target.name())) {
                Long counted =
                        s.first(
                                "SELECT copies FROM tally WHERE target_id = ? AND class = 'COUNTED'",
                                r -> r.getLong(1),
                                target.id());
                sums.put(target.id(), new Sum(target, counted == null ? 0 : counted));
            }
        }
    }

    void add(long item, List<Dropping.Decided> all) {
        boolean expires = false;
        List<Long> versions = new ArrayList<>();
        long bytes = 0;
        for (Dropping.Decided decided : all) {
            boolean drops = false;
            for (Dropping.Fate fate : decided.fates()) {
                Sum sum = sums.get(fate.target().id());
                if (sum != null) {
                    sum.add(decided, fate);
                    drops |= fate.kept() == null;
                }
            }
            if (drops && decided.expired()) {
                expires = true;
            } else if (drops) {
                versions.add(decided.version());
                bytes += decided.fates().stream().mapToLong(Dropping.Fate::bytes).max().orElse(0);
            }
        }
        if (expires) {
            expiring.add(new Work(item, List.of(), 0));
        }
        if (!versions.isEmpty()) {
            dropping.add(new Work(item, versions, bytes));
        }
    }

    RetentionPlan plan() {
        List<RetentionPlan.OfTarget> targets = new ArrayList<>();
        for (Sum sum : sums.values()) {
            if (sum.counted > 0
                    || sum.retires > 0
                    || rules.keep().containsKey(sum.target.name())
                    || sum.target.name().equals(only)) {
                targets.add(sum.ofTarget());
            }
        }
        return new RetentionPlan(
                List.copyOf(targets), List.copyOf(expiring), List.copyOf(dropping));
    }

    private static final class Sum {
        private final Target target;
        private final long counted;
        private final Map<Reason, Long> kept = new EnumMap<>(Reason.class);
        private final List<Example> examples = new ArrayList<>();
        private final List<Example> keptExamples = new ArrayList<>();
        private long retires;
        private long retiresCounted;
        private long bytes;

        Sum(Target target, long counted) {
            this.target = target;
            this.counted = counted;
        }

        void add(Dropping.Decided decided, Dropping.Fate fate) {
            Reason why = fate.kept();
            List<Example> into = why == null ? examples : keptExamples;
            if (why == null) {
                retires++;
                retiresCounted += fate.state().counts() ? 1 : 0;
                bytes += fate.bytes();
            } else {
                kept.merge(why, 1L, Long::sum);
            }
            if (why != Reason.RULE && into.size() < SHOWN) {
                into.add(
                        new Example(
                                decided.source(), decided.path(), decided.number(), fate.why()));
            }
        }

        RetentionPlan.OfTarget ofTarget() {
            return new RetentionPlan.OfTarget(
                    target, counted, retires, retiresCounted, bytes, kept, examples, keptExamples);
        }
    }
}
