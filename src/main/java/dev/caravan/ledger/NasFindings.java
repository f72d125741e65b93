package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.ledger.Rebuild.Merged;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a NAS says of itself, brought together in the ledger: its manifests name versions, and its
/// history and its tree show which of their files are there. First all manifests, then the tree,
/// then [#settle]: only then is known what was deleted, and what is missing.
///
/// What was read so far is kept in a temporary table, so that memory stays bounded; it is gone with
/// the program, and the next one reads again and adds only what is missing. One at a time: the
/// table is that of the ledger's writer.
public final class NasFindings {
    /// The coarsest times of file systems that a NAS may have.
    private static final Duration COARSE = Duration.ofSeconds(2);

    private static final int TOLD = 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database;
    private final Clock clock;
    private final String target;

    NasFindings(Database database, Clock clock, String target) {
        this.database = database;
        this.clock = clock;
        this.target = target;
        database.write(s -> {
            s.script("DROP TABLE IF EXISTS temp.nas_line");
            s.script(
                    // place: 0 not found yet, 1 in the history, 2 all of it is in the manifest;
                    // tree: 0 nothing has its name there, 1 it is there, 2 something else is
                    "CREATE TEMP TABLE nas_line (item_id INTEGER NOT NULL, version_id INTEGER NOT"
                            + " NULL, place INTEGER NOT NULL, tree INTEGER NOT NULL DEFAULT 0, PRIMARY KEY"
                            + " (item_id, version_id)) WITHOUT ROWID");
            return target;
        });
    }

    /// A line of a manifest.
    ///
    /// @param kept whether the history has a file under the id of the version, of its size and time
    public record Line(Found found, boolean kept) {}

    /// Adds versions that a manifest names, in one transaction. A file's copy is known with it if
    /// the history has it; a folder and a symlink are all in the manifest.
    ///
    /// @param written when the manifest was: the versions are taken as registered then
    public Merged add(String manifest, Instant written, List<Line> lines) {
        return database.write(s -> {
            Merging merging =
                    new Merging(s, Copies.targetId(s, target), null, Instants.nanos(written));
            for (Line line : lines) {
                add(s, merging, line);
            }
            Merged merged = merging.merged();
            if (merged.versions() + merged.copies() > 0) {
                Events.append(
                        s,
                        clock.instant(),
                        "rebuilt",
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("manifest", manifest)
                                .put("versions", merged.versions())
                                .put("copies", merged.copies())
                                .toString());
            }
            return merged;
        });
    }

    private static void add(Session s, Merging merging, Line line) throws SQLException {
        FoundVersions.Known known = merging.know(line.found);
        if (known == null) {
            return;
        }
        boolean file = line.found.metadata().kind() == Kind.FILE;
        // an old version is found by its id: under another id nobody would look for it there
        boolean kept = file && line.kept && known.version() == line.found.versionId();
        if (!file || kept) {
            merging.copy(known.version(), line.found);
        }
        s.run(
                "INSERT INTO nas_line (item_id, version_id, place) VALUES (?, ?, ?) ON CONFLICT DO"
                        + " NOTHING",
                known.item(),
                known.version(),
                kept ? 1 : file ? 0 : 2);
    }

    /// Something in the plain tree.
    ///
    /// @param linkTarget of a symlink, else empty
    @SuppressWarnings("ArrayRecordComponent") // handed over and thrown away
    public record InTree(
            ItemPath path, Kind kind, long size, Instant modified, byte[] linkTarget) {}

    /// What looking at a batch of the tree showed.
    ///
    /// @param copies files that manifests name, found in their places, and new to the ledger
    /// @param known likewise, of which the ledger had the copy
    /// @param unnamed files and symlinks that no manifest names
    /// @param other in whose places something else is than the manifests say
    public record Compared(long copies, long known, List<ItemPath> unnamed, List<ItemPath> other) {}

    /// Compares what is in the plain tree with what the manifests say is there: the newest version
    /// they name of each item.
    public Compared compare(String source, List<InTree> entries) {
        return database.write(s -> {
            int id = Copies.targetId(s, target);
            long copies = 0;
            long known = 0;
            List<ItemPath> unnamed = new ArrayList<>();
            List<ItemPath> other = new ArrayList<>();
            for (InTree entry : entries) {
                Newest newest = newest(s, source, entry.path);
                if (newest == null) {
                    if (entry.kind != Kind.FOLDER) {
                        unnamed.add(entry.path);
                    }
                    continue;
                }
                boolean same = newest.is(entry);
                mark(s, newest, same ? 1 : 2);
                if (!same) {
                    other.add(entry.path);
                } else if (entry.kind == Kind.FILE && newest.place == 0) {
                    boolean fresh = copy(s, id, newest);
                    copies += fresh ? 1 : 0;
                    known += fresh ? 0 : 1;
                }
            }
            if (copies > 0) {
                Events.append(
                        s,
                        clock.instant(),
                        "rebuilt",
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("source", source)
                                .put("versions", 0)
                                .put("copies", copies)
                                .toString());
            }
            return new Compared(copies, known, List.copyOf(unnamed), List.copyOf(other));
        });
    }

