package dev.caravan.cli;

import dev.caravan.item.Version;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Removals;
import dev.caravan.ledger.RetentionRules;
import dev.caravan.ledger.Target;
import dev.caravan.target.EndpointRemover;
import dev.caravan.target.NasRemover;
import dev.caravan.target.Removed;
import dev.caravan.target.S3Remover;
import dev.caravan.target.SftpRemover;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Removes the data of retired copies whose grace is over, target by target: first on the target,
/// then in the ledger.
final class RetiredData {
    private static final int AT_ONCE = 5_000;
    private static final int OBJECTS_AT_ONCE = 100;

    private final Ledger ledger;
    private final TargetParts parts;
    private final RetentionRules rules;

    RetiredData(Ledger ledger, TargetParts parts, RetentionRules rules) {
        this.ledger = ledger;
        this.parts = parts;
        this.rules = rules;
    }

    /// What was removed from one target.
    ///
    /// @param waiting copies whose grace is over, and whose objects hold others that it is not
    /// @param left what could not be removed, and why
    record OfTarget(String target, long copies, long bytes, long waiting, List<String> left) {
        boolean isNothing() {
            return copies == 0 && waiting == 0 && left.isEmpty();
        }
    }

    /// @param only the one target; null for all
    List<OfTarget> remove(@Nullable String only) {
        List<OfTarget> all = new ArrayList<>();
        for (Target target : ledger.targets().active()) {
            if (only == null || only.equals(target.name())) {
                OfTarget removed =
                        switch (parts.rule(target.name())) {
                            case "nas" -> onNas(target);
                            case "sftp" -> onServer(target);
                            case "s3" -> inBucket(target);
                            case "readback" -> atEndpoint(target);
                            default -> new OfTarget(target.name(), 0, 0, 0, List.of());
                        };
                if (!removed.isNothing()) {
                    all.add(removed);
                }
            }
        }
        return all;
    }

    private OfTarget onNas(Target target) {
        List<Version> due = ledger.removals().plain(target.name(), rules.globs());
        Sum sum = new Sum(target.name());
        if (due.isEmpty()) {
            return sum.end(0);
        }
        try (NasRemover remover =
                new NasRemover(
                        parts.nasFolder(target.name()), target.identity(), ledger.homeId())) {
            for (int from = 0; from < due.size(); from += AT_ONCE) {
                sum.add(remover.remove(due.subList(from, Math.min(from + AT_ONCE, due.size()))));
            }
        } catch (IOException failed) {
            sum.left.add(String.valueOf(failed.getMessage()));
        }
        return sum.end(0);
    }

    private OfTarget onServer(Target target) {
        Removals.Objects due = ledger.removals().objects(target.name(), rules.globs());
        Sum sum = new Sum(target.name());
        if (due.whole().isEmpty()) {
            return sum.end(due.waiting());
        }
        try (SftpRemover remover =
                new SftpRemover(
                        target.name(),
                        parts.address(target.name()),
                        target.identity(),
                        ledger.homeId())) {
            objects(due, sum, remover::remove);
        } catch (IOException failed) {
            sum.left.add(String.valueOf(failed.getMessage()));
        }
        return sum.end(due.waiting());
    }

    private OfTarget inBucket(Target target) {
        Removals.Objects due = ledger.removals().objects(target.name(), rules.globs());
        Sum sum = new Sum(target.name());
        if (due.whole().isEmpty()) {
            return sum.end(due.waiting());
        }
        try (S3Remover remover =
                new S3Remover(target.name(), parts.bucket(target.name()), target.identity())) {
            objects(due, sum, remover::remove);
        } catch (IOException failed) {
            sum.left.add(String.valueOf(failed.getMessage()));
        }
        return sum.end(due.waiting());
    }

    private OfTarget atEndpoint(Target target) {
        Removals.Objects due = ledger.removals().objects(target.name(), rules.globs());
        Sum sum = new Sum(target.name());
        if (due.whole().isEmpty()) {
            return sum.end(due.waiting());
        }
        try {
            EndpointRemover remover =
                    new EndpointRemover(
                            target.name(), parts.endpoint(target.name()), target.identity());
            objects(due, sum, remover::remove);
        } catch (IOException failed) {
            sum.left.add(String.valueOf(failed.getMessage()));
        }
        return sum.end(due.waiting());
    }

    private interface Removing {
        Removed of(List<Removals.Whole> objects) throws IOException;
    }

    private static void objects(Removals.Objects due, Sum sum, Removing removing)
            throws IOException {
        for (int from = 0; from < due.whole().size(); from += OBJECTS_AT_ONCE) {
            int to = Math.min(from + OBJECTS_AT_ONCE, due.whole().size());
            sum.add(removing.of(due.whole().subList(from, to)));
        }
    }

    /// Adds up, and notes in the ledger what is gone.
    private final class Sum {
        private final String target;
        private final List<String> left = new ArrayList<>();
        private long copies;
        private long bytes;

        Sum(String target) {
            this.target = target;
        }

        void add(Removed removed) {
            copies += ledger.removals().removed(target, removed.versions(), removed.bytes(), rules);
            bytes += removed.bytes();
            left.addAll(removed.left());
        }

        OfTarget end(long waiting) {
            return new OfTarget(target, copies, bytes, waiting, List.copyOf(left));
        }
    }
}
