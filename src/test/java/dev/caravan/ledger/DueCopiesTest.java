package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.DueCopies.At;
import dev.caravan.ledger.DueCopies.Due;
import dev.caravan.ledger.DueCopies.Scope;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DueCopiesTest {
    private static final Instant LATER = Instant.parse("2100-01-01T00:00:00Z");

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

    private DueCopies dueCopies() {
        return fixture.ledger().dueCopies();
    }

    private static Scope all(Instant before) {
        return new Scope(List.of(), before, true);
    }

    private List<String> due(Scope scope, long bytes, Instant overdue) {
        return paths(dueCopies().plain("nas", scope, bytes, overdue));
    }

    private List<String> paths(List<Due> due) {
        List<String> paths = new ArrayList<>();
        for (Due each : due) {
            fixture.ledger()
                    .verifications()
                    .copies("nas", List.of(each.version()))
                    .forEach(copy -> paths.add(copy.version().path().text()));
        }
        return paths;
    }

    private long version(String path) {
        return fixture.ledger().catalog().versions("docs", ItemPath.of(path)).getFirst().id();
    }

    @Test
    void theOldestProofComesFirstAndWhatIsSuspectBeforeIt() {
        for (String path : List.of("one", "two", "three")) {
            List<Sighted> seen = new ArrayList<>();
            for (String each : List.of("one", "two", "three")) {
                seen.add(LedgerFixture.file(each, 10, 1));
                if (each.equals(path)) {
                    break;
                }
            }
            fixture.scan("docs", seen.toArray(Sighted[]::new));
            fixture.copyAll("nas");
            fixture.pass(Duration.ofDays(1));
        }
        assertThat(due(all(LATER), Long.MAX_VALUE, Instant.MIN))
                .containsExactly("one", "two", "three");

        fixture.ledger()
                .verifications()
                .record(
                        "nas",
                        new Verifications.Found(
                                new Evidence(
                                        "direct+readback+sha256",
                                        Evidence.Level.V3,
                                        fixture.now(),
                                        LedgerFixture.PROGRAM,
                                        17L,
                                        "/mnt/nas"),
                                List.of(version("one")),
                                Map.of(version("three"), "it is wrong"),
                                Map.of()));
        fixture.pass(Duration.ofDays(1));

        assertThat(due(all(LATER), Long.MAX_VALUE, Instant.MIN))
                .containsExactly("three", "two", "one");
        assertThat(due(new Scope(List.of(), LATER, false), Long.MAX_VALUE, Instant.MIN))
                .as("a scrub leaves to the repair what is known to be bad")
                .containsExactly("two", "one");
        assertThat(due(all(fixture.now().minus(Duration.ofHours(30))), Long.MAX_VALUE, Instant.MIN))
                .containsExactly("three", "two");
        assertThat(dueCopies().oldestProof("nas"))
                .contains(LedgerFixture.BEGAN.plus(Duration.ofDays(1)));
    }

    @Test
    void amongEqualProofsTheVersionWithFewestOtherCopiesComesFirst() {
        fixture.scan("docs", LedgerFixture.file("safe", 10, 1), LedgerFixture.file("also", 10, 1));
        fixture.copyAll("tape");
        fixture.scan(
                "docs",
                LedgerFixture.file("safe", 10, 1),
                LedgerFixture.file("also", 10, 1),
                LedgerFixture.file("lonely", 10, 1));
        fixture.copyAll("nas");

        assertThat(due(all(LATER), Long.MAX_VALUE, Instant.MIN)).startsWith("lonely").hasSize(3);
    }

    @Test
    void aBudgetEndsItButNotForWhatIsOverdue() {
        fixture.scan(
                "docs",
                LedgerFixture.file("a", 10, 1),
                LedgerFixture.file("b", 10, 1),
                LedgerFixture.file("c", 10, 1));
        fixture.copyAll("nas");
        fixture.pass(Duration.ofDays(40));

        assertThat(due(all(LATER), 15, Instant.MIN)).hasSize(2);
        assertThat(due(all(LATER), 15, fixture.now().minus(Duration.ofDays(30)))).hasSize(3);
        assertThat(due(all(LATER), 15, fixture.now().minus(Duration.ofDays(50)))).hasSize(2);
    }

    @Test
    void objectsAreDueWhenACopyInThemIs() {
        fixture.scan("docs", LedgerFixture.file("d/a", 10, 1), LedgerFixture.file("b", 10, 1));
        fixture.copyAll("offsite");
        fixture.pass(Duration.ofDays(1));
        fixture.scan(
                "docs",
                LedgerFixture.file("d/a", 10, 1),
                LedgerFixture.file("b", 10, 1),
                LedgerFixture.file("c", 10, 1));
        fixture.copyAll("offsite");
        fixture.copyAll("tape");

        assertThat(dueCopies().objects("offsite", all(LATER)))
                .hasSize(2)
                .extracting(due -> due.held().copies())
                .containsExactly(2L, 1L);
        assertThat(
                        dueCopies()
                                .objects(
                                        "offsite",
                                        new Scope(
                                                List.of(new At("docs", ItemPath.of("d"))),
                                                LATER,
                                                true)))
                .singleElement()
                .satisfies(due -> assertThat(due.held().copies()).isEqualTo(2));
        assertThat(dueCopies().objects("offsite", all(LedgerFixture.BEGAN.plusSeconds(1))))
                .hasSize(1);
        assertThat(dueCopies().objects("tape", all(LATER)))
                .singleElement()
                .satisfies(due -> assertThat(due.held().volume()).isEqualTo("VT0001L8"));
    }

    /// What a status asks each time, and what a scrub asks each night of a million copies.
    @Test
    void theOldestProofIsFoundByAnIndex() throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                var statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                "EXPLAIN QUERY PLAN SELECT c.version_id, v.size FROM copy c INDEXED"
                                        + " BY copy_proof CROSS JOIN version v ON v.id = c.version_id"
                                        + " WHERE c.target_id = 1 AND c.state = 'VERIFIED' AND"
                                        + " coalesce(c.verified_at, c.recorded_at) < 5 ORDER BY"
                                        + " coalesce(c.verified_at, c.recorded_at), c.version_id")) {
            List<String> plan = new ArrayList<>();
            while (rows.next()) {
                plan.add(rows.getString("detail"));
            }
            assertThat(plan.getFirst()).startsWith("SEARCH c USING").contains("INDEX copy_proof");
            assertThat(plan).noneMatch(step -> step.equals("USE TEMP B-TREE FOR ORDER BY"));
        }
    }
}
