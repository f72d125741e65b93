package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.Volumes.Contents;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What lies on a volume, and what of it is needed.
class VolumesTest {
    private static final Duration RETENTION = Duration.ofDays(30);
    private static final Volumes.Rule RULE = new Volumes.Rule(Policy.THREE_TWO_ONE, RETENTION);

    @TempDir Path folder;

    private LedgerFixture fixture;

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
    }

    /// A scan in which whatever is gone was meant to be deleted.
    private static void scan(LedgerFixture fixture, Sighted... items) {
        Scan scan = fixture.ledger().scans().begin("docs");
        fixture.ledger()
                .scans()
                .register("docs", scan.changed(List.of(items)), List.of("nas", "tape", "offsite"));
        scan.finish(true);
    }

    private Contents contents() {
        return fixture.ledger().volumes().contents("VT0001L8", "uuid-1", RULE).orElseThrow();
    }

    private CopyState tapeState(String path, int number) {
        Catalog catalog = fixture.ledger().catalog();
        Version version =
                catalog.versions("docs", ItemPath.of(path)).stream()
                        .filter(v -> v.number() == number)
                        .findFirst()
                        .orElseThrow();
        return catalog.copies(version).stream()
                .filter(c -> c.target().name().equals("tape"))
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    void aVolumeItDoesNotKnowIsEmpty() {
        assertThat(fixture.ledger().volumes().contents("VT0001L8", "uuid-1", RULE)).isEmpty();
        assertThat(fixture.ledger().volumes().giveUp("VT0001L8", "uuid-1", RULE)).isEmpty();
        fixture.scan("docs", file("a", 10, 1));
        fixture.copyAll();
        assertThat(fixture.ledger().volumes().contents("VT0001L8", "uuid-2", RULE)).isEmpty();
        assertThat(fixture.ledger().volumes().ids("VT0001L8")).containsExactly("uuid-1");
    }

    @Test
    void theCurrentVersionIsNeededHoweverOldAndHoweverManyCopiesThereAre() {
        fixture.scan("docs", file("a", 10, 1), file("b", 20, 1));
        fixture.copyAll();
        fixture.pass(Duration.ofDays(1000));

        Contents contents = contents();

        assertThat(contents.copies()).isEqualTo(2);
        assertThat(contents.items()).isEqualTo(2);
        assertThat(contents.bytes()).isEqualTo(30);
        assertThat(contents.objects()).isEqualTo(1);
        assertThat(contents.current()).isEqualTo(2);
        assertThat(contents.needed()).isEqualTo(2);
        assertThat(fixture.ledger().volumes().giveUp("VT0001L8", "uuid-1", RULE))
                .contains(contents);
        assertThat(tapeState("a", 1)).isEqualTo(CopyState.DURABLE);
    }

    @Test
    void aReplacedVersionIsNeededUntilItsRetentionIsOver() {
        fixture.scan("docs", file("a", 10, 1));
        fixture.copyAll();
        fixture.pass(Duration.ofDays(1000));
        fixture.scan("docs", file("a", 10, 2));

        assertThat(contents().young()).isEqualTo(1);
        fixture.pass(RETENTION.minusSeconds(1));
        assertThat(contents().young()).isEqualTo(1);
        fixture.pass(Duration.ofSeconds(2));
        assertThat(contents().needed()).isZero();
        fixture.pass(Duration.ofDays(-500));
        assertThat(contents().young()).isEqualTo(1);
    }

    @Test
    void aReplacedVersionWithTooFewCopiesElsewhereIsNeededForEver() {
        fixture.scan("docs", file("a", 10, 1));
        fixture.copyAll("tape");
        fixture.copyAll("nas");
        fixture.scan("docs", file("a", 10, 2));
        fixture.pass(Duration.ofDays(1000));

        assertThat(contents().few()).isEqualTo(1);
        fixture.copyAll("offsite");
        assertThat(contents().few()).isZero();
    }

    @Test
    void whatIsNotNeededIsRetiredWithAnEventAndCanBeGivenUpAgain() {
        fixture.scan("docs", file("a", 10, 1), file("b", 20, 1));
        fixture.copyAll();
        fixture.pass(Duration.ofDays(1));
        scan(fixture);
        fixture.pass(Duration.ofDays(100));

        Contents given =
                fixture.ledger().volumes().giveUp("VT0001L8", "uuid-1", RULE).orElseThrow();

        assertThat(given.copies()).isEqualTo(2);
        assertThat(given.needed()).isZero();
        assertThat(tapeState("a", 1)).isEqualTo(CopyState.RETIRED);
        assertThat(tapeState("b", 1)).isEqualTo(CopyState.RETIRED);
        assertThat(contents().copies()).isZero();
        assertThat(contents().gone()).isEqualTo(2);
        assertThat(fixture.ledger().volumes().objects("VT0001L8", "uuid-1"))
                .containsExactly(new Volumes.TapeObject(3, 1024, "tape-1", 4096, 0));
        assertThat(fixture.ledger().volumes().giveUp("VT0001L8", "uuid-1", RULE)).isPresent();
        long run = fixture.ledger().runs().begin("backup");
        assertThat(fixture.ledger().events().ofRun(run)).isEmpty();
        assertThat(fixture.ledger().events().walk().bad()).isNull();
    }

    @Test
    void anItemThatComesBackGetsItsTapeCopyAgain() {
        fixture.scan("docs", file("a", 10, 1), file("b", 10, 1));
        fixture.copyAll();
        scan(fixture);
        fixture.pass(Duration.ofDays(100));
        fixture.ledger().volumes().giveUp("VT0001L8", "uuid-1", RULE);
        fixture.scan("docs", file("a", 10, 1));

        int wanted = fixture.ledger().scans().fill(List.of("nas", "tape", "offsite"));

        Catalog catalog = fixture.ledger().catalog();
        boolean same = catalog.versions("docs", ItemPath.of("a")).size() == 1;
        assertThat(tapeState("a", same ? 1 : 2)).isEqualTo(CopyState.WANTED);
        assertThat(wanted).isEqualTo(same ? 1 : 0);
        assertThat(tapeState("b", 1)).isEqualTo(CopyState.RETIRED);
    }

    private Contents contents(String barcode) {
        return fixture.ledger().volumes().contents(barcode, "uuid-" + barcode, RULE).orElseThrow();
    }

    private Contents giveUp(String barcode) {
        return fixture.ledger().volumes().giveUp(barcode, "uuid-" + barcode, RULE).orElseThrow();
    }

    private Version claimLarge(long lease) {
        fixture.scan("docs", file("large", 20, 1));
        return fixture.claim("tape", lease).getFirst();
    }

    @Test
    void everyCartridgeWithAPartIsNeeded() {
        long lease = fixture.lease();
        Version large = claimLarge(lease);
        fixture.part(large, lease, 1, 2, "VT0001L8");
        fixture.part(large, lease, 2, 2, "VT0002L8");

        for (String barcode : List.of("VT0001L8", "VT0002L8")) {
            Contents contents = giveUp(barcode);
            assertThat(contents.current()).as(barcode).isEqualTo(1);
            assertThat(contents.copies()).as(barcode).isEqualTo(1);
            assertThat(contents.bytes()).as("only what lies there").isEqualTo(10);
            assertThat(contents.objects()).isEqualTo(1);
            assertThat(contents.items()).isEqualTo(1);
            assertThat(fixture.ledger().volumes().objects(barcode, "uuid-" + barcode))
                    .extracting(Volumes.TapeObject::copies)
                    .containsExactly(1L);
        }
        assertThat(tapeState("large", 1)).isEqualTo(CopyState.DURABLE);
    }

    /// The parts recorded so far are used again by the next program.
    @Test
    void aPartOfACopyThatIsNotCompleteIsNeededWhateverItsAge() {
        long lease = fixture.lease();
        Version large = claimLarge(lease);
        fixture.part(large, lease, 1, 2, "VT0001L8");
        assertThat(contents("VT0001L8").begun()).as("WRITING").isEqualTo(1);
        fixture.reopen();
        fixture.pass(Duration.ofDays(1000));

        Contents contents = giveUp("VT0001L8");

        assertThat(contents.begun()).as("WANTED").isEqualTo(1);
        assertThat(contents.needed()).isEqualTo(1);
        assertThat(contents.copies()).isZero();
        assertThat(fixture.ledger().parts().of("tape", large)).hasSize(1);
    }

    @Test
    void aCopyInPartsIsGivenUpAsAWholeAndWrittenAnew() {
        long lease = fixture.lease();
        Version large = claimLarge(lease);
        fixture.part(large, lease, 1, 2, "VT0001L8");
        fixture.part(large, lease, 2, 2, "VT0002L8");
        fixture.copyAll();
        scan(fixture);
        fixture.pass(Duration.ofDays(1000));

        assertThat(giveUp("VT0002L8").needed()).isZero();

        assertThat(tapeState("large", 1)).isEqualTo(CopyState.RETIRED);
        assertThat(contents("VT0001L8").copies()).isZero();
        assertThat(contents("VT0001L8").needed()).isZero();
        assertThat(fixture.ledger().parts().of("tape", large))
                .as("no later program takes a part for written that may be written over")
                .isEmpty();
        assertThat(fixture.ledger().catalog().copies(large).get(1).parts()).isEmpty();
        fixture.scan("docs", file("large", 20, 1));
        fixture.ledger().scans().fill(List.of("nas", "tape", "offsite"));
        fixture.copyAll("tape");
        assertThat(contents().current()).as("written anew, in one piece").isEqualTo(1);
        assertThat(fixture.ledger().events().walk().bad()).isNull();
    }

    @Test
    void aLostCartridgeTakesItsCopiesInPartsOutOfTheCountAsAWhole() {
        long lease = fixture.lease();
        Version large = claimLarge(lease);
        fixture.part(large, lease, 1, 2, "VT0001L8");
        fixture.part(large, lease, 2, 2, "VT0002L8");

        assertThat(retire("VT0001L8", false)).isEqualTo(new Volumes.Retired(1, 0, 0, 0));
        assertThat(tapeState("large", 1)).as("it counts as before").isEqualTo(CopyState.DURABLE);
        assertThat(retire("VT0001L8", true)).isEqualTo(new Volumes.Retired(1, 0, 0, 1));

        assertThat(tapeState("large", 1)).isEqualTo(CopyState.LOST);
        assertThat(fixture.ledger().parts().of("tape", large)).isEmpty();
        assertThat(contents("VT0002L8").copies()).isZero();
        assertThat(fixture.ledger().upkeep().repair()).isOne();
        assertThat(fixture.ledger().events().walk().bad()).isNull();
        assertThat(fixture.ledger().volumes().retire("VT0009L8", "uuid-9", true)).isEmpty();
    }

    @Test
    void whatWasBegunOnALostCartridgeIsBegunAnew() {
        long lease = fixture.lease();
        Version large = claimLarge(lease);
        fixture.part(large, lease, 1, 2, "VT0001L8");
        fixture.reopen();

        assertThat(retire("VT0001L8", false)).isEqualTo(new Volumes.Retired(0, 0, 1, 0));
        assertThat(fixture.ledger().parts().of("tape", large)).hasSize(1);
        assertThat(retire("VT0001L8", true)).isEqualTo(new Volumes.Retired(0, 0, 1, 0));

        assertThat(fixture.ledger().parts().of("tape", large)).isEmpty();
        assertThat(tapeState("large", 1)).isEqualTo(CopyState.WANTED);
    }

    private Volumes.Retired retire(String barcode, boolean lost) {
        return fixture.ledger().volumes().retire(barcode, "uuid-" + barcode, lost).orElseThrow();
    }

    @Test
    void whatIsSuspectIsNeededLikeWhatCounts() {
        fixture.scan("docs", file("a", 10, 1));
        fixture.copyAll();
        fixture.ledger().tapeFiles().suspectAll("VT0001L8", "uuid-1", "no label");
        fixture.pass(Duration.ofDays(1000));

        Contents contents =
                fixture.ledger().volumes().giveUp("VT0001L8", "uuid-1", RULE).orElseThrow();

        assertThat(contents.copies()).isZero();
        assertThat(contents.unproven()).isEqualTo(1);
        assertThat(contents.current()).isEqualTo(1);
        assertThat(tapeState("a", 1)).isEqualTo(CopyState.SUSPECT);
    }

    /// The home was lost: nothing else than the cartridge may be left.
    @Test
    void whatARebuildFoundIsNeededBeforeItWasVerified() {
        var metadata = file("a", 10, 1).metadata();
        Rebuild.Found found =
                new Rebuild.Found(
                        "docs",
                        ItemPath.of("a"),
                        1,
                        7,
                        metadata,
                        null,
                        dev.caravan.item.Sha256.OF_NOTHING,
                        512);
        fixture.ledger()
                .rebuild()
                .add(
                        "tape",
                        new StoredObject(
                                "s",
                                4096,
                                true,
                                new StoredObject.OnTape("VT0001L8", "uuid-1", 1, 2)),
                        fixture.now().minus(Duration.ofDays(1000)),
                        List.of(found));
        scan(fixture, file("b", 1, 1));

        Contents contents =
                fixture.ledger().volumes().giveUp("VT0001L8", "uuid-1", RULE).orElseThrow();

        assertThat(contents.few()).as("nothing else has it").isEqualTo(1);
        assertThat(contents.unproven()).isEqualTo(1);
        assertThat(tapeState("a", 1)).isEqualTo(CopyState.ACKED);
    }

    /// Random scans, copies and days; the rule is worked out again from what the test itself did.
    @Test
    void noHistoryGivesUpWhatIsNeeded() {
        long seed = System.nanoTime();
        int given = 0;
        for (int history = 0; history < 25; history++) {
            given += new Model(seed + history, folder.resolve("h" + history + ".db")).run();
        }
        assertThat(given).as("from seed " + seed).isPositive();
    }

    /// A simple account of versions and copies, kept beside a real ledger.
    private static final class Model {
        private static final List<String> TARGETS = List.of("nas", "tape", "offsite");

        private final String name;
        private final Random random;
        private final LedgerFixture real;
        private final Map<String, Integer> present = new TreeMap<>();
        private final List<Made> versions = new ArrayList<>();
        private int state = 1;

        private static final class Made {
            private final String path;
            private final long state;
            private final Instant registered;
            private final Map<String, Instant> copies = new HashMap<>();

            /// Large ones lie in two parts, on two cartridges, and may be half done.
            private final boolean large;

            private boolean begun;
            private boolean suspect;

            Made(String path, int state, Instant registered) {
                this.state = file(path, 0, state).metadata().modified().getEpochSecond();
                this.path = path;
                this.large = path.equals("f0") || path.equals("f1");
                this.registered = registered;
            }
        }

        Model(long seed, Path file) {
            this.name = "seed " + seed;
            this.random = new Random(seed);
            this.real = new LedgerFixture(file).usual();
        }

        int run() {
            int given = 0;
            for (int step = 0; step < 60; step++) {
                if (step % 20 == 19) {
                    given += endOfAll();
                }
                switch (random.nextInt(6)) {
                    case 0 -> real.pass(Duration.ofDays(random.nextInt(40)));
                    case 1, 2 -> change();
                    case 3 -> copy(TARGETS.get(random.nextInt(3)));
                    case 4 -> disturb();
                    default -> given += giveUp();
                }
            }
            real.close();
            return given;
        }

        /// Everything has its copies, is deleted and old: now the volume must be given up.
        private int endOfAll() {
            TARGETS.forEach(this::copy);
            present.clear();
            scan(real);
            real.pass(RETENTION.plusDays(1));
            return giveUp("VT0001L8", "uuid-1")
                    + giveUp("VT0002L8", "uuid-VT0002L8")
                    + giveUp("VT0001L8", "uuid-VT0001L8");
        }

        private void change() {
            String path = "f" + random.nextInt(4);
            if (random.nextInt(3) == 0) {
                if (present.remove(path) != null) {
                    // what no copy was made of can never be made any more
                    versions.removeIf(made -> made.path.equals(path) && made.copies.isEmpty());
                }
            } else {
                present.put(path, ++state);
                versions.add(new Made(path, state, real.now()));
            }
            scan(
                    real,
                    present.entrySet().stream()
                            .map(e -> file(e.getKey(), 10, e.getValue()))
                            .toArray(Sighted[]::new));
        }

        private int giveUp() {
            return switch (random.nextInt(3)) {
                case 0 -> giveUp("VT0001L8", "uuid-1");
                case 1 -> giveUp("VT0001L8", "uuid-VT0001L8");
                default -> giveUp("VT0002L8", "uuid-VT0002L8");
            };
        }

        /// A program dies between two parts, or a label cannot be read any more.
        private void disturb() {
            if (random.nextInt(4) == 0) {
                real.ledger().tapeFiles().suspectAll("VT0001L8", "uuid-1", "no label");
                versions.stream()
                        .filter(made -> onTape(made) && !made.large)
                        .forEach(made -> made.suspect = true);
                return;
            }
            long lease = real.lease();
            for (Version version : real.claim("tape", lease)) {
                Made made = made(version);
                if (made.large && !made.begun) {
                    real.part(version, lease, 1, 2, "VT0001L8");
                    made.begun = true;
                }
            }
            real.ledger().copies().putBack("tape", lease);
        }

        private Made made(Version version) {
            return versions.stream()
                    .filter(made -> made.path.equals(version.path().toString()))
                    .filter(made -> made.state == version.metadata().modified().getEpochSecond())
                    .findFirst()
                    .orElseThrow();
        }

        private static boolean onTape(Made made) {
            return made.copies.containsKey("tape") && !made.copies.get("tape").equals(Instant.MIN);
        }

        private void copyLarge() {
            long lease = real.lease();
            for (Version version : real.claim("tape", lease)) {
                Made made = made(version);
                if (made.large) {
                    if (!made.begun) {
                        real.part(version, lease, 1, 2, "VT0001L8");
                    }
                    made.begun = false;
                    real.part(version, lease, 2, 2, "VT0002L8");
                }
            }
            real.ledger().copies().putBack("tape", lease);
        }

        private void copy(String target) {
            if (target.equals("tape")) {
                copyLarge();
            }
            real.copyAll(target);
            versions.forEach(made -> made.copies.putIfAbsent(target, real.now()));
        }

        private Set<Made> current() {
            Set<Made> current = new HashSet<>();
            for (String path : present.keySet()) {
                versions.stream()
                        .filter(made -> made.path.equals(path))
                        .reduce((_, last) -> last)
                        .ifPresent(current::add);
            }
            return current;
        }

        private boolean needed(Made made) {
            Instant replaced =
                    versions.subList(versions.indexOf(made) + 1, versions.size()).stream()
                            .filter(later -> later.path.equals(made.path))
                            .map(later -> later.registered)
                            .findFirst()
                            .orElse(Instant.EPOCH);
            boolean young =
                    Stream.of(made.registered, replaced, made.copies.get("tape"))
                            .anyMatch(at -> at.plus(RETENTION).isAfter(real.now()));
            return current().contains(made) || made.copies.size() - 1 < 2 || young;
        }

        private int giveUp(String barcode, String uuid) {
            boolean parts = !uuid.equals("uuid-1");
            List<Made> held =
                    versions.stream().filter(made -> onTape(made) && made.large == parts).toList();
            long begun =
                    barcode.equals("VT0001L8") && parts
                            ? versions.stream().filter(made -> made.begun).count()
                            : 0;
            var answer = real.ledger().volumes().giveUp(barcode, uuid, RULE);
            long needed = held.stream().filter(this::needed).count() + begun;
            assertThat(answer.map(Contents::needed).orElse(0L)).as(name).isEqualTo(needed);
            assertThat(answer.map(Contents::begun).orElse(0L)).as(name).isEqualTo(begun);
            assertThat(answer.map(c -> c.copies() + c.unproven()).orElse(0L))
                    .as(name)
                    .isEqualTo(held.size());
            assertThat(answer.map(Contents::unproven).orElse(0L))
                    .as(name)
                    .isEqualTo(held.stream().filter(made -> made.suspect).count());
            for (String other : parts ? List.of("VT0001L8", "VT0002L8") : List.of(barcode)) {
                long left =
                        real.ledger()
                                .volumes()
                                .contents(other, parts ? "uuid-" + other : uuid, RULE)
                                .map(c -> c.copies() + c.unproven())
                                .orElse(0L);
                assertThat(left).as(name).isEqualTo(needed == 0 ? 0 : held.size());
            }
            if (needed > 0 || held.isEmpty()) {
                return 0;
            }
            held.forEach(made -> made.copies.put("tape", Instant.MIN));
            return 1;
        }
    }
}
