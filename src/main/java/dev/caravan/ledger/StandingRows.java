package dev.caravan.ledger;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How items stand, as it is kept in the ledger: each item names its standing, each standing how
/// many items it has, and triggers note which items may have changed since. Confined.
final class StandingRows {
    private static final int AT_ONCE = 5_000;

    /// The standing's text of item `i`, from the rows of its copies: the one place where it is
    /// made.
    private static final String TEXT = text("i.version_id");

    /// The text of the copies of any version.
    ///
    /// @param version its id, in SQL
    static String text(String version) {
        return "coalesce((SELECT group_concat(c.target_id || CASE c.state WHEN 'DURABLE' THEN 'D' WHEN"
                + " 'VERIFIED' THEN 'V' WHEN 'STALE' THEN 'T' ELSE 'S' END || CASE WHEN"
                + " c.object_id IS NULL OR c.state = 'SUSPECT' THEN '' WHEN c.parts > 1 THEN"
                + " coalesce(':' || (SELECT group_concat(DISTINCT o.volume_id) FROM part p JOIN"
                + " object o ON o.id = p.object_id WHERE p.version_id = c.version_id AND"
                + " p.target_id = c.target_id AND p.void = 0), '') ELSE coalesce(':' || (SELECT"
                + " o.volume_id FROM object o WHERE o.id = c.object_id), '') END, ' ') FROM"
                + " target t CROSS JOIN copy c ON c.target_id = t.id AND c.version_id = "
                + version
                + " WHERE c.state IN ('DURABLE', 'VERIFIED', 'STALE',"
                + " 'SUSPECT')), '')";
    }

    /// Whether item `i` is one of those that are judged: what a home keeps of itself is not.
    private static final String JUDGED =
            "i.present = 1 AND i.source_id IS NOT "
                    + OwnSource.ID
                    + " AND NOT EXISTS (SELECT 1 FROM problem p WHERE p.source_id = i.source_id"
                    + " AND p.path = i.path AND p.kind = 'UNSTABLE')";

    private static final String ROW =
            "SELECT i.id, i.standing_id, i.source_id, i.seen, " + JUDGED + ", " + TEXT;

    private StandingRows() {}

    /// An item as its rows say.
    ///
    /// @param kept id of the standing it is counted under now; null for none
    /// @param standing null if it is not judged
    private record Found(long item, @Nullable Long kept, @Nullable Standing standing) {
        static Found map(java.sql.ResultSet r) throws SQLException {
            long kept = r.getLong(2);
            boolean none = r.wasNull();
            return new Found(
                    r.getLong(1),
                    none ? null : Long.valueOf(kept),
                    r.getInt(5) == 0
                            ? null
                            : Standing.of(
                                    r.getInt(3),
                                    r.getInt(4) == 1,
                                    // the volumes of parts come with commas between them
                                    r.getString(6).replace(',', '+')));
        }
    }

    /// Brings some items to where their rows say they stand. To be called until it returns 0.
    static int settleSome(Session s) throws SQLException {
        List<Found> some =
                s.list(
                        ROW
                                + " FROM unsettled u CROSS JOIN item i ON i.id = u.item_id ORDER BY"
                                + " u.item_id LIMIT ?",
                        Found::map,
                        AT_ONCE);
        if (some.isEmpty()) {
            s.run("DELETE FROM unsettled");
            return 0;
        }
        Map<Standing, Long> ids = new HashMap<>();
        Map<Long, IdList> moved = new HashMap<>(); // 0: to none
        Map<Long, Long> more = new HashMap<>();
        for (Found found : some) {
            long to = found.standing == null ? 0 : id(s, ids, found.standing);
            long from = found.kept == null ? 0 : found.kept;
            if (to != from) {
                moved.computeIfAbsent(to, _ -> new IdList()).add(found.item);
                more.merge(from, -1L, Long::sum);
                more.merge(to, 1L, Long::sum);
            }
        }
        for (Map.Entry<Long, IdList> each : moved.entrySet()) {
            s.run(
                    "UPDATE item SET standing_id = ? WHERE id IN (SELECT value FROM json_each(?))",
                    each.getKey() == 0 ? null : each.getKey(),
                    each.getValue());
        }
        for (Map.Entry<Long, Long> each : more.entrySet()) {
            s.run(
                    "UPDATE standing SET items = items + ? WHERE id = ?",
                    each.getValue(),
                    each.getKey());
        }
        s.run("DELETE FROM unsettled WHERE item_id <= ?", some.getLast().item);
        s.run("DELETE FROM standing WHERE items = 0");
        return some.size();
    }

