package dev.caravan.cli;

import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Counts.Goal;
import dev.caravan.ledger.Counts.Goals;
import java.util.ArrayList;
import java.util.List;

/// One of the five numbers of the policy, 3-2-1-1-0, and how many items reach it.
///
/// @param rule what is counted, in words
/// @param wanted how many there are to be
/// @param met items that have as many; of errors, no more
/// @param items all of them
record PolicyNumber(String rule, int wanted, long met, long items) {

    /// Of all sources where they are asked the same, else of each source.
    static List<PolicyNumber> of(Counts.Report report) {
        List<PolicyNumber> numbers = new ArrayList<>();
        if (report.sources().size() > 1 && !report.onePolicy()) {
            for (Counts.OfSource source : report.sources()) {
                add(numbers, source.goals(), " in " + source.name(), source.items());
            }
        } else if (report.sources().size() == 1) {
            add(numbers, report.sources().getFirst().goals(), "", report.items());
        } else {
            add(numbers, report.goals(), "", report.items());
        }
        return List.copyOf(numbers);
    }

    private static void add(List<PolicyNumber> numbers, Goals goals, String where, long items) {
        numbers.add(number("copies" + where, goals.copies(), items));
        numbers.add(number("media kinds" + where, goals.mediaKinds(), items));
        numbers.add(number("offsite" + where, goals.offsite(), items));
        numbers.add(number("offline or immutable" + where, goals.offline(), items));
        numbers.add(number("errors" + where, goals.errors(), items));
    }

    private static PolicyNumber number(String rule, Goal goal, long items) {
        return new PolicyNumber(rule, goal.wanted(), goal.reaching(), items);
    }

    boolean isMet() {
        return met == items;
    }
}
