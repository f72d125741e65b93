package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.ledger.Rebuild.FoundPart;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The statements that collect what a rebuild finds of copies in parts, until a set is whole
/// (`segment-format.md`, "Index line of a part"). Confined.
final class FoundParts {
    /// The parts of a set that are recorded, of a copy that is not complete.
    private static final String RECORDED =
            " FROM part p JOIN copy c ON c.target_id = p.target_id AND c.version_id = p.version_id"
                    + " WHERE p.target_id = ? AND p.part_set = ? AND p.void = 0 AND c.state IN"
                    + " ('WANTED', 'FAILED', 'LOST')";

    /// The version that a found part `f` is of, if the ledger knows it, and its copy on the target.
    static final String VERSION =
            " JOIN source s ON s.name = f.source JOIN item i ON i.source_id = s.id AND i.path = f.path"
                    + " JOIN version v ON v.item_id = i.id AND v.size = f.version_size AND v.modified_s"
                    + " = f.modified_s AND v.modified_ns = f.modified_ns AND NOT EXISTS (SELECT 1 FROM"
                    + " found_part h WHERE h.target_id = f.target_id AND h.part_set = f.part_set AND"
                    + " h.whole <> v.sha256) JOIN copy c ON c.version_id = v.id AND c.target_id ="
                    + " f.target_id";

    private final Session s;
    private final int target;

    FoundParts(Session s, int target) {
        this.s = s;
        this.target = target;
    }

