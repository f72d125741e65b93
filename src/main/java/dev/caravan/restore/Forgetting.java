package dev.caravan.restore;

import dev.caravan.ledger.DropProof;
import dev.caravan.ledger.DueCopies.Scope;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Retention;
import dev.caravan.ledger.RetentionPlan;
import dev.caravan.ledger.RetentionPlan.Work;
import dev.caravan.ledger.RetentionRules;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Does what a [RetentionPlan] says: versions that have expired are retired at once; where others
/// still keep a version, the copies that are left are read on their targets first, in batches that
/// are read within the life of a proof. Confined to one thread.
public final class Forgetting {
    private static final int ITEMS_AT_ONCE = 500;
    private static final int VERSIONS_AT_ONCE = 2_000;
    private static final long BYTES_AT_FIRST = 64L << 20;

    /// Of the life of a proof: a batch that takes longer is followed by smaller ones.
    private static final Duration LONG = DropProof.LIFE.dividedBy(2);

    private final Ledger ledger;
    private final RetentionRules rules;
    private final @Nullable String only;
    private final Verifier verifier;
    private final Clock clock;
    private final List<Verified> reads = new ArrayList<>();
    private final Map<String, Long> copies = new LinkedHashMap<>();
    private long bytes;
    private long left;
    private @Nullable String why;
    private long bytesAtOnce = BYTES_AT_FIRST;

    /// @param only the one target; null for all
    public Forgetting(
            Ledger ledger,
            RetentionRules rules,
            @Nullable String only,
            Verifier verifier,
            Clock clock) {
        this.ledger = ledger;
        this.rules = rules;
        this.only = only;
        this.verifier = verifier;
        this.clock = clock;
    }

    /// What came of it.
    ///
    /// @param copies retired, by the name of the target
    /// @param bytes of their content
    /// @param left copies that were to be retired and stay, and why the first of them does
    /// @param troubles what the reading found, in words: bad copies, targets that are away
    public record Forgotten(
            Map<String, Long> copies,
            long bytes,
            long left,
            @Nullable String why,
            List<String> troubles) {}

    /// Retires what the plan says, and is still so.
    public Forgotten run(RetentionPlan plan) {
        for (int from = 0; from < plan.expiring().size(); from += ITEMS_AT_ONCE) {
            int to = Math.min(from + ITEMS_AT_ONCE, plan.expiring().size());
            add(ledger.retention().retire(rules, only, plan.expiring().subList(from, to), null));
        }
        List<Work> open = plan.dropping();
        int from = 0;
        while (from < open.size()) {
            int to = end(open, from);
            drop(open.subList(from, to));
            from = to;
        }
        List<String> troubles = new ArrayList<>();
        for (Verified read : reads) {
            read.details().forEach(detail -> troubles.add(read.target() + ": " + detail));
            read.away().forEach(away -> troubles.add(read.target() + ": " + away));
            if (read.trouble() != null) {
                troubles.add(read.target() + ": " + read.trouble());
            }
        }
        return new Forgotten(
                Map.copyOf(copies), bytes, left, why, troubles.stream().distinct().toList());
    }

    private int end(List<Work> open, int from) {
        int to = from;
        long sum = 0;
        int versions = 0;
        while (to < open.size()
                && (to == from || sum < bytesAtOnce && versions < VERSIONS_AT_ONCE)) {
            sum += open.get(to).bytes();
            versions += open.get(to).versions().size();
            to++;
        }
        return to;
    }

    private void drop(List<Work> some) {
        Instant began = clock.instant();
        Set<Long> versions = new HashSet<>();
        some.forEach(work -> versions.addAll(work.versions()));
        DropProof proof = ledger.retention().prove(versions, rules.proving(), this::read);
        Duration took = Duration.between(began, clock.instant());
        if (took.compareTo(DropProof.LIFE) > 0 && versions.size() > 1) {
            bytesAtOnce = Math.max(1, bytesAtOnce / 4);
            halves(some).forEach(this::drop);
            return;
        }
        bytesAtOnce = took.compareTo(LONG) > 0 ? bytesAtOnce / 2 : bytesAtOnce * 2;
        bytesAtOnce = Math.clamp(bytesAtOnce, 1, Long.MAX_VALUE / 4);
        add(ledger.retention().retire(rules, only, some, proof));
    }

    /// Two batches of fewer versions.
    private static List<List<Work>> halves(List<Work> some) {
        if (some.size() > 1) {
            int half = some.size() / 2;
            return List.of(some.subList(0, half), some.subList(half, some.size()));
        }
        Work one = some.getFirst();
        int half = one.versions().size() / 2;
        return List.of(
                List.of(new Work(one.item(), one.versions().subList(0, half), one.bytes() / 2)),
                List.of(
                        new Work(
                                one.item(),
                                one.versions().subList(half, one.versions().size()),
                                one.bytes() / 2)));
    }

    private void read(String target, Set<Long> versions) {
        ledger.targets()
                .find(target)
                .ifPresent(found ->
                        reads.add(
                                verifier.verify(
                                        found,
                                        new Verifier.Request(
                                                Scope.of(versions),
                                                Evidence.Level.V3,
                                                Long.MAX_VALUE,
                                                Instant.MIN))));
    }

    private void add(Retention.Retired retired) {
        retired.copies().forEach((target, n) -> copies.merge(target, n, Long::sum));
        bytes += retired.bytes();
        left += retired.left();
        why = why == null ? retired.why() : why;
    }
}
