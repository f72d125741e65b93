package dev.caravan.cli;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.DropProof;
import dev.caravan.ledger.DueCopies.Scope;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Retention.WithoutOriginal;
import dev.caravan.ledger.RetentionRules;
import dev.caravan.restore.Verified;
import dev.caravan.restore.Verifier;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Finds out whether originals may be deleted: first that they are what the ledger has, then, by
/// reading, that what is left without them is enough. In batches, because what was read is relied
/// on for a minute only. Confined to one thread.
final class SafeToDelete {
    private static final int SHOWN = 20;
    private static final int AT_ONCE = 500;
    private static final long BYTES_AT_ONCE = 256L << 20;

    private final Ledger ledger;
    private final RetentionRules rules;
    private final Verifier verifier;
    private final OriginalCheck originals;
    private final Clock clock;
    private final List<String> reasons = new ArrayList<>();
    private final Set<String> troubles = new HashSet<>();
    private long no;
    private long bytes;

    SafeToDelete(
            Ledger ledger,
            RetentionRules rules,
            Verifier verifier,
            OriginalCheck originals,
            Clock clock) {
        this.ledger = ledger;
        this.rules = rules;
        this.verifier = verifier;
        this.originals = originals;
        this.clock = clock;
    }

    /// The answer.
    ///
    /// @param items that were looked at
    /// @param reasons against it, the first of them
    /// @param no how many reasons there are
    record Answer(long items, long bytes, List<String> reasons, long no) {
        boolean yes() {
            return no == 0;
        }
    }

    /// Looks at an item, and all below it.
    Answer of(String source, ItemPath path) throws IOException {
        Catalog catalog = ledger.catalog();
        if (!catalog.present(source, path)) {
            against("'%s': the last scan found it gone".formatted(path));
            return answer(0);
        }
        List<Version> versions = catalog.tree(source, path, false);
        Set<ItemPath> known = new HashSet<>();
        versions.forEach(version -> known.add(version.path()));
        originals.unknown(path, known, this::against);
        int from = 0;
        while (from < versions.size()) {
            int to = end(versions, from);
            check(versions.subList(from, to));
            from = to;
        }
        if (versions.isEmpty()) {
            against("'%s': nothing of it was backed up".formatted(path));
        }
        troubles.forEach(this::against);
        return answer(versions.size());
    }

    private static int end(List<Version> versions, int from) {
        int to = from;
        long sum = 0;
        while (to < versions.size() && to - from < AT_ONCE && (to == from || sum < BYTES_AT_ONCE)) {
            sum += versions.get(to++).metadata().size();
        }
        return to;
    }

    private Answer answer(long items) {
        return new Answer(items, bytes, List.copyOf(reasons), no);
    }

    private void against(String why) {
        no++;
        if (reasons.size() < SHOWN) {
            reasons.add(why);
        }
    }

    private void check(List<Version> some) {
        List<Version> same = new ArrayList<>();
        for (Version version : some) {
            String difference = originals.difference(version);
            Catalog.Original original = ledger.catalog().original(version);
            bytes += version.metadata().size();
            if (difference != null) {
                against("'%s': %s".formatted(version.path(), difference));
            } else if (!original.counts()) {
                against(
                        "'%s': the last scan did not see it, or it changed while it was read"
                                .formatted(version.path()));
            } else {
                same.add(version);
            }
        }
        if (!same.isEmpty()) {
            prove(same);
        }
    }

    private void prove(List<Version> some) {
        Set<Long> ids = new HashSet<>();
        some.forEach(version -> ids.add(version.id()));
        Instant began = clock.instant();
        DropProof proof = ledger.retention().prove(ids, rules.proving(), this::read);
        boolean late = Duration.between(began, clock.instant()).compareTo(DropProof.LIFE) > 0;
        if (late && some.size() > 1) {
            prove(some.subList(0, some.size() / 2));
            prove(some.subList(some.size() / 2, some.size()));
            return;
        }
        List<WithoutOriginal> left = ledger.retention().withoutOriginal(some, rules, proof);
        for (int i = 0; i < some.size(); i++) {
            Version version = some.get(i);
            if (!left.get(i).isEnough()) {
                against("'%s': %s".formatted(version.path(), String.join("; ", left.get(i).why())));
            } else if (originals.quickDifference(version) != null) {
                against("'%s': it changed just now".formatted(version.path()));
            }
        }
    }

    private void read(String target, Set<Long> versions) {
        ledger.targets()
                .find(target)
                .ifPresent(found -> {
                    Verified verified =
                            verifier.verify(
                                    found,
                                    new Verifier.Request(
                                            Scope.of(versions),
                                            Evidence.Level.V3,
                                            Long.MAX_VALUE,
                                            Instant.MIN));
                    if (verified.trouble() != null) {
                        troubles.add(target + ": " + verified.trouble());
                    }
                });
    }
}
