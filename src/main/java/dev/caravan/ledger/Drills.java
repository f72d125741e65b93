package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.item.Version;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Drills: restores done to prove copies, and how long they took. Thread-safe.
public final class Drills {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COUNTED = "('DURABLE', 'VERIFIED', 'STALE')";

    /// Files of the user only: folders and symlinks come back from the ledger, and prove nothing of
    /// a medium.
    private static final String FILES =
            " FROM copy c JOIN version v ON v.id = c.version_id AND v.kind = 'FILE' AND v.sha256 IS"
                    + " NOT NULL JOIN item i ON i.id = v.item_id JOIN source s ON s.id = i.source_id"
                    + " AND s.name <> '"
                    + OwnSource.NAME
                    + "' WHERE c.target_id = ?1 AND c.state IN "
                    + COUNTED;

    private static final int MOST_ITEMS = 10_000;
    private static final int DRAWS_FOR_EACH = 20;
    private static final int MEASURED = 10;

    private final Database database;

    Drills(Database database) {
        this.database = database;
    }

    /// One drill of one target.
    ///
    /// @param items that were to come back
    /// @param bytes that came back
    /// @param failures items that did not come back, or not as they were
    /// @param took the restoring alone
    public record Drill(
            String target,
            Instant started,
            Instant ended,
            long items,
            long bytes,
            long failures,
            Duration took) {}

    /// What a drill of a target showed.
    ///
    /// @param evidence for the copies that came back right
    /// @param right versions that did
    /// @param wrong why copies of these versions are not what they should be
    public record Outcome(
            Drill drill, Evidence evidence, Collection<Long> right, Map<Long, String> wrong) {}

    /// How fast restores from a target were, over its last drills.
    ///
    /// @param last when the latest of them ended
    public record Measured(long items, long bytes, Duration took, Instant last) {}

    /// Draws counted copies of files at random.
    ///
    /// @param items how many; fewer if there are no more
    /// @param bytes enough with so many, however many items that takes; 0 for any size
    public List<Version> sample(String target, int items, long bytes, RandomGenerator random) {
        int most = bytes > 0 ? MOST_ITEMS : items;
        return database.read(s -> {
            int id = Copies.targetId(s, target);
            List<Version> few =
                    s.list(
                            "SELECT " + VersionRow.COLUMNS + FILES + " LIMIT ?2",
                            VersionRow::map,
                            id,
                            most + 1);
            boolean all = few.size() <= most;
            if (all && (bytes == 0 || sum(few) <= bytes)) {
                return few;
            }
            return drawn(s, id, most, bytes == 0 ? Long.MAX_VALUE : bytes, random);
        });
    }

    private static long sum(List<Version> versions) {
        return versions.stream().mapToLong(v -> v.metadata().size()).sum();
    }

    /// By a random id, and the next one from there that can be taken.
    private static List<Version> drawn(
            Session s, int target, int most, long bytes, RandomGenerator random)
            throws SQLException {
        long first =
                s.one(
                        "SELECT coalesce(min(version_id), 0) FROM copy WHERE target_id = ?",
                        r -> r.getLong(1),
                        target);
        long last =
                s.one(
                        "SELECT coalesce(max(version_id), 0) FROM copy WHERE target_id = ?",
                        r -> r.getLong(1),
                        target);
        Map<Long, Version> drawn = new LinkedHashMap<>();
        long sum = 0;
        for (int draw = 0;
                draw < most * DRAWS_FOR_EACH && drawn.size() < most && sum < bytes;
                draw++) {
            Version next = from(s, target, random.nextLong(first, last + 1));
            if (next == null) {
                next = from(s, target, first);
            }
            if (next != null && drawn.putIfAbsent(next.id(), next) == null) {
                sum += next.metadata().size();
            }
        }
        return new ArrayList<>(drawn.values());
    }

    private static @Nullable Version from(Session s, int target, long id) throws SQLException {
        return s.first(
                "SELECT "
                        + VersionRow.COLUMNS
                        + FILES
                        + " AND c.version_id >= ?2 ORDER BY c.version_id LIMIT 1",
                VersionRow::map,
                target,
                id);
    }

