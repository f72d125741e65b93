package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.RetentionPlan.Reason;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The drop rule: decides what becomes of the copies of old versions, item by item. A plan and the
/// transaction that retires go by the same decision, the latter with a proof. Confined.
final class Dropping {
    /// Copies that must be left and proven where a version is still wanted.
    static final int FLOOR = 2;

    private static final String THERE = "('ACKED', 'DURABLE', 'VERIFIED', 'STALE')";

    /// Copies of which data may lie on the target.
    private static final Set<CopyState> EXIST =
            Set.of(
                    CopyState.ACKED,
                    CopyState.DURABLE,
                    CopyState.VERIFIED,
                    CopyState.STALE,
                    CopyState.SUSPECT,
                    CopyState.LOST);

    /// Whether there is such a copy of version `v`.
    private static final String EXISTS =
            "EXISTS (SELECT 1 FROM target t CROSS JOIN copy c ON c.target_id = t.id AND c.version_id"
                    + " = v.id WHERE c.state IN ('ACKED', 'DURABLE', 'VERIFIED', 'STALE', 'SUSPECT',"
                    + " 'LOST'))";

    /// Items that have a version which is not what is there now, and copies of it.
    static final String ITEMS_WITH_OLD =
            "SELECT i.id FROM item i WHERE EXISTS (SELECT 1 FROM version v WHERE v.item_id = i.id AND (i.present = 0 OR"
                    + " v.id <> i.version_id) AND "
                    + EXISTS
                    + ") ORDER BY i.id";

    private static final String COPIES =
            "SELECT c.target_id, c.state, coalesce(c.bytes_read, 0), coalesce(c.evidence_id, 0),"
                    + " EXISTS (SELECT 1 FROM object o JOIN volume w ON w.id = o.volume_id WHERE o.id ="
                    + " c.object_id AND w.immutable = 1) OR EXISTS (SELECT 1 FROM part p JOIN object o ON"
                    + " o.id = p.object_id JOIN volume w ON w.id = o.volume_id WHERE p.version_id ="
                    + " c.version_id AND p.target_id = c.target_id AND p.void = 0 AND w.immutable = 1),"
                    + " c.object_id IS NULL AND c.withdrawn = 0 AND c.state IN "
                    + THERE
                    + " AND NOT EXISTS (SELECT 1 FROM version v CROSS JOIN version n ON n.item_id ="
                    + " v.item_id AND n.id > v.id CROSS JOIN copy d ON d.target_id = c.target_id AND"
                    + " d.version_id = n.id WHERE v.id = c.version_id AND d.withdrawn = 0 AND d.state IN "
                    + THERE
                    + ") FROM target t CROSS JOIN copy c ON c.target_id = t.id AND c.version_id = ?"
                    + " ORDER BY t.id";

    private final Session s;
    private final RetentionRules rules;
    private final Judge judge;
    private final Holds.InForce holds;
    private final @Nullable DropProof proof;
    private final Instant now;

    /// @param proof null for a plan: then copies on proving targets are taken as if they were good
    Dropping(Session s, RetentionRules rules, @Nullable DropProof proof, Instant now)
            throws SQLException {
        this.s = s;
        this.rules = rules;
        this.judge = new Judge(s, rules.policies());
        this.holds = Holds.inForce(s, rules.globs());
        this.proof = proof;
        this.now = now;
    }

    List<Target> targets() {
        return judge.targets();
    }

    /// What becomes of one copy.
    ///
    /// @param kept null if it is dropped
    /// @param why in words
    record Fate(Target target, CopyState state, long bytes, @Nullable Reason kept, String why) {}

    /// What becomes of the copies of an old version.
    ///
    /// @param expired whether no target wants it any more
    record Decided(
            String source,
            ItemPath path,
            long version,
            int number,
            boolean expired,
            List<Fate> fates) {
        boolean drops() {
            return fates.stream().anyMatch(fate -> fate.kept == null);
        }
    }

    /// @param current the version that is there now; 0 if the item is gone
    /// @param last the newest version it had
    private record Item(
            String source,
            int sourceId,
            ItemPath path,
            long current,
            long last,
            @Nullable Instant goneSince) {}

    /// An old version of which a copy exists.
    private record Old(long id, int number, Instant time, List<Row> rows) {
        boolean existsOn(int target) {
            return rows.stream().anyMatch(row -> row.target == target && row.exists());
        }

