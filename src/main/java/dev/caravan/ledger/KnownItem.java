package dev.caravan.ledger;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The item at a path, as the ledger has it, with the state of its last version.
///
/// @param version 0 if there is none
/// @param kind null if there is no version
record KnownItem(
        long item,
        boolean present,
        long version,
        @Nullable String kind,
        long size,
        Instant modified,
        int mode,
        int uid,
        int gid,
        byte[] linkTarget,
        long device,
        long inode,
        Instant changed) {

    /// In one query: for each path of a large tree, the driver would take longer than SQLite.
    ///
    /// @return by the places in the list of those that are known
    static Map<Integer, KnownItem> find(Session s, int source, List<Sighted> sighted)
            throws SQLException {
        RowList paths = new RowList();
        for (Sighted each : sighted) {
            paths.add(each.path().bytes());
        }
        Map<Integer, KnownItem> known = HashMap.newHashMap(sighted.size());
        s.each(
                "SELECT i.id, i.present, v.id, v.kind, v.size, v.modified_s, v.modified_ns, v.mode,"
                        + " v.uid, v.gid, v.link_target, v.device, v.inode, v.changed_s, v.changed_ns,"
                        + " j.key FROM json_each(?) j CROSS JOIN item i ON i.source_id = ? AND i.path ="
                        + " unhex(j.value ->> 0) LEFT JOIN version v ON v.id = i.version_id",
                row -> known.put(row.getInt(16), map(row)),
                paths,
                source);
        return known;
    }

    private static KnownItem map(ResultSet row) throws SQLException {
        byte[] target = row.getBytes(11);
        return new KnownItem(
                row.getLong(1),
                row.getInt(2) == 1,
                row.getLong(3),
                row.getString(4),
                row.getLong(5),
                Instant.ofEpochSecond(row.getLong(6), row.getLong(7)),
                row.getInt(8),
                row.getInt(9),
                row.getInt(10),
                target == null ? Metadata.NO_TARGET : target,
                row.getLong(12),
                row.getLong(13),
                Instant.ofEpochSecond(row.getLong(14), row.getLong(15)));
    }

    /// Whether the item is there, in the state of its last version. The device may differ: a file
    /// system mounted again can have another number.
    boolean sameAs(Sighted sighted) {
        Metadata m = sighted.metadata();
        Fingerprint f = sighted.fingerprint();
        return present
                && kind != null
                && Kind.valueOf(kind) == m.kind()
                && size == m.size()
                && modified.equals(m.modified())
                && mode == m.mode()
                && uid == m.uid()
                && gid == m.gid()
                && inode == f.inode()
                && changed.equals(f.changed())
                && Arrays.equals(linkTarget, m.linkTarget());
    }
}
