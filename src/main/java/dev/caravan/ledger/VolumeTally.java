package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Volumes.Contents;
import dev.caravan.ledger.Volumes.Rule;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Counts the copies that lie on one volume, and those of them that are needed. Confined.
final class VolumeTally {
    private static final String COUNTS = "('DURABLE', 'VERIFIED', 'STALE')";

    /// All that lies on one volume of copies: those in one piece, and each part that is not void,
    /// whatever volume the copy begins on. There are few objects and few volumes, so the copies of
    /// the target are gone through once.
    static final String PIECES =
            " (SELECT c.target_id AS target, c.version_id AS version, c.object_id AS object,"
                    + " c.bytes_read AS bytes, 0 AS part FROM volume w CROSS JOIN copy c ON"
                    + " c.target_id = w.target_id JOIN object o ON o.id = c.object_id AND"
                    + " o.volume_id = w.id WHERE w.name = ?1 AND w.uuid = ?2 AND c.parts = 1 UNION"
                    + " ALL SELECT p.target_id, p.version_id, p.object_id, p.size, 1 FROM volume w"
                    + " CROSS JOIN object o ON o.volume_id = w.id JOIN part p ON p.object_id = o.id"
                    + " AND p.void = 0 WHERE w.name = ?1 AND w.uuid = ?2) l";

    /// The copies these are of.
    static final String COPIES =
            " FROM"
                    + PIECES
                    + " JOIN copy c ON c.target_id = l.target AND c.version_id = l.version";

    /// Further copies on one volume of versions whose copy does not count and is on another: of
    /// those nobody has read any one may be the good one.
    private static final String SPARES =
            " FROM (SELECT p.target_id AS target, p.version_id AS version, 0 AS part, 0 AS bytes,"
                    + " o.volume_id AS volume FROM volume w CROSS JOIN object o ON o.volume_id = w.id"
                    + " JOIN spare p ON p.object_id = o.id WHERE w.name = ?1 AND w.uuid = ?2) l JOIN"
                    + " copy c ON c.target_id = l.target AND c.version_id = l.version AND c.state NOT"
                    + " IN "
                    + FoundCopies.SETTLED
                    + " AND NOT EXISTS (SELECT 1 FROM object h WHERE (c.state IN ('ACKED', 'SUSPECT')"
                    + " OR c.replaces = 'SUSPECT') AND c.parts = 1 AND h.id = c.object_id AND"
                    + " h.volume_id = l.volume)";

    private final Rule rule;
    private final Holds.InForce holds;
    private final Instant now;
    private long copies;
    private long bytes;
    private long unproven;
    private long gone;
    private long current;
    private long few;
    private long young;
    private long held;
    private long begun;

    private VolumeTally(Rule rule, Holds.InForce holds, Instant now) {
        this.rule = rule;
        this.holds = holds;
        this.now = now;
    }

    /// What lies on a volume, and what of it is needed; empty if the ledger does not know it.
    ///
    /// @param uuid the id in its label
    /// @throws SQLException if it can not be read
    static Optional<Contents> of(Session s, String barcode, String uuid, Rule rule, Instant now)
            throws SQLException {
        boolean known =
                s.first("SELECT 1 FROM volume WHERE name = ? AND uuid = ?", r -> 1, barcode, uuid)
                        != null;
        if (!known) {
            return Optional.empty();
        }
        VolumeTally tally = new VolumeTally(rule, Holds.inForce(s, rule.globs()), now);
        // a bad copy that is made anew is still there, and may be the last one
        held(
                s,
                "CASE WHEN c.replaces = 'SUSPECT' THEN c.replaces ELSE c.state END",
                COPIES,
                barcode,
                uuid,
                tally);
        held(s, "'ACKED'", SPARES, barcode, uuid, tally);
        long[] distinct = {0, 0};
        s.each(
                "SELECT count(DISTINCT l.object), count(DISTINCT v.item_id)"
                        + COPIES
                        + " JOIN version v ON v.id = c.version_id WHERE c.state IN "
                        + COUNTS,
                row -> {
                    distinct[0] = row.getLong(1);
                    distinct[1] = row.getLong(2);
                },
                barcode,
                uuid);
        tally.begun +=
                s.one(
                        "SELECT count(DISTINCT f.part_set) FROM volume w CROSS JOIN object o ON"
                                + " o.volume_id = w.id JOIN found_part f ON f.object_id = o.id WHERE"
                                + " w.name = ? AND w.uuid = ? AND "
                                + FoundCopies.NEEDED_PART,
                        r -> r.getLong(1),
                        barcode,
                        uuid);
        return Optional.of(tally.contents(distinct[0], distinct[1]));
    }

