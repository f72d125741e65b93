package dev.caravan.ledger;

import dev.caravan.ledger.FoundParts.Row;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The statements that make one of the copies a rebuild finds of a version the copy of its target,
/// and keep the others: a ledger has one copy of a version on a target, and nobody has read any of
/// them yet. What lies in one piece is kept in table `spare`, what lies in parts in table
/// `found_part`. Confined.
final class FoundCopies {
    /// Copies in place of which another may be taken.
    private static final String GIVES_WAY = "('WANTED', 'FAILED', 'SUSPECT', 'LOST')";

    /// Of a copy in one of these states no other is needed: it is proven, or nobody wants it.
    static final String SETTLED = "('DURABLE', 'VERIFIED', 'STALE', 'RETIRED')";

    /// A part `f` that a rebuild found, of a version that it does not know yet, or whose copy does
    /// not count.
    static final String NEEDED_PART =
            "f.id NOT IN (SELECT f.id FROM found_part f"
                    + FoundParts.VERSION
                    + " WHERE c.state IN "
                    + SETTLED
                    + ")";

    private final Session s;
    private final int target;

    FoundCopies(Session s, int target) {
        this.s = s;
        this.target = target;
    }

    /// Makes this the copy of a version, to be read from and not counted. What was its copy, and
    /// may be one, becomes a spare.
    ///
    /// @param object what it lies in; null where the target keeps plain files
    /// @param onTape whether parts may have been written of it
    void take(
            long version,
            long size,
            byte @Nullable [] sha256,
            @Nullable Long object,
            long offset,
            long writtenAt,
            boolean onTape)
            throws SQLException {
        if (onTape) {
            keepCopy(version);
            voidParts(version, new IdList());
        }
        want(version, writtenAt);
        acknowledge(version, size, sha256, 1, object, offset, writtenAt);
        s.run(
                "DELETE FROM spare WHERE version_id = ? AND target_id = ? AND object_id IS ?",
                version,
                target,
                object);
    }

    /// As the other, for all parts of a set.
    void takeParts(long version, long size, byte[] sha256, List<Row> parts) throws SQLException {
        keepCopy(version);
        IdList objects = new IdList();
        parts.forEach(part -> objects.add(part.objectId()));
        voidParts(version, objects);
        for (Row part : parts) {
            if (!isRecorded(version, part.objectId())) {
                part.insert(s, target, version);
            }
        }
        long writtenAt = parts.stream().mapToLong(Row::writtenAt).max().orElseThrow();
        want(version, writtenAt);
        Row first = parts.getFirst();
        acknowledge(
                version, size, sha256, parts.size(), first.objectId(), first.offset(), writtenAt);
        s.run(
                "DELETE FROM found_part WHERE object_id IN (SELECT value FROM json_each(?))",
                objects);
    }

    private void want(long version, long writtenAt) throws SQLException {
        s.run(
                "INSERT INTO copy (target_id, version_id, state, wanted_at) VALUES (?, ?, 'WANTED',"
                        + " ?) ON CONFLICT DO NOTHING",
                target,
                version,
                writtenAt);
    }

    private void acknowledge(
            long version,
            long size,
            byte @Nullable [] sha256,
            int parts,
            @Nullable Long object,
            long offset,
            long writtenAt)
            throws SQLException {
        s.run(
                "UPDATE copy SET state = 'ACKED', attempts = 0, next_at = 0, last_error = NULL,"
                        + " replaces = NULL, parts = ?, object_id = ?, offset = ?, evidence_id = NULL,"
                        + " sha256 = ?, bytes_read = ?, recorded_at = ?, verified_at = NULL WHERE"
                        + " target_id = ? AND version_id = ?",
                parts,
                object,
                object == null ? null : offset,
                sha256,
                size,
                writtenAt,
                target,
                version);
    }

    /// What was written of an attempt that is now of no use.
    private void voidParts(long version, IdList but) throws SQLException {
        s.run(
                "UPDATE part SET void = 1 WHERE target_id = ? AND version_id = ? AND void = 0 AND"
                        + " object_id NOT IN (SELECT value FROM json_each(?))",
                target,
                version,
                but);
    }

    /// Whether the part is one that was proven before: it keeps its evidence.
    private boolean isRecorded(long version, long object) throws SQLException {
        return s.first(
                        "SELECT 1 FROM part WHERE target_id = ? AND version_id = ? AND object_id = ?"
                                + " AND void = 0",
                        r -> 1,
                        target,
                        version,
                        object)
                != null;
    }

