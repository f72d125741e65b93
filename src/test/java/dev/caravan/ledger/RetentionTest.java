package dev.caravan.ledger;

import static dev.caravan.ledger.RetentionFixture.ONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.RetentionPlan.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Copies of old versions are retired by the drop rule, and by nothing less.
class RetentionTest {
    private static final List<String> THREE = List.of("nas", "tape", "offsite");
    private static final List<String> FOUR = List.of("nas", "tape", "offsite", "far");

    @TempDir Path folder;
    private RetentionFixture home;

    @BeforeEach
    void open() {
        home = new RetentionFixture(folder.resolve("ledger.db"), THREE);
    }

    private void open(List<String> targets) {
        home.close();
        home = new RetentionFixture(folder.resolve("other.db"), targets);
    }

    @AfterEach
    void wholeAndClosed() {
        Counts counts = home.ledger().counts();
        assertThat(counts.report(home.policies).reached()).isEqualTo(counts.recount(home.policies));
        assertThat(home.ledger().events().walk().bad()).isNull();
        home.close();
    }

    private void everyTargetKeeps(Keep keep) {
        home.ledger().targets().active().forEach(t -> home.keep.put(t.name(), keep));
    }

    @Test
    void withoutARetentionEverythingIsKept() {
        home.edit("a");
        home.edit("a");
        home.keep.put("nas", ONE); // the other targets keep it, and are too few without this one

        assertThat(home.plan().isEmpty()).isTrue();
        assertThat(home.of(home.plan(), "tape").kept()).isEqualTo(Map.of(Reason.RULE, 1L));
        assertThat(home.forget().all()).isZero();
    }

    /// Its snapshots would fill every target; the rule is not that of the user's files.
    @Test
    void theLedgersOwnSourceIsKeptByARuleOfItsOwnWhereAnyRetentionIsSet() {
        home.ledger().sources().declare(OwnSource.NAME, "export".getBytes(StandardCharsets.UTF_8));
        for (int i = 1; i <= 6; i++) {
            home.fixture.pass(Duration.ofHours(1));
            home.fixture.scan(OwnSource.NAME, LedgerFixture.file("ledger.db.gz", 100 + i, i));
            home.fixture.copyAll();
        }
        assertThat(home.plan().isEmpty()).isTrue();
        home.keep.put("nas", new Keep(99, 0, 0, 0, 0));

        long before = home.ledger().heads().current().orElseThrow().seq();
        assertThat(home.forget().copies()).isEqualTo(Map.of("nas", 2L, "tape", 2L, "offsite", 2L));

        assertThat(home.plan().isEmpty()).isTrue();
        assertThat(home.ledger().heads().changedSince(before))
                .as("that is nothing to export")
                .isFalse();
        assertThat(
                        home
                                .ledger()
                                .catalog()
                                .versions(OwnSource.NAME, ItemPath.of("ledger.db.gz"))
                                .stream()
                                .map(v -> home.state("nas", v.id())))
                .containsExactly(
                        CopyState.DURABLE,
                        CopyState.DURABLE,
                        CopyState.DURABLE,
                        CopyState.DURABLE,
                        CopyState.RETIRED,
                        CopyState.RETIRED);
    }

    @Test
    void whatNoTargetKeepsExpiresOnAllOfThem() {
        for (int i = 0; i < 4; i++) {
            home.edit("a", "b");
        }
        everyTargetKeeps(ONE);

        RetentionPlan plan = home.plan();
        Retention.Retired retired = home.forget();

        assertThat(home.of(plan, "nas").retires()).isEqualTo(4);
        assertThat(home.of(plan, "nas").examples().getFirst().why())
                .isEqualTo("no target keeps it");
        assertThat(retired.copies()).isEqualTo(Map.of("nas", 4L, "tape", 4L, "offsite", 4L));
        for (int number : new int[] {1, 2}) {
            assertThat(home.states("a", number).values()).containsOnly(CopyState.RETIRED);
        }
        for (int number : new int[] {3, 4}) {
            assertThat(home.states("a", number).values()).containsOnly(CopyState.DURABLE);
        }
        assertThat(home.plan().isEmpty()).isTrue();
        assertThat(home.ledger().counts().report(Policy.THREE_TWO_ONE).belowPolicy()).isZero();
    }

    @Test
    void theLastVersionOfADeletedItemIsKeptByTheTimeOfItsDeletion() {
        for (int i = 0; i < 20; i++) {
            home.edit("a" + i, "stays");
        }
        everyTargetKeeps(new Keep(0, 1, 0, 0, 0));
        // each a… was deleted a day after it was made: the days of deletion count
        home.edit("stays");

        RetentionPlan plan = home.plan();
        home.forget();

        assertThat(home.of(plan, "nas").kept().get(Reason.RULE)).isEqualTo(21);
        assertThat(home.states("a0", 1).values()).doesNotContain(CopyState.RETIRED);
        assertThat(home.states("stays", 20).values()).doesNotContain(CopyState.RETIRED);
        assertThat(home.states("stays", 19).values()).containsOnly(CopyState.RETIRED);
    }

