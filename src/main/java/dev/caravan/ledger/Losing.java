package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Works out what would be left if a site, a target or a cartridge were gone: standings without
/// those copies are judged like any other. Confined.
final class Losing {
    private static final int SHOWN = 10;

    private final Session s;
    private final Judge judge;
    private final Ageing ageing;
    private final Standings.Lost lost;
    private final Set<Standing> gone = new HashSet<>();
    private final Set<Standing> fallen = new HashSet<>();

    Losing(Session s, Judge judge, Ageing ageing, Standings.Lost lost) {
        this.s = s;
        this.judge = judge;
        this.ageing = ageing;
        this.lost = lost;
    }

    Standings.Loss loss() throws SQLException {
        long items = 0;
        long lostItems = 0;
        long fallenItems = 0;
        long already = 0;
        Map<Standing, Long> all = StandingRows.all(s, ageing);
        for (Map.Entry<Standing, Long> each : all.entrySet()) {
            Standing standing = each.getKey();
            Judge.Verdict before = judge.of(standing);
            Judge.Verdict after = judge.of(left(standing));
            items += each.getValue();
            if (after.reached().copies() == 0 && before.reached().copies() > 0) {
                gone.add(standing);
                lostItems += each.getValue();
            } else if (before.met() && !after.met()) {
                fallen.add(standing);
                fallenItems += each.getValue();
            } else if (!before.met()) {
                already += each.getValue();
            }
        }
        long[] versions = olderVersions();
        return new Standings.Loss(
                items,
                lostItems,
                bytes(gone),
                fallenItems,
                bytes(fallen),
                already,
                some(gone),
                some(fallen),
                versions[0],
                versions[1]);
    }

    private Standing left(Standing standing) {
        boolean original =
                lost instanceof Standings.Lost.Site(String name)
                        && name.equals(
                                judge.policies()
                                        .siteOfSource()
                                        .get(judge.source(standing.source())));
        return standing.without(original, this::isLost);
    }

    private boolean isLost(Standing.Held held) {
        return switch (lost) {
            case Standings.Lost.Site(String name) ->
                    judge.target(held.target()).site().equals(name);
            case Standings.Lost.OfTarget(String name) ->
                    judge.target(held.target()).name().equals(name);
            case Standings.Lost.Volume(String barcode) ->
                    held.volumes().stream().anyMatch(volume -> isCalled(volume, barcode));
        };
    }

    private boolean isCalled(long volume, String barcode) {
        Judge.@Nullable Cartridge cartridge = judge.cartridge(volume);
        return cartridge != null && cartridge.barcode().equals(barcode);
    }

    private long bytes(Set<Standing> standings) throws SQLException {
        long[] bytes = {0};
        if (!standings.isEmpty()) {
            StandingRows.items(
                    s,
                    ageing,
                    standings,
                    (item, _) -> {
                        bytes[0] +=
                                s.one(
                                        "SELECT coalesce(max(v.size), 0) FROM item i JOIN version v"
                                                + " ON v.id = i.version_id WHERE i.id = ?",
                                        r -> r.getLong(1),
                                        item);
                        return true;
                    });
        }
        return bytes[0];
    }

    private List<Counts.Offender> some(Set<Standing> standings) throws SQLException {
        Map<Long, Reached> ids = new HashMap<>();
        if (!standings.isEmpty()) {
            StandingRows.items(
                    s,
                    ageing,
                    standings,
                    (item, standing) -> {
                        ids.put(item, judge.of(left(standing)).reached());
                        return ids.size() < SHOWN;
                    });
        }
        List<Counts.Offender> some = new ArrayList<>();
        for (Map.Entry<Long, Reached> each : ids.entrySet()) {
            s.each(
                    "SELECT s.name, i.path FROM item i JOIN source s ON s.id = i.source_id WHERE i.id"
                            + " = ?",
                    r ->
                            some.add(
                                    new Counts.Offender(
                                            r.getString(1),
                                            ItemPath.of(r.getBytes(2)),
                                            each.getValue())),
                    each.getKey());
        }
        some.sort(
                java.util.Comparator.comparing(Counts.Offender::reached)
                        .thenComparing(offender -> offender.path().toString()));
        return List.copyOf(some);
    }

    /// Older states, and states of deleted items: no policy asks for them, but they would be gone.
    private long[] olderVersions() throws SQLException {
        String here =
                switch (lost) {
                    case Standings.Lost.Site(String _) ->
                            "EXISTS (SELECT 1 FROM target t WHERE t.id = c.target_id AND t.site ="
                                    + " ?1)";
                    case Standings.Lost.OfTarget(String _) ->
                            "EXISTS (SELECT 1 FROM target t WHERE t.id = c.target_id AND t.name ="
                                    + " ?1)";
                    case Standings.Lost.Volume(String _) ->
                            "(c.parts = 1 AND EXISTS (SELECT 1 FROM object o JOIN volume w ON w.id ="
                                    + " o.volume_id WHERE o.id = c.object_id AND w.name = ?1) OR"
                                    + " c.parts > 1 AND EXISTS (SELECT 1 FROM part p JOIN object o"
                                    + " ON o.id = p.object_id JOIN volume w ON w.id = o.volume_id"
                                    + " WHERE p.version_id = c.version_id AND p.target_id ="
                                    + " c.target_id AND p.void = 0 AND w.name = ?1))";
                };
        long[] sums = {0, 0};
        s.each(
                "SELECT count(*), coalesce(sum(v.size), 0) FROM version v JOIN item i ON i.id ="
                        + " v.item_id WHERE i.source_id IS NOT "
                        + OwnSource.ID
                        + " AND NOT (i.present = 1 AND i.version_id = v.id) AND EXISTS"
                        + " (SELECT 1 FROM target g CROSS JOIN copy c ON c.target_id = g.id AND"
                        + " c.version_id = v.id WHERE c.state IN ('DURABLE', 'VERIFIED', 'STALE'))"
                        + " AND NOT EXISTS (SELECT 1 FROM target g CROSS JOIN copy c ON c.target_id"
                        + " = g.id AND c.version_id = v.id WHERE c.state IN ('DURABLE', 'VERIFIED',"
                        + " 'STALE') AND NOT "
                        + here
                        + ")",
                r -> {
                    sums[0] = r.getLong(1);
                    sums[1] = r.getLong(2);
                },
                switch (lost) {
                    case Standings.Lost.Site(String name) -> name;
                    case Standings.Lost.OfTarget(String name) -> name;
                    case Standings.Lost.Volume(String barcode) -> barcode;
                });
        return sums;
    }
}
