package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/// The statements that want bad copies anew. A copy keeps the row, the place and the evidence of
/// the bad one until the new one is proven, and `replaces` says what it was; it does not count in
/// between. Confined.
final class Repair {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// There is something to make copy `c` from: nothing is needed for what has no bytes; else the
    /// original in the state of the version, or another copy that counts and can be read.
    private static final String GOOD_INPUT =
            "(v.kind <> 'FILE' OR (i.present = 1 AND i.seen = 1 AND i.version_id = v.id AND NOT"
                    + " EXISTS (SELECT 1 FROM problem p WHERE p.source_id = i.source_id AND p.path ="
                    + " i.path AND p.kind = 'UNSTABLE')) OR v.sha256 IS NOT NULL AND EXISTS (SELECT 1"
                    + " FROM target g CROSS JOIN copy o ON o.target_id = g.id AND o.version_id ="
                    + " v.id WHERE g.active = 1 AND g.id <> c.target_id AND o.state IN ('DURABLE',"
                    + " 'VERIFIED', 'STALE')))";

    private Repair() {}

    static int want(Session s, Instant now) throws SQLException {
        int all = 0;
        for (Target target : s.list(Targets.COLUMNS + "WHERE active = 1", Targets::map)) {
            List<Bad> bad =
                    s.list(
                            "SELECT c.version_id, c.state, c.parts FROM copy c INDEXED BY copy_bad"
                                    + " JOIN version v ON v.id = c.version_id JOIN item i ON i.id ="
                                    + " v.item_id WHERE c.target_id = ? AND c.state IN ('SUSPECT',"
                                    + " 'LOST') AND "
                                    + GOOD_INPUT,
                            r ->
                                    new Bad(
                                            r.getLong(1),
                                            CopyState.valueOf(r.getString(2)),
                                            r.getInt(3)),
                            target.id());
            for (Bad copy : bad) {
                want(s, target.id(), copy, now);
            }
            if (!bad.isEmpty()) {
                long suspect = bad.stream().filter(b -> b.state == CopyState.SUSPECT).count();
                Events.append(
                        s,
                        now,
                        "repair",
                        JSON.createObjectNode()
                                .put("target", target.name())
                                .put("copies", bad.size())
                                .put("suspect", suspect)
                                .put("lost", bad.size() - suspect)
                                .toString());
            }
            all += bad.size();
        }
        return all;
    }

    private record Bad(long version, CopyState state, int parts) {}

    private static void want(Session s, int target, Bad copy, Instant now) throws SQLException {
        s.run(
                "UPDATE copy SET state = 'WANTED', replaces = ?, parts = 1, attempts = 0, next_at ="
                        + " 0, wanted_at = ? WHERE target_id = ? AND version_id = ?",
                copy.state,
                Instants.nanos(now),
                target,
                copy.version);
        // good parts are used again; if no part was found bad, it was the whole
        boolean some =
                s.run(
                                "UPDATE part SET void = 1 WHERE version_id = ? AND target_id = ? AND"
                                        + " void = 0 AND suspect = 1",
                                copy.version,
                                target)
                        > 0;
        if (!some && copy.parts > 1) {
            s.run(
                    "UPDATE part SET void = 1 WHERE version_id = ? AND target_id = ? AND void = 0",
                    copy.version,
                    target);
        }
    }

    /// Gives up making these copies anew: they are again what they were.
    static int giveUp(Session s, int target, long version, String error) throws SQLException {
        return s.run(
                "UPDATE copy SET state = CASE WHEN EXISTS (SELECT 1 FROM part p WHERE p.version_id ="
                        + " copy.version_id AND p.target_id = copy.target_id) THEN 'LOST' ELSE"
                        + " replaces END, replaces = NULL, lease_id = NULL, last_error = ? WHERE"
                        + " target_id = ? AND version_id = ? AND replaces IS NOT NULL",
                error,
                target,
                version);
    }
}
