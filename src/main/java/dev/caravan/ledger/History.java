package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What was in the sources at a time: the version of each item that had been picked up by then, and
/// whether scans had found it gone. Exact to the scan: what came and went between two of them was
/// never seen. Thread-safe.
public final class History {
    private static final long NOW = Long.MAX_VALUE;
    private static final int BATCH = 500;

    private static final String IN_SOURCE =
            "SELECT id, path FROM item WHERE source_id = ? AND path ";

    /// One version for each item of a list that had one then, in the order of paths.
    private static final String ENTRIES =
            "SELECT "
                    + VersionRow.COLUMNS
                    + ", (SELECT max(a.from_at) FROM absence a WHERE a.item_id = i.id AND a.from_at"
                    + " <= ?2 AND (a.until_at IS NULL OR a.until_at > ?2)) AS gone FROM json_each(?1)"
                    + " j CROSS JOIN item i ON i.id = j.value CROSS JOIN version v ON v.id = (SELECT"
                    + " max(w.id) FROM version w WHERE w.item_id = i.id AND w.registered_at <= ?2)"
                    + " CROSS JOIN source s ON s.id = i.source_id WHERE ?3 OR gone IS NULL ORDER BY"
                    + " i.path";

    private final Database database;

    History(Database database) {
        this.database = database;
    }

    /// What of the sources is looked at.
    ///
    /// @param at the time; null for now
    /// @param deletedToo whether items that were gone then are looked at too, in the state they
    ///   last had
    public record View(@Nullable Instant at, boolean deletedToo) {
        private long nanos() {
            return at == null ? NOW : Instants.nanos(at);
        }
    }

    /// An item as it was then.
    ///
    /// @param goneSince when a scan found it gone; null if it was there
    public record Entry(Version version, @Nullable Instant goneSince) {}

    /// Takes entries one by one, in the order of their paths.
    @FunctionalInterface
    public interface Entries {
        void take(Entry entry);
    }

    /// The item at this path; empty if there was none.
    public Optional<Entry> entry(String source, ItemPath path, View view) {
        return Optional.ofNullable(
                database.read(s -> {
                    Long item =
                            s.first(
                                    "SELECT id FROM item WHERE source_id = ? AND path = ?",
                                    r -> r.getLong(1),
                                    sourceId(s, source),
                                    path.bytes());
                    if (item == null) {
                        return null;
                    }
                    Entry[] found = {null};
                    Batch batch = new Batch(s, view, entry -> found[0] = entry);
                    batch.add(item);
                    batch.flush();
                    return found[0];
                }));
    }

    /// What was in a folder, without what was in its folders: takes as long as there are entries,
    /// however much lies below them.
    public void children(String source, ItemPath folder, View view, Entries entries) {
        database.read(s -> {
            int id = sourceId(s, source);
            Batch batch = new Batch(s, view, entries);
            Range range = Range.below(folder);
            while (range != null) {
                range = childrenUpToAFolder(s, id, range, batch);
            }
            batch.flush();
            return true;
        });
    }

    /// Takes children up to the first item that is none; returns where the next one can be.
    private static @Nullable Range childrenUpToAFolder(
            Session s, int source, Range range, Batch batch) throws SQLException {
        Range[] next = {null};
        range.each(
                s,
                source,
                row -> {
                    byte[] path = row.getBytes(2);
                    int slash = range.prefix;
                    while (slash < path.length && path[slash] != '/') {
                        slash++;
                    }
                    if (slash == path.length) {
                        batch.add(row.getLong(1));
                        return true;
                    }
                    byte[] behind = Arrays.copyOf(path, slash + 1);
                    behind[slash] = '/' + 1;
                    next[0] = new Range(behind, range.to, range.prefix);
                    return false;
                });
        return next[0];
    }

    /// All that was below a folder and has a path that is wanted.
    public void below(
            String source,
            ItemPath folder,
            View view,
            Predicate<ItemPath> wanted,
            Entries entries) {
        database.read(s -> {
            Batch batch = new Batch(s, view, entries);
            Range.below(folder)
                    .each(
                            s,
                            sourceId(s, source),
                            row -> {
                                if (wanted.test(ItemPath.of(row.getBytes(2)))) {
                                    batch.add(row.getLong(1));
                                }
                                return true;
                            });
            batch.flush();
            return true;
        });
    }

    /// The versions of all items at or below the path, folders before what is in them.
    public List<Version> tree(String source, ItemPath path, View view) {
        List<Version> tree = new ArrayList<>();
        if (!path.isRoot()) {
            entry(source, path, view).ifPresent(entry -> tree.add(entry.version()));
        }
        below(source, path, view, any -> true, entry -> tree.add(entry.version()));
        return tree;
    }

    private static int sourceId(Session s, String source) throws SQLException {
        Integer id = s.first("SELECT id FROM source WHERE name = ?", r -> r.getInt(1), source);
        if (id == null) {
            throw new IllegalArgumentException("source '" + source + "' is not in the ledger");
        }
        return id;
    }

    /// A range of paths.
    ///
    /// @param to the first path behind it; null for the end of the source
    /// @param prefix how many bytes all paths in it have in common, with the slash
    private record Range(byte[] from, byte @Nullable [] to, int prefix) {
        static Range below(ItemPath folder) {
            if (folder.isRoot()) {
                return new Range(new byte[0], null, 0);
            }
            byte[] path = folder.bytes();
            byte[] from = Arrays.copyOf(path, path.length + 1);
            from[path.length] = '/';
            byte[] to = from.clone();
            to[path.length] = '/' + 1;
            return new Range(from, to, from.length);
        }

        void each(Session s, int source, Session.RowTest goesOn) throws SQLException {
            if (to == null) {
                s.eachWhile(IN_SOURCE + ">= ? ORDER BY path", goesOn, source, from);
            } else {
                s.eachWhile(
                        IN_SOURCE + ">= ? AND path < ? ORDER BY path", goesOn, source, from, to);
            }
        }
    }

    /// Items whose versions are looked up together, in the order they come. Confined.
    private static final class Batch {
        private final Session s;
        private final View view;
        private final Entries entries;
        private IdList items = new IdList();
        private int count;

        Batch(Session s, View view, Entries entries) {
            this.s = s;
            this.view = view;
            this.entries = entries;
        }

        void add(long item) throws SQLException {
            items.add(item);
            if (++count == BATCH) {
                flush();
            }
        }

        void flush() throws SQLException {
            s.each(
                    ENTRIES,
                    r -> entries.take(new Entry(VersionRow.map(r), Instants.nullable(r, 20))),
                    items,
                    view.nanos(),
                    view.deletedToo());
            items = new IdList();
            count = 0;
        }
    }

    /// Notes that a scan found an item gone.
    static void gone(Session s, long item, Instant now) throws SQLException {
        s.run(
                "INSERT INTO absence (item_id, from_at) VALUES (?, ?) ON CONFLICT DO UPDATE SET"
                        + " until_at = NULL",
                item,
                Instants.nanos(now));
    }

    /// Notes that items are there again. A clock that was set back makes no absence end before it
    /// began.
    static void back(Session s, IdList items, long now) throws SQLException {
        s.run(
                "UPDATE absence SET until_at = max(from_at, ?) WHERE until_at IS NULL AND item_id IN"
                        + " (SELECT value FROM json_each(?))",
                now,
                items);
    }

    static void forget(Session s, long item) throws SQLException {
        s.run("DELETE FROM absence WHERE item_id = ?", item);
    }
}
