package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.ModelSite.Bytes;
import dev.caravan.ledger.ModelSite.Spot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Many random steps of the real ledger against a simple model of what is really there: edit,
/// delete, bring back, copy, verify, corrupt, repair, hold, retire, remove, crash. Nothing counts
/// that is not there, and nothing is dropped below the floor.
///
/// `-Dmodel.seed=N` repeats a run, `-Dmodel.steps=N` makes it longer; `bench/model` does both.
class LedgerModelTest {
    private static final int STEPS = Integer.getInteger("model.steps", 100_000);
    private static final long SEED =
            Long.getLong("model.seed", new Random().nextLong(1_000_000_000L));
    private static final int PATHS = 9;
    private static final int BETWEEN_CHECKS = 100;
    private static final Policy POLICY = new Policy(3, 1, 1);
    private static final RetentionRules RULES =
            new RetentionRules(
                    Map.of(
                            "nas", new Keep(1, 0, 0, 0, 0),
                            "tape", new Keep(3, 0, 0, 0, 0),
                            "offsite", new Keep(2, 0, 0, 0, 0),
                            "far", new Keep(2, 0, 0, 0, 0)),
                    Policies.of(POLICY),
                    Set.copyOf(ModelSite.TARGETS),
                    Set.of("nas", "offsite", "far"),
                    ZoneOffset.UTC,
                    Duration.ofDays(7),
                    pattern -> path -> false);

    private final Random random = new Random(SEED);
    private final Map<String, Integer> did = new TreeMap<>();
    private Path folder = Path.of("");
    private ModelSite site;
    private int state;
    private String where = "";
    private String last = "";

    @BeforeEach
    void open() throws IOException {
        Path memory = Path.of("/dev/shm");
        folder =
                Files.isWritable(memory)
                        ? Files.createTempDirectory(memory, "caravan-model")
                        : Files.createTempDirectory("caravan-model");
        site = new ModelSite(folder);
    }