    private static long id(Session s, Map<Standing, Long> known, Standing standing)
            throws SQLException {
        Long id = known.get(standing);
        if (id == null) {
            s.run(
                    "INSERT INTO standing (source_id, original, copies, items) VALUES (?, ?, ?, 0)"
                            + " ON CONFLICT DO NOTHING",
                    standing.source(),
                    standing.original(),
                    standing.text());
            id =
                    s.one(
                            "SELECT id FROM standing WHERE source_id = ? AND original = ? AND copies"
                                    + " = ?",
                            r -> r.getLong(1),
                            standing.source(),
                            standing.original(),
                            standing.text());
            known.put(standing, id);
        }
        return id;
    }

    /// How all items stand now, and how many so: what is kept, corrected by what was noted since,
    /// and by what has grown too old since.
    static Map<Standing, Long> all(Session s, Ageing ageing) throws SQLException {
        Map<Long, Standing> kept = kept(s);
        Map<Standing, Long> all = new HashMap<>();
        s.each(
                "SELECT id, items FROM standing WHERE items > 0",
                r -> all.merge(kept(kept, r.getLong(1)), r.getLong(2), Long::sum));
        boolean newlyStale = ageing.anyNew(s);
        String stale = newlyStale ? Ageing.targetsOfItem() : "?1 IS NULL AND NULL";
        s.each(
                ROW + ", " + stale + " FROM unsettled u CROSS JOIN item i ON i.id = u.item_id",
                r -> {
                    Found found = Found.map(r);
                    if (found.kept != null) {
                        all.merge(kept(kept, found.kept), -1L, Long::sum);
                    }
                    if (found.standing != null) {
                        all.merge(stale(found.standing, r.getString(7)), 1L, Long::sum);
                    }
                },
                ageing.json());
        if (newlyStale) {
            s.each(
                    "SELECT i.standing_id, n.targets, count(*) FROM "
                            + Ageing.itemsWithNew()
                            + " n JOIN item i ON i.id = n.item WHERE i.standing_id IS NOT NULL AND NOT"
                            + " EXISTS (SELECT 1 FROM unsettled u WHERE u.item_id = i.id) GROUP BY"
                            + " i.standing_id, n.targets",
                    r -> {
                        Standing before = kept(kept, r.getLong(1));
                        all.merge(before, -r.getLong(3), Long::sum);
                        all.merge(stale(before, r.getString(2)), r.getLong(3), Long::sum);
                    },
                    ageing.json());
        }
        all.values().removeIf(items -> items == 0);
        return all;
    }

    /// The same from nothing but the rows of items and copies, whatever is kept: slow, and what
    /// [#all] must be equal to.
    static Map<Standing, Long> recounted(Session s, Ageing ageing) throws SQLException {
        Map<Standing, Long> all = new HashMap<>();
        String stale = ageing.anyNew(s) ? Ageing.targetsOfItem() : "?1 IS NULL AND NULL";
        s.each(
                "SELECT source_id, seen, text, stale, count(*) FROM (SELECT i.source_id, i.seen, "
                        + TEXT
                        + " AS text, "
                        + stale
                        + " AS stale FROM item i WHERE "
                        + JUDGED
                        + ") GROUP BY source_id, seen, text, stale",
                r ->
                        all.merge(
                                stale(
                                        Standing.of(
                                                r.getInt(1),
                                                r.getInt(2) == 1,
                                                r.getString(3).replace(',', '+')),
                                        r.getString(4)),
                                r.getLong(5),
                                Long::sum),
                ageing.json());
        return all;
    }

