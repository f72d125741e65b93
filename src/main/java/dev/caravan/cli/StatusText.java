package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Reached;
import dev.caravan.ledger.Target;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The status for a person: the worst first, in 80 columns.
final class StatusText {
    private static final int WIDTH = 78;

    private final PrintWriter out;
    private final Style style;
    private final Instant now;

    StatusText(PrintWriter out, Style style, Instant now) {
        this.out = out;
        this.style = style;
        this.now = now;
    }

    void print(Home home, Counts.Report report, TargetLimits limits, OwnStatus own) {
        out.println("Caravan home " + style.strong(Words.shown(home.root().toString())));
        banner(report);
        if (report.lastScan() == null) {
            out.println();
            out.println(
                    "  " + style.strong("No backup has run yet.") + " Start with: caravan backup");
            return;
        }
        headline(report);
        reached(report);
        goals(report);
        targets(report, limits);
        limits(report, limits);
        errors(report);
        belowPolicy(report);
        notProtected(report);
        totals(report);
        out.println("  " + style.faint(own.words(now)));
    }

    private void banner(Counts.Report report) {
        List<String> names =
                report.targets().stream()
                        .map(Counts.OfTarget::target)
                        .filter(Target::simulated)
                        .map(Target::name)
                        .toList();
        if (names.isEmpty()) {
            return;
        }
        List<String> lines =
                Words.wrap(
                        String.join(", ", names)
                                + ": counted as the real thing, lost with this machine.",
                        WIDTH - 13);
        out.println();
        out.println("  " + style.warning(style.strong("SIMULATED")) + "  " + lines.getFirst());
        lines.stream().skip(1).forEach(line -> out.println(" ".repeat(13) + line));
    }

    private void headline(Counts.Report report) {
        out.println();
        long below = report.belowPolicy();
        String said =
                report.items() == 0
                        ? "Nothing to protect was found"
                        : below == 0
                                ? Words.count(report.items(), "item", "items") + ", all in policy"
                                : "%s of %s in policy, %s below"
                                        .formatted(
                                                Words.count(report.inPolicy()),
                                                Words.count(report.items(), "item", "items"),
                                                Words.count(below));
        String painted = below == 0 ? style.good(said) : style.bad(said);
        String asked =
                report.sources().isEmpty() || !report.onePolicy()
                        ? ""
                        : "  (" + HomePolicies.words(report.sources().getFirst().policy()) + ")";
        boolean fits = said.length() + asked.length() <= WIDTH; // else the table says it
        out.println("  " + style.strong(painted) + (fits ? style.faint(asked) : ""));
    }

    private void reached(Counts.Report report) {
        Table table = new Table("    ").right("").left("");
        for (Map.Entry<Reached, Long> entry : report.reached().entrySet()) {
            Reached reached = entry.getKey();
            long below = report.reachedBelow().getOrDefault(reached, 0L);
            if (below > 0) {
                row(table, below, PolicyWords.of(reached) + ", below policy", style::bad);
            }
            if (entry.getValue() > below) {
                long in = entry.getValue() - below;
                row(table, in, PolicyWords.of(reached), UnaryOperator.identity());
            }
        }
        out.println();
        table.print(out, style);
    }

    private static void row(Table table, long items, String said, UnaryOperator<String> paint) {
        table.row(
                List.of(
                        Table.Cell.of(Words.count(items, "item:", "items:")),
                        new Table.Cell(said, paint)));
    }

    /// The five numbers: what is wanted, what the worst item has, how many have what is wanted.
    private void goals(Counts.Report report) {
        if (report.items() == 0) {
            return;
        }
        if (report.onePolicy()) {
            goals("3-2-1-1-0", report.goals(), report.items());
        } else {
            report.sources().forEach(each -> goals(each.name(), each.goals(), each.items()));
        }
    }

    private void goals(String head, Counts.Goals goals, long items) {
        Table table =
                new Table("  ")
                        .left(head)
                        .right("WANTED")
                        .right("WORST ITEM")
                        .right("ITEMS THAT HAVE IT");
        goal(table, "copies", goals.copies(), items);
        goal(table, "media kinds", goals.mediaKinds(), items);
        goal(table, "offsite", goals.offsite(), items);
        goal(table, "offline or immutable", goals.offline(), items);
        goal(table, "errors", goals.errors(), items);
        out.println();
        table.print(out, style);
    }

    private void goal(Table table, String name, Counts.Goal goal, long items) {
        boolean all = goal.reaching() == items;
        String reaching =
                all
                        ? "all " + Words.count(items)
                        : Words.count(goal.reaching()) + " of " + Words.count(items);
        table.row(
                List.of(
                        Table.Cell.of(name),
                        Table.Cell.of(String.valueOf(goal.wanted())),
                        new Table.Cell(
                                String.valueOf(goal.worst()), all ? style::good : style::bad),
                        new Table.Cell(reaching, all ? UnaryOperator.identity() : style::bad)));
    }