    /// Keeps a further copy of a version.
    void keep(long version, long object, long offset, long writtenAt) throws SQLException {
        s.run(
                "INSERT INTO spare (target_id, version_id, object_id, offset, written_at) VALUES (?,"
                        + " ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                target,
                version,
                object,
                offset,
                writtenAt);
    }

    /// Keeps what is the copy of a version now, before another takes its place. One that was found
    /// bad is kept too: the drive may have been dirty then.
    private void keepCopy(long version) throws SQLException {
        s.run(
                "INSERT INTO spare (target_id, version_id, object_id, offset, written_at, bad) SELECT"
                        + " c.target_id, c.version_id, c.object_id, c.offset, coalesce(c.recorded_at,"
                        + " c.wanted_at), c.state <> 'ACKED' FROM copy c JOIN object o ON o.id ="
                        + " c.object_id AND o.volume_id IS NOT NULL WHERE c.target_id = ?1 AND"
                        + " c.version_id = ?2 AND c.parts = 1 AND (c.state IN ('ACKED', 'SUSPECT') OR"
                        + " c.state = 'WANTED' AND c.replaces = 'SUSPECT') AND NOT EXISTS (SELECT 1"
                        + " FROM part p WHERE p.object_id = c.object_id) ON CONFLICT DO UPDATE SET bad"
                        + " = excluded.bad",
                target,
                version);
        s.run(
                "INSERT INTO found_part (target_id, part_set, number, parts, content_offset, size,"
                        + " stored, hidden, sha256, whole, object_id, offset, written_at, source, path,"
                        + " version_size, modified_s, modified_ns, bad) SELECT p.target_id, p.part_set,"
                        + " p.number, p.parts, p.content_offset, p.size, p.most_stored, p.hidden,"
                        + " p.sha256, v.sha256, p.object_id, p.offset, p.recorded_at, s.name, i.path,"
                        + " v.size, v.modified_s, v.modified_ns, p.suspect FROM copy c JOIN part p ON"
                        + " p.target_id = c.target_id AND p.version_id = c.version_id AND p.void = 0"
                        + " JOIN version v ON v.id = c.version_id JOIN item i ON i.id = v.item_id JOIN"
                        + " source s ON s.id = i.source_id WHERE c.target_id = ?1 AND c.version_id = ?2"
                        + " AND c.parts > 1 AND c.state IN ('ACKED', 'SUSPECT') ON CONFLICT DO UPDATE"
                        + " SET bad = excluded.bad",
                target,
                version);
        s.run(
                "DELETE FROM part WHERE target_id = ?1 AND version_id = ?2 AND void = 0 AND object_id"
                        + " IN (SELECT object_id FROM found_part) AND EXISTS (SELECT 1 FROM copy c"
                        + " WHERE c.target_id = ?1 AND c.version_id = ?2 AND c.parts > 1 AND c.state IN"
                        + " ('ACKED', 'SUSPECT'))",
                target,
                version);
    }

    /// Whether nobody has read the copy of a version.
    boolean isUnread(long version) throws SQLException {
        return isUnreadFromBefore(version, Long.MAX_VALUE);
    }

    /// Whether nobody has read any of it, and it was written before this time.
    boolean isUnreadFromBefore(long version, long writtenAt) throws SQLException {
        return s.first(
                        "SELECT 1 FROM copy c WHERE c.target_id = ?1 AND c.version_id = ?2 AND c.state"
                                + " = 'ACKED' AND c.recorded_at < ?3",
                        r -> 1,
                        target,
                        version,
                        writtenAt)
                != null;
    }

    /// Whether any of what lies in these objects was found bad.
    boolean isBad(long version, IdList objects) throws SQLException {
        return s.first(
                        "SELECT 1 FROM spare WHERE version_id = ?1 AND target_id = ?2 AND bad = 1 AND"
                                + " object_id IN (SELECT value FROM json_each(?3)) UNION ALL SELECT 1"
                                + " FROM found_part WHERE bad = 1 AND object_id IN (SELECT value FROM"
                                + " json_each(?3)) LIMIT 1",
                        r -> 1,
                        version,
                        target,
                        objects)
                != null;
    }

