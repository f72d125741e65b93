package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How long it is said that a file could not be read.
class ProblemsTest {
    private static final Problem UNREAD =
            new Problem("docs", ItemPath.of("a"), Problem.Kind.UNREADABLE, "does not answer");

    @TempDir Path folder;
    private LedgerFixture fixture;

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
        fixture.scan("docs", file("a", 5, 1), file("b", 5, 1));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void whatCouldNotBeCopiedIsSaidUntilAllItsCopiesAreMade() {
        failsToRead("nas");
        failsToRead("tape");
        scan();
        assertThat(said()).containsExactly(UNREAD);

        // a lane that is at it says nothing yet
        List<Version> claimed = fixture.claim("nas", fixture.lease());
        assertThat(claimed).isNotEmpty();
        scan();
        assertThat(said()).containsExactly(UNREAD);

        fixture.reopen();
        fixture.copyAll("nas");
        scan();
        assertThat(said()).containsExactly(UNREAD);

        fixture.copyAll("tape");
        assertThat(said()).as("with no scan in between").isEmpty();
    }

    @Test
    void whatAScanCouldNotReadIsSaidUntilAScanReadsIt() {
        scanThatDoesNotReadIt();
        fixture.copyAll();
        assertThat(said()).containsExactly(UNREAD);

        scan();
        assertThat(said()).isEmpty();
    }

    @Test
    void aScanAndAnAttemptThatFoundTheSameEachHaveToFindItOver() {
        failsToRead("nas");
        scanThatDoesNotReadIt();
        scan();
        assertThat(said()).as("a copy waits").containsExactly(UNREAD);

        scanThatDoesNotReadIt();
        failsToRead("nas");
        fixture.copyAll();
        assertThat(said()).as("the scan still has it").containsExactly(UNREAD);
        scan();
        assertThat(said()).isEmpty();
    }

    @Test
    void aTargetThatIsUsedNoMoreIsNotWaitedFor() {
        failsToRead("nas");
        failsToRead("tape");
        fixture.ledger()
                .targets()
                .declare(
                        List.of(
                                new Target.Declared("nas", MediaKind.DISK, "here", false, false),
                                new Target.Declared(
                                        "offsite", MediaKind.DISK, "bunker", true, true)));
        scan();
        assertThat(said()).containsExactly(UNREAD);

        fixture.reopen();
        fixture.copyAll("nas");
        assertThat(said()).isEmpty();
    }

    @Test
    void anAttemptThatFailsDuringAScanDoesNotStandForTheScan() {
        scanThatDoesNotReadIt();
        fixture.pass(Duration.ofMinutes(1));
        Scan scan = fixture.ledger().scans().begin("docs");
        failsToRead("nas");
        scan.changed(List.of(file("a", 5, 1), file("b", 5, 1)));
        scan.finish(false);
        assertThat(said()).containsExactly(UNREAD);

        fixture.reopen();
        fixture.copyAll();
        assertThat(said()).isEmpty();
    }

    @Test
    void whatWaitsWhenTheLedgerIsMigratedIsStillSaid() throws SQLException {
        failsToRead("nas");
        Problem other = new Problem("docs", ItemPath.of("b"), Problem.Kind.UNREADABLE, "no");
        fixture.ledger().scans().problem(other);
        fixture.close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("DROP TRIGGER copy_made_ends_its_problem");
            statement.executeUpdate("DROP TRIGGER problem_that_nobody_has_goes");
            statement.executeUpdate("ALTER TABLE problem DROP COLUMN scanned");
            statement.executeUpdate("ALTER TABLE problem DROP COLUMN copying");
            statement.executeUpdate("PRAGMA user_version = 14");
        }
        fixture.reopenClosed();
        assertThat(said()).containsExactly(UNREAD, other);

        scan();
        assertThat(said()).containsExactly(UNREAD);
    }

    @Test
    void whatIsGoneIsNotWaitedFor() {
        failsToRead("nas");
        fixture.pass(Duration.ofMinutes(1));
        fixture.scan("docs", file("b", 5, 1));

        assertThat(said()).isEmpty();
    }

    private void failsToRead(String target) {
        long lease = fixture.lease();
        Version version =
                fixture.claim(target, lease).stream()
                        .filter(v -> v.path().equals(UNREAD.path()))
                        .findFirst()
                        .orElseThrow();
        fixture.ledger().copies().retry(target, lease, version, UNREAD.reason(), Duration.ZERO);
        fixture.ledger().scans().problem(UNREAD);
    }

    private void scanThatDoesNotReadIt() {
        fixture.pass(Duration.ofMinutes(1));
        Scan scan = fixture.ledger().scans().begin("docs");
        scan.changed(List.of(file("b", 5, 1)));
        scan.unseen(UNREAD.path());
        scan.problems(List.of(UNREAD));
        scan.finish(false);
    }

    private void scan() {
        fixture.pass(Duration.ofMinutes(1));
        fixture.scan("docs", file("a", 5, 1), file("b", 5, 1));
    }

    private List<Problem> said() {
        return fixture.ledger().scans().problems(null, 10);
    }
}