    private void targets(Counts.Report report, TargetLimits limits) {
        if (report.targets().isEmpty()) {
            return;
        }
        Table table =
                new Table("  ")
                        .left("TARGET")
                        .left("MEDIA")
                        .left("SITE")
                        .left("STATE")
                        .right("COPIES")
                        .right("BYTES")
                        .right("WANTED")
                        .right("FAILED");
        for (Counts.OfTarget numbers : report.targets()) {
            Target target = numbers.target();
            table.row(
                    List.of(
                            Table.Cell.of(target.name() + (target.simulated() ? "*" : "")),
                            Table.Cell.of(target.mediaKind().toString()),
                            Table.Cell.of(site(target)),
                            state(target, limits),
                            Table.Cell.of(Words.count(numbers.copies())),
                            Table.Cell.of(Words.bytes(numbers.bytes())),
                            counted(numbers.wanted(), style::warning),
                            counted(numbers.failed(), style::bad)));
        }
        out.println();
        table.print(out, style);
        if (report.targets().stream().anyMatch(each -> each.target().simulated())) {
            out.println("  " + style.faint("* simulated"));
        }
    }

    /// The site, and that it is another than the sources' unless its name says so.
    static String site(Target target) {
        String site = target.site();
        return target.offsite() && !site.equals("offsite") ? site + " (offsite)" : site;
    }

    /// A line for each target that has limits.
    private void limits(Counts.Report report, TargetLimits limits) {
        for (Counts.OfTarget numbers : report.targets()) {
            limits.words(numbers.target())
                    .ifPresent(words -> {
                        out.println();
                        out.println("  " + numbers.target().name() + ":");
                        Words.wrap(words, WIDTH - 4).forEach(line -> out.println("    " + line));
                    });
        }
    }

    private Table.Cell state(Target target, TargetLimits limits) {
        if (!target.active()) {
            return new Table.Cell("no route", style::warning);
        }
        return switch (target.state()) {
            case READY ->
                    limits.closedUntil(target).isPresent()
                            ? new Table.Cell("closed", style::warning)
                            : new Table.Cell("ready", style::good);
            case WAITING -> new Table.Cell("suspended", style::warning);
            case STOPPED -> new Table.Cell("stopped", style::bad);
        };
    }

    private Table.Cell counted(long number, UnaryOperator<String> paint) {
        return number == 0
                ? new Table.Cell("-", style::faint)
                : new Table.Cell(Words.count(number), paint);
    }

    private void errors(Counts.Report report) {
        for (Counts.OfTarget numbers : report.targets()) {
            if (numbers.lastError() == null) {
                continue;
            }
            out.println();
            boolean bad = numbers.target().state() == Target.State.STOPPED || numbers.failed() > 0;
            String name = numbers.target().name();
            out.println("  " + (bad ? style.bad(name) : style.warning(name)) + ":");
            Words.wrap(Words.shown(numbers.lastError()), WIDTH - 4)
                    .forEach(line -> out.println("    " + line));
            out.println("    " + style.faint(remedy(numbers)));
        }
    }

    private String remedy(Counts.OfTarget numbers) {
        Target target = numbers.target();
        if (target.state() == Target.State.STOPPED) {
            return "It needs you. Put it right, then: caravan backup";
        }
        if (numbers.failed() > 0) {
            return Words.count(numbers.failed(), "copy needs you.", "copies need you.")
                    + " Put it right, then: caravan backup";
        }
        if (target.state() != Target.State.WAITING) {
            return "The service tries again; by hand: caravan backup";
        }
        String tries = Words.count(target.attempts(), "try", "tries");
        return target.nextAt().isAfter(now)
                ? "Suspended after %s, the next in %s; by hand: caravan backup"
                        .formatted(tries, Words.duration(Duration.between(now, target.nextAt())))
                : "Suspended after %s, the next is due; by hand: caravan backup".formatted(tries);
    }

    private void belowPolicy(Counts.Report report) {
        if (report.worst().isEmpty()) {
            return;
        }
        long more = report.belowPolicy() - report.worst().size();
        out.println();
        out.println(
                "  Below policy, the worst first "
                        + style.faint("(why: caravan status --explain PATH)"));
        report.belowPolicyPaths().forEach(path -> out.println("    " + path));
        if (more > 0) {
            out.println("    " + style.faint("and " + Words.count(more) + " more"));
        }
    }

    private void notProtected(Counts.Report report) {
        List<String> counts =
                Stream.of(
                                some(report.unreadable(), "unreadable"),
                                some(report.unstable(), "unstable"),
                                some(report.overLong(), "over-long"),
                                some(report.skipped(), "skipped"),
                                some(report.deleted(), "deleted, still kept"))
                        .flatMap(Optional::stream)
                        .collect(Collectors.toList());
        if (counts.isEmpty()) {
            return;
        }
        out.println();
        out.println(
                "  "
                        + String.join(" · ", counts)
                        + style.faint("   (which: caravan status --list)"));
    }

    private Optional<String> some(long number, String what) {
        return number == 0 ? Optional.empty() : Optional.of(Words.count(number) + " " + what);
    }

    private void totals(Counts.Report report) {
        out.println();
        out.println(
                "  %s, %s"
                        .formatted(
                                Words.count(report.versions(), "version kept", "versions kept"),
                                Words.bytes(report.bytes())));
        out.println(
                "  "
                        + style.faint(
                                "Last scan %s, last backup %s"
                                        .formatted(
                                                age(report.lastScan()), age(report.lastBackup()))));
    }

    private String age(@Nullable Instant then) {
        return then == null ? "never" : Words.ago(then, now);
    }
}
