package dev.caravan.ledger;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.Metadata;
import dev.caravan.ledger.Rebuild.Found;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The statements that make known the versions a rebuild finds, each under its own id and number if
/// they are free, and refuse what contradicts the ledger. Methods throw [SQLException] if the
/// ledger can not be read or written. Confined.
final class FoundVersions {
    /// Stands where a medium does not say on which device an item was: no file system has it.
    private static final long NO_DEVICE = -1;

    private static final byte[] NO_ROOT = {};

    /// No ledger has ever given an id or a number above these. Whoever takes one that a damaged or
    /// hostile medium names has none left to give.
    private static final long MOST_ID = 1L << 53;

    private static final int MOST_NUMBER = 1 << 30;

    private final Session s;
    private final long writtenAt;
    private final Map<String, Integer> sources = new HashMap<>();
    private final List<String> conflicts = new ArrayList<>();
    private long added;

    /// @param writtenAt when the versions are taken as registered
    FoundVersions(Session s, long writtenAt) {
        this.s = s;
        this.writtenAt = writtenAt;
    }

    /// How many the ledger did not have.
    long added() {
        return added;
    }

    /// Those that contradict what is known, and why, in words.
    List<String> conflicts() {
        return List.copyOf(conflicts);
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
        added++;
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
}
