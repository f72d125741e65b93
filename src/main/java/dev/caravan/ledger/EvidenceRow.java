package dev.caravan.ledger;

import java.sql.SQLException;

/// How evidence is written down.
final class EvidenceRow {
    private EvidenceRow() {}

    /// @return its id
    static long insert(Session s, Evidence evidence) throws SQLException {
        return s.insert(
                "INSERT INTO evidence (method, level, at, program, bytes_read, place) VALUES (?, ?,"
                        + " ?, ?, ?, ?)",
                evidence.method(),
                evidence.level(),
                Instants.nanos(evidence.at()),
                evidence.program(),
                evidence.bytesRead(),
                evidence.place());
    }
}
