package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.item.Version;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// The tape files that hold copies, and what reading them back showed. Thread-safe.
public final class TapeFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Copies that have been on the medium: a verify speaks of these, whatever they count for now.
    private static final String WRITTEN =
            "('ACKED', 'DURABLE', 'VERIFIED', 'STALE', 'SUSPECT', 'LOST')";

    private final Database database;
    private final Clock clock;

    TapeFiles(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// A tape file that holds copies.
    ///
    /// @param target whose copies they are
    /// @param name of the stored object
    /// @param uuid of the volume's label
    /// @param copies how many copies in it were ever made
    /// @param unproven how many of these do not count now
    /// @param firstVersion lowest id of the versions they are copies of: with the highest, what is
    ///   to be looked through for them, because copies are made in the order of ids
    public record Held(
            String target,
            String name,
            String volume,
            String uuid,
            int file,
            long block,
            long bytes,
            long copies,
            long unproven,
            long firstVersion,
            long lastVersion) {}

    /// Takes the copies of a tape file one by one.
    @FunctionalInterface
    public interface Copies {
        /// @param offset in the tape file, of the member that has its bytes
        void take(Version version, long offset, CopyState state);
    }

    /// What the volumes of this barcode hold, those of earlier labels included, in the order of the
    /// tape.
    public List<Held> on(String barcode) {
        return database.read(s ->
                s.list(
                        // one walk over the copies, whatever the number of tape files
                        "SELECT t.name, o.name, w.name, w.uuid, o.tape_file, o.block, o.bytes, g.copies,"
                                + " g.unproven, g.first, g.last FROM (SELECT c.object_id, count(*) AS"
                                + " copies, sum(c.state NOT IN ('DURABLE', 'VERIFIED', 'STALE')) AS"
                                + " unproven, min(c.version_id) AS first, max(c.version_id) AS last FROM"
                                + " copy c WHERE c.object_id IN (SELECT o.id FROM object o JOIN volume w"
                                + " ON w.id = o.volume_id WHERE w.name = ?) AND c.state IN "
                                + WRITTEN
                                + " GROUP BY c.object_id) g JOIN object o ON o.id = g.object_id JOIN volume w"
                                + " ON w.id = o.volume_id JOIN target t ON t.id = o.target_id ORDER BY w.id,"
                                + " o.block",
                        TapeFiles::held,
                        barcode));
    }

    private static Held held(ResultSet row) throws SQLException {
        return new Held(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getInt(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11));
    }

    /// The copies in a tape file, in the order of their offsets.
    public void copies(Held held, Copies copies) {
        database.read(s -> {
            s.each(
                    "SELECT "
                            + VersionRow.COLUMNS
                            + ", c.offset, c.state FROM target t JOIN object o ON o.target_id = t.id"
                            + " CROSS JOIN copy c ON c.target_id = t.id AND c.version_id BETWEEN ?3"
                            + " AND ?4 AND c.object_id = o.id JOIN version v ON v.id = c.version_id"
                            + " JOIN item i ON i.id = v.item_id JOIN source s ON s.id = i.source_id"
                            + " WHERE t.name = ?1 AND o.name = ?2 AND c.state IN "
                            + WRITTEN
                            + " ORDER BY c.offset, c.version_id",
                    r ->
                            copies.take(
                                    VersionRow.map(r),
                                    r.getLong(20),
                                    CopyState.valueOf(r.getString(21))),
                    held.target(),
                    held.name(),
                    held.firstVersion(),
                    held.lastVersion());
            return held;
        });
    }

    /// What became of the copies of one tape file.
    ///
    /// @param verified are proven now
    /// @param suspect no longer count, having counted before or not
    /// @param fell counted until now
    public record Outcome(long verified, long suspect, long fell) {}

    /// Records what reading a tape file back showed, in one transaction: good copies get this
    /// evidence and count, bad ones are out of the count at once.
    ///
    /// @param good versions whose copies have the hash of their version
    /// @param bad why the copies of these versions have not
    public Outcome readBack(
            Held held, Evidence evidence, Collection<Long> good, Map<Long, String> bad) {
        return database.write(s -> {
            int target = dev.caravan.ledger.Copies.targetId(s, held.target());
            long verified = good.isEmpty() ? 0 : verified(s, target, held, evidence, good);
            long fell = 0;
            long suspect = 0;
            for (Map.Entry<Long, String> each : bad.entrySet()) {
                fell += counted(s, target, each.getKey());
                suspect += suspect(s, target, held, each.getKey(), each.getValue());
            }
            if (verified > 0) {
                Events.append(
                        s,
                        evidence.at(),
                        "verified",
                        detail(held)
                                .put("copies", verified)
                                .put("method", evidence.method())
                                .toString());
            }
            if (suspect > 0) {
                Events.append(
                        s,
                        evidence.at(),
                        "suspect",
                        detail(held)
                                .put("copies", suspect)
                                .put("first", bad.values().iterator().next())
                                .toString());
            }
            return new Outcome(verified, suspect, fell);
        });
    }

    private static ObjectNode detail(Held held) {
        return JSON.createObjectNode()
                .put("target", held.target())
                .put("volume", held.volume())
                .put("file", held.file());
    }

    private static long verified(
            Database.Session s, int target, Held held, Evidence evidence, Collection<Long> versions)
            throws SQLException {
        IdList ids = new IdList();
        versions.forEach(ids::add);
        long at = Instants.nanos(evidence.at());
        long evidenceId =
                s.insert(
                        "INSERT INTO evidence (method, level, at, program) VALUES (?, ?, ?, ?)",
                        evidence.method(),
                        evidence.level(),
                        at,
                        evidence.program());
        return s.run(
                "UPDATE copy SET state = 'VERIFIED', evidence_id = ?1, verified_at = ?2, recorded_at"
                        + " = coalesce(recorded_at, ?2), attempts = 0, last_error = NULL WHERE"
                        + " target_id = ?3 AND object_id = (SELECT id FROM object WHERE target_id ="
                        + " ?3 AND name = ?4) AND state IN "
                        + WRITTEN
                        + " AND version_id IN (SELECT value FROM json_each(?5))",
                evidenceId,
                at,
                target,
                held.name(),
                ids);
    }

    private static long counted(Database.Session s, int target, long version) throws SQLException {
        return s.one(
                "SELECT count(*) FROM copy WHERE target_id = ? AND version_id = ? AND state IN"
                        + " ('DURABLE', 'VERIFIED', 'STALE')",
                r -> r.getLong(1),
                target,
                version);
    }

    private static long suspect(Database.Session s, int target, Held held, long version, String why)
            throws SQLException {
        return s.run(
                "UPDATE copy SET state = 'SUSPECT', last_error = ?1 WHERE target_id = ?2 AND"
                        + " version_id = ?3 AND object_id = (SELECT id FROM object WHERE target_id ="
                        + " ?2 AND name = ?4) AND state IN "
                        + WRITTEN,
                why,
                target,
                version,
                held.name());
    }

    /// Notes that nothing of this volume can be read where it should be: its copies are out of the
    /// count.
    ///
    /// @param uuid of the label that is no longer there
    /// @return how many copies counted until now
    public long suspectAll(String barcode, String uuid, String why) {
        return database.write(s -> {
            long fell =
                    s.run(
                            "UPDATE copy SET state = 'SUSPECT', last_error = ?1 WHERE state IN"
                                    + " ('DURABLE', 'VERIFIED', 'STALE') AND object_id IN (SELECT"
                                    + " o.id FROM object o JOIN volume w ON w.id = o.volume_id"
                                    + " WHERE w.name = ?2 AND w.uuid = ?3)",
                            why,
                            barcode,
                            uuid);
            if (fell > 0) {
                Events.append(
                        s,
                        clock.instant(),
                        "suspect",
                        JSON.createObjectNode()
                                .put("volume", barcode)
                                .put("copies", fell)
                                .put("first", why)
                                .toString());
            }
            return fell;
        });
    }
}
