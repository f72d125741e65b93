package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How many copies, on how many media kinds, everything has reached. Every number is counted from
/// rows with evidence, none is kept beside them. Thread-safe.
public final class Counts {
    private static final int SHOWN = 10;

    private final Database database;
    private final Clock clock;

    Counts(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// What one item has reached; the original counts as a copy on disk.
    public record Reached(int copies, int mediaKinds, int offsite) implements Comparable<Reached> {
        @Override
        public int compareTo(Reached that) {
            int order = Integer.compare(copies, that.copies);
            order = order != 0 ? order : Integer.compare(mediaKinds, that.mediaKinds);
            return order != 0 ? order : Integer.compare(offsite, that.offsite);
        }
    }

    /// One target in numbers.
    public record OfTarget(
            Target target,
            long copies,
            long bytes,
            long wanted,
            long failed,
            @Nullable Duration oldestWanted,
            @Nullable String lastError) {}

    /// The state of everything.
    ///
    /// @param items files, folders and symlinks present at the last scan, without unstable ones
    /// @param versions all kept
    /// @param bytes of all kept versions
    public record Report(
            long items,
            long versions,
            long bytes,
            long inPolicy,
            long belowPolicy,
            List<ItemPath> belowPolicyPaths,
            long unstable,
            long unreadable,
            long skipped,
            long overLong,
            long deleted,
            boolean simulated,
            @Nullable Instant lastScan,
            @Nullable Instant lastBackup,
            List<OfTarget> targets,
            Map<Reached, Long> reached) {}

    /// Counts everything, in one consistent look.
    public Report report(Policy policy) {
        return database.read(s -> new Counting(s, policy).report());
    }

    private final class Counting {
        private final Database.Session s;
        private final Policy policy;
        private final Map<Integer, Target> targets = new HashMap<>();
        private final TreeMap<Reached, Long> reached = new TreeMap<>();
        private final List<ItemPath> below = new ArrayList<>();
        private final Map<Long, Reached> ofMask = new HashMap<>();
        private long items;
        private long inPolicy;

        Counting(Database.Session s, Policy policy) {
            this.s = s;
            this.policy = policy;
        }

        Report report() throws SQLException {
            List<Target> all =
                    s.list(
                            "SELECT id, name, media_kind, site, offsite, simulated, active,"
                                    + " identity, state, attempts, next_at, last_error FROM target"
                                    + " ORDER BY id",
                            Targets::map);
            all.forEach(t -> targets.put(t.id(), t));
            countItems();
            List<OfTarget> ofTargets = new ArrayList<>();
            for (Target target : all) {
                OfTarget numbers = ofTarget(target);
                if (target.active() || numbers.copies > 0) {
                    ofTargets.add(numbers);
                }
            }
            return new Report(
                    items,
                    number("SELECT count(*) FROM version"),
                    number("SELECT coalesce(sum(size), 0) FROM version"),
                    inPolicy,
                    items - inPolicy,
                    List.copyOf(below),
                    problems(Problem.Kind.UNSTABLE),
                    problems(Problem.Kind.UNREADABLE),
                    problems(Problem.Kind.SKIPPED),
                    problems(Problem.Kind.OVER_LONG),
                    number("SELECT count(*) FROM item WHERE present = 0"),
                    ofTargets.stream().anyMatch(t -> t.target.simulated()),
                    instant("SELECT max(last_scan_at) FROM source"),
                    instant(
                            "SELECT max(ended_at) FROM run WHERE kind IN ('backup', 'demo', 'run')"
                                    + " AND outcome <> 'cut off'"),
                    List.copyOf(ofTargets),
                    reached);
        }

        /// For each item the set of targets that hold a counted copy of its current version, as a
        /// bit mask over target ids: there are few targets and few different sets.
        private void countItems() throws SQLException {
            s.each(
                    "SELECT i.path, i.seen, (SELECT coalesce(sum(1 << t.id), 0) FROM target t CROSS JOIN copy c"
                            + " ON c.target_id = t.id AND c.version_id = i.version_id WHERE c.state IN"
                            + " ('DURABLE', 'VERIFIED', 'STALE')) FROM item i WHERE i.present = 1 AND"
                            + " NOT EXISTS (SELECT 1 FROM problem p WHERE p.source_id = i.source_id"
                            + " AND p.path = i.path AND p.kind = 'UNSTABLE') ORDER BY i.source_id,"
                            + " i.path",
                    row -> {
                        Reached r =
                                ofMask.computeIfAbsent(
                                        row.getLong(3) << 1 | row.getInt(2), this::reached);
                        items++;
                        reached.merge(r, 1L, Long::sum);
                        if (policy.isMetBy(r)) {
                            inPolicy++;
                        } else if (below.size() < SHOWN) {
                            below.add(ItemPath.of(row.getBytes(1)));
                        }
                    });
        }

        /// @param key the mask, and in its lowest bit whether the original was seen
        private Reached reached(long key) {
            boolean original = (key & 1) == 1;
            long mask = key >> 1;
            List<Target> holding =
                    targets.values().stream().filter(t -> (mask & 1L << t.id()) != 0).toList();
            long kinds =
                    java.util.stream.Stream.concat(
                                    original
                                            ? java.util.stream.Stream.of(MediaKind.DISK)
                                            : java.util.stream.Stream.<MediaKind>of(),
                                    holding.stream().map(Target::mediaKind))
                            .distinct()
                            .count();
            long offsite = holding.stream().filter(Target::offsite).count();
            return new Reached((original ? 1 : 0) + holding.size(), (int) kinds, (int) offsite);
        }

        private OfTarget ofTarget(Target target) throws SQLException {
            long[] held = {0, 0};
            s.each(
                    "SELECT count(*), coalesce(sum(bytes_read), 0) FROM copy WHERE target_id = ?"
                            + " AND state IN ('DURABLE', 'VERIFIED', 'STALE')",
                    r -> {
                        held[0] = r.getLong(1);
                        held[1] = r.getLong(2);
                    },
                    target.id());
            long wanted = number(inState("WANTED", "count(*)"), target.id());
            wanted += number(inState("WRITING", "count(*)"), target.id());
            long failed = number(inState("FAILED", "count(*)"), target.id());
            Instant waiting = instant(inState("WANTED", "min(wanted_at)"), target.id());
            Instant writing = instant(inState("WRITING", "min(wanted_at)"), target.id());
            Instant oldest =
                    waiting == null || writing != null && writing.isBefore(waiting)
                            ? writing
                            : waiting;
            return new OfTarget(
                    target,
                    held[0],
                    held[1],
                    wanted,
                    failed,
                    oldest == null ? null : Duration.between(oldest, clock.instant()),
                    lastError(target));
        }

        /// The target's own error, else one of a copy that needs a person, else one that waits.
        private @Nullable String lastError(Target target) throws SQLException {
            String error = target.lastError();
            for (String state : List.of("FAILED", "WANTED")) {
                error =
                        error != null
                                ? error
                                : s.first(
                                        inState(state, "max(last_error)"),
                                        r -> r.getString(1),
                                        target.id());
            }
            return error;
        }

        private static String inState(String state, String what) {
            return "SELECT " + what + " FROM copy WHERE target_id = ? AND state = '" + state + "'";
        }

        private long problems(Problem.Kind kind) throws SQLException {
            return number("SELECT count(*) FROM problem WHERE kind = '" + kind + "'");
        }

        private long number(String sql, @Nullable Object... values) throws SQLException {
            return s.one(sql, r -> r.getLong(1), values);
        }

        private @Nullable Instant instant(String sql, @Nullable Object... values)
                throws SQLException {
            return s.first(sql, r -> Instants.nullable(r, 1), values);
        }
    }
}
