package dev.caravan.restore;

import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyFinding;
import dev.caravan.ledger.DueCopies.Due;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Verifications;
import dev.caravan.ledger.Verifications.Plain;
import dev.caravan.posix.ColdFile;
import dev.caravan.restore.Verifier.Round;
import dev.caravan.target.NasManifests;
import dev.caravan.target.NasReader;
import dev.caravan.target.TargetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Verifies copies on a NAS, some hundred in each transaction. Confined to one thread.
final class NasRound {
    private static final int AT_ONCE = 300;
    private static final long BYTES_AT_ONCE = 512L << 20;

    private final Round round;
    private final NasReader reader;

    /// Folders and symlinks that newer versions have replaced: they are looked for in the manifests
    /// together, since that takes a walk over all of them.
    private final List<Version> replaced = new ArrayList<>();

    NasRound(Round round, NasReader reader) {
        this.round = round;
        this.reader = reader;
    }

    void run() throws TargetException {
        List<Due> due =
                round.ledger()
                        .dueCopies()
                        .plain(
                                round.target().name(),
                                round.request().scope(),
                                round.request().mostBytes(),
                                round.request().overdue());
        long all = due.stream().mapToLong(Due::bytes).sum();
        long done = 0;
        for (int from = 0; from < due.size(); ) {
            List<Long> some = new ArrayList<>();
            long bytes = 0;
            while (from + some.size() < due.size()
                    && some.size() < AT_ONCE
                    && bytes < BYTES_AT_ONCE) {
                Due next = due.get(from + some.size());
                some.add(next.version());
                bytes += next.bytes();
            }
            round.tally().left = due.size() - from;
            check(some, done, all);
            done += bytes;
            from += some.size();
        }
        round.tally().left = replaced.size();
        if (!replaced.isEmpty()) {
            checkReplaced();
        }
        round.tally().left = 0;
    }

    private void check(List<Long> ids, long done, long all) throws TargetException {
        reader.begin(round.target().identity());
        Batch batch = new Batch();
        for (Plain copy : round.ledger().verifications().copies(round.target().name(), ids)) {
            round.listener()
                    .at(
                            round.target().name(),
                            copy.version().path().toString(),
                            done + reader.bytesRead(),
                            all);
            if (isReplaced(copy)) {
                replaced.add(copy.version());
            } else {
                batch.take(copy, reader.look(copy.version(), copy.inPlainTree()));
            }
        }
        again(batch);
        reader.end(round.target().identity());
        String way = reader.way() == ColdFile.Way.DIRECT ? "direct" : "dontneed";
        batch.record(way + "+readback+sha256", reader.bytesRead());
    }

    private static boolean isReplaced(Plain copy) {
        return copy.version().metadata().kind() != Kind.FILE && !copy.inPlainTree();
    }

    /// What was found bad may have been moved by a copy route while it was looked at: the ledger is
    /// asked again, and so is the NAS.
    private void again(Batch batch) throws TargetException {
        List<Long> ids = new ArrayList<>(batch.wrong.keySet());
        ids.addAll(batch.missing.keySet());
        if (ids.isEmpty()) {
            return;
        }
        batch.wrong.clear();
        batch.missing.clear();
        for (Plain copy : round.ledger().verifications().copies(round.target().name(), ids)) {
            if (isReplaced(copy)) {
                replaced.add(copy.version());
                continue;
            }
            CopyFinding found = reader.look(copy.version(), copy.inPlainTree());
            boolean bad =
                    found instanceof CopyFinding.Wrong || found instanceof CopyFinding.Missing;
            batch.take(
                    copy,
                    bad && copy.moving()
                            ? new CopyFinding.Untold(
                                    "it is about to be replaced or withdrawn: verify it after the next backup")
                            : found);
        }
    }

    private void checkReplaced() throws TargetException {
        reader.begin(round.target().identity());
        NasManifests.Found found = reader.inManifests(replaced);
        reader.end(round.target().identity());
        Batch batch = new Batch();
        for (Version version : replaced) {
            if (found.right().contains(version.id())) {
                batch.good.add(version.id());
            } else {
                batch.missing(version, "no manifest on the NAS has a line of it");
            }
        }
        batch.record("manifest", found.bytes());
    }

    /// What was found, to be recorded together.
    private final class Batch {
        private final List<Long> good = new ArrayList<>();
        private final Map<Long, String> wrong = new LinkedHashMap<>();
        private final Map<Long, String> missing = new LinkedHashMap<>();
        private final Map<Long, Version> versions = new LinkedHashMap<>();

        void take(Plain copy, CopyFinding found) {
            Version version = copy.version();
            versions.put(version.id(), version);
            switch (found) {
                case CopyFinding.Good(var differs) -> {
                    good.add(version.id());
                    if (differs != null) {
                        round.tally().differing++;
                        tell(version, "good, but its metadata there is another: " + differs);
                    }
                }
                case CopyFinding.Wrong(var why) -> wrong.put(version.id(), why);
                case CopyFinding.Missing(var why) -> missing.put(version.id(), why);
                case CopyFinding.Untold(var why) -> {
                    round.tally().untold++;
                    tell(version, "not told: " + why);
                }
            }
        }

        void missing(Version version, String why) {
            versions.put(version.id(), version);
            missing.put(version.id(), why);
        }

        private void tell(Version version, String what) {
            round.tally()
                    .tell(
                            "'%s' of %s, version %d: %s"
                                    .formatted(
                                            version.path(),
                                            version.source(),
                                            version.number(),
                                            what));
        }

        void record(String method, long bytesRead) {
            Verifications.Found found =
                    new Verifications.Found(
                            round.evidence(method, Evidence.Level.V3, bytesRead, reader.place()),
                            good,
                            wrong,
                            missing);
            round.tally().add(round.ledger().verifications().record(round.target().name(), found));
            round.tally().bytesRead += bytesRead;
            for (Map<Long, String> bad : List.of(wrong, missing)) {
                bad.forEach((id, why) -> {
                    Version version = versions.get(id);
                    if (version != null) {
                        tell(version, why);
                    }
                });
            }
        }
    }
}