    /// Whether it does not begin in this object.
    boolean isElsewhere(long version, long object) throws SQLException {
        return s.first(
                        "SELECT 1 FROM copy WHERE target_id = ? AND version_id = ? AND object_id IS NOT"
                                + " ?",
                        r -> 1,
                        target,
                        version,
                        object)
                != null;
    }

    /// A spare in one piece.
    @SuppressWarnings("ArrayRecordComponent") // read from its row and thrown away
    private record Spare(
            long version,
            long object,
            long offset,
            long writtenAt,
            long size,
            byte @Nullable [] sha256,
            String name) {
        static Spare map(ResultSet row) throws SQLException {
            return new Spare(
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getBytes(6),
                    row.getString(7));
        }
    }

    /// Takes spares in place of copies that were found bad or are lost, of several the one written
    /// last. Those in a segment that is cut off are left to whoever reads that.
    ///
    /// @return the names of the objects they lie in
    Set<String> takeSpares() throws SQLException {
        Set<String> names = new TreeSet<>();
        Set<Long> taken = new HashSet<>();
        for (Spare spare :
                s.list(
                        "SELECT p.version_id, p.object_id, p.offset, p.written_at, v.size, v.sha256,"
                                + " o.name FROM spare p JOIN copy c ON c.target_id = p.target_id AND"
                                + " c.version_id = p.version_id JOIN version v ON v.id = p.version_id"
                                + " JOIN object o ON o.id = p.object_id WHERE p.target_id = ? AND p.bad"
                                + " = 0 AND o.bytes > 0 AND c.state IN "
                                + GIVES_WAY
                                + " ORDER BY p.version_id, p.written_at DESC, p.object_id",
                        Spare::map,
                        target)) {
            if (taken.add(spare.version)) {
                take(
                        spare.version,
                        spare.size,
                        spare.sha256,
                        spare.object,
                        spare.offset,
                        spare.writtenAt,
                        true);
                names.add(spare.name);
            }
        }
        for (FoundParts.Spare set : FoundParts.spares(s, target, GIVES_WAY)) {
            if (taken.add(set.version())) {
                takeParts(set.version(), set.size(), set.sha256(), set.parts());
                IdList objects = new IdList();
                set.parts().forEach(part -> objects.add(part.objectId()));
                names.addAll(
                        s.list(
                                "SELECT name FROM object WHERE id IN (SELECT value FROM"
                                        + " json_each(?))",
                                r -> r.getString(1),
                                objects));
            }
        }
        return names;
    }

    /// How many versions have a spare that is needed: their copy does not count.
    long spares() throws SQLException {
        return s.one(
                "SELECT count(*) FROM (SELECT p.version_id FROM spare p JOIN copy c ON c.target_id ="
                        + " p.target_id AND c.version_id = p.version_id WHERE p.target_id = ?1 AND"
                        + " c.state NOT IN "
                        + SETTLED
                        + " UNION SELECT v.id FROM found_part f"
                        + FoundParts.VERSION
                        + " WHERE f.target_id = ?1 AND c.state NOT IN "
                        + SETTLED
                        + ")",
                r -> r.getLong(1),
                target);
    }

    /// Once a copy counts, what was kept beside it is needed no more.
    static void forgetSpares(Session s) throws SQLException {
        s.run(
                "DELETE FROM spare WHERE EXISTS (SELECT 1 FROM copy c WHERE c.target_id ="
                        + " spare.target_id AND c.version_id = spare.version_id AND c.state IN "
                        + SETTLED
                        + ")");
        s.run("DELETE FROM found_part AS f WHERE NOT (" + NEEDED_PART + ")");
    }

    /// All that is kept on a volume, which is there no more.
    static void forgetVolume(Session s, String barcode, String uuid) throws SQLException {
        for (String table : List.of("spare", "found_part")) {
            s.run("DELETE FROM " + table + " WHERE object_id IN " + ON_VOLUME, barcode, uuid);
        }
    }

    /// None of what is kept on a volume can be read where it should be.
    static void suspectAll(Session s, String barcode, String uuid) throws SQLException {
        for (String table : List.of("spare", "found_part")) {
            s.run(
                    "UPDATE " + table + " SET bad = 1 WHERE object_id IN " + ON_VOLUME,
                    barcode,
                    uuid);
        }
    }

    private static final String ON_VOLUME =
            "(SELECT o.id FROM volume w CROSS JOIN object o ON o.volume_id = w.id WHERE w.name = ? AND"
                    + " w.uuid = ?)";
}
