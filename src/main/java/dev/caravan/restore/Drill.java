package dev.caravan.restore;

import dev.caravan.item.Content;
import dev.caravan.item.Contents;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.Drills;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.posix.Directory;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.Stat;
import dev.caravan.restore.RestoreListener.Failure;
import dev.caravan.target.CopyStores;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A restore done to prove it: brings copies of one target back to scratch, from that target alone,
/// compares them with the ledger, and with the original where that is unchanged, and records what
/// that showed. Confined to one thread.
public final class Drill {
    static final String METHOD = "restore+sha256+metadata";

    private final Ledger ledger;
    private final CopyStores stores;
    private final Readers readers;
    private final Contents originals;
    private final Clock clock;
    private final String program;
    private final Set<Long> right = new HashSet<>();
    private final Map<Version, Failure> failures = new LinkedHashMap<>();
    private Duration took = Duration.ZERO;

    /// @param originals where what is in the sources now is read
    /// @param program name and version of this program, for evidence
    public Drill(
            Ledger ledger,
            CopyStores stores,
            Readers readers,
            Contents originals,
            Clock clock,
            String program) {
        this.ledger = ledger;
        this.stores = stores;
        this.readers = readers;
        this.originals = originals;
        this.clock = clock;
        this.program = program;
    }

    /// How a drill of one target went.
    ///
    /// @param failures why copies did not come back, or not as they should be
    /// @param away why the target as a whole could not be read, which says nothing of its copies;
    ///   null if it could
    /// @param fell how many copies counted until now
    /// @param originals how many originals were compared
    /// @param otherOriginals those that have other bytes than when they were picked up, though they
    ///   look unchanged
    public record Result(
            Drills.Drill drill,
            Map<Version, String> failures,
            @Nullable String away,
            long fell,
            long originals,
            List<Version> otherOriginals) {
        public boolean good() {
            return failures.isEmpty() && away == null && otherOriginals.isEmpty();
        }
    }

    /// Drills a target with these versions, of which it has copies that count.
    ///
    /// @throws IOException if the scratch folder fails
    public Result run(String target, List<Version> sample, DrillScratch scratch)
            throws IOException {
        Instant started = clock.instant();
        if (sample.isEmpty()) {
            Drills.Drill nothing =
                    new Drills.Drill(target, started, started, 0, 0, 0, Duration.ZERO);
            return new Result(nothing, Map.of(), null, 0, 0, List.of());
        }
        bringBack(target, sample, scratch);
        // a copy may move, a drive may have a bad moment: nothing is called wrong after one look
        List<Version> again = List.copyOf(failures.keySet());
        failures.clear();
        bringBack(target, again, scratch);
        List<Version> other = new ArrayList<>();
        long compared = 0;
        for (Version version : sample) {
            Sha256 original = right.contains(version.id()) ? original(version) : null;
            compared += original == null ? 0 : 1;
            if (original != null && !isOf(version, original)) {
                other.add(version);
            }
        }
        Instant ended = clock.instant();
        long bytes =
                sample.stream()
                        .filter(version -> right.contains(version.id()))
                        .mapToLong(version -> version.metadata().size())
                        .sum();
        Drills.Drill drill =
                new Drills.Drill(
                        target, started, ended, sample.size(), bytes, failures.size(), took);
        Evidence evidence = new Evidence(METHOD, Evidence.Level.V4, ended, program);
        long fell =
                ledger.drills().record(new Drills.Outcome(drill, evidence, right, wrong(sample)));
        Map<Version, String> told = new LinkedHashMap<>();
        String away = null;
        for (Map.Entry<Version, Failure> failed : failures.entrySet()) {
            if (failed.getValue().kind() == Failure.Kind.AWAY) {
                away = failed.getValue().why();
            } else {
                told.put(failed.getKey(), failed.getValue().why());
            }
        }
        return new Result(drill, told, away, fell, compared, List.copyOf(other));
    }

    /// The copies that are not what they should be. One that could not be reached is only wrong if
    /// another one was, on the same medium; one in a cold storage class never, and none while the
    /// target as a whole is away.
    private Map<Long, String> wrong(List<Version> sample) {
        Set<String> reached = new HashSet<>();
        Map<Long, String> media = new HashMap<>();
        for (Version version : sample) {
            String medium = medium(version);
            media.put(version.id(), medium);
            if (right.contains(version.id())) {
                reached.add(medium);
            }
        }
        Map<Long, String> wrong = new LinkedHashMap<>();
        failures.forEach((version, failure) -> {
            boolean isWrong =
                    switch (failure.kind()) {
                        case WRONG -> true;
                        case UNREACHED -> reached.contains(media.get(version.id()));
                        case COLD, AWAY -> false;
                    };
            if (isWrong) {
                wrong.put(version.id(), failure.why());
            }
        });
        return wrong;
    }

    /// The cartridges its copy on tape lies on; the same for all that is on no tape, because these
    /// are copies of one target.
    private String medium(Version version) {
        StringBuilder media = new StringBuilder();
        for (Catalog.Copy copy : ledger.catalog().copies(version)) {
            Plan.onTape(copy).keySet().forEach(media::append);
        }
        return media.toString();
    }

