package dev.caravan.ledger;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// The statements that record what reading back a stored object showed of the part in it. Confined.
final class PartsReadBack {
    /// The parts of copies that are still being written: what is wrong with one only means that it
    /// is written again.
    private static final String BEGUN =
            "void = 0 AND EXISTS (SELECT 1 FROM copy c WHERE c.target_id = part.target_id AND"
                    + " c.version_id = part.version_id AND c.state IN ('WANTED', 'WRITING',"
                    + " 'FAILED'))";

    private final Session s;
    private final int target;
    private final String object;

    PartsReadBack(Session s, int target, String object) {
        this.s = s;
        this.target = target;
        this.object = object;
    }

    private record Here(long id, long version) {}

    private List<Here> here() throws SQLException {
        return s.list(
                "SELECT p.id, p.version_id FROM object o JOIN part p ON p.object_id = o.id AND p.void"
                        + " = 0 WHERE o.target_id = ? AND o.name = ?",
                r -> new Here(r.getLong(1), r.getLong(2)),
                target,
                object);
    }

    /// @param wholes versions of which the hash of the whole was proven just now
    /// @return how many copies are verified by this: those of which it was the last part
    long good(Collection<Long> versions, Collection<Long> wholes, long evidence, long at)
            throws SQLException {
        long verified = 0;
        for (Here part : here()) {
            if (versions.contains(part.version)) {
                s.run(
                        "UPDATE part SET suspect = 0, verified_at = ?, evidence_id = ? WHERE id = ?",
                        at,
                        evidence,
                        part.id);
                verified += copy(part.version, wholes.contains(part.version), evidence);
            }
        }
        return verified;
    }

    /// A copy has evidence of its own if its writing, or an earlier verify, proved the whole.
    private int copy(long version, boolean whole, long evidence) throws SQLException {
        String known =
                " WHERE target_id = ?1 AND version_id = ?2 AND parts > 1 AND (?3 OR evidence_id IS"
                        + " NOT NULL) AND NOT EXISTS (SELECT 1 FROM part p WHERE p.target_id = ?1"
                        + " AND p.version_id = ?2 AND p.void = 0 AND (p.suspect = 1 OR %s))";
        int verified =
                s.run(
                        // as old as the part that was read longest ago
                        "UPDATE copy SET state = 'VERIFIED', parts = parts, evidence_id = ?4,"
                                + " verified_at = (SELECT min(p.verified_at) FROM part p WHERE"
                                + " p.target_id = ?1 AND p.version_id = ?2 AND p.void = 0),"
                                + " attempts = 0, last_error = NULL"
                                + known.formatted("p.verified_at IS NULL")
                                + " AND state IN ('ACKED', 'DURABLE', 'VERIFIED', 'STALE',"
                                + " 'SUSPECT')",
                        target,
                        version,
                        whole,
                        evidence);
        if (verified == 0) {
            // what was suspect is good again, and the rest is as proven as it was before
            s.run(
                    "UPDATE copy SET state = 'DURABLE', parts = parts, last_error = NULL"
                            + known.formatted("p.evidence_id IS NULL")
                            + " AND state = 'SUSPECT' AND evidence_id IS NOT NULL",
                    target,
                    version,
                    whole);
        }
        return verified;
    }

    /// @return how many copies no longer count, having counted before or not
    long bad(Map<Long, String> why) throws SQLException {
        long suspect = 0;
        for (Here part : here()) {
            String reason = why.get(part.version);
            if (reason != null) {
                suspect +=
                        s.run(
                                "UPDATE copy SET state = 'SUSPECT', last_error = ? WHERE target_id = ?"
                                        + " AND version_id = ? AND state IN ('ACKED', 'DURABLE',"
                                        + " 'VERIFIED', 'STALE', 'SUSPECT')",
                                reason,
                                target,
                                part.version);
                s.run("UPDATE part SET suspect = 1, verified_at = NULL WHERE id = ?", part.id);
                s.run("UPDATE part SET void = 1 WHERE id = ? AND " + BEGUN, part.id);
            }
        }
        return suspect;
    }

    /// No part on a volume can be read where it should be; their copies do not count any more.
    static void suspectAll(Session s, String barcode, String uuid) throws SQLException {
        String here =
                "object_id IN (SELECT o.id FROM object o JOIN volume w ON w.id = o.volume_id WHERE"
                        + " w.name = ? AND w.uuid = ?)";
        s.run(
                "UPDATE part SET suspect = 1, verified_at = NULL WHERE void = 0 AND " + here,
                barcode,
                uuid);
        s.run("UPDATE part SET void = 1 WHERE " + BEGUN + " AND " + here, barcode, uuid);
    }
}
