package dev.caravan.ledger;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.StringJoiner;

/// What two ledgers must agree on, as text: one is rebuilt from what the other has written.
public final class LedgerDump {
    private LedgerDump() {}

    /// All that is known of every version but when it was picked up, in the order of their ids.
    public static String versions(Path ledger) throws SQLException {
        return rows(
                ledger,
                "SELECT s.name, i.path, v.id, v.number, v.kind, v.size, v.modified_s, v.modified_ns,"
                        + " v.mode, v.uid, v.gid, v.link_target, v.links, v.xattrs, v.device, v.inode,"
                        + " v.changed_s, v.changed_ns, v.sha256 FROM version v JOIN item i ON i.id ="
                        + " v.item_id JOIN source s ON s.id = i.source_id ORDER BY v.id");
    }

    /// Every item, its newest version, and whether it is there.
    public static String items(Path ledger) throws SQLException {
        return rows(
                ledger,
                "SELECT s.name, i.path, i.version_id, i.present FROM item i JOIN source s ON s.id ="
                        + " i.source_id ORDER BY s.name, i.path");
    }

    /// The copies on a target that were made, and where they lie. Whether one was withdrawn is
    /// asked of the newest version of an item only: of others nothing hangs on it.
    public static String copies(Path ledger, String target) throws SQLException {
        return rows(
                ledger,
                "SELECT c.version_id, c.withdrawn AND i.version_id = v.id, c.parts, c.offset, o.name, o.bytes, o.segment,"
                        + " w.name, o.block, c.sha256 FROM copy c JOIN target t ON t.id = c.target_id"
                        + " JOIN version v ON v.id = c.version_id JOIN item i ON i.id = v.item_id LEFT JOIN object o ON o.id = c.object_id LEFT JOIN volume w ON w.id ="
                        + " o.volume_id WHERE t.name = '"
                        + target
                        + "' AND c.state IN ('ACKED', 'DURABLE', 'VERIFIED') ORDER BY c.version_id");
    }

    /// How many copies on a target are in each state.
    public static String states(Path ledger, String target) throws SQLException {
        return rows(
                ledger,
                "SELECT c.state, count(*) FROM copy c JOIN target t ON t.id = c.target_id WHERE t.name"
                        + " = '"
                        + target
                        + "' GROUP BY c.state ORDER BY c.state");
    }

    public static String homeId(Path ledger) throws SQLException {
        return rows(ledger, "SELECT id FROM home").strip();
    }

    private static String rows(Path ledger, String sql) throws SQLException {
        StringBuilder all = new StringBuilder();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                StringJoiner row = new StringJoiner("|", "", "\n");
                for (int i = 1; i <= columns; i++) {
                    Object value = rows.getObject(i);
                    row.add(
                            value instanceof byte[] bytes
                                    ? HexFormat.of().formatHex(bytes)
                                    : String.valueOf(value));
                }
                all.append(row);
            }
        }
        return all.toString();
    }
}