    @Test
    void aHoldKeepsAllItHoldsUntilItIsReleased() {
        for (int i = 0; i < 3; i++) {
            home.edit("d/a", "d/b", "e", "x.txt");
        }
        everyTargetKeeps(ONE);
        Holds holds = home.ledger().holds();
        assertThat(holds.set("case-7", "docs", List.of(path("d"), glob("*.txt")), "court"))
                .isTrue();
        assertThat(holds.set("case-7", null, List.of(), "again")).isFalse();

        RetentionPlan plan = home.plan();
        home.forget();

        assertThat(home.of(plan, "nas").kept()).containsEntry(Reason.HOLD, 3L);
        assertThat(home.states("d/a", 1).values()).containsOnly(CopyState.DURABLE);
        assertThat(home.states("x.txt", 1).values()).containsOnly(CopyState.DURABLE);
        assertThat(home.states("e", 1).values()).containsOnly(CopyState.RETIRED);

        assertThat(holds.release("case-7")).isTrue();
        assertThat(holds.release("case-7")).isFalse();
        home.forget();
        assertThat(home.states("d/a", 1).values()).containsOnly(CopyState.RETIRED);
    }

    private static Hold.Path path(String path) {
        return new Hold.Path(path.getBytes(StandardCharsets.UTF_8), false);
    }

    private static Hold.Path glob(String pattern) {
        return new Hold.Path(pattern.getBytes(StandardCharsets.UTF_8), true);
    }

    @Test
    void aNewerVersionWhoseCopiesAreBadTakesThePlaceOfNone() throws SQLException {
        home.edit("a");
        home.edit("a");
        home.edit("a");
        everyTargetKeeps(ONE);
        home.sql(
                "UPDATE copy SET state = 'SUSPECT', last_error = 'x' WHERE version_id = "
                        + home.version("a", 2).id());

        RetentionPlan plan = home.plan();

        assertThat(home.of(plan, "nas").kept()).isEqualTo(Map.of(Reason.RULE, 2L));
        assertThat(home.forget().all()).isZero();
    }

    @Test
    void aCopyOnAWormVolumeIsNeverRetired() {
        home.edit("a");
        home.edit("a");
        home.edit("a");
        everyTargetKeeps(ONE);
        home.ledger().upkeep().located(Map.of("uuid-1", new Upkeep.Cartridge(null, true)));

        RetentionPlan plan = home.plan();
        home.forget();

        assertThat(home.of(plan, "tape").kept()).containsEntry(Reason.WORM, 1L);
        assertThat(home.states("a", 1))
                .isEqualTo(
                        Map.of(
                                "nas", CopyState.RETIRED,
                                "tape", CopyState.DURABLE,
                                "offsite", CopyState.RETIRED));
    }

    @Test
    void nothingIsRetiredWhileACopyOfItIsStillToBeMade() {
        home.register("a");
        home.fixture.copyAll("nas");
        home.fixture.copyAll("offsite");
        home.register("a");
        home.fixture.copyAll("nas");
        home.fixture.copyAll("offsite");
        home.register("a");
        everyTargetKeeps(ONE);

        assertThat(home.of(home.plan(), "offsite").kept()).containsEntry(Reason.UNFINISHED, 1L);
        assertThat(home.forget().all()).isZero();
    }

    @Test
    void oneTargetDropsWhatOthersKeepIfEnoughOthersAreReadAgainAndGood() {
        open(FOUR);
        home.edit("a");
        home.edit("a");
        home.edit("a");
        home.keep.put("nas", ONE);

        Retention.Retired retired = home.forget();

        assertThat(retired.copies()).isEqualTo(Map.of("nas", 1L));
        assertThat(home.states("a", 1))
                .isEqualTo(
                        Map.of(
                                "nas", CopyState.RETIRED,
                                "tape", CopyState.DURABLE,
                                "offsite", CopyState.VERIFIED,
                                "far", CopyState.VERIFIED));
    }

    @Test
    void aCopyThatIsFoundBadIsSuspectAndNothingIsDropped() {
        open(FOUR);
        home.edit("a");
        home.edit("a");
        home.edit("a");
        home.keep.put("nas", ONE);
        home.bad.put("far", Set.of(home.version("a", 1).id()));

        Retention.Retired retired = home.forget();

        assertThat(retired.all()).isZero();
        assertThat(retired.left()).isEqualTo(1);
        assertThat(retired.why()).contains("1 errors");
        assertThat(home.states("a", 1))
                .isEqualTo(
                        Map.of(
                                "nas", CopyState.VERIFIED,
                                "tape", CopyState.DURABLE,
                                "offsite", CopyState.VERIFIED,
                                "far", CopyState.SUSPECT));
    }