    @AfterEach
    void close() throws IOException {
        site.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    @Test
    void nothingCountsThatIsNotThereAndNothingIsDroppedBelowTheFloor() throws IOException {
        System.out.printf("LedgerModelTest: -Dmodel.seed=%d -Dmodel.steps=%d%n", SEED, STEPS);
        for (int step = 1; step <= STEPS; step++) {
            where = "seed %d, step %d, after '%s'".formatted(SEED, step, last);
            last = step();
            did.merge(last, 1, Integer::sum);
            if (step % BETWEEN_CHECKS == 0) {
                check();
            }
        }
        check();
        assertThat(site.ledger().events().walk().bad()).as(where).isNull();
        System.out.println("LedgerModelTest: " + did);
        if (STEPS >= 50_000) { // else chance alone may leave one out
            assertThat(did)
                    .containsKeys(
                            "retired with a proof", "expired", "removed", "crash", "found bad")
                    .containsKeys("repair", "hold", "copy", "deleted", "edited", "time passes");
        }
    }

    /// One kind of step.
    private interface Step {
        String run() throws IOException;
    }

    private record Weighted(int weight, Step step) {}

    /// What costs much comes seldom; all of it comes often.
    private final List<Weighted> steps =
            List.of(
                    new Weighted(480, this::edit),
                    new Weighted(90, this::delete),
                    new Weighted(60, this::corrupt),
                    new Weighted(150, this::time),
                    new Weighted(20, this::scan),
                    new Weighted(44, this::copy),
                    new Weighted(24, this::verify),
                    new Weighted(9, this::repair),
                    new Weighted(7, this::retire),
                    new Weighted(8, this::remove),
                    new Weighted(4, this::hold),
                    new Weighted(4, this::settle),
                    new Weighted(1, this::crash));

    private String step() throws IOException {
        int choice = random.nextInt(steps.stream().mapToInt(Weighted::weight).sum());
        for (Weighted each : steps) {
            choice -= each.weight;
            if (choice < 0) {
                return each.step.run();
            }
        }
        throw new IllegalStateException();
    }

    private String settle() {
        return site.ledger().upkeep().settle() == 0 ? "nothing to settle" : "settled";
    }

    private String crash() throws IOException {
        site.crash();
        return "crash";
    }

    private String path() {
        return "p" + random.nextInt(PATHS);
    }

    private String target() {
        return ModelSite.TARGETS.get(random.nextInt(ModelSite.TARGETS.size()));
    }

    private String edit() {
        boolean back = site.source.put(path(), ++state) == null;
        return back ? "brought back" : "edited";
    }

    private String delete() {
        return site.source.remove(path()) == null ? "nothing to delete" : "deleted";
    }

    private String time() {
        site.pass(Duration.ofMinutes(random.nextInt(1_000)));
        return "time passes";
    }

    private String scan() {
        site.scan();
        return "scan";
    }

    private String corrupt() {
        if (site.there.isEmpty()) {
            return "nothing to corrupt";
        }
        Spot spot = anySpot();
        if (random.nextInt(3) == 0) {
            site.there.remove(spot);
        } else {
            site.there.put(spot, Bytes.CORRUPT);
        }
        site.damaged.add(spot);
        return "damaged";
    }

    private Spot anySpot() {
        return site.there.keySet().stream()
                .skip(random.nextInt(site.there.size()))
                .findFirst()
                .orElseThrow();
    }

    /// As a copy route does it: claim, write, prove, record; or be cut off after any of these.
    private String copy() {
        Ledger ledger = site.ledger();
        String target = target();
        long lease = ledger.copies().lease("model", Duration.ofHours(1));
        List<Version> claimed =
                ledger.copies().claim(target, lease, 1 + random.nextInt(40), 1 << 30);
        if (claimed.isEmpty()) {
            return "nothing to copy";
        }
        if (random.nextInt(30) == 0) {
            return "cut off after a claim"; // the next start puts it back
        }
        List<CopyProof> proofs = new ArrayList<>();
        for (Version version : claimed) {
            if (canBeRead(target, version)) {
                site.there.put(new Spot(target, version.id()), Bytes.GOOD);
                proofs.add(proof(target, version));
            } else {
                ledger.copies()
                        .abandon(target, lease, version, "it is not there", Duration.ofMinutes(1));
            }
        }
        if (random.nextInt(30) == 0) {
            return "cut off before a record"; // it lies there, and nobody knows
        }
        if (!proofs.isEmpty()) {
            ledger.copies()
                    .record(
                            target,
                            lease,
                            new Evidence("written", Evidence.Level.V1, site.now, "model"),
                            proofs);
            proofs.forEach(proof -> site.damaged.remove(new Spot(target, proof.version().id())));
        }
        return "copy";
    }

    private static CopyProof proof(String target, Version version) {
        StoredObject object =
                target.equals("nas")
                        ? null
                        : new StoredObject(
                                target + "-" + version.id() + "-" + System.nanoTime(),
                                version.metadata().size(),
                                false,
                                target.equals("tape")
                                        ? new StoredObject.OnTape(
                                                "VT000%dL8".formatted(1 + version.id() % 3),
                                                "uuid-" + version.id() % 3,
                                                1,
                                                version.id())
                                        : null);
        return new CopyProof(
                version, LedgerFixture.hash(version), version.metadata().size(), object, 0);
    }

    /// From the source, or from another copy that counts and has the right bytes: a wrong hash is
    /// found while it is read.
    private boolean canBeRead(String target, Version version) {
        return site.hasOriginal(version)
                || site.ledger().catalog().copies(version).stream()
                        .anyMatch(copy ->
                                copy.state().counts()
                                        && !copy.target().name().equals(target)
                                        && site.isGood(copy.target().name(), version.id()));
    }

    private String verify() {
        String target = target();
        Set<Long> versions = new HashSet<>();
        for (int i = 0; i < 30 && !site.there.isEmpty(); i++) {
            versions.add(anySpot().version());
        }
        return read(target, versions) == 0 ? "verify" : "found bad";
    }

    /// A verify of copies that exist, by what is really there.
    private long read(String target, Set<Long> versions) {
        List<Long> good = new ArrayList<>();
        Map<Long, String> wrong = new HashMap<>();
        Map<Long, String> missing = new HashMap<>();
        for (Verifications.Plain copy : site.ledger().verifications().copies(target, versions)) {
            long version = copy.version().id();
            Bytes bytes = site.there.get(new Spot(target, version));
            if (bytes == null) {
                missing.put(version, "it is not there");
            } else if (bytes == Bytes.CORRUPT) {
                wrong.put(version, "other bytes");
            } else {
                good.add(version);
            }
        }
        TapeFiles.Outcome outcome =
                site.ledger()
                        .verifications()
                        .record(
                                target,
                                new Verifications.Found(
                                        new Evidence("read", Evidence.Level.V3, site.now, "model"),
                                        good,
                                        wrong,
                                        missing));
        good.forEach(version -> site.damaged.remove(new Spot(target, version)));
        return outcome.suspect();
    }

    private String repair() {
        return site.ledger().upkeep().repair() == 0 ? "nothing to repair" : "repair";
    }

    private String hold() {
        Holds holds = site.ledger().holds();
        String name = "h" + random.nextInt(3);
        if (!holds.release(name)) {
            holds.set(
                    name,
                    "docs",
                    List.of(new Hold.Path(path().getBytes(StandardCharsets.UTF_8), false)),
                    "");
        }
        return "hold";
    }

    /// A `forget`: the plan, what has expired, then what others are read for; sometimes the read
    /// takes too long, or is not done.
    private String retire() {
        Retention retention = site.ledger().retention();
        RetentionPlan plan = retention.plan(RULES, null);
        Counted before = counted();
        Set<String> held = held();
        long expired = retention.retire(RULES, null, plan.expiring(), null).all();
        checkRetired(before, held);
        if (plan.dropping().isEmpty()) {
            return expired == 0 ? "nothing to retire" : "expired";
        }
        Set<Long> versions = new HashSet<>();
        plan.dropping().forEach(work -> versions.addAll(work.versions()));
        int mood = random.nextInt(10);
        DropProof proof =
                retention.prove(
                        versions,
                        RULES.proving(),
                        (target, which) -> {
                            if (mood != 0) {
                                read(target, which);
                            }
                        });
        site.pass(Duration.ofSeconds(mood == 1 ? 61 : random.nextInt(60)));
        long proven = droppedWithProof();
        before = counted(); // what was read may count again
        long retired = retention.retire(RULES, null, plan.dropping(), proof).all();
        if (mood <= 1) {
            assertThat(droppedWithProof()).as(where + ": without a proof").isEqualTo(proven);
        }
        checkRetired(before, held);
        return retired > 0 ? "retired with a proof" : expired > 0 ? "expired" : "nothing proven";
    }

    private long droppedWithProof() {
        return site.rows(
                        "SELECT count(*) FROM retirement WHERE proof IS NOT NULL",
                        r -> r.getLong(1))
                .getFirst();
    }

    private Set<String> held() {
        Set<String> held = new HashSet<>();
        for (int i = 0; i < PATHS; i++) {
            if (site.ledger().holds().on("docs", ItemPath.of("p" + i), RULES.globs()).isPresent()) {
                held.add("p" + i);
            }
        }
        return held;
    }

    /// A copy that counts.
    private record Count(String target, long version, String path) {}

    private record Counted(List<Count> list, Set<Count> copies, Set<Long> current) {}

    private Counted counted() {
        List<Count> all =
                site.rows(
                        "SELECT t.name, c.version_id, CAST(i.path AS TEXT) FROM copy c JOIN"
                                + " target t ON t.id = c.target_id JOIN version v ON v.id ="
                                + " c.version_id JOIN item i ON i.id = v.item_id WHERE c.state IN"
                                + " ('DURABLE', 'VERIFIED', 'STALE')",
                        r -> new Count(r.getString(1), r.getLong(2), r.getString(3)));
        return new Counted(
                all,
                new HashSet<>(all),
                new HashSet<>(
                        site.rows(
                                "SELECT version_id FROM item WHERE present = 1",
                                r -> r.getLong(1))));
    }

    /// Of each copy that is gone from the count: it was old, not held, and either no target keeps
    /// its version, or 2 others are really there, right, and counted.
    private void checkRetired(Counted before, Set<String> held) {
        Counted after = counted();
        for (Count gone : before.copies) {
            if (after.copies.contains(gone) || isBadNow(gone)) {
                continue;
            }
            assertThat(before.current)
                    .as(where + ": current %s", gone)
                    .doesNotContain(gone.version);
            assertThat(held).as(where + ": held %s", gone).doesNotContain(gone.path);
            assertThat(newer(before, gone, gone.target))
                    .as(where + ": %s is kept by its target", gone)
                    .isGreaterThanOrEqualTo(last(gone.target));
            long others =
                    ModelSite.TARGETS.stream()
                            .filter(target -> !target.equals(gone.target))
                            .filter(t ->
                                    after.copies.contains(new Count(t, gone.version, gone.path)))
                            .filter(target -> site.isGood(target, gone.version))
                            .count();
            boolean keptSomewhere =
                    ModelSite.TARGETS.stream()
                            .filter(t ->
                                    before.copies.contains(new Count(t, gone.version, gone.path)))
                            .anyMatch(t -> newer(before, gone, t) < last(t));
            if (keptSomewhere) {
                assertThat(others).as(where + ": others of %s", gone).isGreaterThanOrEqualTo(2);
            }
        }
    }

    /// Found bad by the read that comes before, and not retired.
    private boolean isBadNow(Count copy) {
        return site.ledger().retention().state(copy.target, copy.version).orElse(CopyState.LOST)
                != CopyState.RETIRED;
    }

    private static int last(String target) {
        return Objects.requireNonNull(RULES.keep().get(target)).last();
    }

    /// How many newer old versions of the item count on a target.
    private static long newer(Counted before, Count copy, String target) {
        return before.copies.stream()
                .filter(each -> each.path.equals(copy.path) && each.target.equals(target))
                .filter(each ->
                        each.version > copy.version && !before.current.contains(each.version))
                .count();
    }

    /// Removes what may be removed, now and then cut off before the ledger knows.
    private String remove() {
        Removals removals = site.ledger().removals();
        String target = target();
        List<Version> due = new ArrayList<>(removals.plain(target, RULES.globs()));
        removals.objects(target, RULES.globs()).whole().forEach(o -> due.addAll(o.versions()));
        if (due.isEmpty()) {
            return "nothing to remove";
        }
        Set<String> held = held();
        for (Version version : due) {
            assertThat(held).as(where).doesNotContain(version.path().text());
            site.there.remove(new Spot(target, version.id()));
        }
        if (random.nextInt(5) == 0) {
            return "cut off while removing";
        }
        removals.removed(target, due, 0, RULES);
        return "removed";
    }

    /// What the ledger says, against what is there.
    private void check() {
        List<Count> counted = counted().list;
        for (Count copy : counted) {
            Spot spot = new Spot(copy.target, copy.version);
            if (!site.isGood(copy.target, copy.version) && !site.damaged.contains(spot)) {
                fail(where + ": %s counts and was never there".formatted(copy));
            }
        }
        Counts counts = site.ledger().counts();
        Counts.Report report = counts.report(Policies.of(POLICY));
        assertThat(report.reached()).as(where).isEqualTo(counts.recount(Policies.of(POLICY)));
        for (Counts.OfTarget of : report.targets()) {
            assertThat(of.copies())
                    .as(where)
                    .isEqualTo(
                            counted.stream()
                                    .filter(c -> c.target.equals(of.target().name()))
                                    .count());
        }
        assertThat(
                        site.rows(
                                "SELECT count(*) FROM retirement r JOIN copy c ON c.target_id ="
                                        + " r.target_id AND c.version_id = r.version_id WHERE c.state <>"
                                        + " 'RETIRED'",
                                r -> r.getLong(1)))
                .as(where)
                .containsExactly(0L);
    }
}
