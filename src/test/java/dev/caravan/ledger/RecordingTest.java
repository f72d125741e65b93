package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A segment's copies are recorded in several transactions.
class RecordingTest {
    private static final int FILES = 2500;

    @TempDir Path folder;
    private LedgerFixture fixture;

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
        fixture.scan(
                "docs",
                IntStream.range(0, FILES)
                        .mapToObj(i -> file("f%04d".formatted(i), 5, 1))
                        .toArray(Sighted[]::new));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aSegmentOfManyCopiesIsOneObjectWithOneEvidence() throws SQLException {
        fixture.copyAll("tape");

        assertThat(number("SELECT count(*) FROM copy WHERE target_id = 2 AND state = 'DURABLE'"))
                .isEqualTo(FILES);
        assertThat(number("SELECT count(*) FROM object")).isEqualTo(1);
        assertThat(number("SELECT count(*) FROM evidence")).isEqualTo(1);
        assertThat(number("SELECT sum(detail ->> 'copies') FROM event WHERE kind = 'recorded'"))
                .isEqualTo(FILES);
    }

    @Test
    void whatIsRecordedBeforeAFailureCountsOnceAndTheRestIsMadeAgain() throws SQLException {
        run(
                "CREATE TRIGGER fails BEFORE UPDATE ON copy WHEN NEW.state = 'DURABLE' AND"
                        + " NEW.version_id = 2201 BEGIN SELECT raise(ABORT, 'no'); END");

        assertThatThrownBy(() -> fixture.copyAll("tape")).isInstanceOf(LedgerException.class);

        assertThat(number("SELECT count(*) FROM copy WHERE target_id = 2 AND state = 'DURABLE'"))
                .isEqualTo(2000);
        assertThat(number("SELECT count(*) FROM copy WHERE target_id = 2 AND state = 'WRITING'"))
                .isEqualTo(500);
        run("DROP TRIGGER fails");
        fixture.reopen();
        fixture.copyAll("tape");

        assertThat(number("SELECT count(*) FROM copy WHERE target_id = 2 AND state = 'DURABLE'"))
                .isEqualTo(FILES);
        assertThat(number("SELECT count(*) FROM object")).isEqualTo(2);
        assertThat(number("SELECT copies FROM tally WHERE target_id = 2 AND class = 'COUNTED'"))
                .isEqualTo(FILES);
    }

    private long number(String question) throws SQLException {
        try (var sqlite = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                var statement = sqlite.createStatement();
                var row = statement.executeQuery(question)) {
            return row.getLong(1);
        }
    }

    private void run(String change) throws SQLException {
        try (var sqlite = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                var statement = sqlite.createStatement()) {
            statement.execute(change);
        }
    }
}