    @Test
    void aProofEndsAfterAMinute() {
        open(FOUR);
        home.edit("a");
        home.edit("a");
        home.edit("a");
        home.keep.put("nas", ONE);
        RetentionPlan plan = home.plan();
        DropProof proof = home.proof(plan);

        home.fixture.pass(Duration.ofSeconds(61));
        Retention.Retired late =
                home.ledger().retention().retire(home.rules(), null, plan.dropping(), proof);
        DropProof again = home.proof(plan);
        home.fixture.pass(Duration.ofSeconds(60));
        Retention.Retired inTime =
                home.ledger().retention().retire(home.rules(), null, plan.dropping(), again);

        assertThat(late.all()).isZero();
        assertThat(late.why()).contains("fewer than 2 others were read and found good within 60 s");
        assertThat(inTime.all()).isEqualTo(1);
    }

    @Test
    void rowsAloneAreNoProof() {
        open(FOUR);
        home.edit("a");
        home.edit("a");
        home.edit("a");
        home.keep.put("nas", ONE);
        RetentionPlan plan = home.plan();
        home.proof(plan); // all is VERIFIED this very moment, and who retires did not see it
        Set<Long> versions = Set.copyOf(plan.dropping().getFirst().versions());
        DropProof nothingRead =
                home.ledger()
                        .retention()
                        .prove(versions, home.rules().proving(), (target, which) -> {});

        assertThat(nothingRead.size()).isZero();
        assertThat(
                        home.ledger()
                                .retention()
                                .retire(home.rules(), null, plan.dropping(), nothingRead)
                                .all())
                .isZero();
    }

    @Test
    void whatIsLeftMeetsThePolicyOfTheSource() {
        open(FOUR);
        home.edit("a");
        home.edit("a");
        home.edit("a");
        home.keep.put("nas", ONE);
        home.keep.put("tape", ONE);
        home.policies =
                new Policies(
                        Policy.THREE_TWO_ONE,
                        Map.of("docs", new Policy(5, 2, 1)),
                        Map.of(),
                        Map.of());

        Map<Reason, Long> strict = new HashMap<>(home.of(home.plan(), "nas").kept());
        home.policies = Policies.of(Policy.THREE_TWO_ONE);
        RetentionPlan plan = home.plan();

        assertThat(strict).containsEntry(Reason.POLICY, 1L);
        assertThat(home.of(plan, "nas").retires()).isEqualTo(1);
        // without tape too all would be on disks
        assertThat(home.of(plan, "tape").kept()).containsEntry(Reason.POLICY, 1L);
    }

    @Test
    void aTargetIsRetiredAloneIfItIsNamed() {
        home.edit("a");
        home.edit("a");
        home.edit("a");
        everyTargetKeeps(ONE);
        RetentionPlan plan = home.ledger().retention().plan(home.rules(), "nas");

        Retention.Retired retired =
                home.ledger().retention().retire(home.rules(), "nas", plan.expiring(), null);

        assertThat(plan.targets()).hasSize(1);
        assertThat(retired.copies()).isEqualTo(Map.of("nas", 1L));
        assertThat(home.states("a", 1)).containsEntry("tape", CopyState.DURABLE);
    }

    @Test
    void theSchemaItselfHoldsTheFloor() {
        home.edit("a");
        home.edit("a");
        long old = home.version("a", 1).id();
        long current = home.version("a", 2).id();
        String retire = "UPDATE copy SET state = 'RETIRED' WHERE target_id = 1 AND version_id = ";

        assertThatThrownBy(() -> home.sql(retire + old))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("only together with its retirement");
        assertThatThrownBy(() -> home.sql(retirement(1, current) + retire + current))
                .hasMessageContaining("no copy of the current version");
        assertThatThrownBy(() ->
                        home.sql(
                                "INSERT INTO expired (version_id, at) VALUES (%d, 1)"
                                        .formatted(current)))
                .hasMessageContaining("does not expire");
        assertThatThrownBy(() ->
                        home.sql(
                                "UPDATE copy SET state = 'LOST' WHERE target_id = 2 AND version_id = %d; "
                                                .formatted(old)
                                        + retirement(1, old)
                                        + retire
                                        + old))
                .hasMessageContaining("at least 2 other copies that count");
        assertThatThrownBy(() ->
                        home.sql(
                                "UPDATE volume SET immutable = 1; "
                                        + retirement(2, old)
                                        + "UPDATE copy SET state = 'RETIRED' WHERE target_id = 2 AND version_id = "
                                        + old))
                .hasMessageContaining("no copy on a WORM volume");
    }

