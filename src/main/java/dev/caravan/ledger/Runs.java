package dev.caravan.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs: one execution each of a backup, a service pass or a restore. Thread-safe.
public final class Runs {
    private static final String COLUMNS =
            "SELECT id, kind, started_at, ended_at, outcome, items, versions, copies, bytes,"
                    + " failures FROM run ";

    private final Database database;
    private final Clock clock;

    Runs(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// One run.
    ///
    /// @param outcome in words; null while it runs, or if it was cut off
    /// @param items present at its scan
    /// @param bytes written to all targets
    public record Run(
            long id,
            String kind,
            Instant started,
            @Nullable Instant ended,
            @Nullable String outcome,
            long items,
            long versions,
            long copies,
            long bytes,
            long failures) {}

    /// Begins a run; one that was cut off before is closed with what its events say it did.
    public long begin(String kind) {
        return database.write(s -> {
            s.run(
                    "UPDATE run SET outcome = 'cut off', ended_at = coalesce((SELECT max(at) FROM"
                            + " event WHERE run_id = run.id), started_at), items = "
                            + sum("scanned", "items")
                            + ", versions = "
                            + sum("registered", "versions")
                            + ", copies = "
                            + sum("recorded", "copies")
                            + ", bytes = "
                            + sum("recorded", "bytes")
                            + " WHERE ended_at IS NULL");
            return s.insert(
                    "INSERT INTO run (kind, started_at) VALUES (?, ?)",
                    kind,
                    Instants.nanos(clock.instant()));
        });
    }

    /// Begins a run beside one that goes on, of the same program.
    public long beginBeside(String kind) {
        return database.write(s ->
                s.insert(
                        "INSERT INTO run (kind, started_at) VALUES (?, ?)",
                        kind,
                        Instants.nanos(clock.instant())));
    }

    private static String sum(String kind, String field) {
        return "(SELECT coalesce(sum(json_extract(detail, '$.%s')), 0) FROM event WHERE run_id = run.id AND kind = '%s' AND json_extract(detail, '$.source') IS NOT '%s')"
                .formatted(field, kind, OwnSource.NAME);
    }

    public void end(long id, String outcome, Numbers numbers) {
        database.write(s ->
                s.run(
                        "UPDATE run SET ended_at = ?, outcome = ?, items = ?, versions = ?,"
                                + " copies = ?, bytes = ?, failures = ? WHERE id = ?",
                        Instants.nanos(clock.instant()),
                        outcome,
                        numbers.items,
                        numbers.versions,
                        numbers.copies,
                        numbers.bytes,
                        numbers.failures,
                        id));
    }

    /// What a run did.
    public record Numbers(long items, long versions, long copies, long bytes, long failures) {}

    public List<Run> newestFirst(int limit) {
        return database.read(s -> s.list(COLUMNS + "ORDER BY id DESC LIMIT ?", Runs::map, limit));
    }

    public Optional<Run> find(long id) {
        return Optional.ofNullable(
                database.read(s -> s.first(COLUMNS + "WHERE id = ?", Runs::map, id)));
    }

    private static Run map(ResultSet row) throws SQLException {
        return new Run(
                row.getLong(1),
                row.getString(2),
                Instants.of(row.getLong(3)),
                Instants.nullable(row, 4),
                row.getString(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10));
    }
}