    /// Records a drill, in one transaction with what it showed: copies that came back are proven by
    /// it, those that were not what they should be count no more.
    ///
    /// @return how many copies count no more
    public long record(Outcome outcome) {
        Drill drill = outcome.drill();
        return database.write(s -> {
            int target = Copies.targetId(s, drill.target());
            if (!outcome.right().isEmpty()) {
                verified(s, target, outcome.evidence(), outcome.right());
            }
            long fell = 0;
            for (Map.Entry<Long, String> wrong : outcome.wrong().entrySet()) {
                fell +=
                        s.run(
                                "UPDATE copy SET state = 'SUSPECT', last_error = ? WHERE target_id = ?"
                                        + " AND version_id = ? AND state IN "
                                        + COUNTED,
                                wrong.getValue(),
                                target,
                                wrong.getKey());
            }
            s.run(
                    "INSERT INTO drill (target_id, started_at, ended_at, items, bytes, failures,"
                            + " seconds) VALUES (?, ?, ?, ?, ?, ?, CAST(? AS REAL))",
                    target,
                    Instants.nanos(drill.started()),
                    Instants.nanos(drill.ended()),
                    drill.items(),
                    drill.bytes(),
                    drill.failures(),
                    Double.toString(drill.took().toNanos() / 1e9));
            events(s, outcome, fell);
            return fell;
        });
    }

    private static void verified(
            Session s, int target, Evidence evidence, Collection<Long> versions)
            throws SQLException {
        IdList ids = new IdList();
        versions.forEach(ids::add);
        long at = Instants.nanos(evidence.at());
        long id =
                s.insert(
                        "INSERT INTO evidence (method, level, at, program) VALUES (?, ?, ?, ?)",
                        evidence.method(),
                        evidence.level(),
                        at,
                        evidence.program());
        String these =
                " WHERE target_id = ?1 AND version_id IN (SELECT value FROM json_each(?2)) AND ";
        s.run(
                "UPDATE part SET verified_at = ?3, evidence_id = ?4" + these + "void = 0",
                target,
                ids,
                at,
                id);
        s.run(
                "UPDATE copy SET state = 'VERIFIED', evidence_id = ?4, verified_at = ?3, attempts ="
                        + " 0, last_error = NULL"
                        + these
                        + "state IN "
                        + COUNTED,
                target,
                ids,
                at,
                id);
    }

    private static void events(Session s, Outcome outcome, long fell) throws SQLException {
        Drill drill = outcome.drill();
        Events.append(
                s,
                drill.ended(),
                "drilled",
                JSON.createObjectNode()
                        .put("target", drill.target())
                        .put("items", drill.items())
                        .put("bytes", drill.bytes())
                        .put("failures", drill.failures())
                        .put("millis", drill.took().toMillis())
                        .put("method", outcome.evidence().method())
                        .toString());
        if (fell > 0) {
            Events.append(
                    s,
                    drill.ended(),
                    "suspect",
                    JSON.createObjectNode()
                            .put("target", drill.target())
                            .put("copies", fell)
                            .put("first", outcome.wrong().values().iterator().next())
                            .toString());
        }
    }

    public List<Drill> newestFirst(int limit) {
        return database.read(s ->
                s.list(
                        "SELECT t.name, d.started_at, d.ended_at, d.items, d.bytes, d.failures,"
                                + " d.seconds FROM drill d JOIN target t ON t.id = d.target_id ORDER"
                                + " BY d.id DESC LIMIT ?",
                        Drills::map,
                        limit));
    }

    private static Drill map(ResultSet row) throws SQLException {
        return new Drill(
                row.getString(1),
                Instants.of(row.getLong(2)),
                Instants.of(row.getLong(3)),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                seconds(row.getDouble(7)));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    /// How fast the last drills of a target were; empty if none brought anything back.
    public Optional<Measured> measured(String target) {
        return Optional.ofNullable(
                database.read(s ->
                        s.first(
                                "SELECT sum(items - failures), sum(bytes), sum(seconds),"
                                        + " max(ended_at) FROM (SELECT * FROM drill WHERE target_id ="
                                        + " (SELECT id FROM target WHERE name = ?) AND bytes > 0 AND"
                                        + " items > failures ORDER BY id DESC LIMIT ?) HAVING"
                                        + " count(*) > 0",
                                r ->
                                        new Measured(
                                                r.getLong(1),
                                                r.getLong(2),
                                                seconds(r.getDouble(3)),
                                                Instants.of(r.getLong(4))),
                                target,
                                MEASURED)));
    }
}
