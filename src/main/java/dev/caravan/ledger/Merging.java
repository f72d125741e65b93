package dev.caravan.ledger;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.ledger.Rebuild.Found;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The statements of one transaction that puts back what a stored object holds. Confined.
final class Merging {
    /// Stands where a medium does not say on which device an item was: no file system has it.
    private static final long NO_DEVICE = -1;

    private static final byte[] NO_ROOT = {};

    /// No ledger has ever given an id or a number above these. Whoever takes one that a damaged or
    /// hostile medium names has none left to give.
    private static final long MOST_ID = 1L << 53;

    private static final int MOST_NUMBER = 1 << 30;

    private final Database.Session s;
    private final int target;
    private final FoundCopies rows;
    private final @Nullable StoredObject object;
    private final long writtenAt;
    private final Map<String, Integer> sources = new HashMap<>();
    private final List<String> conflicts = new ArrayList<>();
    private final List<Long> matched = new ArrayList<>();
    private @Nullable Long objectId;
    private long versions;
    private long copies;
    private long known;

    /// @param object what holds the copies; null where the target keeps plain files
    Merging(Database.Session s, int target, @Nullable StoredObject object, long writtenAt) {
        this.s = s;
        this.target = target;
        this.rows = new FoundCopies(s, target);
        this.object = object;
        this.writtenAt = writtenAt;
    }

    Rebuild.Merged merged() {
        return new Rebuild.Merged(
                versions, copies, known, List.copyOf(matched), List.copyOf(conflicts));
    }

    void add(Found found) throws SQLException {
        long before = versions;
        Known known = know(found);
        if (known != null && copy(known.version, found) && versions == before) {
            matched.add(known.version);
        }
    }

    /// A version as the ledger has it now.
    record Known(long item, long version) {}

    /// Makes a version known, and no copy of it; null if it contradicts what is known.
    @Nullable Known know(Found found) throws SQLException {
        if (!SourceNames.isOne(found.source())) {
            return told(found, "no source is called '%s'".formatted(SourceNames.shown(found)));
        }
        if (found.versionId() > MOST_ID || found.number() > MOST_NUMBER) {
            return told(found, "no ledger gives the id %d".formatted(found.versionId()));
        }
        if (found.path().isRoot()) {
            return told(found, "the root of a source is no item");
        }
        long item = item(found);
        Long version = version(item, found);
        return version == null ? null : new Known(item, version);
    }

    private @Nullable Known told(Found found, String why) {
        conflict(found, why);
        return null;
    }

    private int source(String name) throws SQLException {
        Integer id = sources.get(name);
        if (id == null) {
            s.run(
                    "INSERT INTO source (name, root) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    name,
                    NO_ROOT);
            id = s.one("SELECT id FROM source WHERE name = ?", r -> r.getInt(1), name);
            sources.put(name, id);
        }
        return id;
    }

    /// Nobody has looked at its original: it does not count before a scan has.
    private long item(Found found) throws SQLException {
        int source = source(found.source());
        byte[] path = found.path().bytes();
        Long id =
                s.first(
                        "SELECT id FROM item WHERE source_id = ? AND path = ?",
                        r -> r.getLong(1),
                        source,
                        path);
        return id != null
                ? id
                : s.insert(
                        "INSERT INTO item (source_id, path, present, seen) VALUES (?, ?, 1, 0)",
                        source,
                        path);
    }

    /// What the ledger has under one id, as far as it must agree.
    private record Row(
            long id,
            int number,
            String kind,
            long size,
            Instant modified,
            byte @Nullable [] linkTarget,
            byte @Nullable [] sha256) {

        static Row map(ResultSet row) throws SQLException {
            return new Row(
                    row.getLong(1),
                    row.getInt(2),
                    row.getString(3),
                    row.getLong(4),
                    Instant.ofEpochSecond(row.getLong(5), row.getLong(6)),
                    row.getBytes(7),
                    row.getBytes(8));
        }

        boolean is(Found found) {
            Metadata m = found.metadata();
            byte[] link = linkTarget == null ? Metadata.NO_TARGET : linkTarget;
            return kind.equals(m.kind().name())
                    && size == m.size()
                    && modified.equals(m.modified())
                    && Arrays.equals(link, m.linkTarget())
                    && (sha256 == null
                            || found.sha256() != null
                                    && Arrays.equals(sha256, found.sha256().bytes()));
        }
    }

