package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.item.ItemPath;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The holds: set and released by persons, and in the log. Thread-safe.
public final class Holds {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database;
    private final Clock clock;

    Holds(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// Sets a hold, from now on.
    ///
    /// @param source null for all sources
    /// @param paths empty for all of the source
    /// @return whether it was set: not if one of this name is in force
    public boolean set(String name, @Nullable String source, List<Hold.Path> paths, String reason) {
        return database.write(s -> {
            Instant now = clock.instant();
            if (id(s, name) != null) {
                return false;
            }
            long id =
                    s.insert(
                            "INSERT INTO hold (name, source, reason, set_at) VALUES (?, ?, ?, ?)",
                            name,
                            source,
                            reason,
                            Instants.nanos(now));
            for (Hold.Path path : paths) {
                s.run(
                        "INSERT INTO hold_path (hold_id, path, pattern) VALUES (?, ?, ?) ON"
                                + " CONFLICT DO NOTHING",
                        id,
                        path.bytes(),
                        path.pattern());
            }
            var detail = JSON.createObjectNode().put("hold", name).put("reason", reason);
            detail.put("source", source);
            var shown = detail.putArray("paths");
            paths.forEach(path -> shown.add(ItemPath.show(path.bytes())));
            Events.append(s, now, "hold", detail.toString());
            return true;
        });
    }

    /// Ends a hold: from now on retention goes by its rules again.
    ///
    /// @return whether there was one
    public boolean release(String name) {
        return database.write(s -> {
            Instant now = clock.instant();
            int released =
                    s.run(
                            "UPDATE hold SET released_at = ? WHERE name = ? AND released_at IS NULL",
                            Instants.nanos(now),
                            name);
            if (released > 0) {
                Events.append(
                        s, now, "release", JSON.createObjectNode().put("hold", name).toString());
            }
            return released > 0;
        });
    }

    private static @Nullable Long id(Session s, String name) throws SQLException {
        return s.first(
                "SELECT id FROM hold WHERE name = ? AND released_at IS NULL",
                r -> r.getLong(1),
                name);
    }

    /// All holds, those in force first, each in the order they were set.
    public List<Hold> all() {
        return database.read(s -> read(s, "ORDER BY released_at IS NOT NULL, id"));
    }

    private static List<Hold> read(Session s, String which) throws SQLException {
        record Row(long id, Hold hold) {}
        List<Row> rows =
                s.list(
                        "SELECT id, name, source, reason, set_at, released_at FROM hold " + which,
                        r ->
                                new Row(
                                        r.getLong(1),
                                        new Hold(
                                                r.getString(2),
                                                r.getString(3),
                                                List.of(),
                                                r.getString(4),
                                                Instants.of(r.getLong(5)),
                                                Instants.nullable(r, 6))));
        List<Hold> holds = new ArrayList<>();
        for (Row row : rows) {
            List<Hold.Path> paths =
                    s.list(
                            "SELECT path, pattern FROM hold_path WHERE hold_id = ? ORDER BY path",
                            r -> new Hold.Path(r.getBytes(1), r.getBoolean(2)),
                            row.id);
            Hold h = row.hold;
            holds.add(new Hold(h.name(), h.source(), paths, h.reason(), h.setAt(), h.releasedAt()));
        }
        return List.copyOf(holds);
    }

    /// The hold that an item is under; empty if there is none.
    public Optional<String> on(String source, ItemPath path, RetentionRules.Globs globs) {
        return database.read(s -> Optional.ofNullable(inForce(s, globs).on(source, path)));
    }

    static InForce inForce(Session s, RetentionRules.Globs globs) throws SQLException {
        return new InForce(read(s, "WHERE released_at IS NULL ORDER BY id"), globs);
    }

    /// The holds in force, read once to be asked of many items. Immutable.
    static final class InForce {
        private record Held(
                String name, @Nullable String source, List<Predicate<ItemPath>> paths) {}

        private final List<Held> held = new ArrayList<>();

        private InForce(List<Hold> holds, RetentionRules.Globs globs) {
            for (Hold hold : holds) {
                List<Predicate<ItemPath>> paths = new ArrayList<>();
                for (Hold.Path path : hold.paths()) {
                    paths.add(path.pattern() ? pattern(path, globs) : literal(path));
                }
                held.add(new Held(hold.name(), hold.source(), List.copyOf(paths)));
            }
        }

        private static Predicate<ItemPath> literal(Hold.Path path) {
            ItemPath folder = ItemPath.of(path.bytes());
            return item -> item.isAtOrBelow(folder);
        }

        /// A pattern that can not be read any more holds everything rather than nothing.
        private static Predicate<ItemPath> pattern(Hold.Path path, RetentionRules.Globs globs) {
            Predicate<ItemPath> glob;
            try {
                glob = globs.of(path.bytes());
            } catch (IllegalArgumentException unreadable) {
                return item -> true;
            }
            return item -> {
                for (ItemPath at = item; !at.isRoot(); at = at.parent()) {
                    if (glob.test(at)) {
                        return true;
                    }
                }
                return false;
            };
        }

        /// The name of the first hold an item is under; null if there is none.
        @Nullable String on(String source, ItemPath path) {
            for (Held each : held) {
                boolean here = each.source == null || each.source.equals(source);
                if (here
                        && (each.paths.isEmpty()
                                || each.paths.stream().anyMatch(p -> p.test(path)))) {
                    return each.name;
                }
            }
            return null;
        }
    }
}
