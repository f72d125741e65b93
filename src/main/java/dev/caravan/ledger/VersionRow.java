package dev.caravan.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a version stands in its row.
final class VersionRow {

    /// Column list for `version v JOIN item i JOIN source s`.
    static final String COLUMNS =
            "v.id, s.name, i.path, v.number, v.kind, v.size, v.modified_s, v.modified_ns, v.mode,"
                    + " v.uid, v.gid, v.link_target, v.links, v.xattrs, v.device, v.inode,"
                    + " v.changed_s, v.changed_ns, v.sha256";

    static final String FROM =
            " FROM version v JOIN item i ON i.id = v.item_id JOIN source s ON s.id = i.source_id ";

    private static final ObjectMapper JSON = new ObjectMapper();

    private VersionRow() {}

    static Version map(ResultSet row) throws SQLException {
        Kind kind = Kind.valueOf(row.getString(5));
        long size = row.getLong(6);
        Instant modified = Instant.ofEpochSecond(row.getLong(7), row.getLong(8));
        byte[] linkTarget = row.getBytes(12);
        Metadata metadata =
                new Metadata(
                        kind,
                        size,
                        modified,
                        row.getInt(9),
                        row.getInt(10),
                        row.getInt(11),
                        linkTarget == null ? Metadata.NO_TARGET : linkTarget,
                        row.getInt(13),
                        xattrs(row.getString(14)));
        Fingerprint fingerprint =
                new Fingerprint(
                        row.getLong(15),
                        row.getLong(16),
                        size,
                        modified,
                        Instant.ofEpochSecond(row.getLong(17), row.getLong(18)));
        byte[] sha256 = row.getBytes(19);
        return new Version(
                row.getLong(1),
                row.getString(2),
                ItemPath.of(row.getBytes(3)),
                row.getInt(4),
                metadata,
                fingerprint,
                sha256 == null ? null : Sha256.of(sha256));
    }

    static @Nullable String xattrs(List<Xattr> xattrs) {
        if (xattrs.isEmpty()) {
            return null;
        }
        ArrayNode all = JSON.createArrayNode();
        for (Xattr xattr : xattrs) {
            all.addObject().put("name", xattr.name()).put("value", xattr.value());
        }
        return all.toString();
    }

    private static List<Xattr> xattrs(@Nullable String json) {
        if (json == null) {
            return List.of();
        }
        try {
            List<Xattr> all = new ArrayList<>();
            for (JsonNode node : JSON.readTree(json)) {
                all.add(new Xattr(node.path("name").asText(), node.path("value").binaryValue()));
            }
            return all;
        } catch (JsonProcessingException damaged) {
            throw new LedgerException("version with damaged xattrs '" + json + "'", damaged);
        } catch (IOException damaged) {
            throw new LedgerException("version with damaged xattrs '" + json + "'", damaged);
        }
    }
}
