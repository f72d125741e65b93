package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is known of items, versions and where their copies are: the questions of restore and
/// whereis. Thread-safe.
public final class Catalog {
    private final Database database;

    Catalog(Database database) {
        this.database = database;
    }

    /// One copy with all that is known of it.
    ///
    /// @param object what it lies in; null where the target keeps plain files
    /// @param parts where the parts of a copy lie that is in several; empty for one in one piece.
    ///   Then `object` and `offset` are those of the first part
    /// @param attempts failed attempts since it was wanted
    /// @param replaces what it was, where it is made anew because it was found bad or missing: the
    ///   place and the evidence are those of the bad one until it is proven
    public record Copy(
            Target target,
            CopyState state,
            @Nullable StoredObject object,
            long offset,
            List<StoredPart> parts,
            @Nullable Evidence evidence,
            @Nullable Sha256 sha256,
            long bytesRead,
            @Nullable Instant recordedAt,
            @Nullable Instant verifiedAt,
            int attempts,
            @Nullable String lastError,
            @Nullable CopyState replaces) {

        /// The same copy as far as one part of it, to be read like one in one piece.
        public Copy at(StoredPart part) {
            return new Copy(
                    target,
                    state,
                    part.object(),
                    part.offset(),
                    List.of(),
                    evidence,
                    part.sha256(),
                    part.part().size(),
                    recordedAt,
                    verifiedAt,
                    attempts,
                    lastError,
                    replaces);
        }
    }

    /// The original of a version: the item itself, in its source.
    ///
    /// @param root of the source
    /// @param mediaKind what it is on
    /// @param current whether the item was in the state of this version when it was last seen, and
    ///   is not known to be gone
    /// @param seen whether the last scan looked at it
    /// @param registeredAt when this version was picked up
    /// @param lastScan of the source; null before the first one ended
    /// @param problems why the item is not all protected, from the last scan and attempts to copy
    ///   since
    public record Original(
            byte[] root,
            MediaKind mediaKind,
            boolean current,
            boolean seen,
            Instant registeredAt,
            @Nullable Instant lastScan,
            List<Problem> problems) {

        /// Whether it counts as a copy.
        public boolean counts() {
            return current
                    && seen
                    && problems.stream().noneMatch(p -> p.kind() == Problem.Kind.UNSTABLE);
        }
    }

    public Original original(Version version) {
        return database.read(s -> {
            List<Problem> problems =
                    s.list(
                            "SELECT p.kind, p.reason FROM problem p JOIN source s ON s.id ="
                                    + " p.source_id WHERE s.name = ? AND p.path = ?",
                            r ->
                                    new Problem(
                                            version.source(),
                                            version.path(),
                                            Problem.Kind.valueOf(r.getString(1)),
                                            r.getString(2)),
                            version.source(),
                            version.path().bytes());
            return s.one(
                    "SELECT s.root, s.media_kind, i.present = 1 AND i.version_id = v.id, i.seen,"
                            + " v.registered_at, s.last_scan_at"
                            + VersionRow.FROM
                            + "WHERE v.id = ?",
                    r ->
                            new Original(
                                    r.getBytes(1),
                                    MediaKind.of(r.getString(2)),
                                    r.getBoolean(3),
                                    r.getBoolean(4),
                                    Instants.of(r.getLong(5)),
                                    Instants.nullable(r, 6),
                                    problems),
                    version.id());
        });
    }

    /// The items no longer in their sources, whose versions are still kept, in path order.
    public void deleted(DeletedItems items) {
        database.read(s -> {
            s.each(
                    "SELECT s.name, i.path FROM item i JOIN source s ON s.id = i.source_id WHERE"
                            + " i.present = 0 AND s.name <> '"
                            + OwnSource.NAME
                            + "' ORDER BY s.name, i.path",
                    r -> items.take(r.getString(1), ItemPath.of(r.getBytes(2))));
            return true;
        });
    }

