package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The event log: append-only, each row's hash covers the row before it, so a row that is changed,
/// taken out or put in later is found. Thread-safe.
public final class Events {
    private static final byte[] BEGINNING = new byte[32];

    private final Database database;
    private final Clock clock;

    Events(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// One event.
    public record Event(long seq, Instant at, String kind, String detail) {}

    /// Appends an event of its own.
    public void append(String kind, String detail) {
        database.write(s -> {
            append(s, clock.instant(), kind, detail);
            return 1;
        });
    }

    /// Appends an event to the transaction that makes it true.
    static void append(Database.Session s, Instant at, String kind, String detail)
            throws SQLException {
        Last last =
                s.first(
                        "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1",
                        r -> new Last(r.getLong(1), r.getBytes(2)));
        long seq = last == null ? 1 : last.seq + 1;
        byte[] before = last == null ? BEGINNING : last.hash;
        long nanos = Instants.nanos(at);
        Long run = s.first("SELECT max(id) FROM run WHERE ended_at IS NULL", Events::nullableLong);
        s.run(
                "INSERT INTO event (seq, at, run_id, kind, detail, hash) VALUES (?, ?, ?, ?, ?, ?)",
                seq,
                nanos,
                run,
                kind,
                detail,
                hash(before, seq, nanos, kind, detail));
    }

    private static @Nullable Long nullableLong(java.sql.ResultSet row) throws SQLException {
        long value = row.getLong(1);
        return row.wasNull() ? null : value;
    }

    private record Last(long seq, byte[] hash) {}

    private static byte[] hash(byte[] before, long seq, long at, String kind, String detail) {
        MessageDigest digest = Sha256.digest();
        digest.update(before);
        digest.update(ByteBuffer.allocate(16).putLong(seq).putLong(at).array());
        field(digest, kind);
        field(digest, detail);
        return digest.digest();
    }

    private static void field(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
        digest.update(bytes);
    }

    public List<Event> ofRun(long run) {
        return database.read(s ->
                s.list(
                        "SELECT seq, at, kind, detail FROM event WHERE run_id = ? ORDER BY"
                                + " seq",
                        r ->
                                new Event(
                                        r.getLong(1),
                                        Instants.of(r.getLong(2)),
                                        r.getString(3),
                                        r.getString(4)),
                        run));
    }

    /// The first row that is not what its hash says or does not follow the row before; empty when
    /// the chain is whole.
    public OptionalLong firstBroken() {
        long[] state = {1, -1};
        byte[][] before = {BEGINNING};
        database.read(s -> {
            s.each(
                    "SELECT seq, at, kind, detail, hash FROM event ORDER BY seq",
                    r -> {
                        byte[] hash = r.getBytes(5);
                        byte[] expected =
                                hash(
                                        before[0],
                                        r.getLong(1),
                                        r.getLong(2),
                                        r.getString(3),
                                        r.getString(4));
                        boolean right = r.getLong(1) == state[0] && Arrays.equals(hash, expected);
                        if (!right && state[1] < 0) {
                            state[1] = r.getLong(1);
                        }
                        state[0] = r.getLong(1) + 1;
                        before[0] = hash;
                    });
            return state[1];
        });
        return state[1] < 0 ? OptionalLong.empty() : OptionalLong.of(state[1]);
    }
}
