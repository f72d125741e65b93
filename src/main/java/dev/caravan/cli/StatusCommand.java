package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Problem;
import dev.caravan.tape.changer.OperatorDesk.Request;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan status`: how many copies everything has.
@Command(
        name = "status",
        description = {
            "Show how many items have how many copies, on how many media kinds and offsite.",
            "In policy are items with 3 copies on 2 media kinds, 1 of them offsite; the original"
                    + " is one of the copies."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:every item is in policy",
            "1:some item is below policy, unreadable, unstable or over-long; or no backup has run",
            "2:wrong usage",
            "78:there is no such home"
        })
final class StatusCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Option(
            names = "--list",
            description = "Then list what is unreadable, unstable, skipped or deleted, and why.")
    private boolean list;

    @Override
    public Integer call() {
        OpenHome open = OpenHome.of(home);
        PrintWriter out = spec.commandLine().getOut();
        Clock clock = Clock.systemUTC();
        Optional<Ledger> ledger = open.ledger(clock);
        if (ledger.isEmpty()) {
            report(out, open, clock, nothingYet(open));
            return ExitCode.INCOMPLETE;
        }
        try (Ledger opened = ledger.get()) {
            Counts.Report report = opened.counts().report(Policy.THREE_TWO_ONE);
            report(out, open, clock, report);
            if (list && !json.wanted) {
                list(out, opened);
            }
            return exitCode(report);
        }
    }

    private void report(PrintWriter out, OpenHome open, Clock clock, Counts.Report report) {
        List<Request> requests = open.settingsIfGood().map(TapeDesk::requests).orElse(List.of());
        if (json.wanted) {
            Json.print(
                    out,
                    object -> {
                        write(object, report);
                        object.array(
                                "operatorTasks",
                                all -> {
                                    for (Request request : requests) {
                                        all.object(
                                                each -> TapeInventoryCommand.write(each, request));
                                    }
                                });
                    });
        } else {
            Style style = Style.ofProcess();
            requests.forEach(request ->
                    out.println(style.warning(style.strong("TO DO")) + "  " + request.words()));
            new StatusText(out, style, clock.instant()).print(open.home(), report);
        }
    }

    static int exitCode(Counts.Report report) {
        boolean good =
                report.lastScan() != null
                        && report.belowPolicy() == 0
                        && report.unreadable() == 0
                        && report.unstable() == 0
                        && report.overLong() == 0;
        return good ? ExitCode.OK : ExitCode.INCOMPLETE;
    }

    /// Before the first backup. What will be simulated is known by then.
    private static Counts.Report nothingYet(OpenHome open) {
        boolean simulated =
                open.settingsIfGood().map(StatusCommand::anythingSimulated).orElse(false);
        return new Counts.Report(
                0, 0, 0, 0, 0, List.of(), 0, 0, 0, 0, 0, simulated, null, null, List.of(),
                Map.of());
    }

    private static boolean anythingSimulated(Settings settings) {
        return settings.tape().simulated()
                || settings.nas().filter(Settings.Nas::simulated).isPresent()
                || settings.offsite().filter(Settings.Offsite::simulated).isPresent()
                || settings.s3().filter(Settings.S3::simulated).isPresent();
    }

    private static void write(Json json, Counts.Report report) throws IOException {
        json.number("items", report.items())
                .number("versions", report.versions())
                .number("bytes", report.bytes())
                .number("inPolicy", report.inPolicy())
                .number("belowPolicy", report.belowPolicy())
                .array(
                        "belowPolicyPaths",
                        paths -> {
                            for (ItemPath path : report.belowPolicyPaths()) {
                                paths.text(path.text());
                            }
                        });
        json.number("unstable", report.unstable())
                .number("unreadable", report.unreadable())
                .number("overLong", report.overLong())
                .number("skipped", report.skipped())
                .number("deleted", report.deleted())
                .flag("simulated", report.simulated())
                .time("lastScan", report.lastScan())
                .time("lastBackup", report.lastBackup())
                .array(
                        "targets",
                        targets -> {
                            for (Counts.OfTarget target : report.targets()) {
                                targets.object(object -> write(object, target));
                            }
                        });
        json.array(
                "reached",
                reached -> {
                    for (Map.Entry<Counts.Reached, Long> entry : report.reached().entrySet()) {
                        reached.object(object ->
                                object.number("copies", entry.getKey().copies())
                                        .number("mediaKinds", entry.getKey().mediaKinds())
                                        .number("offsite", entry.getKey().offsite())
                                        .number("items", entry.getValue()));
                    }
                });
    }

    private static void write(Json json, Counts.OfTarget numbers) throws IOException {
        var target = numbers.target();
        var oldest = numbers.oldestWanted();
        json.text("name", target.name())
                .text("mediaKind", target.mediaKind().toString())
                .text("site", target.site())
                .flag("offsite", target.offsite())
                .flag("simulated", target.simulated())
                .text("state", target.state().name())
                .number("copies", numbers.copies())
                .number("wanted", numbers.wanted())
                .number("failed", numbers.failed())
                .number("bytes", numbers.bytes())
                .number("oldestWantedSeconds", oldest == null ? null : oldest.toSeconds())
                .text("lastError", numbers.lastError());
    }

    private static void list(PrintWriter out, Ledger ledger) {
        out.println();
        for (Problem problem : ledger.scans().problems(null, Integer.MAX_VALUE)) {
            out.println(
                    "%s %s: %s: %s"
                            .formatted(
                                    problem.kind().name().replace('_', '-'),
                                    problem.source(),
                                    problem.path(),
                                    Words.shown(problem.reason())));
        }
        ledger.catalog().deleted((source, path) -> out.println("DELETED " + source + ": " + path));
    }
}
