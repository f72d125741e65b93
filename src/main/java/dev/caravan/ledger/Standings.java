package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How single items stand, why, and what will be done about it; and what would be left of all if
/// something were lost. Changes nothing. Thread-safe.
public final class Standings {
    private final Database database;
    private final Clock clock;

    Standings(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// What a copy counts for.
    ///
    /// @param counts as one of the copies
    /// @param error whether it is suspect, or its proof is too old
    /// @param offsite for the source of the item
    /// @param offline or immutable
    /// @param sharedWith the targets (or `original`) with which it fails together: all of them are
    ///   one copy
    public record Worth(
            String target,
            boolean counts,
            boolean error,
            boolean offsite,
            boolean offline,
            List<String> sharedWith) {}

    /// Why an item is in policy or not.
    ///
    /// @param judged whether it is one of those that must be in policy: there, and stable
    /// @param worths the original as `original` first, if it counts, then the copies that count or
    ///   are suspect
    /// @param plan what will be done; nothing if it is in policy
    public record Explanation(
            String source,
            ItemPath path,
            Policy policy,
            boolean judged,
            Reached reached,
            boolean met,
            List<Worth> worths,
            Plan plan) {}

    /// What will be done about one item, or about many that are alike.
    ///
    /// @param steps one for each target that has something to do
    /// @param then what will be reached when all of that is done
    /// @param enough whether that is what the policy asks
    public record Plan(List<Step> steps, Reached then, boolean enough) {}

    /// What becomes of a copy.
    public enum Action {
        /// It is made for the first time.
        MAKE,
        /// It was bad or missing, and is made anew.
        REMAKE,
        /// It is being made now.
        UNDER_WAY,
        /// It is there, and counts again when it has been read.
        VERIFY,
        /// Its target, or the copy, waits for a person.
        PERSON,
        /// There is nothing good left to make it from.
        NOTHING_TO_MAKE_FROM
    }

    /// One copy to be made or looked at.
    ///
    /// @param from `original`, or the target whose copy it is made from; null where nothing is read
    /// @param nextAt not before; null for as soon as possible
    public record Step(
            String target,
            Action action,
            @Nullable String from,
            java.time.@Nullable Instant nextAt) {}

    /// The same plan for many items.
    ///
    /// @param example one of them
    public record PlanOfMany(
            String source, Reached reached, Plan plan, long items, long bytes, ItemPath example) {}

    /// Why the item at a path stands as it does; empty if it has no version.
    public Optional<Explanation> explain(Policies policies, String source, ItemPath path) {
        return database.read(s -> {
            Judge judge = new Judge(s, policies);
            Ageing ageing = Ageing.at(s, policies, clock.instant());
            Long item =
                    s.first(
                            "SELECT i.id FROM item i JOIN source s ON s.id = i.source_id WHERE s.name"
                                    + " = ? AND i.path = ? AND i.version_id IS NOT NULL",
                            r -> r.getLong(1),
                            source,
                            path.bytes());
            return item == null
                    ? Optional.empty()
                    : Optional.of(explain(s, judge, ageing, item, source, path));
        });
    }

    private Explanation explain(
            Session s, Judge judge, Ageing ageing, long item, String source, ItemPath path)
            throws SQLException {
        StandingRows.OfItem found = StandingRows.ofItem(s, ageing, item);
        Judge.Verdict verdict = judge.of(found.standing());
        Planning planning = new Planning(s, judge, clock.instant());
        return new Explanation(
                source,
                path,
                judge.policies().of(source),
                found.judged(),
                verdict.reached(),
                verdict.met(),
                worths(judge, found.standing(), verdict),
                planning.of(item, found.standing()));
    }

    private static List<Worth> worths(Judge judge, Standing standing, Judge.Verdict verdict) {
        List<Worth> worths = new ArrayList<>();
        for (Judge.Medium medium : verdict.media()) {
            List<String> names = new ArrayList<>();
            if (medium.original()) {
                names.add("original");
            }
            medium.copies().forEach(held -> names.add(judge.target(held.target()).name()));
            if (medium.original()) {
                worths.add(new Worth("original", true, false, false, false, others(names, 0)));
            }
            for (Standing.Held held : medium.copies()) {
                String name = judge.target(held.target()).name();
                worths.add(
                        new Worth(
                                name,
                                true,
                                held.isError(),
                                medium.offsite(),
                                judge.isOffline(held),
                                others(names, names.indexOf(name))));
            }
        }
        for (Standing.Held held : standing.copies()) {
            if (!held.counts()) {
                worths.add(
                        new Worth(
                                judge.target(held.target()).name(),
                                false,
                                true,
                                false,
                                false,
                                List.of()));
            }
        }
        return List.copyOf(worths);
    }

    private static List<String> others(List<String> names, int self) {
        List<String> others = new ArrayList<>(names);
        others.remove(self);
        return List.copyOf(others);
    }

    /// What will be done about all that is below policy, what is alike put together; the worst
    /// first.
    public List<PlanOfMany> plan(Policies policies) {
        return database.read(s -> {
            Judge judge = new Judge(s, policies);
            Ageing ageing = Ageing.at(s, policies, clock.instant());
            Set<Standing> below = new HashSet<>();
            StandingRows.all(s, ageing)
                    .keySet()
                    .forEach(standing -> {
                        if (!judge.of(standing).met()) {
                            below.add(standing);
                        }
                    });
            Planning planning = new Planning(s, judge, clock.instant());
            StandingRows.items(
                    s,
                    ageing,
                    below,
                    (item, standing) -> {
                        planning.add(item, standing);
                        return true;
                    });
            return planning.sums();
        });
    }

    /// What would be lost.
    public sealed interface Lost {
        /// All that is at a site: targets, and sources with their originals.
        record Site(String name) implements Lost {}

        record OfTarget(String name) implements Lost {}

        /// A cartridge, by its barcode.
        record Volume(String barcode) implements Lost {}
    }

    /// What would be left.
    ///
    /// @param lostItems that would have no copy left that counts
    /// @param fallen items in policy now that would be below
    /// @param already items that are below policy now, and would not be lost
    /// @param worstLost some of the lost
    /// @param worstFallen some of those fallen
    /// @param lostVersions older states, and states of deleted items, with no copy left
    public record Loss(
            long items,
            long lostItems,
            long lostBytes,
            long fallen,
            long fallenBytes,
            long already,
            List<Counts.Offender> worstLost,
            List<Counts.Offender> worstFallen,
            long lostVersions,
            long lostVersionBytes) {}

    /// Works out what would be left of everything if this were gone.
    public Loss lose(Policies policies, Lost lost) {
        return database.read(s -> {
            Judge judge = new Judge(s, policies);
            Ageing ageing = Ageing.at(s, policies, clock.instant());
            return new Losing(s, judge, ageing, lost).loss();
        });
    }

    /// The sites, targets and barcodes that there are to be lost.
    public Map<String, List<Lost>> losable(Policies policies) {
        return database.read(s -> {
            Map<String, List<Lost>> all = new HashMap<>();
            for (Target target : s.list(Targets.COLUMNS + "ORDER BY id", Targets::map)) {
                put(all, target.name(), new Lost.OfTarget(target.name()));
                put(all, target.site(), new Lost.Site(target.site()));
            }
            policies.siteOfSource().values().forEach(site -> put(all, site, new Lost.Site(site)));
            s.each(
                    "SELECT DISTINCT name FROM volume",
                    r -> put(all, r.getString(1), new Lost.Volume(r.getString(1))));
            return all;
        });
    }

    private static void put(Map<String, List<Lost>> all, String name, Lost lost) {
        List<Lost> of = all.computeIfAbsent(name, _ -> new ArrayList<>());
        if (!of.contains(lost)) {
            of.add(lost);
        }
    }
}
