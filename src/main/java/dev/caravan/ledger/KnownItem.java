package dev.caravan.ledger;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
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

    static @Nullable KnownItem find(Session s, int source, ItemPath path) throws SQLException {
        return s.first(
                "SELECT i.id, i.present, v.id, v.kind, v.size, v.modified_s, v.modified_ns, v.mode,"
                        + " v.uid, v.gid, v.link_target, v.device, v.inode, v.changed_s, v.changed_ns"
                        + " FROM item i LEFT JOIN version v ON v.id = i.version_id WHERE i.source_id ="
                        + " ? AND i.path = ?",
                KnownItem::map,
                source,
                path.bytes());
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
