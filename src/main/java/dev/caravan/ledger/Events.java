package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
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
    static void append(Session s, Instant at, String kind, String detail) throws SQLException {
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

    private static @Nullable Long nullableLong(ResultSet row) throws SQLException {
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

    /// The chain as a walk over all of it found it.
    ///
    /// @param events how many there are
    /// @param bad the first row that is wrong; null when the chain is whole
    public record Chain(long events, @Nullable Bad bad) {}

    /// A row that is not what its hash says, or does not follow the row before it.
    ///
    /// @param why in words
    public record Bad(long seq, String why) {}

    /// Walks the whole chain. Rows behind the first bad one are only counted: what they follow is
    /// not known any more.
    public Chain walk() {
        return database.read(s -> {
            Walk walk = new Walk();
            s.each("SELECT seq, at, kind, detail, hash FROM event ORDER BY seq", walk::visit);
            return new Chain(walk.events, walk.bad);
        });
    }

    private static final class Walk {
        private byte[] before = BEGINNING;
        private long last;
        private long events;
        private @Nullable Bad bad;

        void visit(ResultSet row) throws SQLException {
            events++;
            if (bad != null) {
                return;
            }
            long seq = row.getLong(1);
            byte[] hash = row.getBytes(5);
            if (seq != last + 1) {
                bad = new Bad(seq, missing(last + 1, seq - 1));
            } else if (!Arrays.equals(
                    hash, hash(before, seq, row.getLong(2), row.getString(3), row.getString(4)))) {
                bad =
                        new Bad(
                                seq,
                                "its hash is not that of its content and of the event before it: one of them was changed, or put in later");
            }
            last = seq;
            before = hash;
        }

        private static String missing(long from, long to) {
            return from > to
                    ? "a number before the first, which no event has"
                    : from == to
                            ? "event %d before it is missing".formatted(from)
                            : "events %d to %d before it are missing".formatted(from, to);
        }
    }
}