    /// The id the version has here; null if it contradicts what is known.
    private @Nullable Long version(long item, Found found) throws SQLException {
        List<Row> rows =
                s.list(
                        "SELECT id, number, kind, size, modified_s, modified_ns, link_target, sha256"
                                + " FROM version WHERE item_id = ? ORDER BY number",
                        Row::map,
                        item);
        Row same =
                rows.stream()
                        .filter(row -> row.is(found))
                        .min((a, b) -> Integer.compare(distance(a, found), distance(b, found)))
                        .orElse(null);
        if (same != null) {
            if (same.sha256 == null && found.sha256() != null) {
                s.run(
                        "UPDATE version SET sha256 = ? WHERE id = ?",
                        found.sha256().bytes(),
                        same.id);
            }
            return same.id;
        }
        int number = found.number() > 0 ? found.number() : next(rows);
        if (rows.stream().anyMatch(row -> row.number == number)) {
            return conflict(found, "the ledger has another version of that number");
        }
        Long id = freeId(rows, number, found.versionId());
        if (id == null) {
            return conflict(found, "it is older than what the ledger has, and its id is taken");
        }
        insert(id, item, number, found);
        s.run(
                // what another medium showed to be deleted came back later, as this one shows
                "UPDATE item SET version_id = max(coalesce(version_id, 0), ?2), present = CASE WHEN"
                        + " seen = 0 AND ?2 > coalesce(version_id, 0) THEN 1 ELSE present END WHERE"
                        + " id = ?1",
                item,
                id);
        versions++;
        return id;
    }

    private static int distance(Row row, Found found) {
        return found.versionId() == row.id ? 0 : 1 + Math.abs(row.number - found.number());
    }

    private static int next(List<Row> rows) {
        return rows.isEmpty() ? 1 : rows.getLast().number + 1;
    }

    private @Nullable Long conflict(Found found, String why) {
        conflicts.add(Rebuild.shown(found) + ": " + why);
        return null;
    }

    /// Its own id if nobody has it, else the next new one; null if the ids of the item would then
    /// no longer rise with its numbers.
    private @Nullable Long freeId(List<Row> rows, int number, long wanted) throws SQLException {
        boolean taken =
                wanted <= 0
                        || s.first("SELECT 1 FROM version WHERE id = ?", r -> 1, wanted) != null;
        long id =
                taken
                        ? s.one(
                                "SELECT 1 + max((SELECT coalesce(max(id), 0) FROM version), (SELECT"
                                        + " coalesce(max(seq), 0) FROM sqlite_sequence WHERE name ="
                                        + " 'version'))",
                                r -> r.getLong(1))
                        : wanted;
        boolean rising =
                rows.stream().allMatch(row -> row.number < number ? row.id < id : row.id > id);
        return rising ? id : null;
    }

    private void insert(long id, long item, int number, Found found) throws SQLException {
        Metadata m = found.metadata();
        Fingerprint f = found.fingerprint();
        Instant changed = f == null ? m.modified() : f.changed();
        s.run(
                "INSERT INTO version (id, item_id, number, kind, size, modified_s, modified_ns,"
                        + " mode, uid, gid, link_target, links, xattrs, device, inode, changed_s,"
                        + " changed_ns, sha256, registered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                        + " ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                id,
                item,
                number,
                m.kind(),
                m.size(),
                m.modified().getEpochSecond(),
                m.modified().getNano(),
                m.mode(),
                m.uid(),
                m.gid(),
                m.linkTarget().length == 0 ? null : m.linkTarget(),
                m.links(),
                VersionRow.xattrs(m.xattrs()),
                f == null ? NO_DEVICE : f.device(),
                f == null ? id : f.inode(),
                changed.getEpochSecond(),
                changed.getNano(),
                found.sha256() == null ? null : found.sha256().bytes(),
                writtenAt);
    }

    /// @return whether it is a copy the ledger did not have
    boolean copy(long version, Found found) throws SQLException {
        if (object == null) {
            return copy(version, found.metadata().size(), found.sha256());
        }
        boolean taken = isOpen(version) || isSuspectElsewhere(version);
        boolean kept = !taken && object.tape() != null && rows.isUnread(version);
        Long id = taken || kept ? object() : null;
        if (id == null) { // null: what is there under its name is another
            return known();
        }
        if (taken) {
            take(version, found, id);
            copies++;
            return true;
        }
        if (rows.isElsewhere(version, id)) {
            pass(version, found, id);
        }
        return known();
    }

    /// Of two copies that nobody has read the one written last is taken: what was made anew is
    /// later than what was bad. The other is kept. What is cut off is never taken in place of what
    /// is whole.
    private void pass(long version, Found found, long id) throws SQLException {
        boolean whole = Objects.requireNonNull(object).bytes() > 0;
        IdList here = new IdList();
        here.add(id);
        if (whole && rows.isUnreadFromBefore(version, writtenAt) && !rows.isBad(version, here)) {
            take(version, found, id);
        } else {
            rows.keep(version, id, found.offset(), writtenAt);
        }
    }

    private void take(long version, Found found, long id) throws SQLException {
        rows.take(
                version,
                found.metadata().size(),
                found.sha256() == null ? null : found.sha256().bytes(),
                id,
                found.offset(),
                writtenAt,
                Objects.requireNonNull(object).tape() != null);
    }