    private static String retirement(int target, long version) {
        return "INSERT INTO retirement (target_id, version_id, cause, reason, retired_at, remove_after) VALUES (%d, %d, 'RETENTION', 'x', 1, 1); "
                .formatted(target, version);
    }

    @Test
    void dataMayBeRemovedAfterTheGraceAndNotWhileItIsHeld() {
        home.edit("a", "b");
        home.edit("a", "b");
        home.edit("a", "b");
        everyTargetKeeps(ONE);
        home.forget();
        Removals removals = home.ledger().removals();
        RetentionRules rules = home.rules();

        home.fixture.pass(Duration.ofDays(7).minusNanos(1));
        List<Version> early = removals.plain("nas", rules.globs());
        home.fixture.pass(Duration.ofNanos(1));
        List<Version> due = removals.plain("nas", rules.globs());
        home.ledger().holds().set("h", null, List.of(path("b")), "");
        List<Version> held = removals.plain("nas", rules.globs());
        long removed = removals.removed("nas", held, 11, rules);

        assertThat(early).isEmpty();
        assertThat(due).extracting(v -> v.path().toString()).containsExactlyInAnyOrder("a", "b");
        assertThat(held).extracting(v -> v.path().toString()).containsExactly("a");
        assertThat(removed).isEqualTo(1);
        assertThat(removals.plain("nas", rules.globs())).isEmpty();
        assertThat(removals.removed("nas", held, 11, rules)).isZero();
    }

    @Test
    void anObjectIsRemovedOnlyWhenAllThatLiesInItIs() {
        home.edit("a", "b"); // one object holds the first versions of both
        home.edit("a", "b");
        home.edit("a", "b");
        everyTargetKeeps(ONE);
        home.ledger().holds().set("h", null, List.of(path("b")), "");
        home.forget();
        home.fixture.pass(Duration.ofDays(8));
        Removals removals = home.ledger().removals();

        Removals.Objects waiting = removals.objects("offsite", home.rules().globs());
        home.ledger().holds().release("h");
        home.forget();
        Removals.Objects inGrace = removals.objects("offsite", home.rules().globs());
        home.fixture.pass(Duration.ofDays(8));
        Removals.Objects due = removals.objects("offsite", home.rules().globs());

        assertThat(waiting.whole()).isEmpty();
        assertThat(waiting.waiting()).isEqualTo(1);
        assertThat(inGrace.whole()).isEmpty();
        assertThat(due.whole())
                .singleElement()
                .satisfies(object -> assertThat(object.versions()).hasSize(2));
    }

    @Test
    void whatIsWantedAgainIsNotRemoved() throws SQLException {
        home.edit("a");
        home.edit("a");
        home.edit("a");
        everyTargetKeeps(ONE);
        home.forget();
        home.fixture.pass(Duration.ofDays(8));
        long old = home.version("a", 1).id();

        home.sql("UPDATE copy SET state = 'WANTED' WHERE target_id = 1 AND version_id = " + old);

        assertThat(home.ledger().removals().plain("nas", home.rules().globs())).isEmpty();
        assertThat(home.ledger().removals().objects("offsite", home.rules().globs()).whole())
                .hasSize(1);
    }

    @Test
    void aCartridgeIsFreeWhenItsCopiesAreRetiredAndTheirGraceIsOver() {
        home.edit("a", "b");
        home.edit("a", "b");
        home.edit("a", "b");
        home.edit("b"); // the tape has 3 versions of what was deleted, and 3 older ones
        everyTargetKeeps(ONE);
        Volumes.Rule rule =
                new Volumes.Rule(
                        Policies.of(new Policy(9, 1, 1)), Duration.ZERO, pattern -> p -> false);
        Volumes volumes = home.ledger().volumes();

        long needed = volumes.contents("VT0001L8", "uuid-1", rule).orElseThrow().few();
        home.forget();
        Volumes.Contents inGrace = volumes.contents("VT0001L8", "uuid-1", rule).orElseThrow();
        home.fixture.pass(Duration.ofDays(8));
        Volumes.Contents after = volumes.contents("VT0001L8", "uuid-1", rule).orElseThrow();
        home.ledger().holds().set("h", null, List.of(), "");
        Volumes.Contents held = volumes.contents("VT0001L8", "uuid-1", rule).orElseThrow();

        assertThat(needed).as("by the policy of its source").isEqualTo(6);
        assertThat(inGrace.young()).isEqualTo(4);
        assertThat(after.needed()).as("the current one, and the last old ones").isEqualTo(3);
        assertThat(held.held()).isEqualTo(6);
    }
}