        boolean countsOn(int target) {
            return rows.stream().anyMatch(row -> row.target == target && row.state.counts());
        }
    }

    private record Row(
            int target, CopyState state, long bytes, long evidence, boolean worm, boolean inTree) {
        boolean exists() {
            return EXIST.contains(state);
        }
    }

    /// The old versions of an item of which copies exist, newest first.
    List<Decided> ofItem(long id) throws SQLException {
        Item item =
                s.one(
                        "SELECT s.name, s.id, i.path, CASE WHEN i.present = 1 THEN i.version_id ELSE 0"
                                + " END, coalesce(i.version_id, 0), (SELECT max(a.from_at) FROM absence a"
                                + " WHERE a.item_id = i.id AND a.until_at IS NULL) FROM item i JOIN source"
                                + " s ON s.id = i.source_id WHERE i.id = ?",
                        r ->
                                new Item(
                                        r.getString(1),
                                        r.getInt(2),
                                        ItemPath.of(r.getBytes(3)),
                                        r.getLong(4),
                                        r.getLong(5),
                                        Instants.nullable(r, 6)),
                        id);
        List<Old> old = new ArrayList<>();
        for (Old each :
                s.list(
                        "SELECT v.id, v.number, v.registered_at FROM version v WHERE v.item_id = ? AND"
                                + " v.id <> ? AND "
                                + EXISTS
                                + " ORDER BY v.id DESC",
                        r ->
                                new Old(
                                        r.getLong(1),
                                        r.getInt(2),
                                        Instants.of(r.getLong(3)),
                                        List.of()),
                        id,
                        item.current)) {
            Instant gone = each.id == item.last ? item.goneSince : null;
            old.add(new Old(each.id, each.number, gone == null ? each.time : gone, rows(each.id)));
        }
        if (old.isEmpty()) {
            return List.of();
        }
        Map<Integer, Map<Long, String>> why = why(item.source, old);
        String hold = holds.on(item.source, item.path);
        List<Decided> all = new ArrayList<>();
        for (Old each : old) {
            all.add(decide(item, each, why, hold));
        }
        return all;
    }

    private List<Row> rows(long version) throws SQLException {
        return s.list(
                COPIES,
                r ->
                        new Row(
                                r.getInt(1),
                                CopyState.valueOf(r.getString(2)),
                                r.getLong(3),
                                r.getLong(4),
                                r.getBoolean(5),
                                r.getBoolean(6)),
                version);
    }

    /// By target why it keeps which versions; a target that is missing keeps everything. What a
    /// target has no copy of takes no place on it. A copy that does not count takes one from none
    /// that does, for it may never be made anew; and it is kept where it would be if it counted.
    private Map<Integer, Map<Long, String>> why(String source, List<Old> old) {
        Map<Integer, Map<Long, String>> why = new HashMap<>();
        for (Target target : judge.targets()) {
            Keep keep = rules.keep(source, target.name());
            if (keep != null && rules.removable().contains(target.name())) {
                Map<Long, String> kept = new HashMap<>();
                add(kept, keep, old.stream().filter(o -> o.existsOn(target.id())).toList());
                add(kept, keep, old.stream().filter(o -> o.countsOn(target.id())).toList());
                why.put(target.id(), kept);
            }
        }
        return why;
    }

    private void add(Map<Long, String> kept, Keep keep, List<Old> old) {
        List<@Nullable String> why = keep.why(old.stream().map(Old::time).toList(), rules.zone());
        for (int i = 0; i < old.size(); i++) {
            String reason = why.get(i);
            if (reason != null) {
                kept.putIfAbsent(old.get(i).id, reason);
            }
        }
    }