    /// As the other, for a copy that is a plain file.
    boolean copy(long version, long size, @Nullable Sha256 sha256) throws SQLException {
        if (!isOpen(version)) {
            return known();
        }
        rows.take(version, size, sha256 == null ? null : sha256.bytes(), null, 0, writtenAt, false);
        copies++;
        return true;
    }

    private boolean known() {
        known++;
        return false;
    }

    /// Adds a version all of whose parts were found or are recorded, and its copy.
    void addParted(Found found, List<FoundParts.Row> parts) throws SQLException {
        Known whole = know(found);
        if (whole == null) {
            return;
        }
        long version = whole.version;
        boolean isNew = isOpen(version) || isSuspectElsewhere(version, parts);
        IdList objects = new IdList();
        parts.forEach(part -> objects.add(part.objectId()));
        boolean isLater =
                rows.isUnreadFromBefore(version, writtenAt) && !rows.isBad(version, objects);
        if (isNew || isLater) {
            rows.takeParts(
                    version,
                    found.metadata().size(),
                    Objects.requireNonNull(found.sha256()).bytes(),
                    parts);
        }
        copies += isNew ? 1 : 0;
        known += isNew ? 0 : 1;
    }

    /// A copy that was found bad gives way to another one of the same version.
    private boolean isSuspectElsewhere(long version) throws SQLException {
        Long there =
                s.first(
                        "SELECT object_id FROM copy WHERE target_id = ? AND version_id = ? AND (state ="
                                + " 'SUSPECT' OR state = 'WANTED' AND replaces = 'SUSPECT') AND"
                                + " object_id IS NOT NULL",
                        r -> r.getLong(1),
                        target,
                        version);
        return there != null && !there.equals(object());
    }

    private boolean isSuspectElsewhere(long version, List<FoundParts.Row> parts)
            throws SQLException {
        return s.first(
                        "SELECT 1 FROM copy c WHERE c.target_id = ?1 AND c.version_id = ?2 AND"
                                + " c.state = 'SUSPECT' AND NOT EXISTS (SELECT 1 FROM part p WHERE"
                                + " p.target_id = ?1 AND p.version_id = ?2 AND p.void = 0 AND"
                                + " p.part_set = ?3)",
                        r -> 1,
                        target,
                        version,
                        parts.getFirst().set())
                != null;
    }

    private boolean isOpen(long version) throws SQLException {
        String state =
                s.first(
                        "SELECT CASE WHEN state = 'WANTED' AND replaces = 'SUSPECT' THEN replaces ELSE"
                                + " state END FROM copy WHERE target_id = ? AND version_id = ?",
                        r -> r.getString(1),
                        target,
                        version);
        return state == null
                || state.equals("WANTED")
                || state.equals("FAILED")
                || state.equals("LOST");
    }

    /// The row of the object; null if one that is not on tape is there in another length. A segment
    /// that reached the end of a cartridge is written again on the next, and may be whole on both:
    /// the second place has a name of its own here.
    @Nullable Long object() throws SQLException {
        if (objectId != null) {
            return objectId;
        }
        StoredObject stored = Objects.requireNonNull(object, "plain files lie in no object");
        StoredObject.OnTape tape = stored.tape();
        if (tape == null) {
            Stored there = named(stored.name());
            if (there != null && there.bytes != stored.bytes()) {
                return null;
            }
            objectId = there == null ? insert(stored, stored.name(), null) : there.id;
            return objectId;
        }
        long volume = Recording.volumeId(s, target, tape);
        String name = stored.name();
        Stored there = named(name);
        if (there != null && !there.isAt(volume, tape)) {
            name = "%s@%s/%d".formatted(name, tape.uuid(), tape.block());
            there = named(name);
        }
        objectId = there == null ? insert(stored, name, volume) : there.id;
        return objectId;
    }

    private @Nullable Stored named(String name) throws SQLException {
        return s.first(
                "SELECT id, volume_id, block, bytes FROM object WHERE target_id = ? AND name = ?",
                r -> new Stored(r.getLong(1), r.getLong(2), r.getLong(3), r.getLong(4)),
                target,
                name);
    }

    private long insert(StoredObject stored, String name, @Nullable Long volume)
            throws SQLException {
        StoredObject.OnTape tape = stored.tape();
        return s.insert(
                "INSERT INTO object (target_id, name, volume_id, tape_file, block, bytes, segment,"
                        + " recorded_at, encrypted_for) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                target,
                name,
                volume,
                tape == null ? null : tape.file(),
                tape == null ? null : tape.block(),
                stored.bytes(),
                stored.segment(),
                writtenAt,
                stored.recipients());
    }

    private record Stored(long id, long volume, long block, long bytes) {
        boolean isAt(long onVolume, StoredObject.OnTape tape) {
            return volume == onVolume && block == tape.block();
        }
    }
}