    private void bringBack(String target, List<Version> sample, DrillScratch scratch)
            throws IOException {
        for (List<Version> group : withoutCollisions(sample)) {
            Heard heard = new Heard();
            try (Directory folder = scratch.newFolder()) {
                TreeWriter tree = new TreeWriter(folder, false);
                Plan plan = Plan.of(ledger.catalog(), group, target, false, copy -> false);
                long began = System.nanoTime();
                Restorer.Result _ =
                        new Restorer(plan, stores, tree, readers, heard, Restorer.Cold.LEAVE)
                                .restore();
                took = took.plusNanos(System.nanoTime() - began);
                for (Version version : group) {
                    Failure failure = heard.failures.get(version.id());
                    if (failure == null) {
                        String difference = difference(folder, version, tree.shortfalls() == 0);
                        failure = difference == null ? null : Failure.unreached(difference);
                    }
                    if (failure == null) {
                        right.add(version.id());
                    } else {
                        failures.put(version, failure);
                    }
                }
            }
        }
    }

    /// Keeps why something did not come back.
    private static final class Heard implements RestoreListener {
        private final Map<Long, Failure> failures = new HashMap<>();

        @Override
        public void restored(Version version, String target) {}

        @Override
        public void failed(Version version, String target, Failure failure, boolean next) {
            failures.put(version.id(), failure);
        }

        @Override
        public void earlier(Version wanted, Version taken) {}

        @Override
        public void lost(Version version, String why) {
            failures.putIfAbsent(version.id(), Failure.unreached(why));
        }
    }

    /// What is brought back side by side: no two versions of a path, nothing below what is a file,
    /// and no two names of one file, because only one of them would be read.
    private static List<List<Version>> withoutCollisions(List<Version> sample) {
        List<Group> groups = new ArrayList<>();
        for (Version version : sample) {
            Group group =
                    groups.stream()
                            .filter(each -> each.takes(version))
                            .findFirst()
                            .orElseGet(() -> {
                                Group more = new Group();
                                groups.add(more);
                                return more;
                            });
            group.add(version);
        }
        return groups.stream().map(group -> group.versions).toList();
    }

    /// Versions that can be brought back side by side.
    private static final class Group {
        private final List<Version> versions = new ArrayList<>();
        private final Set<ItemPath> files = new HashSet<>();
        private final Set<ItemPath> folders = new HashSet<>();
        private final Set<Outcomes.LinkKey> links = new HashSet<>();

        boolean takes(Version version) {
            ItemPath path = version.path();
            if (folders.contains(path) || links.contains(Outcomes.LinkKey.of(version))) {
                return false;
            }
            for (ItemPath at = path; !at.isRoot(); at = at.parent()) {
                if (files.contains(at)) {
                    return false;
                }
            }
            return true;
        }

        void add(Version version) {
            versions.add(version);
            files.add(version.path());
            for (ItemPath at = version.path().parent(); !at.isRoot(); at = at.parent()) {
                folders.add(at);
            }
            if (version.metadata().hardLinked()) {
                links.add(Outcomes.LinkKey.of(version));
            }
        }
    }

    /// What of a file that came back is not as the ledger has it; null if all is.
    ///
    /// @param all whether the scratch folder takes all that a file can have
    private static @Nullable String difference(Directory folder, Version version, boolean all)
            throws IOException {
        Metadata m = version.metadata();
        try (OpenFile file = folder.openFile(version.path().bytes())) {
            Stat stat = file.stat();
            Sha256 found = hash((buffer, length) -> file.read(buffer, 0, length));
            if (stat.size() != m.size() || !isOf(version, found)) {
                return "what came back has SHA-256 %s, want %s".formatted(found, version.sha256());
            }
            if (all && (stat.mode() != m.mode() || !stat.modified().equals(m.modified()))) {
                return "what came back has mode %04o and time %s, want %04o and %s"
                        .formatted(stat.mode(), stat.modified(), m.mode(), m.modified());
            }
            if (all && file.xattrs().size() < m.xattrs().size()) {
                return "what came back has %d extended attributes, want %d"
                        .formatted(file.xattrs().size(), m.xattrs().size());
            }
            return null;
        }
    }

    private static boolean isOf(Version version, Sha256 found) {
        return version.sha256() != null && found.equals(version.sha256());
    }

    /// The hash of the original, if it is still what this version was made of; null if not.
    private @Nullable Sha256 original(Version version) {
        try (Content content = originals.open(version)) {
            Sha256 hash = hash((buffer, length) -> content.read(buffer, 0, length));
            content.verifyUnchanged();
            return hash;
        } catch (IOException movedOn) {
            return null;
        }
    }

    private interface Bytes {
        int read(byte[] buffer, int length) throws IOException;
    }

    private static Sha256 hash(Bytes bytes) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[256 << 10];
        int count;
        while ((count = bytes.read(buffer, buffer.length)) > 0) {
            digest.update(buffer, 0, count);
        }
        return Sha256.of(digest.digest());
    }
}
