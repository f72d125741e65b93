package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.LONG;
import static dev.caravan.ledger.LedgerFixture.file;
import static dev.caravan.ledger.LedgerFixture.folder;
import static dev.caravan.ledger.LedgerFixture.hash;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What must hold of the ledger, whoever uses it.
class LedgerTest {
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

    private Copies copies() {
        return fixture.ledger().copies();
    }

    private Counts.Report report() {
        return fixture.ledger().counts().report(Policy.THREE_TWO_ONE);
    }

    private Version version(String path) {
        return fixture.ledger().catalog().versions("docs", ItemPath.of(path)).getFirst();
    }

    private CopyState state(String target, String path) {
        return fixture.ledger().catalog().copies(version(path)).stream()
                .filter(copy -> copy.target().name().equals(target))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private void sql(String statement) throws SQLException {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                Statement run = raw.createStatement()) {
            run.executeUpdate(statement);
        }
    }

    @Test
    void aCountedCopyWithoutEvidenceIsRefusedBySql() {
        fixture.scan("docs", file("a", 5, 1));

        assertThatThrownBy(() -> sql("UPDATE copy SET state = 'DURABLE', recorded_at = 1"))
                .hasMessageContaining("CHECK constraint failed");
        assertThat(report().reached()).containsOnlyKeys(new Reached(1, 1, 0, 0, 0));
    }

    @Test
    void registeringTwiceMakesNoSecondVersion() {
        Sighted item = file("a", 5, 1);
        List<String> targets = List.of("nas", "tape", "offsite");

        fixture.ledger().scans().register("docs", List.of(item), targets);
        fixture.ledger().scans().register("docs", List.of(item), targets);

        assertThat(fixture.ledger().catalog().versions("docs", ItemPath.of("a"))).hasSize(1);
        assertThat(copies().queue("nas").copies()).isEqualTo(1);
    }

    @Test
    void anItemSeenTwiceInOneBatchGetsOneVersionForEachState() {
        var one = file("a", 10, 1);
        var other = file("a", 11, 2);

        fixture.ledger().scans().register("docs", List.of(one, one, other, other), List.of("nas"));

        assertThat(fixture.ledger().catalog().versions("docs", ItemPath.of("a")))
                .extracting(v -> v.metadata().size())
                .containsExactly(11L, 10L);
    }

    @Test
    void registeringAnotherStateMakesTheNextVersion() {
        fixture.scan("docs", file("a", 5, 1));
        fixture.scan("docs", file("a", 5, 2));

        assertThat(fixture.ledger().catalog().versions("docs", ItemPath.of("a")))
                .extracting(Version::number)
                .containsExactly(2, 1);
    }

    @Test
    void aTargetAddedLaterIsFilledWithWhatIsThere() {
        fixture.scan("docs", file("a", 5, 1), file("b", 5, 1), file("gone", 5, 1));
        fixture.copyAll();
        fixture.scan("docs", file("a", 5, 2), file("b", 5, 1));
        List<Target.Declared> more = new ArrayList<>();
        for (Target target : fixture.ledger().targets().active()) {
            more.add(
                    new Target.Declared(
                            target.name(),
                            target.mediaKind(),
                            target.site(),
                            target.offsite(),
                            target.simulated()));
        }
        more.add(new Target.Declared("vault", MediaKind.TAPE, "vault", true, false));
        fixture.ledger().targets().declare(more);

        int wanted = fixture.ledger().scans().fill(List.of("nas", "tape", "offsite", "vault"));
        int again = fixture.ledger().scans().fill(List.of("nas", "tape", "offsite", "vault"));

        assertThat(wanted).isEqualTo(2);
        assertThat(again).isZero();
        assertThat(fixture.claim("vault", fixture.lease()))
                .extracting(version -> version.path() + " " + version.number())
                .containsExactlyInAnyOrder("a 2", "b 1");
    }

    @Test
    void noRowIsClaimedTwice() throws Exception {
        fixture.scan(
                "docs",
                IntStream.range(0, 500).mapToObj(i -> file("f" + i, 1, 1)).toArray(Sighted[]::new));
        Callable<List<Long>> claimer =
                () -> {
                    long lease = fixture.lease();
                    List<Long> mine = new ArrayList<>();
                    List<Version> got;
                    while (!(got = copies().claim("nas", lease, 7, Long.MAX_VALUE)).isEmpty()) {
                        got.forEach(version -> mine.add(version.id()));
                    }
                    return mine;
                };

        List<Long> all = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(2)) {
            for (Future<List<Long>> each : threads.invokeAll(List.of(claimer, claimer))) {
                all.addAll(each.get());
            }
        }