    private static Map<Long, Standing> kept(Session s) throws SQLException {
        Map<Long, Standing> kept = new HashMap<>();
        s.each(
                "SELECT id, source_id, original, copies FROM standing",
                r ->
                        kept.put(
                                r.getLong(1),
                                Standing.of(r.getInt(2), r.getInt(3) == 1, r.getString(4))));
        return kept;
    }

    private static Standing kept(Map<Long, Standing> kept, long id) {
        Standing standing = kept.get(id);
        if (standing == null) {
            throw new LedgerException("standing " + id + " is not in the ledger");
        }
        return standing;
    }

    private static Standing stale(Standing standing, @Nullable String targets) {
        if (targets == null) {
            return standing;
        }
        List<Integer> ids = new ArrayList<>();
        for (String target : targets.split(",")) {
            ids.add(Integer.valueOf(target));
        }
        return standing.stale(ids);
    }

    /// How one item stands now.
    ///
    /// @param judged whether it is there and stable; if not, how it would stand if it were
    record OfItem(boolean judged, Standing standing) {}

    static OfItem ofItem(Session s, Ageing ageing, long item) throws SQLException {
        return s.one(
                "SELECT "
                        + JUDGED
                        + ", i.source_id, i.seen AND i.present, "
                        + TEXT
                        + ", "
                        + Ageing.targetsOfItem()
                        + " FROM item i WHERE i.id = ?2",
                r ->
                        new OfItem(
                                r.getBoolean(1),
                                stale(
                                        Standing.of(
                                                r.getInt(2),
                                                r.getBoolean(3),
                                                r.getString(4).replace(',', '+')),
                                        r.getString(5))),
                ageing.json(),
                item);
    }

    /// Takes items one by one until it has enough.
    @FunctionalInterface
    interface Items {
        /// @return whether to go on
        boolean take(long item, Standing standing) throws SQLException;
    }

    /// The items that stand so, those that were noted lately first.
    static void items(Session s, Ageing ageing, java.util.Set<Standing> wanted, Items items)
            throws SQLException {
        boolean newlyStale = ageing.anyNew(s);
        String stale = newlyStale ? Ageing.targetsOfItem() : "?1 IS NULL AND NULL";
        boolean[] more = {true};
        s.listWhile(
                ROW + ", " + stale + " FROM unsettled u CROSS JOIN item i ON i.id = u.item_id",
                r -> {
                    Found found = Found.map(r);
                    return found.standing == null
                            ? found
                            : new Found(found.item, null, stale(found.standing, r.getString(7)));
                },
                found -> more[0] = take(wanted, items, found),
                ageing.json());
        for (Map.Entry<Long, Standing> each : kept(s).entrySet()) {
            boolean perhaps =
                    wanted.contains(each.getValue())
                            || newlyStale
                                    && wanted.stream().anyMatch(w -> mayBecome(each.getValue(), w));
            if (!more[0] || !perhaps) {
                continue;
            }
            s.listWhile(
                    "SELECT i.id, "
                            + stale
                            + " FROM item i INDEXED BY item_standing WHERE i.standing_id = ?2 AND NOT"
                            + " EXISTS (SELECT 1 FROM unsettled u WHERE u.item_id = i.id)",
                    r -> new Found(r.getLong(1), null, stale(each.getValue(), r.getString(2))),
                    found -> more[0] = take(wanted, items, found),
                    ageing.json(),
                    each.getKey());
        }
    }

    private static boolean take(java.util.Set<Standing> wanted, Items items, Found found) {
        try {
            return found.standing == null
                    || !wanted.contains(found.standing)
                    || items.take(found.item, found.standing);
        } catch (SQLException failed) {
            throw new LedgerException("unable to read how items stand", failed);
        }
    }

    /// Whether only ages lie between them.
    private static boolean mayBecome(Standing now, Standing later) {
        return now.source() == later.source()
                && now.original() == later.original()
                && now.copies().size() == later.copies().size();
    }
}