    /// Takes items one by one.
    @FunctionalInterface
    public interface DeletedItems {
        void take(String source, ItemPath path);
    }

    /// The sources of the user that ever had an item at this path.
    public List<String> sourcesOf(ItemPath path) {
        return sourcesWith(path).stream().filter(name -> !name.equals(OwnSource.NAME)).toList();
    }

    /// The same with the home's own source, which is meant only when it is named.
    ///
    /// @param named by the user; null for none
    public List<String> sourcesOf(ItemPath path, @Nullable String named) {
        return named == null
                ? sourcesOf(path)
                : sourcesWith(path).stream().filter(named::equals).toList();
    }

    private List<String> sourcesWith(ItemPath path) {
        if (path.isRoot()) {
            return database.read(
                    s -> s.list("SELECT name FROM source ORDER BY name", r -> r.getString(1)));
        }
        return database.read(s ->
                s.list(
                        "SELECT s.name FROM source s JOIN item i ON i.source_id = s.id AND"
                                + " i.path = ? WHERE i.version_id IS NOT NULL ORDER BY s.name",
                        r -> r.getString(1),
                        path.bytes()));
    }

    /// Whether the item at this path was there in the last scan; the root always is.
    public boolean present(String source, ItemPath path) {
        return path.isRoot()
                || database.read(s ->
                        s.first(
                                        "SELECT 1 FROM source s JOIN item i ON i.source_id"
                                                + " = s.id AND i.path = ? WHERE s.name = ? AND"
                                                + " i.present = 1",
                                        r -> 1,
                                        path.bytes(),
                                        source)
                                != null);
    }

    /// The current version of every item at or below the path, folders before what is in them. With
    /// `deletedToo`, the last version of deleted items as well, but for what was in a folder that
    /// has become something else.
    public List<Version> tree(String source, ItemPath path, boolean deletedToo) {
        byte[] from = path.bytes();
        byte[] below = Arrays.copyOf(from, from.length + 1);
        below[from.length] = '/';
        byte[] end = below.clone();
        end[from.length] = '/' + 1;
        String where =
                path.isRoot()
                        ? "WHERE s.name = ?1 AND ?2 IS NOT NULL AND ?3 IS NOT NULL AND ?4 IS NOT"
                                + " NULL"
                        : "WHERE s.name = ?1 AND (i.path = ?2 OR i.path >= ?3 AND i.path < ?4)";
        List<Version> found =
                database.read(s ->
                        s.list(
                                "SELECT "
                                        + VersionRow.COLUMNS
                                        + " FROM source s JOIN item i ON i.source_id = s.id JOIN"
                                        + " version v ON v.id = i.version_id "
                                        + where
                                        + (deletedToo ? "" : " AND i.present = 1")
                                        + " ORDER BY i.path",
                                VersionRow::map,
                                source,
                                from,
                                below,
                                end));
        return deletedToo ? withoutStale(found) : found;
    }

    private static List<Version> withoutStale(List<Version> versions) {
        Set<ItemPath> noFolders = new HashSet<>();
        for (Version version : versions) {
            if (version.metadata().kind() != Kind.FOLDER) {
                noFolders.add(version.path());
            }
        }
        return versions.stream()
                .filter(version -> {
                    ItemPath at = version.path().parent();
                    while (!at.isRoot() && !noFolders.contains(at)) {
                        at = at.parent();
                    }
                    return at.isRoot();
                })
                .toList();
    }

    /// All kept versions of one item, newest first.
    public List<Version> versions(String source, ItemPath path) {
        return database.read(s ->
                s.list(
                        "SELECT "
                                + VersionRow.COLUMNS
                                + VersionRow.FROM
                                + "WHERE s.name = ? AND i.path = ? ORDER BY v.id DESC",
                        VersionRow::map,
                        source,
                        path.bytes()));
    }

