package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
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

    /// A bucket with Object Lock: what counts is locked, also if the ledger fails behind it.
    @Test
    void theLockIsRecordedWithTheFirstCopiesOfAnObject() throws SQLException {
        run(
                "CREATE TRIGGER fails BEFORE UPDATE ON copy WHEN NEW.state = 'DURABLE' AND"
                        + " NEW.version_id = 1500 BEGIN SELECT raise(ABORT, 'no'); END");
        fixture.reopen();
        long lease = fixture.lease();
        List<Version> claimed = fixture.claim("offsite", lease);
        var object = new StoredObject("s-1", 4096, true, null);
        List<CopyProof> proofs =
                claimed.stream()
                        .map(version ->
                                new CopyProof(version, LedgerFixture.hash(version), 5, object, 512))
                        .toList();
        Instant until = fixture.now().plus(Duration.ofDays(30));

        assertThatThrownBy(() ->
                        fixture.ledger()
                                .copies()
                                .record(
                                        "offsite",
                                        lease,
                                        fixture.evidence(Evidence.Level.V1),
                                        proofs,
                                        Map.of("s-1", until)))
                .isInstanceOf(LedgerException.class);

        assertThat(number("SELECT count(*) FROM copy WHERE target_id = 3 AND state = 'DURABLE'"))
                .isEqualTo(1000);
        assertThat(number("SELECT locked_until FROM object")).isEqualTo(Instants.nanos(until));
    }

    @Test
    void otherLanesGetInBetween() throws Exception {
        long lease = fixture.lease();
        List<CopyProof> proofs =
                fixture.claim("nas", lease).stream()
                        .map(version ->
                                new CopyProof(version, LedgerFixture.hash(version), 5, null, 0))
                        .toList();
        Evidence evidence = fixture.evidence(Evidence.Level.V1);
        Database database = Database.openBeside(fixture.file());
        Copies copies = new Copies(database, Clock.systemUTC());
        List<Integer> seen = new CopyOnWriteArrayList<>();
        Thread records =
                Thread.ofPlatform().unstarted(() -> copies.record("nas", lease, evidence, proofs));
        Thread other =
                Thread.ofPlatform()
                        .unstarted(() ->
                                seen.add(
                                        database.write(s ->
                                                s.one(
                                                        "SELECT count(*) FROM copy WHERE target_id"
                                                                + " = 1 AND state = 'DURABLE'",
                                                        r -> r.getInt(1)))));
        try (database;
                var busy = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                var statement = busy.createStatement()) {
            statement.execute("BEGIN IMMEDIATE"); // the first transaction has to wait for this
            records.start();
            await().until(database::isWriting);
            other.start();
            await().until(() -> other.getState() == Thread.State.WAITING);
            statement.execute("ROLLBACK");
            records.join();
            other.join();
        }

        assertThat(seen).containsExactly(1000);
    }

    @Test
    void ofAMixedBatchOnlyWhatIsOursAndAgreesIsRecorded() throws SQLException {
        fixture.copyAll("nas"); // the hashes are known
        long lease = fixture.lease();
        List<Version> claimed = fixture.claim("offsite", lease);
        Version good = claimed.get(0);
        Version other = claimed.get(1);
        Version lost = claimed.get(2);
        fixture.ledger().copies().release("offsite", lease, List.of(lost));
        CopyProof recorded = proof(good, LedgerFixture.hash(good), "s-good");
        CopyProof twice = proof(good, LedgerFixture.hash(good), "s-twice");
        CopyProof differs = proof(other, Sha256.OF_NOTHING, "s-differs");
        CopyProof notOurs = proof(lost, LedgerFixture.hash(lost), "s-lost");

        List<CopyProof> refused =
                fixture.ledger()
                        .copies()
                        .record(
                                "offsite",
                                lease,
                                fixture.evidence(Evidence.Level.V1),
                                List.of(differs, recorded, notOurs, twice));

        assertThat(refused).containsExactly(differs, notOurs, twice);
        assertThat(number("SELECT count(*) FROM copy WHERE target_id = 3 AND state = 'DURABLE'"))
                .isEqualTo(1);
        assertThat(number("SELECT count(*) FROM object WHERE name = 's-good'")).isEqualTo(1);
        assertThat(number("SELECT count(*) FROM object")).isEqualTo(1);
        assertThat(number("SELECT detail ->> 'copies' FROM event ORDER BY seq DESC")).isEqualTo(1);
        assertThat(number("SELECT detail ->> 'bytes' FROM event ORDER BY seq DESC")).isEqualTo(5);
    }

    private static CopyProof proof(Version version, Sha256 hash, String object) {
        return new CopyProof(version, hash, 5, new StoredObject(object, 4096, false, null), 0);
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