        assertThat(all).hasSize(500).doesNotHaveDuplicates();
    }

    @Test
    void aClaimStopsAtTheWantedNumberOfBytes() {
        fixture.scan("docs", file("a", 60, 1), file("b", 60, 1), file("c", 60, 1));

        List<Version> claimed = copies().claim("nas", fixture.lease(), 100, 120);

        assertThat(claimed).extracting(v -> v.path().toString()).containsExactly("a", "b");
        assertThat(state("nas", "c")).isEqualTo(CopyState.WANTED);
    }

    @Test
    void aCopyThatWaitsForItsRetryIsNotClaimedBeforeItsTime() {
        fixture.scan("docs", file("a", 5, 1));
        long lease = fixture.lease();
        Version claimed = fixture.claim("nas", lease).getFirst();
        copies().retry("nas", lease, claimed, "no route to host", Duration.ofMinutes(5));

        assertThat(fixture.claim("nas", lease)).isEmpty();
        assertThat(copies().attempts("nas", claimed)).isEqualTo(1);
        fixture.pass(Duration.ofMinutes(5));
        assertThat(fixture.claim("nas", lease)).hasSize(1);
    }

    @Test
    void anotherHashThanTheFirstReadsIsRefused() {
        fixture.scan("docs", file("a", 5, 1));
        fixture.copyAll("nas");
        long lease = fixture.lease();
        Version claimed = fixture.claim("tape", lease).getFirst();
        CopyProof other = new CopyProof(claimed, Sha256.OF_NOTHING, 5, null, 0);

        List<CopyProof> refused =
                copies().record("tape", lease, fixture.evidence(Evidence.Level.V1), List.of(other));

        assertThat(refused).containsExactly(other);
        assertThat(state("tape", "a")).isEqualTo(CopyState.WRITING);
        assertThat(version("a").sha256()).isEqualTo(hash(claimed));
    }

    @Test
    void aFilesCopyWithoutAHashIsRefused() {
        fixture.scan("docs", file("a", 5, 1));
        long lease = fixture.lease();
        CopyProof unread = new CopyProof(fixture.claim("nas", lease).getFirst(), null, 0, null, 0);

        List<CopyProof> refused =
                copies().record("nas", lease, fixture.evidence(Evidence.Level.V1), List.of(unread));

        assertThat(refused).containsExactly(unread);
    }

    @Test
    void aProofWithoutTheClaimIsRefusedAndSetsNoHash() {
        fixture.scan("docs", file("a", 5, 1));
        Version claimed = fixture.claim("nas", fixture.lease()).getFirst();
        CopyProof proof = new CopyProof(claimed, hash(claimed), 5, null, 0);

        List<CopyProof> refused =
                copies().record(
                                "nas",
                                fixture.lease(),
                                fixture.evidence(Evidence.Level.V1),
                                List.of(proof));

        assertThat(refused).containsExactly(proof);
        assertThat(version("a").sha256()).isNull();
    }

    @Test
    void aReadBackMakesACopyVerified() {
        fixture.scan("docs", file("a", 5, 1));
        long lease = fixture.lease();
        Version claimed = fixture.claim("nas", lease).getFirst();

        copies().record(
                        "nas",
                        lease,
                        fixture.evidence(Evidence.Level.V3),
                        List.of(new CopyProof(claimed, hash(claimed), 5, null, 0)));

        assertThat(state("nas", "a")).isEqualTo(CopyState.VERIFIED);
    }

    @Test
    void aVersionWithoutAnyCopyIsForgottenWhenItsSourceMovedOn() {
        fixture.scan("docs", file("a", 5, 1));
        long lease = fixture.lease();
        Version claimed = fixture.claim("nas", lease).getFirst();

        Copies.Abandoned fate = copies().abandon("nas", lease, claimed, "changed", LONG);

        assertThat(fate).isEqualTo(Copies.Abandoned.FORGOTTEN);
        assertThat(fixture.ledger().catalog().versions("docs", ItemPath.of("a"))).isEmpty();
        Scan next = fixture.ledger().scans().begin("docs");
        assertThat(next.changed(List.of(file("a", 5, 2)))).hasSize(1);
    }

    @Test
    void aVersionWithACopyElsewhereWaitsToBeMadeFromIt() {
        fixture.scan("docs", file("a", 5, 1));
        fixture.copyAll("nas");
        long lease = fixture.lease();
        Version claimed = fixture.claim("tape", lease).getFirst();

        Copies.Abandoned fate = copies().abandon("tape", lease, claimed, "changed", LONG);

        assertThat(fate).isEqualTo(Copies.Abandoned.WAITS);
        assertThat(state("tape", "a")).isEqualTo(CopyState.WANTED);
        assertThat(state("nas", "a")).isEqualTo(CopyState.DURABLE);
    }

    @Test
    void whoHasNoClaimForgetsNoVersionThatHasACopy() {
        fixture.scan("docs", file("a", 5, 1));
        fixture.copyAll("nas");

        Copies.Abandoned fate =
                copies().abandon("nas", fixture.lease(), version("a"), "changed", LONG);

        assertThat(fate).isEqualTo(Copies.Abandoned.WAITS);
        assertThat(state("nas", "a")).isEqualTo(CopyState.DURABLE);
    }

    @Test
    void whatADeadOwnerClaimedIsWantedAgain() {
        fixture.scan("docs", file("a", 5, 1));
        long dead = fixture.lease();
        assertThat(fixture.claim("nas", dead)).hasSize(1);

        fixture.reopen();

        assertThat(state("nas", "a")).isEqualTo(CopyState.WANTED);
        assertThat(fixture.claim("nas", fixture.lease())).hasSize(1);
    }

    @Test
    void anItemNotSeenIsDeletedAndItsVersionsStay() {
        fixture.scan("docs", file("a", 5, 1), file("b", 5, 1));
        fixture.copyAll();

        Scan.Summary summary = fixture.scan("docs", file("a", 5, 1));

        assertThat(summary.deleted()).isEqualTo(1);
        assertThat(report().items()).isEqualTo(1);
        assertThat(report().deleted()).isEqualTo(1);
        assertThat(version("b").number()).isEqualTo(1);
    }

    @Test
    void aDeletedItemThatComesBackGetsItsNextVersion() {
        fixture.scan("docs", file("a", 5, 1), file("b", 5, 1));
        fixture.copyAll();
        fixture.scan("docs", file("a", 5, 1));

        fixture.scan("docs", file("a", 5, 1), file("b", 5, 1));

        assertThat(version("b").number()).isEqualTo(2);
        assertThat(report().deleted()).isZero();
    }

    @Test
    void nothingIsDeletedWhenMoreThanThirtyPercentVanishAtOnce() {
        Sighted[] all = files(10);
        fixture.scan("docs", all);
        fixture.copyAll();

        Scan.Summary tooMany = fixture.scan("docs", files(6));
        Scan.Summary justNot = fixture.scan("docs", files(7));

        assertThat(tooMany).isEqualTo(new Scan.Summary(6, 0, 4));
        assertThat(justNot).isEqualTo(new Scan.Summary(7, 3, 0));
    }

    @Test
    void aPersonMayAcceptThatMoreThanThirtyPercentAreGone() {
        fixture.scan("docs", files(10));

        Scan scan = fixture.ledger().scans().begin("docs");
        scan.changed(List.of(files(2)));
        Scan.Summary accepted = scan.finish(true);

        assertThat(accepted).isEqualTo(new Scan.Summary(2, 8, 0));
    }

    @Test
    void anOriginalThatTheLastScanCouldNotSeeIsNoCopyThatCounts() {
        fixture.scan("docs", files(10));
        fixture.copyAll();

        fixture.scan("docs", files(2));
        var reached = fixture.ledger().counts().report(Policy.THREE_TWO_ONE).reached();
        fixture.scan("docs", files(10));
        var again = fixture.ledger().counts().report(Policy.THREE_TWO_ONE).reached();

        assertThat(reached)
                .containsOnly(
                        Map.entry(new Reached(3, 2, 1, 0, 0), 8L),
                        Map.entry(new Reached(4, 2, 1, 0, 0), 2L));
        assertThat(again).containsOnly(Map.entry(new Reached(4, 2, 1, 0, 0), 10L));
    }

    @Test
    void theOriginalsOfASourceThatIsNoLongerDeclaredAreNoCopiesThatCount() {
        Sources sources = fixture.ledger().sources();
        sources.declare("pics", new byte[] {'/', 'p'});
        fixture.scan("docs", file("a", 5, 1));
        fixture.scan("pics", file("b", 5, 1));
        fixture.copyAll();

        sources.onlyThese(List.of("docs", "pics"));
        var both = report().reached();
        sources.onlyThese(List.of("docs"));
        var without = report().reached();
        fixture.scan("pics", file("b", 5, 1));
        var again = report().reached();

        assertThat(both).containsOnly(Map.entry(new Reached(4, 2, 1, 0, 0), 2L));
        assertThat(without)
                .containsOnly(
                        Map.entry(new Reached(3, 2, 1, 0, 0), 1L),
                        Map.entry(new Reached(4, 2, 1, 0, 0), 1L));
        assertThat(again).isEqualTo(both);
    }

    private static Sighted[] files(int count) {
        return IntStream.range(0, count).mapToObj(i -> file("f" + i, 1, 1)).toArray(Sighted[]::new);
    }

    @Test
    void whatCouldNotBeLookedAtIsNotDeleted() {
        fixture.scan(
                "docs", folder("dir"), file("dir/a", 5, 1), file("locked", 5, 1), file("b", 5, 1));
        fixture.copyAll();

        Scan scan = fixture.ledger().scans().begin("docs");
        scan.changed(List.of(folder("dir")));
        scan.unseen(ItemPath.of("dir"));
        scan.unseen(ItemPath.of("locked"));

        assertThat(scan.finish(false).deleted()).isEqualTo(1);
        assertThat(fixture.ledger().catalog().present("docs", ItemPath.of("dir/a"))).isTrue();
        assertThat(fixture.ledger().catalog().present("docs", ItemPath.of("locked"))).isTrue();
        assertThat(fixture.ledger().catalog().present("docs", ItemPath.of("b"))).isFalse();
    }

    @Test
    void aChangedEventIsFound() throws SQLException {
        fixture.scan("docs", file("a", 5, 1));
        fixture.copyAll();
        assertThat(fixture.ledger().events().walk().bad()).isNull();

        sql("DROP TRIGGER event_is_not_changed");
        sql("UPDATE event SET detail = replace(detail, '1', '2') WHERE seq = 2");

        assertThat(fixture.ledger().events().walk().bad())
                .satisfies(bad -> assertThat(bad.seq()).isEqualTo(2));
    }

    @Test
    void aMissingEventIsFound() throws SQLException {
        fixture.scan("docs", file("a", 5, 1));
        fixture.copyAll();

        sql("DROP TRIGGER event_is_not_deleted");
        sql("DELETE FROM event WHERE seq = 2");

        assertThat(fixture.ledger().events().walk().bad())
                .isEqualTo(new Events.Bad(3, "event 2 before it is missing"));
    }

    @Test
    void eventsAreNeitherChangedNorDeleted() {
        fixture.scan("docs", file("a", 5, 1));

        for (String attempt : List.of("UPDATE event SET kind = 'x'", "DELETE FROM event")) {
            assertThatThrownBy(() -> sql(attempt)).hasMessageContaining("append-only");
        }
    }

    @Test
    void countsAreNeverAboveWhatIsProven() {
        fixture.scan("docs", file("a", 5, 1), file("b", 5, 1), folder("d"));
        fixture.copyAll("nas");
        fixture.copyAll("tape");
        fixture.claim("offsite", fixture.lease());

        Counts.Report before = report();
        fixture.scan("docs", file("a", 6, 2), file("b", 5, 1), folder("d"));
        Counts.Report after = report();

        assertThat(before.reached()).containsOnly(entry(3, 2, 0, 3));
        assertThat(before.inPolicy()).isZero();
        assertThat(after.reached()).containsOnly(entry(1, 1, 0, 1), entry(3, 2, 0, 2));
        assertThat(after.belowPolicyPaths())
                .containsExactly(ItemPath.of("a"), ItemPath.of("b"), ItemPath.of("d"));
    }

    private static java.util.Map.Entry<Reached, Long> entry(
            int copies, int mediaKinds, int offsite, long items) {
        return java.util.Map.entry(new Reached(copies, mediaKinds, offsite, 0, 0), items);
    }

    @Test
    void anUnstableItemIsNoItemInPolicy() {
        fixture.scan("docs", file("a", 5, 1), file("b", 5, 1));
        fixture.copyAll();

        fixture.ledger()
                .scans()
                .problem(new Problem("docs", ItemPath.of("a"), Problem.Kind.UNSTABLE, "it grows"));

        assertThat(report().items()).isEqualTo(1);
        assertThat(report().unstable()).isEqualTo(1);
    }

    @Test
    void copiesAreCountedOnMoreThanThirtyTargets() {
        List<Target.Declared> many =
                IntStream.range(0, 40)
                        .mapToObj(i ->
                                new Target.Declared(
                                        "t" + i, MediaKind.OBJECT_STORE, "there", true, false))
                        .toList();
        fixture.ledger().targets().declare(many);
        fixture.scan("docs", file("a", 5, 1));
        fixture.copyAll();

        assertThat(report().reached()).containsOnly(entry(41, 2, 40, 1));
    }

    @Test
    void aRunThatWasCutOffIsNoBackup() {
        Runs runs = fixture.ledger().runs();
        runs.begin("backup");
        fixture.pass(LONG);
        long next = runs.begin("backup");

        assertThat(report().lastBackup()).isNull();
        runs.end(next, "done", new Runs.Numbers(0, 0, 0, 0, 0));
        assertThat(report().lastBackup()).isEqualTo(fixture.now());
    }

    @Test
    void aReaderDoesNotWaitForTheWriter() {
        fixture.scan("docs", file("a", 5, 1));

        try (Ledger beside = Ledger.openReadOnly(fixture.file(), Clock.systemUTC());
                Database writer = Database.open(fixture.file())) {
            long items =
                    writer.write(s -> {
                        s.run("UPDATE item SET present = 0");
                        return beside.counts().report(Policy.THREE_TWO_ONE).items();
                    });

            assertThat(items).isEqualTo(1);
        }
    }
}
