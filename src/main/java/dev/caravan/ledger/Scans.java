package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What scans see, compared with what is known, and registered. Thread-safe.
public final class Scans {
    private final Database database;
    private final Clock clock;

    Scans(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// Begins a scan of a source the ledger knows.
    public Scan begin(String source) {
        return database.read(s ->
                new Scan(
                        database,
                        clock,
                        source,
                        s.one("SELECT id FROM source WHERE name = ?", r -> r.getInt(1), source),
                        s.one("SELECT coalesce(max(id), 0) FROM item", r -> r.getLong(1))));
    }

    /// Registers a new version for each of these items, with one wanted copy per target, in one
    /// transaction. An item already registered in this state gets no second version, so doing it
    /// twice is harmless.
    ///
    /// @param targets names of active targets
    /// @throws IllegalArgumentException if a target is not known or not active
    public void register(String source, List<Sighted> changed, Collection<String> targets) {
        database.write(s -> {
            Registration registration = new Registration(s, source, targets);
            Map<Integer, KnownItem> known = KnownItem.find(s, registration.sourceId, changed);
            int added = 0;
            for (int i = 0; i < changed.size(); i++) {
                added += registration.add(changed.get(i), known.get(i)) ? 1 : 0;
            }
            registration.makeCurrent();
            registration.want();
            Events.append(
                    s,
                    clock.instant(),
                    "registered",
                    "{\"source\":\"%s\",\"versions\":%d}".formatted(source, added));
            return added;
        });
    }

    /// Wants a copy of the current version of every item that is there, on each of these targets
    /// that has none: so a target that is added later is filled, and an item that came back after
    /// its old copy was retired.
    ///
    /// @return how many copies are wanted now that were not before
    public int fill(Collection<String> targets) {
        return database.write(s -> {
            int wanted = 0;
            for (String target : targets) {
                wanted +=
                        s.run(
                                "UPDATE copy SET state = 'WANTED', attempts = 0, next_at = 0,"
                                        + " last_error = NULL, wanted_at = ? WHERE state ="
                                        + " 'RETIRED' AND target_id = (SELECT id FROM target WHERE"
                                        + " name = ? AND active = 1) AND EXISTS (SELECT 1 FROM"
                                        + " version v JOIN item i ON i.id = v.item_id WHERE v.id ="
                                        + " copy.version_id AND i.version_id = v.id AND i.present ="
                                        + " 1)",
                                Instants.nanos(clock.instant()),
                                target);
                wanted +=
                        s.run(
                                "INSERT INTO copy (target_id, version_id, state, wanted_at) SELECT"
                                        + " t.id, i.version_id, 'WANTED', ? FROM target t, item i"
                                        + " WHERE t.name = ? AND t.active = 1 AND i.present = 1 AND"
                                        + " i.version_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
                                        + " copy c WHERE c.target_id = t.id AND c.version_id ="
                                        + " i.version_id)",
                                Instants.nanos(clock.instant()),
                                target);
            }
            return wanted;
        });
    }

    /// The statements of one registering transaction.
    private final class Registration {
        private final Session s;
        private final int sourceId;
        private final List<Integer> targetIds;
        private final IdList versions = new IdList();
        private final Set<ItemPath> paths = new HashSet<>();
        private IdList newer = new IdList();
        private IdList back = new IdList();
        private final long now = Instants.nanos(clock.instant());

        Registration(Session s, String source, Collection<String> targets) throws SQLException {
            this.s = s;
            this.sourceId = s.one("SELECT id FROM source WHERE name = ?", r -> r.getInt(1), source);
            this.targetIds = new java.util.ArrayList<>();
            for (String target : targets) {
                Integer id =
                        s.first(
                                "SELECT id FROM target WHERE name = ? AND active = 1",
                                r -> r.getInt(1),
                                target);
                if (id == null) {
                    throw new IllegalArgumentException(
                            "target '" + target + "': no loaded copy route serves it");
                }
                targetIds.add(id);
            }
        }

        /// @param before the item at its path when this registration began
        /// @return whether this made a new version
        boolean add(Sighted sighted, @Nullable KnownItem before) throws SQLException {
            KnownItem known = before;
            if (!paths.add(sighted.path())) {
                makeCurrent(); // seen twice: it is compared with what was seen first
                known = KnownItem.find(s, sourceId, List.of(sighted)).get(0);
            }
            if (known != null && known.sameAs(sighted)) {
                versions.add(known.version());
                return false;
            }
            long item =
                    known != null
                            ? known.item()
                            : s.insert(
                                    "INSERT INTO item (source_id, path, present) VALUES (?, ?, 1)",
                                    sourceId,
                                    sighted.path().bytes());
            int last =
                    known == null
                            ? 0
                            : s.one(
                                    "SELECT coalesce(max(number), 0) FROM version WHERE item_id = ?",
                                    r -> r.getInt(1),
                                    item);
            long version = insertVersion(item, last + 1, sighted);
            versions.add(version);
            newer.add(item);
            if (known != null && !known.present()) {
                back.add(item);
            }
            return true;
        }

        /// Makes what was added the current version of its item.
        void makeCurrent() throws SQLException {
            s.run(
                    "UPDATE item SET present = 1, seen = 1, version_id = (SELECT max(v.id) FROM"
                            + " version v WHERE v.item_id = item.id) WHERE id IN (SELECT value FROM"
                            + " json_each(?))",
                    newer);
            newer = new IdList();
            if (!back.isEmpty()) {
                History.back(s, back, now);
                back = new IdList();
            }
        }

        /// Wants a copy of all that was added on each target, one statement for each: a third of
        /// the time of one for each copy.
        void want() throws SQLException {
            for (Integer target : targetIds) {
                s.run(
                        "INSERT INTO copy (target_id, version_id, state, wanted_at) SELECT ?, value,"
                                + " 'WANTED', ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING",
                        target,
                        now,
                        versions);
            }
        }

        private long insertVersion(long item, int number, Sighted sighted) throws SQLException {
            var m = sighted.metadata();
            var f = sighted.fingerprint();
            return s.insert(
                    "INSERT INTO version (item_id, number, kind, size, modified_s, modified_ns,"
                            + " mode, uid, gid, link_target, links, xattrs, device, inode, changed_s,"
                            + " changed_ns, registered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                            + " ?, ?, ?, ?, ?)",
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
                    f.device(),
                    f.inode(),
                    f.changed().getEpochSecond(),
                    f.changed().getNano(),
                    now);
        }
    }

    /// Notes what an attempt to copy found. That a file could not be read is said until no copy of
    /// it waits for another attempt, the rest until the next scan.
    public void problem(Problem problem) {
        database.write(s -> {
            int source =
                    s.one(
                            "SELECT id FROM source WHERE name = ?",
                            r -> r.getInt(1),
                            problem.source());
            return ProblemRows.note(s, source, problem, ProblemRows.By.COPYING, clock.instant());
        });
    }

    /// The problems of all sources in path order, at most `limit`.
    public List<Problem> problems(Problem.@Nullable Kind kind, int limit) {
        return database.read(s ->
                s.list(
                        "SELECT s.name, p.path, p.kind, p.reason FROM problem p JOIN source"
                                + " s ON s.id = p.source_id WHERE ?1 IS NULL OR p.kind = ?1"
                                + " ORDER BY s.name, p.path LIMIT ?2",
                        r ->
                                new Problem(
                                        r.getString(1),
                                        ItemPath.of(r.getBytes(2)),
                                        Problem.Kind.valueOf(r.getString(3)),
                                        r.getString(4)),
                        kind,
                        limit));
    }
}