    /// @param state in SQL, of the copy that each stands for
    /// @param from the pieces of these, with their copies
    private static void held(
            Session s, String state, String from, String barcode, String uuid, VolumeTally tally)
            throws SQLException {
        s.each(
                "SELECT "
                        + state
                        + ", max(l.part), sum(l.bytes), i.present = 1 AND i.version_id = v.id,"
                        + " (SELECT count(*) FROM target t CROSS JOIN copy e ON e.target_id = t.id"
                        + " AND e.version_id = v.id WHERE t.id <> c.target_id AND e.state IN "
                        + COUNTS
                        + "), v.registered_at, (SELECT min(n.registered_at) FROM version n WHERE"
                        + " n.item_id = v.item_id AND n.number > v.number), c.recorded_at,"
                        + " (SELECT r.remove_after FROM retirement r WHERE r.target_id = c.target_id"
                        + " AND r.version_id = c.version_id AND r.cause = 'RETENTION' AND"
                        + " r.removed_at IS NULL), s.name, i.path"
                        + from
                        + " JOIN version v ON v.id = c.version_id JOIN item i ON i.id = v.item_id JOIN"
                        + " source s ON s.id = i.source_id GROUP BY c.target_id, c.version_id",
                row ->
                        tally.add(
                                new Held(
                                        CopyState.valueOf(row.getString(1)),
                                        row.getInt(2) == 1,
                                        row.getLong(3),
                                        row.getInt(4) == 1,
                                        row.getInt(5),
                                        Instants.of(row.getLong(6)),
                                        Instants.nullable(row, 7),
                                        Instants.nullable(row, 8),
                                        Instants.nullable(row, 9),
                                        row.getString(10),
                                        ItemPath.of(row.getBytes(11)))),
                barcode,
                uuid);
    }

    private void add(Held copy) {
        switch (copy.state) {
            case DURABLE, VERIFIED, STALE -> {
                copies++;
                bytes += copy.bytes;
                need(copy);
            }
            case ACKED, SUSPECT -> {
                unproven++;
                need(copy);
            }
            case WANTED, WRITING, FAILED -> {
                // in one piece it is what was here before it was given up
                begun += copy.inParts ? 1 : 0;
                gone += copy.inParts ? 0 : 1;
            }
            case LOST -> gone++;
            case RETIRED -> retired(copy);
        }
    }

    private void need(Held copy) {
        if (copy.isCurrent) {
            current++;
        } else if (copy.isHeld(holds)) {
            held++;
        } else if (copy.others < rule.policies().of(copy.source).copies() - 1) {
            few++;
        } else if (isYoung(copy.registered) || isYoung(copy.replaced) || isYoung(copy.recorded)) {
            young++;
        }
    }

    private void retired(Held copy) {
        Instant end = copy.removeAfter;
        if (end == null) {
            gone++;
        } else if (copy.isHeld(holds)) {
            held++;
        } else if (end.isAfter(now)) {
            young++;
        } else {
            gone++;
        }
    }

    /// A time to come is no age: the clock was wrong then or is now.
    private boolean isYoung(@Nullable Instant then) {
        return then != null && Duration.between(then, now).compareTo(rule.retention()) < 0;
    }

    private Contents contents(long objects, long items) {
        return new Contents(
                objects, copies, items, bytes, unproven, gone, current, few, young, held, begun);
    }

    /// A copy of which something lies on the volume.
    ///
    /// @param inParts whether what lies there are parts
    /// @param bytes of its content that lie there
    /// @param others copies of its version that count, on other targets
    /// @param removeAfter when the grace of a retired one ends; null for any other
    private record Held(
            CopyState state,
            boolean inParts,
            long bytes,
            boolean isCurrent,
            int others,
            Instant registered,
            @Nullable Instant replaced,
            @Nullable Instant recorded,
            @Nullable Instant removeAfter,
            String source,
            ItemPath path) {
        boolean isHeld(Holds.InForce holds) {
            return holds.on(source, path) != null;
        }
    }
}
