package dev.caravan.ledger;

import java.time.Instant;
import java.util.List;

/// How old the proofs are that copies count by. Thread-safe.
public final class EvidenceAges {
    private final Database database;

    EvidenceAges(Database database) {
        this.database = database;
    }

    /// The copies of one target that count by proofs of one level.
    ///
    /// @param oldest when the first of them was last proven, `newest` the last
    public record Proven(
            String target, Evidence.Level level, long copies, Instant oldest, Instant newest) {}

    /// All copies of the user's items that count, by target and level. Goes through all of them.
    public List<Proven> all() {
        return database.read(s ->
                s.list(
                        "SELECT t.name, e.level, count(*), min(coalesce(c.verified_at,"
                                + " c.recorded_at)), max(coalesce(c.verified_at, c.recorded_at))"
                                + " FROM copy c JOIN evidence e ON e.id = c.evidence_id JOIN target"
                                + " t ON t.id = c.target_id WHERE c.state IN ('DURABLE', 'VERIFIED',"
                                + " 'STALE') AND c.version_id NOT IN "
                                + OwnSource.VERSIONS
                                + " GROUP BY t.id, e.level ORDER BY t.id, e.level",
                        r ->
                                new Proven(
                                        r.getString(1),
                                        Evidence.Level.valueOf(r.getString(2)),
                                        r.getLong(3),
                                        Instants.of(r.getLong(4)),
                                        Instants.of(r.getLong(5)))));
    }
}