    private Decided decide(
            Item item, Old old, Map<Integer, Map<Long, String>> why, @Nullable String hold)
            throws SQLException {
        List<Row> rows = old.rows;
        boolean expired =
                rows.stream()
                        .filter(Row::exists)
                        .noneMatch(row -> rule(why, row.target, old.id) != null);
        boolean unfinished =
                rows.stream()
                        .anyMatch(row ->
                                judge.target(row.target).active()
                                        && (row.state == CopyState.WANTED
                                                || row.state == CopyState.WRITING));
        Left left = new Left(item, old, rows);
        List<Fate> fates = new ArrayList<>();
        for (Row row : rows) {
            if (!row.exists()) {
                continue;
            }
            Target target = judge.target(row.target);
            String rule = rule(why, row.target, old.id);
            Reason kept;
            String said;
            if (rule != null) {
                kept = Reason.RULE;
                said = rule;
            } else if (hold != null) {
                kept = Reason.HOLD;
                said = "hold '" + hold + "'";
            } else if (unfinished) {
                kept = Reason.UNFINISHED;
                said = "another copy of it is still to be made";
            } else if (row.worm) {
                kept = Reason.WORM;
                said = "it lies on a WORM volume";
            } else if (row.inTree) {
                kept = Reason.IN_TREE;
                said = "it lies in the plain tree until the next backup";
            } else if (expired) {
                kept = null;
                said = "no target keeps it";
            } else {
                kept = left.without(row.target);
                said = kept == null ? target.name() + " does not keep it, others do" : left.why();
            }
            fates.add(new Fate(target, row.state, row.bytes, kept, said));
        }
        return new Decided(item.source, item.path, old.id, old.number, expired, List.copyOf(fates));
    }

    /// Why a target that has a copy of a version keeps it; null if it does not.
    private static @Nullable String rule(
            Map<Integer, Map<Long, String>> why, int target, long version) {
        Map<Long, String> kept = why.get(target);
        return kept == null ? "all versions are kept" : kept.get(version);
    }

    /// What would be left of a version that is still wanted.
    private final class Left {
        private final Item item;
        private final Old old;
        private final List<Row> rows;
        private final Set<Integer> dropped = new HashSet<>();
        private String why = "";

        Left(Item item, Old old, List<Row> rows) {
            this.item = item;
            this.old = old;
            this.rows = rows;
        }

        String why() {
            return why;
        }

        /// Drops a copy if what is left without it is enough.
        ///
        /// @return why it must stay; null if it is dropped
        @Nullable Reason without(int target) throws SQLException {
            dropped.add(target);
            Reached reached = judge.of(standing()).reached();
            Policy policy = rules.policies().of(item.source);
            Reason kept = null;
            if (!isEnough(policy, reached)) {
                kept = Reason.POLICY;
                why =
                        "without it %d copies, %d media kinds, %d offsite, %d offline, %d errors would be left"
                                .formatted(
                                        reached.copies(),
                                        reached.mediaKinds(),
                                        reached.offsite(),
                                        reached.offline(),
                                        reached.errors());
            } else if (proven() < FLOOR) {
                kept = Reason.FLOOR;
                why =
                        proof == null
                                ? "fewer than %d others are on targets that are read again at once"
                                        .formatted(FLOOR)
                                : "fewer than %d others were read and found good within %d s"
                                        .formatted(FLOOR, DropProof.LIFE.toSeconds());
            }
            if (kept != null) {
                dropped.remove(target);
            }
            return kept;
        }

        /// The copies that are left. In a plan, those that will be read again are young and good.
        private Standing standing() throws SQLException {
            String text = s.one("SELECT " + StandingRows.text("?"), r -> r.getString(1), old.id);
            Standing all = Standing.of(item.sourceId, false, text.replace(',', '+'));
            List<Standing.Held> held = new ArrayList<>();
            for (Standing.Held each : all.copies()) {
                boolean willBeRead =
                        proof == null && each.state() == 'T' && isProving(each.target());
                if (!dropped.contains(each.target())) {
                    held.add(
                            willBeRead
                                    ? new Standing.Held(each.target(), 'V', each.volumes())
                                    : each);
                }
            }
            return new Standing(item.sourceId, false, held);
        }

        private long proven() {
            return rows.stream()
                    .filter(row -> row.state.counts() && !dropped.contains(row.target))
                    .filter(row ->
                            proof == null
                                    ? isProving(row.target)
                                    : proof.holds(old.id, row.target, row.evidence, now))
                    .count();
        }
    }

    private boolean isProving(int target) {
        return rules.proving().contains(judge.target(target).name());
    }

    /// An old version has no original any more: of the copies its policy asks for, that one is not
    /// missed. All else is asked for as of what is there.
    static boolean isEnough(Policy policy, Reached reached) {
        return reached.copies() >= Math.max(FLOOR, policy.copies() - 1)
                && reached.mediaKinds() >= policy.mediaKinds()
                && reached.offsite() >= policy.offsite()
                && reached.offline() >= policy.offline()
                && reached.errors() == 0;
    }
}
