package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartsTest {
    @TempDir Path folder;
    private LedgerFixture fixture;
    private Version version;
    private long lease;

    @BeforeEach
    void aClaimedLargeFile() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
        fixture.scan("docs", LedgerFixture.file("large", 30, 1));
        lease = fixture.lease();
        version = fixture.claim("tape", lease).getFirst();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aCopyCountsWithItsLastPartAndNotBefore() {
        Sha256 whole = LedgerFixture.hash(version);

        assertThat(record(1, null)).isEqualTo(Parts.Outcome.RECORDED);
        assertThat(record(2, null)).isEqualTo(Parts.Outcome.RECORDED);
        assertThat(copy().state()).isEqualTo(CopyState.WRITING);
        assertThat(copy().parts()).isEmpty();
        assertThat(record(3, whole)).isEqualTo(Parts.Outcome.COMPLETE);

        Catalog.Copy copy = copy();
        assertThat(copy.state()).isEqualTo(CopyState.DURABLE);
        assertThat(copy.evidence()).isNotNull();
        assertThat(copy.sha256()).isEqualTo(whole);
        assertThat(copy.bytesRead()).isEqualTo(30);
        assertThat(copy.parts())
                .extracting(part -> part.object().tape())
                .extracting(StoredObject.OnTape::volume)
                .containsExactly("VT0001L8", "VT0002L8", "VT0003L8");
        assertThat(copy.object()).isEqualTo(copy.parts().getFirst().object());
        assertThat(copy.at(copy.parts().get(1)).parts()).isEmpty();
        assertThat(
                        fixture.ledger()
                                .catalog()
                                .versions("docs", ItemPath.of("large"))
                                .getFirst()
                                .sha256())
                .isEqualTo(whole);
        assertThat(fixture.ledger().targets().volumes("tape")).hasSize(3);
    }

    @Test
    void whatADeadProgramRecordedIsGoneOnWith() {
        record(1, null);
        record(2, null);

        fixture.reopen();

        assertThat(copy().state()).isEqualTo(CopyState.WANTED);
        assertThat(fixture.ledger().parts().of("tape", version))
                .extracting(part -> part.part().number())
                .containsExactly(1, 2);
        assertThat(record(3, LedgerFixture.hash(version))).isEqualTo(Parts.Outcome.NOT_OURS);
        lease = fixture.lease();
        fixture.claim("tape", lease);
        assertThat(record(3, LedgerFixture.hash(version))).isEqualTo(Parts.Outcome.COMPLETE);
    }

    /// A crash came between the last part and what makes the copy count: only the hash is missing.
    @Test
    void aCopyWhosePartsAreAllThereIsCompletedByTheHashOfTheWhole() {
        record(1, null);
        record(2, null);
        record(3, null);

        assertThat(
                        fixture.ledger()
                                .parts()
                                .complete("tape", lease, version, LedgerFixture.hash(version)))
                .isEqualTo(Parts.Outcome.COMPLETE);
        assertThat(copy().state()).isEqualTo(CopyState.DURABLE);
    }

    @Test
    void anotherHashOfTheWholeVoidsAllParts() {
        long nas = fixture.lease();
        Version onNas = fixture.claim("nas", nas).getFirst();
        fixture.ledger()
                .copies()
                .record(
                        "nas",
                        nas,
                        fixture.evidence(Evidence.Level.V1),
                        List.of(new CopyProof(onNas, LedgerFixture.hash(onNas), 30, null, 0)));
        record(1, null);
        record(2, null);

        assertThat(record(3, Sha256.OF_NOTHING)).isEqualTo(Parts.Outcome.OTHER_HASH);

        assertThat(copy().state()).isEqualTo(CopyState.WRITING);
        assertThat(fixture.ledger().parts().of("tape", version)).isEmpty();
        assertThat(sql("SELECT count(*) FROM part WHERE void = 1")).isEqualTo("3");
        assertThat(sql("SELECT detail FROM event WHERE kind = 'voided'"))
                .isEqualTo("{\"version\":1,\"parts\":3}");
    }

    @Test
    void aVersionThatIsForgottenLeavesItsPartsVoid() {
        record(1, null);

        assertThat(
                        fixture.ledger()
                                .copies()
                                .abandon("tape", lease, version, "changed", LedgerFixture.LONG))
                .isEqualTo(Copies.Abandoned.FORGOTTEN);

        assertThat(sql("SELECT version_id FROM part WHERE void = 1")).isEqualTo("1");
        assertThat(sql("SELECT count(*) FROM version")).isEqualTo("0");
    }

    @Test
    void aPartThatIsWrittenAgainVoidsTheOneBefore() {
        record(1, null);
        record(1, null, "again");

        assertThat(fixture.ledger().parts().of("tape", version)).hasSize(1);
        assertThat(sql("SELECT count(*) FROM part WHERE void = 1")).isEqualTo("1");
    }

    @Test
    void sqlRefusesACopyThatLacksAPart() {
        record(1, null);
        record(3, null);

        assertThatThrownBy(() -> record(4, LedgerFixture.hash(version)))
                .isInstanceOf(LedgerException.class);
        assertThatThrownBy(() -> countIt(3)).hasMessageContaining("only with all of them");
        record(2, null);
        assertThatThrownBy(() -> countIt(2)).hasMessageContaining("only with all of them");
        countIt(3);
        assertThat(copy().state()).isEqualTo(CopyState.DURABLE);
    }

    @Test
    void sqlRefusesPartsThatLeaveBytesOut() {
        record(1, null);
        record(2, null);
        record(3, null);
        sql("UPDATE part SET content_offset = 21 WHERE number = 3 RETURNING id");

        assertThatThrownBy(() -> countIt(3)).hasMessageContaining("only with all of them");

        sql(
                "UPDATE part SET content_offset = 20, part_set = 'other' WHERE number = 3 RETURNING id");
        assertThatThrownBy(() -> countIt(3)).hasMessageContaining("only with all of them");
    }

    @Test
    void sqlRefusesAVoidPartOfACountedCopy() {
        record(1, null);
        record(2, null);
        record(3, LedgerFixture.hash(version));

        assertThatThrownBy(() -> fixture.ledger().parts().giveUp("tape", version))
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("first the copy must not count");

        assertThat(copy().parts()).hasSize(3);
    }

    @Test
    void namesThatBeginLikePartsAreKnown() {
        fixture.scan(
                "docs",
                LedgerFixture.file("large", 30, 1),
                LedgerFixture.file("film.part-00001-of-00002", 3, 1),
                LedgerFixture.file("other.part.", 3, 1));
        Parts parts = fixture.ledger().parts();

        assertThat(parts.nameTaken("docs", "film.part-".getBytes(StandardCharsets.UTF_8))).isTrue();
        assertThat(parts.nameTaken("docs", "large.part-".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
        assertThat(parts.nameTaken("docs", "other.part-".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
    }

    /// As the first program made it: a copy on tape, in one piece.
    @Test
    void aLedgerOfSchemaOneIsMigratedAndItsCopiesStay() throws Exception {
        Path old = folder.resolve("old.db");
        Path made = folder.resolve("made.db");
        try (LedgerFixture fixture = new LedgerFixture(made).usual()) {
            fixture.scan("docs", LedgerFixture.file("a", 5, 1));
            fixture.copyAll();
        }
        asTheFirstProgramMadeIt(made, old);

        assertThatThrownBy(() -> Ledger.openReadOnly(old, Clock.systemUTC()))
                .hasMessageContaining("has schema 1, this program wants");
        try (Ledger migrated = Ledger.open(old, Clock.systemUTC())) {
            Version there = migrated.catalog().versions("docs", ItemPath.of("a")).getFirst();
            assertThat(migrated.catalog().copies(there))
                    .hasSize(3)
                    .allMatch(copy -> copy.state() == CopyState.DURABLE)
                    .allMatch(copy -> copy.parts().isEmpty());
            assertThat(migrated.counts().report(Policy.THREE_TWO_ONE).inPolicy()).isEqualTo(1);
        }
    }

    /// The rows of a ledger in the tables of schema 1.
    private static void asTheFirstProgramMadeIt(Path made, Path old) throws Exception {
        String schema;
        try (InputStream in = Ledger.class.getResourceAsStream("0001-ledger.sql")) {
            schema = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + old);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA journal_mode = WAL");
            statement.executeUpdate(schema);
            statement.executeUpdate("ATTACH '" + made + "' AS made");
            List<String> inserts = new ArrayList<>();
            try (ResultSet tables =
                    statement.executeQuery(
                            "SELECT m.name, group_concat(c.name, ', ') FROM main.sqlite_master m JOIN"
                                    + " pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name"
                                    + " NOT LIKE 'sqlite%' GROUP BY m.name")) {
                while (tables.next()) {
                    inserts.add(
                            "INSERT INTO main.%1$s (%2$s) SELECT %2$s FROM made.%1$s"
                                    .formatted(tables.getString(1), tables.getString(2)));
                }
            }
            for (String insert : inserts) {
                statement.executeUpdate(insert);
            }
            statement.executeUpdate("PRAGMA user_version = 1");
        }
    }

    private Parts.Outcome record(int number, @Nullable Sha256 whole) {
        return record(number, whole, "segment-" + number);
    }

    /// Parts of 10 bytes, each on a cartridge of its own.
    private Parts.Outcome record(int number, @Nullable Sha256 whole, String object) {
        PartProof proof =
                new PartProof(
                        version,
                        new PartOfCopy("segment-1", number, 3, (number - 1) * 10L, 10, 10, false),
                        Sha256.OF_NOTHING,
                        new StoredObject(
                                object,
                                4096,
                                true,
                                new StoredObject.OnTape(
                                        "VT000" + number + "L8", "uuid-" + number, 1, 2)),
                        1536,
                        whole);
        return fixture.ledger()
                .parts()
                .record("tape", lease, fixture.evidence(Evidence.Level.V1), List.of(proof))
                .getFirst();
    }

    private Catalog.Copy copy() {
        return fixture.ledger().catalog().copies(version).stream()
                .filter(copy -> copy.target().name().equals("tape"))
                .findFirst()
                .orElseThrow();
    }

    private void countIt(int parts) {
        sql(
                "UPDATE copy SET state = 'DURABLE', lease_id = NULL, evidence_id = 1, recorded_at = 1, parts = %d WHERE version_id = 1 AND target_id = (SELECT id FROM target WHERE name = 'tape') RETURNING parts"
                        .formatted(parts));
    }

    private String sql(String statement) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                var rows = connection.createStatement().executeQuery(statement)) {
            return rows.next() ? rows.getString(1) : "";
        } catch (java.sql.SQLException failed) {
            throw new IllegalStateException(failed.getMessage(), failed);
        }
    }
}