    /// The newest version of an item that manifests name.
    @SuppressWarnings("ArrayRecordComponent") // read from its row and thrown away
    private record Newest(
            long item,
            long version,
            Kind kind,
            long size,
            Instant modified,
            byte @Nullable [] linkTarget,
            byte @Nullable [] sha256,
            long registeredAt,
            int place) {

        static Newest map(ResultSet row) throws SQLException {
            return new Newest(
                    row.getLong(1),
                    row.getLong(2),
                    Kind.valueOf(row.getString(3)),
                    row.getLong(4),
                    Instant.ofEpochSecond(row.getLong(5), row.getLong(6)),
                    row.getBytes(7),
                    row.getBytes(8),
                    row.getLong(9),
                    row.getInt(10));
        }

        boolean is(InTree entry) {
            return kind == entry.kind
                    && switch (kind) {
                        case FOLDER -> true;
                        case SYMLINK ->
                                Arrays.equals(
                                        linkTarget == null ? Metadata.NO_TARGET : linkTarget,
                                        entry.linkTarget);
                        case FILE -> size == entry.size && near(modified, entry.modified);
                    };
        }
    }

    private static @Nullable Newest newest(Session s, String source, ItemPath path)
            throws SQLException {
        return s.first(
                "SELECT i.id, v.id, v.kind, v.size, v.modified_s, v.modified_ns, v.link_target,"
                        + " v.sha256, v.registered_at, l.place FROM source s JOIN item i ON"
                        + " i.source_id = s.id AND i.path = ?2 CROSS JOIN nas_line l ON l.item_id ="
                        + " i.id CROSS JOIN version v ON v.id = l.version_id WHERE s.name = ?1 ORDER BY"
                        + " l.version_id DESC LIMIT 1",
                Newest::map,
                source,
                path.bytes());
    }

    private static void mark(Session s, Newest newest, int tree) throws SQLException {
        s.run(
                "UPDATE nas_line SET tree = ? WHERE item_id = ? AND version_id = ?",
                tree,
                newest.item,
                newest.version);
    }

    private static boolean copy(Session s, int target, Newest newest) throws SQLException {
        return new Merging(s, target, null, newest.registeredAt)
                .copy(
                        newest.version,
                        newest.size,
                        newest.sha256 == null ? null : Sha256.of(newest.sha256));
    }

    /// Whether a file that is found has the time it should have.
    public static boolean near(Instant found, Instant expected) {
        return Duration.between(found, expected).abs().compareTo(COARSE) <= 0;
    }

    /// What follows from all of it.
    ///
    /// @param deleted items that are not in the tree, and whose last version is in the history: so
    ///   Caravan leaves what was deleted from its source
    /// @param missing files that manifests name and that are nowhere
    /// @param firstMissing some of them, in words
    public record Settled(long deleted, long missing, List<String> firstMissing) {}

    /// Settles what was deleted and what is missing, once the whole tree was looked at. An item
    /// that a scan of this ledger has seen is left as the scan saw it.
    public Settled settle() {
        return database.write(s -> {
            int id = Copies.targetId(s, target);
            long deleted =
                    s.run(
                            "UPDATE item SET present = 0 WHERE seen = 0 AND present = 1 AND EXISTS"
                                    + " (SELECT 1 FROM nas_line l WHERE l.item_id = item.id AND"
                                    + " l.version_id = item.version_id AND l.place > 0 AND l.tree ="
                                    + " 0)");
            s.run(
                    "UPDATE copy SET withdrawn = 1 WHERE target_id = ? AND state = 'ACKED' AND"
                            + " withdrawn = 0 AND version_id IN (SELECT l.version_id FROM nas_line l"
                            + " CROSS JOIN item i ON i.id = l.item_id AND i.version_id ="
                            + " l.version_id WHERE l.place > 0 AND l.tree = 0 AND i.present = 0)",
                    id);
            String missing =
                    " FROM nas_line l CROSS JOIN version v ON v.id = l.version_id WHERE l.place = 0"
                            + " AND l.tree <> 1";
            s.run(
                    "INSERT INTO copy (target_id, version_id, state, wanted_at, last_error) SELECT ?,"
                            + " v.id, 'LOST', v.registered_at, 'a manifest names it, and it is not"
                            + " there'"
                            + missing
                            + " ON CONFLICT DO NOTHING",
                    id);
            long count = s.one("SELECT count(*)" + missing, r -> r.getLong(1));
            List<String> first =
                    s.list(
                            "SELECT s.name, i.path, v.number FROM nas_line l CROSS JOIN version v ON"
                                    + " v.id = l.version_id JOIN item i ON i.id = v.item_id JOIN source"
                                    + " s ON s.id = i.source_id WHERE l.place = 0 AND l.tree <> 1 LIMIT "
                                    + TOLD,
                            r ->
                                    "'%s' of '%s', version %d"
                                            .formatted(
                                                    ItemPath.of(r.getBytes(2)),
                                                    r.getString(1),
                                                    r.getInt(3)));
            if (deleted > 0) {
                Events.append(
                        s,
                        clock.instant(),
                        "rebuilt",
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("versions", 0)
                                .put("copies", 0)
                                .put("deleted", deleted)
                                .toString());
            }
            return new Settled(deleted, count, first);
        });
    }
}
