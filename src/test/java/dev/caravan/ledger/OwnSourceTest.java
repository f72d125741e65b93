package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a home keeps of itself is counted nowhere, though triggers see its rows like others: a
/// ledger with it reports what one without it does.
class OwnSourceTest {
    private static final Policies POLICIES = Policies.of(Policy.THREE_TWO_ONE);

    @TempDir Path folder;
    private LedgerFixture with;
    private LedgerFixture without;

    @BeforeEach
    void twoLedgers() {
        without = new LedgerFixture(folder.resolve("without.db")).usual();
        with = new LedgerFixture(folder.resolve("with.db")).usual();
        with.ledger().sources().declare(OwnSource.NAME, "export".getBytes(StandardCharsets.UTF_8));
        for (LedgerFixture each : List.of(without, with)) {
            each.scan("docs", file("a", 10, 1), file("b", 20, 1));
        }
    }

    @AfterEach
    void close() {
        with.close();
        without.close();
    }

    @Test
    void copiesOfItThatAreWantedAreNotCounted() {
        with.scan(OwnSource.NAME, file("head.json", 500, 1), file("ledger.db.gz", 9000, 1));

        assertBothReportTheSame();
        assertThat(with.ledger().ownCopies().wanted()).isEqualTo(6);
    }

    /// It waits longer than all that is the user's.
    @Test
    void itDoesNotMakeTheOldestWantedCopyOlder() {
        with.scan(OwnSource.NAME, file("head.json", 500, 1));
        with.pass(Duration.ofHours(5));
        without.pass(Duration.ofHours(5));
        for (LedgerFixture each : List.of(without, with)) {
            each.scan("docs", file("a", 10, 1), file("b", 20, 1), file("c", 1, 1));
        }

        assertBothReportTheSame();
    }

    @Test
    void copiesOfItThatWereMadeAreNotCountedBeforeAndAfterTheyAreSettled() {
        with.scan(OwnSource.NAME, file("head.json", 500, 1), file("ledger.db.gz", 9000, 1));
        with.copyAll();
        without.copyAll();

        assertBothReportTheSame();
        with.ledger().upkeep().settle();
        without.ledger().upkeep().settle();
        assertBothReportTheSame();
        assertThat(with.ledger().counts().report(POLICIES).versions()).isEqualTo(2);
    }

    @Test
    void newVersionsOfItAndFilesThatAreGoneAreNotCounted() {
        with.scan(OwnSource.NAME, file("head.json", 500, 1), file("ledger.db.gz", 9000, 1));
        with.copyAll();
        without.copyAll();
        with.ledger().upkeep().settle();
        with.scan(OwnSource.NAME, file("head.json", 501, 2));
        with.copyAll("nas");

        assertBothReportTheSame();
        assertThat(with.ledger().counts().recount(POLICIES))
                .isEqualTo(without.ledger().counts().recount(POLICIES));
    }

    @Test
    void itIsNotAmongWhatIsLostWithATargetOrPlanned() {
        with.scan(OwnSource.NAME, file("head.json", 500, 1));
        with.scan(OwnSource.NAME, file("head.json", 501, 2));
        with.copyAll("nas");
        without.copyAll("nas");
        Standings.Lost nas = new Standings.Lost.OfTarget("nas");

        assertThat(with.ledger().standings().lose(POLICIES, nas))
                .isEqualTo(without.ledger().standings().lose(POLICIES, nas));
        assertThat(with.ledger().standings().plan(POLICIES))
                .isEqualTo(without.ledger().standings().plan(POLICIES));
    }

    /// A drill of the user's files says something of the user's files.
    @Test
    void aDrillDoesNotDrawIt() {
        with.scan(OwnSource.NAME, file("head.json", 500, 1));
        with.copyAll();

        assertThat(with.ledger().drills().sample("nas", 100, 0, new Random(1)))
                .hasSize(2)
                .noneMatch(version -> version.source().equals(OwnSource.NAME));
    }

    private void assertBothReportTheSame() {
        assertThat(with.ledger().counts().report(POLICIES))
                .isEqualTo(without.ledger().counts().report(POLICIES));
    }
}