    /// The copies of a version, in the order of the targets.
    public List<Copy> copies(Version version) {
        return database.read(s -> copies(s, version));
    }

    /// The copies of many versions, in the same order.
    public List<List<Copy>> copies(List<Version> versions) {
        return database.read(s -> {
            List<List<Copy>> all = new ArrayList<>(versions.size());
            for (Version version : versions) {
                all.add(copies(s, version));
            }
            return all;
        });
    }

    /// As the other, and the further copies that a rebuild keeps of versions whose copy does not
    /// count: nothing says which of them is good before one was read.
    public List<List<Copy>> copiesAndSpares(List<Version> versions) {
        return database.read(s -> {
            SpareCopies spares =
                    new SpareCopies(s, versions.size() == 1 ? versions.getFirst() : null);
            List<List<Copy>> all = new ArrayList<>(versions.size());
            for (Version version : versions) {
                all.add(spares.with(version, copies(s, version)));
            }
            return all;
        });
    }

    private static List<Copy> copies(Session s, Version version) throws SQLException {
        return s.list(
                "SELECT t.id, t.name, t.media_kind, t.site, t.offsite, t.simulated, t.active,"
                        + " t.identity, t.state, t.attempts, t.next_at, t.last_error, c.state, o.name,"
                        + " o.bytes, o.segment, w.name, w.uuid, o.tape_file, o.block, c.offset,"
                        + " e.method, e.level, e.at, e.program, c.sha256, c.bytes_read, c.recorded_at,"
                        + " c.verified_at, c.attempts, c.last_error, c.parts, c.replaces, e.bytes_read,"
                        + " e.place, o.encrypted_for FROM target t CROSS JOIN copy c ON"
                        + " c.target_id = t.id AND c.version_id = ? LEFT JOIN object o ON o.id ="
                        + " c.object_id LEFT JOIN volume w ON w.id = o.volume_id LEFT JOIN evidence e"
                        + " ON e.id = c.evidence_id ORDER BY t.id",
                r -> copy(s, r, version.id()),
                version.id());
    }

    private static Copy copy(Session s, ResultSet row, long version) throws SQLException {
        byte[] sha256 = row.getBytes(26);
        String replaces = row.getString(33);
        Target target = Targets.map(row);
        return new Copy(
                target,
                CopyState.valueOf(row.getString(13)),
                object(row),
                row.getLong(21),
                row.getInt(32) > 1 ? Parts.of(s, target.id(), version) : List.of(),
                evidence(row),
                sha256 == null ? null : Sha256.of(sha256),
                row.getLong(27),
                Instants.nullable(row, 28),
                Instants.nullable(row, 29),
                row.getInt(30),
                row.getString(31),
                replaces == null ? null : CopyState.valueOf(replaces));
    }

    private static @Nullable StoredObject object(ResultSet row) throws SQLException {
        String name = row.getString(14);
        if (name == null) {
            return null;
        }
        String volume = row.getString(17);
        return new StoredObject(
                name,
                row.getLong(15),
                row.getInt(16) == 1,
                volume == null
                        ? null
                        : new StoredObject.OnTape(
                                volume, row.getString(18), row.getInt(19), row.getLong(20)),
                null,
                StoredObject.recipients(row.getString(36)));
    }

    private static @Nullable Evidence evidence(ResultSet row) throws SQLException {
        String method = row.getString(22);
        return method == null
                ? null
                : new Evidence(
                        method,
                        Evidence.Level.valueOf(row.getString(23)),
                        Instants.of(row.getLong(24)),
                        row.getString(25),
                        row.getObject(34) == null ? null : row.getLong(34),
                        row.getString(35));
    }

    /// Whether a version is the one its item has now, and the item was there in the last scan.
    public boolean isCurrent(Version version) {
        return database.read(s ->
                s.first(
                                "SELECT 1 FROM item WHERE version_id = ? AND present = 1",
                                r -> 1,
                                version.id())
                        != null);
    }
}
