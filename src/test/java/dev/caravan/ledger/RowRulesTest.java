package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules that are in the schema and looked at for every row: they hold for whoever writes, and
/// cost little.
class RowRulesTest {
    private static final Pattern LONG_LIST =
            Pattern.compile("\\bIN\\s*\\(\\s*'[^)]*,[^)]*,[^)]*\\)");

    @TempDir Path folder;
    private LedgerFixture fixture;

    @BeforeEach
    void fill() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
        fixture.scan("docs", LedgerFixture.file("a", 5, 1));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    /// SQLite makes a temporary index of a list of three or more values, for each row anew: that
    /// was half of the time of recording copies.
    @Test
    void noRuleMakesATemporaryIndexForEachRow() throws SQLException {
        List<String> slow = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rules =
                        statement.executeQuery(
                                "SELECT name, CASE type WHEN 'trigger' THEN"
                                        + " substr(sql, 1, instr(sql, 'BEGIN')) ELSE sql END FROM"
                                        + " sqlite_schema WHERE tbl_name IN ('item', 'version',"
                                        + " 'copy') AND sql IS NOT NULL")) {
            while (rules.next()) {
                if (LONG_LIST.matcher(rules.getString(2)).find()) {
                    slow.add(rules.getString(1));
                }
            }
        }

        assertThat(slow).isEmpty();
        assertThat("state IN ('DURABLE', 'VERIFIED',\n 'STALE')").containsPattern(LONG_LIST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE copy SET state = 'SAFE'",
                "UPDATE copy SET state = 'DURABLE'",
                "UPDATE copy SET state = 'DURABLE', recorded_at = 1",
                "UPDATE copy SET state = 'STALE', evidence_id = 1",
                "UPDATE copy SET state = 'VERIFIED', evidence_id = 1, recorded_at = 1",
                "UPDATE copy SET state = 'WRITING'",
                "UPDATE copy SET lease_id = 1",
                "UPDATE version SET kind = 'SOCKET'"
            })
    void noProgramWritesWhatCannotBe(String statement) {
        assertThatThrownBy(() -> execute(statement)).hasMessageContaining("CHECK");
    }

    @Test
    void nobodyRetiresACopyWithoutItsRetirement() {
        assertThatThrownBy(() -> execute("UPDATE copy SET state = 'RETIRED'"))
                .hasMessageContaining("only together with its retirement");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE copy SET state = 'SUSPECT' WHERE target_id = 1",
                "UPDATE copy SET state = 'DURABLE', evidence_id = 1, recorded_at = 1, bytes_read = 7",
                "DELETE FROM copy WHERE target_id = 2"
            })
    void whatAnotherProgramWritesIsTalliedToo(String statement) throws SQLException {
        execute(statement);

        assertThat(difference()).isZero();
    }

    /// Classes of copies that are not tallied as they are.
    private int difference() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                """
                                WITH counted AS (
                                  SELECT target_id, CASE WHEN state IN ('WANTED', 'WRITING') THEN 'WANTED'
                                           WHEN state IN ('DURABLE', 'VERIFIED', 'STALE') THEN 'COUNTED'
                                           ELSE state END AS class,
                                         count(*) AS copies, sum(coalesce(bytes_read, 0)) AS bytes
                                  FROM copy GROUP BY target_id, class),
                                kept AS (SELECT * FROM tally WHERE copies <> 0 OR bytes <> 0)
                                SELECT count(*) FROM (
                                  SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
                                  UNION ALL
                                  SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted))
                                """)) {
            return row.getInt(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
    }
}