    /// A part that was found.
    @SuppressWarnings("ArrayRecordComponent") // read from its row and thrown away
    record Row(
            String set,
            int number,
            int count,
            long contentOffset,
            long size,
            long stored,
            byte[] sha256,
            byte @Nullable [] whole,
            long objectId,
            long offset,
            long writtenAt) {

        static Row map(ResultSet row) throws SQLException {
            return new Row(
                    row.getString(1),
                    row.getInt(2),
                    row.getInt(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getLong(6),
                    row.getBytes(7),
                    row.getBytes(8),
                    row.getLong(9),
                    row.getLong(10),
                    row.getLong(11));
        }

        /// Without evidence: nobody has read it.
        void insert(Session s, int target, long version) throws SQLException {
            s.run(
                    "INSERT INTO part (target_id, version_id, part_set, number, parts,"
                            + " content_offset, size, most_stored, hidden, sha256, object_id, offset,"
                            + " recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
                    target,
                    version,
                    set,
                    number,
                    count,
                    contentOffset,
                    size,
                    stored,
                    sha256,
                    objectId,
                    offset,
                    writtenAt);
        }
    }

    Rebuild.Merged add(StoredObject object, long writtenAt, Found found, FoundPart part)
            throws SQLException {
        Long objectId = new FoundObject(s, target, object, writtenAt).id();
        long first = part.number() == 1 ? 1 : 0; // a copy is known once
        if (objectId == null) {
            return merged(first);
        }
        if (isSettled(part.set())) {
            again(row(part, found, objectId, writtenAt), found);
            return merged(first);
        }
        if (addsNothing(objectId, found)) {
            return merged(0);
        }
        insert(row(part, found, objectId, writtenAt), found);
        List<Row> all = all(part.set());
        List<Row> set = whole(all, part.count(), found.metadata().size());
        byte @Nullable [] sha256 = null;
        long latest = Long.MIN_VALUE;
        for (Row row : all) {
            if (row.whole != null && row.writtenAt > latest) {
                sha256 = row.whole;
                latest = row.writtenAt;
            }
        }
        if (set == null || sha256 == null) {
            return merged(0);
        }
        Merging merging =
                new Merging(
                        s,
                        target,
                        object,
                        set.stream().mapToLong(Row::writtenAt).max().orElseThrow());
        merging.addParted(
                new Found(
                        found.source(),
                        found.path(),
                        found.number(),
                        found.versionId(),
                        found.metadata(),
                        found.fingerprint(),
                        Sha256.of(sha256),
                        set.getFirst().offset()),
                set);
        return merging.merged();
    }

    /// Whether the ledger knows the set, and not as that of a copy which is still to be completed:
    /// a crash leaves some parts recorded, and others on tape that only their index knows.
    private boolean isSettled(String set) throws SQLException {
        return s.one(
                                "SELECT count(*) FROM part WHERE target_id = ? AND part_set = ?",
                                r -> r.getLong(1),
                                target,
                                set)
                        > 0
                && s.first("SELECT 1" + RECORDED + " LIMIT 1", r -> 1, target, set) == null;
    }

    /// What lies in a void segment is part of nothing. What is recorded is no news, unless its
    /// index has the hash of the whole.
    private boolean addsNothing(long objectId, Found found) throws SQLException {
        List<Boolean> isVoid =
                s.list(
                        "SELECT void FROM part WHERE object_id = ?",
                        r -> r.getInt(1) == 1,
                        objectId);
        return isVoid.contains(true) || !isVoid.isEmpty() && found.sha256() == null;
    }

    private static Rebuild.Merged merged(long known) {
        return new Rebuild.Merged(0, 0, known, List.of(), List.of());
    }

    private static Row row(FoundPart part, Found found, long objectId, long writtenAt) {
        return new Row(
                part.set(),
                part.number(),
                part.count(),
                part.contentOffset(),
                part.size(),
                part.stored(),
                part.sha256().bytes(),
                found.sha256() == null ? null : found.sha256().bytes(),
                objectId,
                found.offset(),
                writtenAt);
    }

    private void insert(Row row, Found found) throws SQLException {
        s.run(
                "INSERT INTO found_part (target_id, part_set, number, parts, content_offset, size,"
                        + " stored, hidden, sha256, whole, object_id, offset, written_at, source,"
                        + " path, version_size, modified_s, modified_ns) VALUES (?, ?, ?, ?, ?, ?, ?,"
                        + " 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                target,
                row.set,
                row.number,
                row.count,
                row.contentOffset,
                row.size,
                row.stored,
                row.sha256,
                row.whole,
                row.objectId,
                row.offset,
                row.writtenAt,
                found.source(),
                found.path().bytes(),
                found.metadata().size(),
                found.metadata().modified().getEpochSecond(),
                found.metadata().modified().getNano());
    }

    /// What was found and what is recorded. Of one number the one that was written last comes
    /// first.
    private List<Row> all(String set) throws SQLException {
        return s.list(
                "SELECT part_set, number, parts, content_offset, size, stored, sha256, whole,"
                        + " object_id, offset, written_at AS at FROM found_part WHERE target_id = ?"
                        + " AND part_set = ? UNION ALL SELECT p.part_set, p.number, p.parts,"
                        + " p.content_offset, p.size, p.most_stored, p.sha256, NULL, p.object_id,"
                        + " p.offset, p.recorded_at"
                        + RECORDED
                        + " ORDER BY number, at DESC",
                Row::map,
                target,
                set,
                target,
                set);
    }

    /// The parts that are the file, end to end; null if there are not all.
    private static @Nullable List<Row> whole(List<Row> all, int count, long size) {
        List<Row> set = new ArrayList<>();
        long end = 0;
        for (Row row : all) {
            boolean next =
                    row.number == set.size() + 1
                            && row.count == count
                            && row.contentOffset == end
                            && row.size > 0;
            if (next) {
                set.add(row);
                end += row.size;
            }
        }
        return set.size() == count && end == size ? set : null;
    }

    /// A part of a set that became whole without it, and that was written once more: the later one
    /// counts, and the other is kept.
    private void again(Row found, Found whole) throws SQLException {
        boolean isPart =
                s.first("SELECT 1 FROM part WHERE object_id = ?", r -> 1, found.objectId) != null;
        if (isPart) {
            return;
        }
        insert(found, whole);
        record Old(long id, long version) {}
        Old old =
                s.first(
                        "SELECT id, version_id FROM part WHERE target_id = ? AND part_set = ? AND"
                                + " number = ? AND void = 0 AND evidence_id IS NULL AND recorded_at <"
                                + " ? AND parts = ? AND content_offset = ? AND size = ?",
                        r -> new Old(r.getLong(1), r.getLong(2)),
                        target,
                        found.set,
                        found.number,
                        found.writtenAt,
                        found.count,
                        found.contentOffset,
                        found.size);
        if (old == null) {
            return;
        }
        s.run("DELETE FROM found_part WHERE object_id = ?", found.objectId);
        Row before =
                s.one(
                        "SELECT part_set, number, parts, content_offset, size, most_stored, sha256,"
                                + " NULL, object_id, offset, recorded_at FROM part WHERE id = ?",
                        Row::map,
                        old.id);
        s.run("DELETE FROM part WHERE id = ?", old.id);
        insert(before, whole);
        found.insert(s, target, old.version);
        if (found.number == 1) {
            s.run(
                    "UPDATE copy SET object_id = ?, offset = ? WHERE target_id = ? AND version_id ="
                            + " ?",
                    found.objectId,
                    found.offset,
                    target,
                    old.version);
        }
    }

    /// All parts of a version, of those that were not found bad.
    ///
    /// @param sha256 of the whole
    @SuppressWarnings("ArrayRecordComponent") // read from its row and thrown away
    record Spare(long version, long size, byte[] sha256, List<Row> parts) {}

    /// What can be taken in place of copies in one of these states, of several the one written
    /// last.
    static List<Spare> spares(Session s, int target, String states) throws SQLException {
        return spares(s, target, states, null, "at DESC");
    }

    /// What can be read besides copies that do not count: of one part that was found in two places,
    /// the place that is not the copy's.
    ///
    /// @param only the one version that is asked for; null for all
    static List<Spare> besides(Session s, int target, @Nullable Version only) throws SQLException {
        return spares(
                s,
                target,
                "('WANTED', 'WRITING', 'FAILED', 'ACKED', 'SUSPECT', 'LOST')",
                only,
                "recorded, at DESC");
    }

    /// @param only null for all
    /// @param first of several places of one part
    private static List<Spare> spares(
            Session s, int target, String states, @Nullable Version only, String first)
            throws SQLException {
        record Candidate(long version, long size, byte[] sha256, String set, int count) {}
        List<Spare> spares = new ArrayList<>();
        for (Candidate each :
                s.list(
                        "SELECT v.id, v.size, v.sha256, f.part_set, f.parts FROM found_part f"
                                + VERSION
                                + " WHERE f.target_id = ?1 AND f.bad = 0 AND v.sha256 IS NOT NULL AND"
                                + " c.state IN "
                                + states
                                + (only == null ? " AND ?2 IS NULL" : " AND v.id = ?2")
                                + " GROUP BY v.id, f.part_set, f.parts ORDER BY v.id,"
                                + " max(f.written_at) DESC",
                        r ->
                                new Candidate(
                                        r.getLong(1),
                                        r.getLong(2),
                                        r.getBytes(3),
                                        r.getString(4),
                                        r.getInt(5)),
                        target,
                        only == null ? null : only.id())) {
            List<Row> set = whole(good(s, target, each.set, first), each.count, each.size);
            if (set != null && isOf(each.sha256, set)) {
                spares.add(new Spare(each.version, each.size, each.sha256, set));
            }
        }
        return spares;
    }

    /// Two versions may have one size and one time; what a set comes to tells them apart.
    private static boolean isOf(byte[] sha256, List<Row> set) {
        List<byte[]> wholes =
                set.stream()
                        .map(Row::whole)
                        .filter(Objects::nonNull)
                        .map(Objects::requireNonNull)
                        .toList();
        return !wholes.isEmpty() && wholes.stream().allMatch(all -> Arrays.equals(all, sha256));
    }

    /// What is not known to be bad of a set, recorded or not.
    private static List<Row> good(Session s, int target, String set, String first)
            throws SQLException {
        return s.list(
                "SELECT part_set, number, parts, content_offset, size, stored, sha256, whole,"
                        + " object_id, offset, written_at AS at, 0 AS recorded FROM found_part WHERE"
                        + " target_id = ?1 AND part_set = ?2 AND bad = 0 UNION ALL SELECT p.part_set, p.number,"
                        + " p.parts, p.content_offset, p.size, p.most_stored, p.sha256, v.sha256,"
                        + " p.object_id, p.offset, p.recorded_at, 1 FROM part p JOIN version v ON v.id ="
                        + " p.version_id WHERE p.target_id = ?1 AND p.part_set = ?2 AND p.void = 0 AND"
                        + " p.suspect = 0 ORDER BY number, "
                        + first,
                Row::map,
                target,
                set);
    }

    /// Sets of which some part was not found, of versions that have no copy to be read from.
    static List<Rebuild.Incomplete> incomplete(Session s, int target) throws SQLException {
        return s.list(
                "SELECT source, path, count(DISTINCT number), max(parts) FROM (SELECT part_set,"
                        + " source, path, number, parts FROM found_part f WHERE target_id = ?1 AND "
                        + UNKNOWN
                        + " UNION ALL SELECT f.part_set, f.source, f.path, p.number, f.parts FROM"
                        + " found_part f JOIN part p ON p.target_id = f.target_id AND p.part_set ="
                        + " f.part_set AND p.void = 0 WHERE f.target_id = ?1 AND "
                        + UNKNOWN
                        + ") GROUP BY part_set, source, path HAVING count(DISTINCT number) < max(parts)"
                        + " ORDER BY source, path, part_set",
                r ->
                        new Rebuild.Incomplete(
                                r.getString(1),
                                ItemPath.of(r.getBytes(2)),
                                r.getInt(3),
                                r.getInt(4)),
                target);
    }

    private static final String UNKNOWN =
            "f.id NOT IN (SELECT f.id FROM found_part f"
                    + VERSION
                    + " WHERE c.state IN ('ACKED', 'DURABLE', 'VERIFIED', 'STALE'))";
}
