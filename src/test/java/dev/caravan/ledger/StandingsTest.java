package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static dev.caravan.ledger.LedgerFixture.folder;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What counts for what: the five numbers, one case after the other.
class StandingsTest {
    private static final Policy AGES =
            new Policy(
                    3,
                    2,
                    1,
                    0,
                    Map.of(
                            MediaKind.DISK,
                            Duration.ofDays(30),
                            MediaKind.TAPE,
                            Duration.ofDays(180)),
                    0);

    @TempDir Path folder;
    private LedgerFixture fixture;

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void oneItem() {
        fixture.scan("docs", file("a", 10, 1));
        fixture.copyAll();
    }

    private Reached reached(Policies policies) {
        Map<Reached, Long> kept = fixture.ledger().counts().report(policies).reached();
        assertThat(fixture.ledger().counts().recount(policies)).isEqualTo(kept);
        assertThat(kept).hasSize(1);
        return kept.keySet().iterator().next();
    }

    private Reached reached() {
        return reached(Policies.of(Policy.THREE_TWO_ONE));
    }

    private void declare(Target.Declared... targets) {
        fixture.ledger().targets().declare(List.of(targets));
    }

    private void sql(String statement) throws SQLException {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                Statement run = raw.createStatement()) {
            run.executeUpdate(statement);
        }
    }

    private Version version(String path) {
        return fixture.ledger().catalog().versions("docs", ItemPath.of(path)).getFirst();
    }

    private Standings.Explanation explain(Policies policies, String path) {
        return fixture.ledger()
                .standings()
                .explain(policies, "docs", ItemPath.of(path))
                .orElseThrow();
    }

    @Test
    void theOriginalAndThreeCopiesAreFourOnTwoKinds() {
        oneItem();

        assertThat(reached()).isEqualTo(new Reached(4, 2, 1, 0, 0));
    }

    @Test
    void aNasOnTheSourcesOwnDiskIsNoCopyOfItsOwn() {
        oneItem();
        fixture.ledger().sources().liesOn("docs", "disk /dev/sda1");
        fixture.ledger().targets().liesOn("nas", "disk /dev/sda1");

        assertThat(reached()).isEqualTo(new Reached(3, 2, 1, 0, 0));
        assertThat(explain(Policies.of(Policy.THREE_TWO_ONE), "a").worths())
                .filteredOn(worth -> worth.target().equals("nas"))
                .singleElement()
                .satisfies(worth -> assertThat(worth.sharedWith()).containsExactly("original"));
    }

    @Test
    void aNasThatStandsForOneIsCountedAsOneWhateverDiskItsFolderLiesOn() {
        declare(
                new Target.Declared("nas", MediaKind.DISK, "here", false, true),
                new Target.Declared("tape", MediaKind.TAPE, "here", false, true),
                new Target.Declared("offsite", MediaKind.DISK, "bunker", true, true));
        oneItem();
        fixture.ledger().sources().liesOn("docs", "disk /dev/sda1");
        fixture.ledger().targets().liesOn("nas", "disk /dev/sda1");

        assertThat(reached().copies()).isEqualTo(4);
    }

    /// A bucket that is a source, with copies in buckets: whoever's they are, where it is not
    /// known.
    @Test
    void aBucketIsNoDiskAndACopyOnItsServerCountsOnlyIfTheAccountsAreKnownToDiffer() {
        fixture.ledger()
                .sources()
                .declare("docs", "s3://media".getBytes(UTF_8), MediaKind.OBJECT_STORE);
        declare(
                new Target.Declared("tape", MediaKind.TAPE, "here", false, false),
                new Target.Declared("s3", MediaKind.OBJECT_STORE, "cloud", true, false));
        oneItem();
        Map<List<String>, Integer> copies = new LinkedHashMap<>();
        for (List<String> domains :
                List.of(
                        List.of("account me at s3.example", "account me at s3.example"),
                        List.of("account me at s3.example", "account you at s3.example"),
                        List.of("account me at s3.example", "account me at other.example"),
                        List.of("bucket media at s3.example", "account you at s3.example"),
                        List.of("account me at s3.example", "bucket copies at s3.example"),
                        List.of("bucket media at s3.example", "account me at other.example"))) {
            fixture.ledger().sources().liesOn("docs", domains.getFirst());
            fixture.ledger().targets().liesOn("s3", domains.getLast());
            copies.put(domains, reached().copies());
        }

        assertThat(copies.values()).containsExactly(2, 3, 3, 2, 2, 3);
        assertThat(reached().mediaKinds()).isEqualTo(2);
    }

    @Test
    void originalsCountAtANewPlaceOnceTheyWereSeenThere() {
        oneItem();
        fixture.ledger().sources().declare("docs", "/somewhere/else".getBytes(UTF_8));
        assertThat(reached().copies()).isEqualTo(3);

        fixture.ledger().sources().declare("docs", "/somewhere/else".getBytes(UTF_8));
        fixture.scan("docs", file("a", 10, 1));
        assertThat(reached().copies()).isEqualTo(4);
    }

    @Test
    void twoTargetsOnOneHostAreOneCopyAndOneOffsite() {
        declare(
                new Target.Declared("tape", MediaKind.TAPE, "here", false, false),
                new Target.Declared("offsite", MediaKind.DISK, "bunker", true, false),
                new Target.Declared("again", MediaKind.DISK, "bunker", true, false));
        oneItem();
        Reached apart = reached();

        fixture.ledger().targets().liesOn("offsite", "host SHA256:x");
        fixture.ledger().targets().liesOn("again", "host SHA256:x");

        assertThat(apart).isEqualTo(new Reached(4, 2, 2, 0, 0));
        assertThat(reached()).isEqualTo(new Reached(3, 2, 1, 0, 0));
    }

    @Test
    void copiesOfTwoTargetsOnOneCartridgeCountOnce() throws SQLException {
        declare(
                new Target.Declared("nas", MediaKind.DISK, "here", false, false),
                new Target.Declared("tape", MediaKind.TAPE, "here", false, false),
                new Target.Declared("tape2", MediaKind.TAPE, "here", false, false));
        oneItem();
        sql(
                "INSERT INTO volume (target_id, name, uuid) SELECT id, 'VT0001L8', 'uuid-1' FROM"
                        + " target WHERE name = 'tape2'");
        sql(
                "INSERT INTO object (target_id, name, volume_id, tape_file, block, bytes, segment,"
                        + " recorded_at) SELECT t.id, 'o', w.id, 9, 9, 1, 1, 1 FROM target t JOIN"
                        + " volume w ON w.target_id = t.id WHERE t.name = 'tape2'");
        Reached apart = reached();
        sql(
                "UPDATE copy SET object_id = (SELECT id FROM object WHERE name = 'o'), offset = 0"
                        + " WHERE target_id = (SELECT id FROM target WHERE name = 'tape2')");

        assertThat(apart.copies()).isEqualTo(4);
        assertThat(reached().copies()).isEqualTo(3);
    }

    @Test
    void aCopyInPartsIsOneWithAnyThatSharesACartridgeWithIt() {
        fixture.scan("docs", file("large", 200, 1));
        long lease = fixture.lease();
        Version large = fixture.claim("tape", lease).getFirst();
        fixture.part(large, lease, 1, 2, "AAA001L8");
        fixture.part(large, lease, 2, 2, "AAA002L8");
        Policies policies = Policies.of(Policy.THREE_TWO_ONE);
        Reached near = reached(policies);

        fixture.ledger().upkeep().located(Map.of("uuid-AAA001L8", away()));
        Reached halfAway = reached(policies);
        fixture.ledger().upkeep().located(Map.of("uuid-AAA001L8", away(), "uuid-AAA002L8", away()));

        assertThat(near).isEqualTo(new Reached(2, 2, 0, 0, 0));
        assertThat(halfAway.offline()).isZero();
        assertThat(reached(policies).offline()).isEqualTo(1);
    }

    private static Upkeep.Cartridge away() {
        return new Upkeep.Cartridge(Instant.parse("2026-11-20T00:00:00Z"), false);
    }

    @Test
    void aCartridgeInAVaultIsOfflineUntilItIsBack() {
        oneItem();
        Policies policies = Policies.of(new Policy(3, 2, 1, 1, Map.of(), 0));
        boolean before = explain(policies, "a").met();

        fixture.ledger().upkeep().located(Map.of("uuid-1", away()));
        Standings.Explanation vaulted = explain(policies, "a");
        fixture.ledger().upkeep().located(Map.of());

        assertThat(before).isFalse();
        assertThat(vaulted.met()).isTrue();
        assertThat(vaulted.reached().offline()).isEqualTo(1);
        assertThat(explain(policies, "a").met()).isFalse();
        assertThat(fixture.ledger().volumes().awaySince()).isEmpty();
    }

    @Test
    void aWormCartridgeIsImmutableWhereverItIs() {
        oneItem();

        fixture.ledger().upkeep().located(Map.of("uuid-1", new Upkeep.Cartridge(null, true)));

        assertThat(reached().offline()).isEqualTo(1);
    }

    @Test
    void offsiteIsJudgedFromTheSiteOfTheSource() {
        oneItem();
        Policies bunker =
                new Policies(Policy.THREE_TWO_ONE, Map.of(), Map.of("docs", "bunker"), Map.of());

        assertThat(reached(bunker).offsite()).isEqualTo(2);
    }

    @Test
    void aSiteThatIsTooNearOrNobodyKnowsWhereIsNotOffsite() {
        oneItem();
        Policy far = new Policy(3, 2, 1, 0, Map.of(), 100_000);
        Map<String, String> here = Map.of("docs", "here");
        Policies.Coordinates berlin = new Policies.Coordinates(52.52, 13.40);
        Policies.Coordinates potsdam = new Policies.Coordinates(52.40, 13.06);
        Policies.Coordinates hamburg = new Policies.Coordinates(53.55, 9.99);

        assertThat(reached(new Policies(far, Map.of(), here, Map.of())).offsite()).isZero();
        assertThat(
                        reached(
                                        new Policies(
                                                far,
                                                Map.of(),
                                                here,
                                                Map.of("here", berlin, "bunker", potsdam)))
                                .offsite())
                .isZero();
        assertThat(
                        reached(
                                        new Policies(
                                                far,
                                                Map.of(),
                                                here,
                                                Map.of("here", berlin, "bunker", hamburg)))
                                .offsite())
                .isEqualTo(1);
        assertThat(berlin.metresTo(hamburg)).isBetween(254_000.0, 257_000.0);
    }

    @Test
    void aProofThatIsTooOldIsAnErrorAtOnceAndAStateAfterTheSweep() {
        oneItem();
        fixture.ledger().upkeep().settle();
        Policies policies = Policies.of(AGES);
        fixture.pass(Duration.ofDays(31));
        Reached seen = reached(policies);

        long changed = fixture.ledger().upkeep().age(policies);
        Reached swept = reached(policies);
        long again = fixture.ledger().upkeep().age(policies);

        assertThat(seen).isEqualTo(new Reached(4, 2, 1, 0, 2));
        assertThat(swept).isEqualTo(seen);
        assertThat(changed).isEqualTo(2);
        assertThat(again).isZero();
        assertThat(fixture.ledger().catalog().copies(version("a")))
                .extracting(Catalog.Copy::state)
                .containsExactly(CopyState.STALE, CopyState.DURABLE, CopyState.STALE);
        assertThat(explain(policies, "a").met()).isFalse();
        assertThat(explain(policies, "a").plan().steps())
                .extracting(step -> step.target() + " " + step.action())
                .containsExactly("nas VERIFY", "offsite VERIFY");
        assertThat(explain(policies, "a").plan().enough()).isTrue();
    }

    @Test
    void aPolicyThatAsksForLessTakesTheErrorsBack() {
        oneItem();
        fixture.pass(Duration.ofDays(400));
        fixture.ledger().upkeep().age(Policies.of(AGES));

        long changed = fixture.ledger().upkeep().age(Policies.of(Policy.THREE_TWO_ONE));

        assertThat(changed).isEqualTo(3);
        assertThat(reached()).isEqualTo(new Reached(4, 2, 1, 0, 0));
    }

    @Test
    void everySourceIsAskedForItsOwnAge() {
        fixture.ledger().sources().declare("pics", new byte[] {'/', 'p'});
        fixture.scan("docs", file("a", 10, 1));
        fixture.scan("pics", file("b", 10, 1));
        fixture.copyAll();
        fixture.pass(Duration.ofDays(31));
        Policies policies =
                new Policies(Policy.THREE_TWO_ONE, Map.of("pics", AGES), Map.of(), Map.of());
        Map<Reached, Long> seen = fixture.ledger().counts().report(policies).reached();

        fixture.ledger().upkeep().age(policies);
        Counts.Report report = fixture.ledger().counts().report(policies);

        assertThat(seen)
                .containsOnly(
                        Map.entry(new Reached(4, 2, 1, 0, 0), 1L),
                        Map.entry(new Reached(4, 2, 1, 0, 2), 1L));
        assertThat(report.reached()).isEqualTo(seen);
        assertThat(report.onePolicy()).isFalse();
        assertThat(report.sources())
                .extracting(each -> each.name() + " " + each.inPolicy())
                .containsExactly("docs 1", "pics 0");
    }

    @Test
    void aSuspectCopyIsOutOfTheCountAndAnError() throws SQLException {
        oneItem();
        sql("UPDATE copy SET state = 'SUSPECT' WHERE target_id = 1");

        assertThat(reached()).isEqualTo(new Reached(3, 2, 1, 0, 1));
        assertThat(fixture.ledger().counts().report(Policy.THREE_TWO_ONE).inPolicy()).isZero();
    }

    @Test
    void theFiveNumbersSayTheWorstAndHowManyReachIt() {
        fixture.scan("docs", folder("d"), file("d/a", 10, 1));
        fixture.copyAll();
        fixture.scan("docs", folder("d"), file("d/a", 10, 1), file("new", 10, 1));

        Counts.Goals goals = fixture.ledger().counts().report(Policy.THREE_TWO_ONE).goals();

        assertThat(goals)
                .isEqualTo(
                        new Counts.Goals(
                                new Counts.Goal(3, 1, 2),
                                new Counts.Goal(2, 1, 2),
                                new Counts.Goal(1, 0, 2),
                                new Counts.Goal(0, 0, 3),
                                new Counts.Goal(0, 0, 3)));
    }

    @Test
    void losingATargetASiteOrACartridgeSaysWhatIsLeft() {
        fixture.scan("docs", file("a", 10, 1), file("old", 5, 1));
        fixture.copyAll();
        fixture.scan("docs", file("a", 10, 1), file("old", 6, 2));
        fixture.copyAll();
        fixture.scan("docs", file("a", 10, 1), file("old", 6, 2), file("b", 30, 1));
        fixture.copyAll("nas");
        Policies policies =
                new Policies(Policy.THREE_TWO_ONE, Map.of(), Map.of("docs", "here"), Map.of());
        Standings standings = fixture.ledger().standings();

        Standings.Loss here = standings.lose(policies, new Standings.Lost.Site("here"));
        Standings.Loss bunker = standings.lose(policies, new Standings.Lost.Site("bunker"));
        Standings.Loss tape = standings.lose(policies, new Standings.Lost.Volume("VT0001L8"));
        Standings.Loss nas = standings.lose(policies, new Standings.Lost.OfTarget("nas"));

        assertThat(here.lostItems()).isEqualTo(1);
        assertThat(here.lostBytes()).isEqualTo(30);
        assertThat(here.worstLost())
                .extracting(offender -> offender.path().toString())
                .containsExactly("b");
        assertThat(here.fallen()).isEqualTo(2);
        assertThat(bunker.lostItems()).isZero();
        assertThat(bunker.fallen()).isEqualTo(2);
        assertThat(bunker.already()).isEqualTo(1);
        assertThat(tape.fallen()).isEqualTo(2);
        assertThat(nas.fallen()).isZero();
        assertThat(nas.lostItems()).isZero();
        assertThat(here.lostVersions()).isZero();
        assertThat(standings.losable(policies).get("here"))
                .containsExactly(new Standings.Lost.Site("here"));
    }

    @Test
    void anOlderStateThatOnlyOneTargetHasIsLostWithIt() throws SQLException {
        fixture.scan("docs", file("old", 5, 1));
        fixture.copyAll("nas");
        fixture.scan("docs", file("old", 6, 2));
        fixture.copyAll();
        sql(
                "UPDATE copy SET state = 'LOST' WHERE target_id <> (SELECT id FROM target WHERE name"
                        + " = 'nas') AND version_id = (SELECT min(id) FROM version)");

        Standings.Loss loss =
                fixture.ledger()
                        .standings()
                        .lose(
                                Policies.of(Policy.THREE_TWO_ONE),
                                new Standings.Lost.OfTarget("nas"));

        assertThat(loss.lostVersions()).isEqualTo(1);
        assertThat(loss.lostVersionBytes()).isEqualTo(5);
    }

    @Test
    void thePlanSaysFromWhatWhereToAndWhen() {
        fixture.scan("docs", file("a", 10, 1), file("b", 20, 1));
        fixture.copyAll("nas");
        fixture.ledger().targets().suspend("offsite", "away", Duration.ofHours(2));
        Policies policies = Policies.of(new Policy(3, 2, 1, 1, Map.of(), 0));

        List<Standings.PlanOfMany> plans = fixture.ledger().standings().plan(policies);

        assertThat(plans).hasSize(1);
        Standings.PlanOfMany plan = plans.getFirst();
        assertThat(plan.items()).isEqualTo(2);
        assertThat(plan.bytes()).isEqualTo(30);
        assertThat(plan.plan().steps())
                .containsExactly(
                        new Standings.Step("tape", Standings.Action.MAKE, "original", null),
                        new Standings.Step(
                                "offsite",
                                Standings.Action.MAKE,
                                "original",
                                fixture.now().plus(Duration.ofHours(2))));
        assertThat(plan.plan().then()).isEqualTo(new Reached(4, 2, 1, 0, 0));
        assertThat(plan.plan().enough()).isFalse();
    }
}
