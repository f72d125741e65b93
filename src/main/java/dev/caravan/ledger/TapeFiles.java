package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tape files that hold copies, and what reading them back showed. Thread-safe.
public final class TapeFiles {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Copies that have been on the medium: a verify speaks of these, whatever they count for now.
    private static final String WRITTEN =
            "('ACKED', 'DURABLE', 'VERIFIED', 'STALE', 'SUSPECT', 'LOST')";

    private static final String OBJECTS =
            "(SELECT o.id FROM object o JOIN volume w ON w.id = o.volume_id WHERE w.name = ?1)";

    private final Database database;
    private final Clock clock;

    TapeFiles(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// A stored object that holds copies: a tape file, or what lies on a server under one name.
    ///
    /// @param target whose copies they are
    /// @param name of the stored object
    /// @param volume the barcode; empty for what lies on a server, whose file and block are 0
    /// @param uuid of the volume's label
    /// @param bytes its length
    /// @param segment whether it is a pax segment; else it is the bytes of one version
    /// @param sha256 of all its bytes; null if they were not all hashed yet
    /// @param copies how many copies in it were ever made
    /// @param unproven how many of these do not count now
    /// @param firstVersion lowest id of the versions they are copies of: with the highest, what is
    ///   to be looked through for them, because copies are made in the order of ids
    /// @param encryptedFor the recipients each of whom can read it; empty if it is plain
    public record Held(
            String target,
            String name,
            String volume,
            String uuid,
            int file,
            long block,
            long bytes,
            boolean segment,
            @Nullable Sha256 sha256,
            long copies,
            long unproven,
            long firstVersion,
            long lastVersion,
            List<String> encryptedFor) {

        /// A plain segment on tape whose bytes were not all hashed.
        public Held(
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
                long lastVersion) {
            this(
                    target,
                    name,
                    volume,
                    uuid,
                    file,
                    block,
                    bytes,
                    true,
                    null,
                    copies,
                    unproven,
                    firstVersion,
                    lastVersion,
                    List.of());
        }

        /// Where it is, for a person.
        public String place() {
            return volume.isEmpty() ? name : "%s file %d".formatted(volume, file);
        }
    }

    /// Which part of a copy lies in a tape file.
    ///
    /// @param number from 1
    /// @param count how many the copy has
    /// @param size bytes of content, holes included
    /// @param sha256 of these bytes
    public record PartHere(int number, int count, long size, Sha256 sha256) {}

    /// Takes the copies of a tape file one by one.
    @FunctionalInterface
    public interface Copies {
        /// @param offset in the tape file, of the member that has its bytes
        /// @param part which part of the copy it is; null where it is all of it
        void take(Version version, long offset, CopyState state, @Nullable PartHere part);
    }

    /// What the volumes of this barcode hold, those of earlier labels included, in the order of the
    /// tape.
    public List<Held> on(String barcode) {
        return database.read(s ->
                s.list(
                        // one walk over the copies, whatever the number of tape files
                        "SELECT t.name, o.name, w.name, w.uuid, o.tape_file, o.block, o.bytes,"
                                + " o.segment, o.sha256, g.copies, g.unproven, g.first, g.last, o.encrypted_for FROM (SELECT object_id, count(*) AS"
                                + " copies, sum(state NOT IN ('DURABLE', 'VERIFIED', 'STALE')) AS"
                                + " unproven, min(version_id) AS first, max(version_id) AS last FROM"
                                + " (SELECT c.object_id, c.state, c.version_id FROM copy c WHERE"
                                + " c.parts = 1 AND c.object_id IN "
                                + OBJECTS
                                + " AND c.state IN "
                                + WRITTEN
                                + " UNION ALL SELECT p.object_id, c.state, c.version_id FROM part p"
                                + " JOIN copy c ON c.target_id = p.target_id AND c.version_id ="
                                + " p.version_id WHERE p.void = 0 AND p.object_id IN "
                                + OBJECTS
                                + ") GROUP BY object_id) g JOIN object o ON o.id = g.object_id JOIN volume w"
                                + " ON w.id = o.volume_id JOIN target t ON t.id = o.target_id ORDER BY w.id,"
                                + " o.block",
                        TapeFiles::held,
                        barcode));
    }

    /// When the first tape file that the ledger knows on this barcode was written; the latest time
    /// there is if it knows none. In this order the parts of a file come one after the other.
    public Instant firstWritten(String barcode) {
        return database.read(s ->
                s.one(
                        "SELECT coalesce(min(recorded_at), 9223372036854775807) FROM object WHERE id IN "
                                + OBJECTS,
                        r -> Instants.of(r.getLong(1)),
                        barcode));
    }

    private static @Nullable Sha256 sha256(byte @Nullable [] bytes) {
        return bytes == null ? null : Sha256.of(bytes);
    }

    static Held held(ResultSet row) throws SQLException {
        return new Held(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getInt(5),
                row.getLong(6),
                row.getLong(7),
                row.getBoolean(8),
                sha256(row.getBytes(9)),
                row.getLong(10),
                row.getLong(11),
                row.getLong(12),
                row.getLong(13),
                StoredObject.recipients(row.getString(14)));
    }

    /// The copies in a tape file, in the order of their offsets.
    public void copies(Held held, Copies copies) {
        database.read(s -> {
            s.each(
                    "SELECT "
                            + VersionRow.COLUMNS
                            + ", c.offset, c.state FROM target t JOIN object o ON o.target_id = t.id"
                            + " CROSS JOIN copy c ON c.target_id = t.id AND c.version_id BETWEEN ?3"
                            + " AND ?4 AND c.object_id = o.id AND c.parts = 1 JOIN version v ON v.id = c.version_id"
                            + " JOIN item i ON i.id = v.item_id JOIN source s ON s.id = i.source_id"
                            + " WHERE t.name = ?1 AND o.name = ?2 AND c.state IN "
                            + WRITTEN
                            + " ORDER BY c.offset, c.version_id",
                    r ->
                            copies.take(
                                    VersionRow.map(r),
                                    r.getLong(20),
                                    CopyState.valueOf(r.getString(21)),
                                    null),
                    held.target(),
                    held.name(),
                    held.firstVersion(),
                    held.lastVersion());
            s.each(
                    "SELECT "
                            + VersionRow.COLUMNS
                            + ", p.offset, c.state, p.number, p.parts, p.size, p.sha256 FROM target t"
                            + " JOIN object o ON o.target_id = t.id JOIN part p ON p.object_id = o.id"
                            + " AND p.void = 0 JOIN copy c ON c.target_id = t.id AND c.version_id ="
                            + " p.version_id JOIN version v ON v.id = c.version_id JOIN item i ON i.id"
                            + " = v.item_id JOIN source s ON s.id = i.source_id WHERE t.name = ? AND"
                            + " o.name = ?",
                    r ->
                            copies.take(
                                    VersionRow.map(r),
                                    r.getLong(20),
                                    CopyState.valueOf(r.getString(21)),
                                    new PartHere(
                                            r.getInt(22),
                                            r.getInt(23),
                                            r.getLong(24),
                                            Sha256.of(r.getBytes(25)))),
                    held.target(),
                    held.name());
            return held;
        });
    }

    /// What became of the copies of one tape file.
    ///
    /// @param verified are proven now
    /// @param suspect no longer count, having counted before or not
    /// @param fell counted until now
    public record Outcome(long verified, long suspect, long fell) {}

    /// As the other, where the object's own hash is not known.
    public Outcome readBack(
            Held held,
            Evidence evidence,
            Collection<Long> good,
            Map<Long, String> bad,
            Collection<Long> wholes) {
        return readBack(held, evidence, good, bad, wholes, null);
    }

    /// Records what reading a tape file back showed, in one transaction: good copies get this
    /// evidence and count, bad ones are out of the count at once.
    ///
    /// Of a copy in parts this is one part: a bad one takes the whole copy out of the count, and
    /// the copy is verified when all parts were found good, if the hash of the whole is proven too:
    /// by its writing, or by `wholes`.
    ///
    /// @param good versions whose copies, or the parts of them here, have the hash they should have
    /// @param bad why the copies of these versions have not
    /// @param wholes versions whose parts were read one after the other, up to this last one, and
    ///   together have the hash of the version
    /// @param sha256 of all bytes of the object, to be held against it the next time; null if they
    ///   were not all read, or something in it is wrong
    public Outcome readBack(
            Held held,
            Evidence evidence,
            Collection<Long> good,
            Map<Long, String> bad,
            Collection<Long> wholes,
            @Nullable Sha256 sha256) {
        return database.write(s -> {
            int target = dev.caravan.ledger.Copies.targetId(s, held.target());
            long fell = 0;
            for (Long each : bad.keySet()) {
                fell += counted(s, target, each);
            }
            long verified = 0;
            PartsReadBack parts = new PartsReadBack(s, target, held.name());
            if (!good.isEmpty()) {
                long evidenceId = EvidenceRow.insert(s, evidence);
                verified = verified(s, target, held, evidence, evidenceId, good);
                verified += parts.good(good, wholes, evidenceId, Instants.nanos(evidence.at()));
            }
            long suspect = parts.bad(bad);
            for (Map.Entry<Long, String> each : bad.entrySet()) {
                suspect += suspect(s, target, held, each.getKey(), each.getValue());
            }
            if (sha256 != null) {
                s.run(
                        "UPDATE object SET sha256 = ? WHERE target_id = ? AND name = ? AND sha256 IS"
                                + " NULL",
                        sha256.bytes(),
                        target,
                        held.name());
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
        ObjectNode detail = JSON.createObjectNode().put("target", held.target());
        return held.volume().isEmpty()
                ? detail.put("object", held.name())
                : detail.put("volume", held.volume()).put("file", held.file());
    }

    /// Notes that an object is not there any more: its copies are out of the count.
    public Outcome lost(Held held, Instant at, String why) {
        return database.write(s -> {
            int target = dev.caravan.ledger.Copies.targetId(s, held.target());
            String these =
                    " WHERE target_id = ?1 AND version_id BETWEEN ?2 AND ?3 AND parts = 1 AND"
                            + " object_id = (SELECT id FROM object WHERE target_id = ?1 AND name ="
                            + " ?4) AND state IN ";
            long fell =
                    s.one(
                            "SELECT count(*) FROM copy"
                                    + these
                                    + "('DURABLE', 'VERIFIED', 'STALE')",
                            r -> r.getLong(1),
                            target,
                            held.firstVersion(),
                            held.lastVersion(),
                            held.name());
            long lost =
                    s.run(
                            "UPDATE copy SET state = 'LOST', last_error = ?5" + these + WRITTEN,
                            target,
                            held.firstVersion(),
                            held.lastVersion(),
                            held.name(),
                            why);
            Events.append(
                    s,
                    at,
                    "missing",
                    detail(held).put("copies", lost).put("first", why).toString());
            return new Outcome(0, lost, fell);
        });
    }

    private static long verified(
            Session s,
            int target,
            Held held,
            Evidence evidence,
            long evidenceId,
            Collection<Long> versions)
            throws SQLException {
        IdList ids = new IdList();
        versions.forEach(ids::add);
        long at = Instants.nanos(evidence.at());
        return s.run(
                "UPDATE copy SET state = 'VERIFIED', evidence_id = ?1, verified_at = ?2, recorded_at"
                        + " = coalesce(recorded_at, ?2), attempts = 0, last_error = NULL WHERE"
                        + " target_id = ?3 AND parts = 1 AND object_id = (SELECT id FROM object WHERE target_id ="
                        + " ?3 AND name = ?4) AND state IN "
                        + WRITTEN
                        + " AND version_id IN (SELECT value FROM json_each(?5))",
                evidenceId,
                at,
                target,
                held.name(),
                ids);
    }

    private static long counted(Session s, int target, long version) throws SQLException {
        return s.one(
                "SELECT count(*) FROM copy WHERE target_id = ? AND version_id = ? AND state IN"
                        + " ('DURABLE', 'VERIFIED', 'STALE')",
                r -> r.getLong(1),
                target,
                version);
    }

    private static long suspect(Session s, int target, Held held, long version, String why)
            throws SQLException {
        return s.run(
                "UPDATE copy SET state = 'SUSPECT', last_error = ?1 WHERE target_id = ?2 AND"
                        + " version_id = ?3 AND parts = 1 AND object_id = (SELECT id FROM object WHERE target_id ="
                        + " ?2 AND name = ?4) AND state IN "
                        + WRITTEN,
                why,
                target,
                version,
                held.name());
    }

    private static long suspect(Session s, String states, String barcode, String uuid, String why)
            throws SQLException {
        return s.run(
                "UPDATE copy SET state = 'SUSPECT', last_error = ?1 WHERE state IN "
                        + states
                        + " AND (object_id IN (SELECT o.id FROM object o JOIN volume w ON w.id ="
                        + " o.volume_id WHERE w.name = ?2 AND w.uuid = ?3) OR parts > 1 AND"
                        + " (target_id, version_id) IN (SELECT p.target_id, p.version_id FROM volume w"
                        + " CROSS JOIN object o ON o.volume_id = w.id JOIN part p ON p.object_id ="
                        + " o.id AND p.void = 0 WHERE w.name = ?2 AND w.uuid = ?3))",
                why,
                barcode,
                uuid);
    }

    /// Notes that nothing of this volume can be read where it should be: its copies are out of the
    /// count, and those that nobody has read yet give way to others.
    ///
    /// @param uuid of the label that is no longer there
    /// @return how many copies counted until now
    public long suspectAll(String barcode, String uuid, String why) {
        return database.write(s -> {
            long fell = suspect(s, "('DURABLE', 'VERIFIED', 'STALE')", barcode, uuid, why);
            long _ = suspect(s, "('ACKED')", barcode, uuid, why);
            PartsReadBack.suspectAll(s, barcode, uuid);
            FoundCopies.suspectAll(s, barcode, uuid);
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
