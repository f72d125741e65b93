package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Policy;
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

    void print(Home home, Counts.Report report) {
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
        targets(report);
        errors(report);
        belowPolicy(report);
        notProtected(report);
        totals(report);
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
        Policy policy = Policy.THREE_TWO_ONE;
        out.println(
                "  "
                        + style.strong(painted)
                        + style.faint(
                                "  (%d copies, %d media kinds, %d offsite)"
                                        .formatted(
                                                policy.copies(),
                                                policy.mediaKinds(),
                                                policy.offsite())));
    }

    private void reached(Counts.Report report) {
        Table table = new Table("    ").right("").left("");
        for (Map.Entry<Counts.Reached, Long> entry : report.reached().entrySet()) {
            Counts.Reached reached = entry.getKey();
            String said =
                    "%s, %s, %d offsite"
                            .formatted(
                                    Words.count(reached.copies(), "copy", "copies"),
                                    Words.count(reached.mediaKinds(), "media kind", "media kinds"),
                                    reached.offsite());
            boolean met = Policy.THREE_TWO_ONE.isMetBy(reached);
            table.row(
                    List.of(
                            Table.Cell.of(Words.count(entry.getValue(), "item:", "items:")),
                            new Table.Cell(
                                    met ? said : said + ", below policy",
                                    met ? UnaryOperator.identity() : style::bad)));
        }
        out.println();
        table.print(out, style);
    }

    private void targets(Counts.Report report) {
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
                            state(target),
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

    private static String site(Target target) {
        String site = target.site();
        return target.offsite() && !site.equals("offsite") ? site + " (offsite)" : site;
    }

    private Table.Cell state(Target target) {
        if (!target.active()) {
            return new Table.Cell("no route", style::warning);
        }
        return switch (target.state()) {
            case READY -> new Table.Cell("ready", style::good);
            case WAITING -> new Table.Cell("waiting", style::warning);
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
        return target.state() == Target.State.WAITING && target.nextAt().isAfter(now)
                ? "The service tries again in %s; by hand: caravan backup"
                        .formatted(Words.duration(Duration.between(now, target.nextAt())))
                : "The service tries again; by hand: caravan backup";
    }

    private void belowPolicy(Counts.Report report) {
        if (report.belowPolicyPaths().isEmpty()) {
            return;
        }
        long more = report.belowPolicy() - report.belowPolicyPaths().size();
        out.println();
        out.println("  Below policy " + style.faint("(why: caravan whereis PATH)"));
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
