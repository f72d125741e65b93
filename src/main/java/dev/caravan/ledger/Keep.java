package dev.caravan.ledger;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Which old versions of an item are kept on a target: the last ones, and of each of the last days,
/// weeks, months and years that have any the newest one. So the newest old version is always kept.
/// Days are those of a time zone, weeks begin on Monday. Immutable.
public record Keep(int last, int daily, int weekly, int monthly, int yearly) {

    public Keep {
        if (last < 0 || daily < 0 || weekly < 0 || monthly < 0 || yearly < 0) {
            throw new IllegalArgumentException("a number of versions to keep is below 0");
        }
        if (last + daily + weekly + monthly + yearly == 0) {
            throw new IllegalArgumentException("a retention that keeps nothing is none");
        }
    }

    /// Why each of these versions is kept, such as `last 2` or `weekly 2026-11-23`.
    ///
    /// @param times of the old versions of one item, newest first: when each was picked up; the
    ///   last version of a deleted item has the time of its deletion
    /// @return null for one that is not kept
    List<@Nullable String> why(List<Instant> times, ZoneId zone) {
        List<Rule> rules =
                List.of(
                        new Rule("daily", daily, day -> day),
                        new Rule(
                                "weekly",
                                weekly,
                                day ->
                                        day.with(
                                                TemporalAdjusters.previousOrSame(
                                                        DayOfWeek.MONDAY))),
                        new Rule("monthly", monthly, day -> day.withDayOfMonth(1)),
                        new Rule("yearly", yearly, day -> day.withDayOfYear(1)));
        List<@Nullable String> all = new ArrayList<>(times.size());
        for (int i = 0; i < times.size(); i++) {
            LocalDate day = LocalDate.ofInstant(times.get(i), zone);
            String why = i < last ? "last " + (i + 1) : null;
            for (Rule rule : rules) {
                // each rule counts by itself, whatever else keeps the version
                boolean keeps = rule.keeps(day);
                why = why == null && keeps ? rule.name + " " + rule.begin.apply(day) : why;
            }
            all.add(why);
        }
        return all;
    }

    /// Counts the periods of one kind that have a version. Used once.
    private static final class Rule {
        private final String name;
        private final int most;
        private final Function<LocalDate, LocalDate> begin;
        private final Set<LocalDate> periods = new HashSet<>();

        Rule(String name, int most, Function<LocalDate, LocalDate> begin) {
            this.name = name;
            this.most = most;
            this.begin = begin;
        }

        boolean keeps(LocalDate day) {
            return periods.size() < most && periods.add(begin.apply(day));
        }
    }
}
