package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// When proofs are too old: for each source and target, all that were proven before a time, which
/// follows from the policy, or from when a person accepted an older ledger. Copies are found by the
/// index on the age of their proofs, so those that are not too old cost nothing. Confined.
final class Ageing {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int AT_ONCE = 20_000;
    private static final String PROOF = "coalesce(c.verified_at, c.recorded_at)";

    private final List<Limit> limits;

    /// @param before proofs made earlier than this are too old
    private record Limit(int source, int target, String targetName, long before) {}

    private Ageing(List<Limit> limits) {
        this.limits = limits;
    }

    static Ageing at(Session s, Policies policies, Instant now) throws SQLException {
        List<Limit> limits = new ArrayList<>();
        Instant doubted = s.first("SELECT doubted_at FROM home", r -> Instants.nullable(r, 1));
        s.each(
                "SELECT s.id, s.name, t.id, t.name, t.media_kind FROM source s, target t ORDER BY"
                        + " s.id, t.id",
                r -> {
                    Duration most =
                            policies.of(r.getString(2))
                                    .verified()
                                    .get(MediaKind.of(r.getString(5)));
                    Instant before = later(most == null ? null : now.minus(most), doubted);
                    if (before != null) {
                        limits.add(
                                new Limit(
                                        r.getInt(1),
                                        r.getInt(3),
                                        r.getString(4),
                                        Instants.nanos(before)));
                    }
                });
        return new Ageing(List.copyOf(limits));
    }

    private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        return one == null || other != null && other.isAfter(one) ? other : one;
    }

    /// As JSON, to be joined: `[{"s":source,"t":target,"c":nanoseconds}]`.
    String json() {
        ArrayNode all = JSON.createArrayNode();
        for (Limit limit : limits) {
            all.addObject().put("s", limit.source).put("t", limit.target).put("c", limit.before);
        }
        return all.toString();
    }

    /// Whether any proof has grown too old since it was last looked.
    boolean anyNew(Session s) throws SQLException {
        for (Map.Entry<Integer, Long> latest : latest().entrySet()) {
            for (String state : List.of("DURABLE", "VERIFIED")) {
                if (s.first(
                                "SELECT 1 FROM copy c INDEXED BY copy_proof WHERE c.target_id = ? AND c.state"
                                        + " = '"
                                        + state
                                        + "' AND "
                                        + PROOF
                                        + " < ? LIMIT 1",
                                r -> 1,
                                latest.getKey(),
                                latest.getValue())
                        != null) {
                    return true;
                }
            }
        }
        return false;
    }

    private Map<Integer, Long> latest() {
        Map<Integer, Long> latest = new TreeMap<>();
        limits.forEach(limit -> latest.merge(limit.target, limit.before, Math::max));
        return latest;
    }

    /// Gives some copies the state that follows from the age of their proofs. To be called until it
    /// is done.
    ///
    /// @return how many changed
    int sweepSome(Session s, Instant now) throws SQLException {
        int changed = 0;
        for (Integer target : s.list("SELECT id FROM target ORDER BY id", r -> r.getInt(1))) {
            List<Limit> of = limits.stream().filter(limit -> limit.target == target).toList();
            int stale = 0;
            for (Limit limit : of) {
                stale += change(s, limit, "DURABLE", "< ?3", "'STALE'");
                stale += change(s, limit, "VERIFIED", "< ?3", "'STALE'");
            }
            note(s, now, "stale", target, stale);
            int fresh = refreshed(s, target, of);
            note(s, now, "fresh", target, fresh);
            changed += stale + fresh;
        }
        return changed;
    }

    private static int change(Session s, Limit limit, String from, String age, String to)
            throws SQLException {
        return s.run(
                "UPDATE copy SET state = "
                        + to
                        + " WHERE target_id = ?1 AND version_id IN (SELECT c.version_id FROM copy c"
                        + " INDEXED BY copy_proof CROSS JOIN version v ON v.id = c.version_id CROSS"
                        + " JOIN item i ON i.id = v.item_id WHERE c.target_id = ?1 AND c.state = '"
                        + from
                        + "' AND i.source_id = ?2 AND "
                        + PROOF
                        + " "
                        + age
                        + " LIMIT "
                        + AT_ONCE
                        + ")",
                limit.target,
                limit.source,
                limit.before);
    }

    /// Another policy may ask for less: then what was too old is not any more.
    private static int refreshed(Session s, int target, List<Limit> of) throws SQLException {
        boolean any =
                s.first(
                                "SELECT 1 FROM copy c INDEXED BY copy_proof WHERE c.target_id = ? AND"
                                        + " c.state = 'STALE' LIMIT 1",
                                r -> 1,
                                target)
                        != null;
        if (!any) {
            return 0;
        }
        int fresh = 0;
        String was = "CASE WHEN verified_at IS NULL THEN 'DURABLE' ELSE 'VERIFIED' END";
        for (Integer source : s.list("SELECT id FROM source", r -> r.getInt(1))) {
            long before =
                    of.stream()
                            .filter(limit -> limit.source == source)
                            .mapToLong(Limit::before)
                            .findFirst()
                            .orElse(Long.MIN_VALUE);
            fresh += change(s, new Limit(source, target, "", before), "STALE", ">= ?3", was);
        }
        return fresh;
    }

    private static void note(Session s, Instant now, String kind, int target, int copies)
            throws SQLException {
        if (copies > 0) {
            String name =
                    s.one("SELECT name FROM target WHERE id = ?", r -> r.getString(1), target);
            Events.append(
                    s,
                    now,
                    kind,
                    JSON.createObjectNode().put("target", name).put("copies", copies).toString());
        }
    }

    /// The copies of one item whose proofs have grown too old since it was last looked, as target
    /// ids separated by commas, or null; `?1` is [#json].
    static String targetsOfItem() {
        return "(SELECT group_concat(c.target_id) FROM json_each(?1) k CROSS JOIN copy c ON"
                + " c.target_id = k.value ->> 't' AND c.version_id = i.version_id WHERE"
                + " k.value ->> 's' = i.source_id AND c.state IN ('DURABLE', 'VERIFIED') AND "
                + PROOF
                + " < k.value ->> 'c')";
    }

    /// As [#targetsOfItem] for all items that have any, in `(item, targets)`; `?1` is [#json].
    static String itemsWithNew() {
        String one =
                "SELECT c.target_id AS target, c.version_id AS version, k.value ->> 's' AS source"
                        + " FROM json_each(?1) k CROSS JOIN copy c INDEXED BY copy_proof ON"
                        + " c.target_id = k.value ->> 't' AND c.state = '%s' AND "
                        + PROOF
                        + " < k.value ->> 'c'";
        return "(SELECT i.id AS item, group_concat(n.target) AS targets FROM ("
                + one.formatted("DURABLE")
                + " UNION ALL "
                + one.formatted("VERIFIED")
                + ") n CROSS JOIN version v ON v.id = n.version CROSS JOIN item i ON i.id = v.item_id"
                + " AND i.version_id = v.id AND i.source_id = n.source GROUP BY i.id)";
    }
}
