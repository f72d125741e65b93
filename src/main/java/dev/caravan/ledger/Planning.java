package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Standings.Action;
import dev.caravan.ledger.Standings.Plan;
import dev.caravan.ledger.Standings.PlanOfMany;
import dev.caravan.ledger.Standings.Step;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Says what will be done about items: the same that claims, repairs and routes do, foretold from
/// the rows they go by. Confined.
final class Planning {
    private final Session s;
    private final Judge judge;
    private final Instant now;
    private final Map<Group, Sum> groups = new HashMap<>();

    /// Items that are alike: the same steps, whenever they are due.
    private record Group(int source, Reached reached, List<Step> steps, Reached then) {}

    private static final class Sum {
        long items;
        long bytes;
        long example;
        Plan plan;

        Sum(Plan plan, long example) {
            this.plan = plan;
            this.example = example;
        }
    }

    Planning(Session s, Judge judge, Instant now) {
        this.s = s;
        this.judge = judge;
        this.now = now;
    }

    /// The row of a copy, as far as a plan goes by it.
    private record Row(int target, @Nullable CopyState state, Instant nextAt, boolean replaces) {}

    /// The plan for one item; no steps if it is in policy.
    Plan of(long item, Standing standing) throws SQLException {
        Judge.Verdict verdict = judge.of(standing);
        if (verdict.met()) {
            return new Plan(List.of(), verdict.reached(), true);
        }
        boolean bytes =
                s.one(
                        "SELECT v.kind = 'FILE' FROM item i JOIN version v ON v.id = i.version_id"
                                + " WHERE i.id = ?",
                        r -> r.getBoolean(1),
                        item);
        List<Step> steps = new ArrayList<>();
        List<Standing.Held> then = new ArrayList<>(standing.copies());
        for (Row row : rows(item)) {
            Target target = judge.target(row.target);
            Step step = step(target, row, input(standing, row.target, bytes), bytes, standing);
            if (step != null) {
                steps.add(step);
                if (step.action() != Action.PERSON
                        && step.action() != Action.NOTHING_TO_MAKE_FROM) {
                    done(then, target, step);
                }
            }
        }
        then.sort(Comparator.comparing(Standing.Held::target));
        Judge.Verdict after = judge.of(new Standing(standing.source(), standing.original(), then));
        return new Plan(List.copyOf(steps), after.reached(), after.met());
    }

    private List<Row> rows(long item) throws SQLException {
        return s.list(
                "SELECT t.id, c.state, coalesce(c.next_at, 0), c.replaces IS NOT NULL FROM item i"
                        + " CROSS JOIN target t LEFT JOIN copy c ON c.target_id = t.id AND"
                        + " c.version_id = i.version_id WHERE i.id = ? ORDER BY t.id",
                r -> {
                    String state = r.getString(2);
                    return new Row(
                            r.getInt(1),
                            state == null ? null : CopyState.valueOf(state),
                            Instants.of(r.getLong(3)),
                            r.getBoolean(4));
                },
                item);
    }

    /// What a copy would be made from: the original, else a verified copy, else any that counts.
    private @Nullable String input(Standing standing, int target, boolean bytes) {
        if (standing.original() || !bytes) {
            return "original";
        }
        return standing.copies().stream()
                .filter(held -> held.counts() && held.target() != target)
                .min(Comparator.comparing(held -> held.state() != 'V'))
                .map(held -> judge.target(held.target()).name())
                .orElse(null);
    }

    private @Nullable Step step(
            Target target, Row row, @Nullable String from, boolean bytes, Standing standing) {
        CopyState state = row.state;
        if (state != null && state.counts()) {
            boolean old =
                    standing.copies().stream()
                            .anyMatch(h -> h.target() == target.id() && h.state() == 'T');
            return old ? new Step(target.name(), Action.VERIFY, null, null) : null;
        }
        if (state == CopyState.ACKED) {
            return new Step(target.name(), Action.VERIFY, null, null);
        }
        if (!target.active()) {
            return null;
        }
        String input = bytes ? from : null;
        if (state == CopyState.WRITING) {
            return new Step(target.name(), Action.UNDER_WAY, input, null);
        }
        if (state == CopyState.FAILED || target.state() == Target.State.STOPPED) {
            return new Step(target.name(), Action.PERSON, input, null);
        }
        if (bytes && from == null) {
            return new Step(target.name(), Action.NOTHING_TO_MAKE_FROM, null, null);
        }
        boolean again = row.replaces || state == CopyState.SUSPECT || state == CopyState.LOST;
        Instant next = row.nextAt;
        if (target.state() == Target.State.WAITING && target.nextAt().isAfter(next)) {
            next = target.nextAt();
        }
        return new Step(
                target.name(),
                again ? Action.REMAKE : Action.MAKE,
                input,
                next.isAfter(now) ? next : null);
    }

    /// How the copy will stand; which cartridge it will lie on is not known, but a new place.
    private static void done(List<Standing.Held> then, Target target, Step step) {
        List<Long> volumes =
                then.stream()
                        .filter(h -> h.target() == target.id() && h.counts())
                        .findFirst()
                        .map(Standing.Held::volumes)
                        .orElse(List.of());
        then.removeIf(held -> held.target() == target.id());
        then.add(
                new Standing.Held(
                        target.id(),
                        step.action() == Action.VERIFY ? 'V' : 'D',
                        step.action() == Action.VERIFY ? volumes : List.of()));
    }

    void add(long item, Standing standing) throws SQLException {
        Plan plan = of(item, standing);
        Group group =
                new Group(
                        standing.source(),
                        judge.of(standing).reached(),
                        plan.steps().stream()
                                .map(step ->
                                        new Step(step.target(), step.action(), step.from(), null))
                                .toList(),
                        plan.then());
        Sum sum = groups.computeIfAbsent(group, _ -> new Sum(plan, item));
        sum.items++;
        sum.bytes +=
                s.one(
                        "SELECT coalesce(max(v.size), 0) FROM item i JOIN version v ON v.id ="
                                + " i.version_id WHERE i.id = ?",
                        r -> r.getLong(1),
                        item);
        sum.plan = earlier(sum.plan, plan);
    }

    /// The same steps, each at the earlier of the two times.
    private static Plan earlier(Plan a, Plan b) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < a.steps().size(); i++) {
            Step one = a.steps().get(i);
            Instant at = one.nextAt();
            Instant other = b.steps().get(i).nextAt();
            boolean first = at == null || other != null && !other.isBefore(at);
            steps.add(first ? one : b.steps().get(i));
        }
        return new Plan(List.copyOf(steps), a.then(), a.enough());
    }

    List<PlanOfMany> sums() throws SQLException {
        List<PlanOfMany> sums = new ArrayList<>();
        for (Map.Entry<Group, Sum> each : groups.entrySet()) {
            Sum sum = each.getValue();
            byte[] path =
                    s.one("SELECT path FROM item WHERE id = ?", r -> r.getBytes(1), sum.example);
            sums.add(
                    new PlanOfMany(
                            judge.source(each.getKey().source),
                            each.getKey().reached,
                            sum.plan,
                            sum.items,
                            sum.bytes,
                            ItemPath.of(path)));
        }
        sums.sort(
                Comparator.comparing(PlanOfMany::reached)
                        .thenComparing(PlanOfMany::source)
                        .thenComparing(sum -> sum.example().toString()));
        return List.copyOf(sums);
    }
}
