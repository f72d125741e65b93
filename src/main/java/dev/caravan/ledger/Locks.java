package dev.caravan.ledger;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Until when stored objects are locked where their target locks: nobody can change or delete them
/// before. Thread-safe.
public final class Locks {
    private static final String COUNTING = "('DURABLE', 'VERIFIED', 'STALE')";

    private static final String NOW = "unixepoch() * 1000000000";

    private final Database database;

    Locks(Database database) {
        this.database = database;
    }

    /// An object whose lock ends.
    public record Due(String name, boolean segment) {}

    /// Notes locks, as the target itself says.
    ///
    /// @param until by the names of objects
    public void note(String target, Map<String, Instant> until) {
        if (until.isEmpty()) {
            return;
        }
        database.write(s -> {
            int id = Copies.targetId(s, target);
            for (Map.Entry<String, Instant> lock : until.entrySet()) {
                note(s, id, lock.getKey(), lock.getValue());
            }
            return until.size();
        });
    }

    static void note(Session s, int target, String object, Instant until) throws SQLException {
        s.run(
                "UPDATE object SET locked_until = ? WHERE target_id = ? AND name = ?",
                Instants.nanos(until),
                target,
                object);
    }

    /// Objects with copies that count, whose lock ends before a moment, or that have none.
    public List<Due> due(String target, Instant before) {
        return database.read(s -> {
            int id = Copies.targetId(s, target);
            return s.list(
                    "SELECT DISTINCT o.name, o.segment FROM copy c JOIN object o ON o.id ="
                            + " c.object_id WHERE c.target_id = ?1 AND c.state IN "
                            + COUNTING
                            + " AND o.target_id = ?1 AND coalesce(o.locked_until, 0) < ?2",
                    r -> new Due(r.getString(1), r.getBoolean(2)),
                    id,
                    Instants.nanos(before));
        });
    }

    /// Whether all copies on a target that count are locked now.
    static boolean holdAll(Session s, int target) throws SQLException {
        Integer locked =
                s.first(
                        "SELECT 1 FROM object WHERE target_id = ? AND coalesce(locked_until, 0) > "
                                + NOW
                                + " LIMIT 1",
                        r -> r.getInt(1),
                        target);
        if (locked == null) {
            return false;
        }
        IdList open = new IdList();
        s.each(
                "SELECT id FROM object WHERE target_id = ? AND coalesce(locked_until, 0) <= " + NOW,
                r -> open.add(r.getLong(1)),
                target);
        return open.isEmpty()
                || s.first(
                                "SELECT 1 FROM copy WHERE target_id = ? AND state IN "
                                        + COUNTING
                                        + " AND object_id IN (SELECT value FROM json_each(?))"
                                        + " LIMIT 1",
                                r -> r.getInt(1),
                                target,
                                open.toString())
                        == null;
    }
}
