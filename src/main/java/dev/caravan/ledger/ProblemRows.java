package dev.caravan.ledger;

import java.sql.SQLException;
import java.time.Instant;

/// The statements about what could not be protected. Confined.
final class ProblemRows {
    /// A file that could not be read while it was copied, of which a copy still waits for another
    /// attempt or is being made in one.
    private static final String STILL_WAITED_FOR =
            "(problem.copying = 1 AND problem.kind = 'UNREADABLE' AND EXISTS (SELECT 1 FROM item i"
                    + " JOIN copy c ON c.version_id = i.version_id WHERE i.source_id ="
                    + " problem.source_id AND i.path = problem.path AND i.present = 1 AND c.state IN"
                    + " ('WANTED', 'WRITING') AND c.attempts > 0))";

    private ProblemRows() {}

    /// Seen again, the newer reason stands.
    ///
    /// @param copying whether an attempt to copy found it; else a scan
    static int insert(Session s, int source, Problem problem, boolean copying, Instant at)
            throws SQLException {
        return s.run(
                "INSERT OR REPLACE INTO problem (source_id, path, kind, reason, copying, at)"
                        + " VALUES (?, ?, ?, ?, ?, ?)",
                source,
                problem.path().bytes(),
                problem.kind(),
                problem.reason(),
                copying,
                Instants.nanos(at));
    }

    /// Removes what a whole scan did not find again.
    static void scanned(Session s, int source, Instant began) throws SQLException {
        s.run(
                "DELETE FROM problem WHERE source_id = ? AND at < ? AND NOT " + STILL_WAITED_FOR,
                source,
                Instants.nanos(began));
    }

    /// Removes what could not be read and was copied since.
    ///
    /// @return how many
    static int settle(Session s) throws SQLException {
        return s.run(
                "DELETE FROM problem WHERE copying = 1 AND kind = 'UNREADABLE' AND NOT "
                        + STILL_WAITED_FOR);
    }
}
