package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whoever changes the log without its hashes is found at the first event that is wrong.
class EventChainTest {
    private static final int EVENTS = 40;
    private static final int ROUNDS = 60;

    @TempDir Path folder;

    @Test
    void everyKindOfTamperingIsFoundAtTheFirstBadEvent() throws Exception {
        Path whole = folder.resolve("whole.db");
        try (LedgerFixture fixture = new LedgerFixture(whole)) {
            fixture.usual();
            fixture.scan("docs", file("a", 5, 1));
            for (int i = 3; i <= EVENTS; i++) {
                fixture.ledger().events().append("note", "{\"number\":" + i + "}");
            }
            assertThat(fixture.ledger().events().walk()).isEqualTo(new Events.Chain(EVENTS, null));
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);

        for (int round = 0; round < ROUNDS; round++) {
            Path tampered = folder.resolve("tampered.db");
            Files.deleteIfExists(tampered);
            Files.copy(whole, tampered);
            int at = 1 + random.nextInt(EVENTS - 1);
            Tampering how = Tampering.values()[round % Tampering.values().length];
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + tampered);
                    Statement statement = connection.createStatement()) {
                statement.execute("DROP TRIGGER event_is_not_changed");
                statement.execute("DROP TRIGGER event_is_not_deleted");
                how.apply(statement, at);
            }

            assertThat(firstBad(tampered))
                    .as("%s at %d, seed %d", how, at, seed)
                    .isEqualTo(how == Tampering.DELETE ? at + 1 : at);
        }
    }

    /// Returns 0 where nothing is bad.
    private static long firstBad(Path file) {
        try (Ledger ledger = Ledger.openReadOnly(file, Clock.systemUTC())) {
            Events.Bad bad = ledger.events().walk().bad();
            return bad == null ? 0 : bad.seq();
        }
    }

    private enum Tampering {
        FLIP_DETAIL {
            @Override
            void apply(Statement sql, int at) throws SQLException {
                sql.execute("UPDATE event SET detail = detail || ' ' WHERE seq = " + at);
            }
        },
        FLIP_KIND {
            @Override
            void apply(Statement sql, int at) throws SQLException {
                sql.execute("UPDATE event SET kind = upper(kind) WHERE seq = " + at);
            }
        },
        FLIP_TIME {
            @Override
            void apply(Statement sql, int at) throws SQLException {
                sql.execute("UPDATE event SET at = at + 1 WHERE seq = " + at);
            }
        },
        FLIP_HASH {
            @Override
            void apply(Statement sql, int at) throws SQLException {
                sql.execute("UPDATE event SET hash = zeroblob(32) WHERE seq = " + at);
            }
        },
        DELETE {
            @Override
            void apply(Statement sql, int at) throws SQLException {
                sql.execute("DELETE FROM event WHERE seq = " + at);
            }
        },
        /// The numbers behind it are put right, so that only the hashes tell.
        INSERT {
            @Override
            void apply(Statement sql, int at) throws SQLException {
                sql.execute("UPDATE event SET seq = -(seq + 1) WHERE seq >= " + at);
                sql.execute("UPDATE event SET seq = -seq WHERE seq < 0");
                sql.execute(
                        "INSERT INTO event (seq, at, kind, detail, hash) SELECT "
                                + at
                                + ", at, 'note', '{}', hash FROM event WHERE seq = "
                                + (at + 1));
            }
        },
        SWAP {
            @Override
            void apply(Statement sql, int at) throws SQLException {
                sql.execute("UPDATE event SET seq = -1 WHERE seq = " + at);
                sql.execute("UPDATE event SET seq = " + at + " WHERE seq = " + (at + 1));
                sql.execute("UPDATE event SET seq = " + (at + 1) + " WHERE seq = -1");
            }
        };

        abstract void apply(Statement sql, int at) throws SQLException;
    }
}
