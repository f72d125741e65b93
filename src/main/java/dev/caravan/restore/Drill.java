package dev.caravan.restore;

import dev.caravan.item.Content;
import dev.caravan.item.Contents;
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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A restore done to prove it: brings copies of one target back to scratch, from that target alone,
/// compares them with the ledger, and with the original where that is unchanged, and records what
/// that showed. Runs once, confined to one thread.
public final class Drill {
    static final String METHOD = "restore+sha256+metadata";

    private final Ledger ledger;
    private final CopyStores stores;
    private final Readers readers;
    private final Contents originals;
    private final Clock clock;
    private final String program;
    private final Set<Long> right = new HashSet<>();
    private final Set<String> reached = new HashSet<>();
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
        again(target, scratch, EnumSet.allOf(Failure.Kind.class));
        Set<String> there = there(target, sample, scratch);
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
                ledger.drills()
                        .record(new Drills.Outcome(drill, evidence, right, wrong(target, there)));
        Map<Version, String> told = new LinkedHashMap<>();
        String away = null;
        for (Map.Entry<Version, Failure> failed : failures.entrySet()) {
            if (isLost(target, failed.getKey(), failed.getValue(), there)) {
                away = failed.getValue().why();
            } else {
                told.put(failed.getKey(), failed.getValue().why());
            }
        }
        return new Result(drill, told, away, fell, compared, List.copyOf(other));
    }

    /// Whether this says nothing of the copy: the target as a whole could not be read, or no more.
    private boolean isLost(String target, Version version, Failure failure, Set<String> there) {
        return switch (failure.kind()) {
            case WRONG, COLD -> false;
            case UNREACHED -> {
                String medium = medium(target, version);
                yield reached.contains(medium) && !there.contains(medium);
            }
            case AWAY -> true;
        };
    }

    /// The copies that are not what they should be. One that could not be reached is only wrong if
    /// another one can be, on the same medium; one in a cold storage class never, and none while
    /// the target as a whole is away.
    private Map<Long, String> wrong(String target, Set<String> there) {
        Map<Long, String> wrong = new LinkedHashMap<>();
        failures.forEach((version, failure) -> {
            boolean isWrong =
                    switch (failure.kind()) {
                        case WRONG -> true;
                        case UNREACHED -> there.contains(medium(target, version));
                        case COLD, AWAY -> false;
                    };
            if (isWrong) {
                wrong.put(version.id(), failure.why());
            }
        });
        return wrong;
    }

    /// Tries once more what failed in such a way.
    private void again(String target, DrillScratch scratch, Set<Failure.Kind> kinds)
            throws IOException {
        List<Version> again =
                failures.entrySet().stream()
                        .filter(failed -> kinds.contains(failed.getValue().kind()))
                        .map(Map.Entry::getKey)
                        .toList();
        again.forEach(failures::remove);
        bringBack(target, again, scratch);
    }

    /// The media on which a copy that could not be reached is wrong. A server may be lost in the
    /// middle of a drill, so a copy that came back before says nothing: one of at least the same
    /// size, if there is one, must come back again right before the last try and right after it.
    private Set<String> there(String target, List<Version> sample, DrillScratch scratch)
            throws IOException {
        Map<String, Long> doubted = new HashMap<>();
        failures.forEach((version, failure) -> {
            if (failure.kind() == Failure.Kind.UNREACHED) {
                doubted.merge(medium(target, version), version.metadata().size(), Math::max);
            }
        });
        Map<String, Version> witnesses = new HashMap<>();
        for (Version version : sample) {
            Long size = right.contains(version.id()) ? doubted.get(medium(target, version)) : null;
            if (size != null && version.metadata().size() > 0) {
                witnesses.merge(
                        medium(target, version), version, (one, other) -> better(one, other, size));
            }
        }
        reached.addAll(witnesses.keySet());
        Set<String> there = comeBack(target, witnesses, scratch);
        if (!there.isEmpty()) {
            again(target, scratch, EnumSet.of(Failure.Kind.UNREACHED));
            witnesses.keySet().retainAll(there);
            there = comeBack(target, witnesses, scratch);
        }
        return there;
    }

    /// The smaller one that is large enough, or else the larger one.
    private static Version better(Version one, Version other, long enough) {
        long first = one.metadata().size();
        long second = other.metadata().size();
        boolean both = first >= enough && second >= enough;
        return (first <= second) == both ? one : other;
    }

    /// The media whose witness comes back now. One that does not has failed itself.
    private Set<String> comeBack(
            String target, Map<String, Version> witnesses, DrillScratch scratch)
            throws IOException {
        Duration before = took;
        bringBack(target, List.copyOf(witnesses.values()), scratch);
        took = before;
        Set<String> there = new HashSet<>(witnesses.keySet());
        witnesses.forEach((medium, witness) -> {
            if (failures.containsKey(witness)) {
                right.remove(witness.id());
                there.remove(medium);
            }
        });
        return there;
    }

    /// The cartridges the target's copy lies on; the same for all that is on no tape.
    private String medium(String target, Version version) {
        StringBuilder media = new StringBuilder();
        for (Catalog.Copy copy : ledger.catalog().copies(version)) {
            if (copy.target().name().equals(target)) {
                Plan.onTape(copy).keySet().forEach(media::append);
            }
        }
        return media.toString();
    }

    private void bringBack(String target, List<Version> sample, DrillScratch scratch)
            throws IOException {
        for (List<Version> group : SideBySide.groups(sample)) {
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
