package dev.caravan.ledger;

import java.sql.SQLException;
import java.time.Instant;

/// The statements about what could not be protected. Confined.
final class ProblemRows {
    /// A file that could not be read while it was copied, of which a copy still waits after a
    /// failed attempt, or is being made in another.
    private static final String STILL_WAITED_FOR =
            "(copying = 1 AND kind = 'UNREADABLE' AND EXISTS (SELECT 1 FROM item i CROSS JOIN target"
                    + " t CROSS JOIN copy c ON c.target_id = t.id AND c.version_id = i.version_id"
                    + " WHERE i.source_id = problem.source_id AND i.path = problem.path AND"
                    + " i.present = 1 AND t.active = 1 AND (c.state = 'WANTED' OR c.state ="
                    + " 'WRITING') AND c.attempts > 0))";

    /// Who found a problem.
    enum By {
        SCAN,
        COPYING
    }

    private ProblemRows() {}

    /// Seen again, the newer reason stands. When a scan last saw it stays: the one that runs now
    /// has to see it too.
    ///
    /// @return 1
    static int note(Session s, int source, Problem problem, By by, Instant at) throws SQLException {
        boolean scan = by == By.SCAN;
        // no upsert: for what its triggers do, an IGNORE would be an ABORT
        int known =
                s.run(
                        "UPDATE problem SET reason = ?, at = iif(?3 < scanned AND kind ="
                                + " 'UNREADABLE', at, ?2), scanned = max(scanned, ?3), copying ="
                                + " max(copying, ?4) WHERE source_id = ? AND path = ? AND kind = ?",
                        problem.reason(),
                        Instants.nanos(at),
                        scan,
                        !scan,
                        source,
                        problem.path().bytes(),
                        problem.kind());
        return known > 0
                ? known
                : s.run(
                        "INSERT INTO problem (source_id, path, kind, reason, at, scanned, copying)"
                                + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                        source,
                        problem.path().bytes(),
                        problem.kind(),
                        problem.reason(),
                        Instants.nanos(at),
                        scan,
                        !scan);
    }

    /// Takes away what a whole scan did not find again.
    static void scanned(Session s, int source, Instant began) throws SQLException {
        long at = Instants.nanos(began);
        s.run(
                "DELETE FROM problem WHERE source_id = ? AND at < ? AND NOT " + STILL_WAITED_FOR,
                source,
                at);
        s.run(
                "UPDATE problem SET scanned = 0 WHERE source_id = ? AND at < ? AND scanned = 1",
                source,
                at);
    }
}
