package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.nio.file.Path;
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
        scanAndSettle();
        assertThat(said()).containsExactly(UNREAD);

        // a lane that is at it says nothing yet
        List<Version> claimed = fixture.claim("nas", fixture.lease());
        assertThat(claimed).isNotEmpty();
        scanAndSettle();
        assertThat(said()).containsExactly(UNREAD);

        fixture.reopen();
        fixture.copyAll("nas");
        scanAndSettle();
        assertThat(said()).containsExactly(UNREAD);

        fixture.copyAll("tape");
        fixture.ledger().upkeep().settle();
        assertThat(said()).as("with no scan in between").isEmpty();
    }

    @Test
    void whatAScanCouldNotReadIsSaidUntilAScanReadsIt() {
        fixture.pass(Duration.ofMinutes(1));
        Scan scan = fixture.ledger().scans().begin("docs");
        scan.changed(List.of(file("b", 5, 1)));
        scan.unseen(UNREAD.path());
        scan.problems(List.of(UNREAD));
        fixture.ledger().upkeep().settle();
        scan.finish(false);
        fixture.copyAll();
        fixture.ledger().upkeep().settle();
        assertThat(said()).containsExactly(UNREAD);

        scanAndSettle();
        assertThat(said()).isEmpty();
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

    private void scanAndSettle() {
        fixture.pass(Duration.ofMinutes(1));
        fixture.scan("docs", file("a", 5, 1), file("b", 5, 1));
        fixture.ledger().upkeep().settle();
    }

    private List<Problem> said() {
        return fixture.ledger().scans().problems(null, 10);
    }
}
