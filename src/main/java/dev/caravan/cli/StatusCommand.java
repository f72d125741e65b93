package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Problem;
import dev.caravan.ledger.Reached;
import dev.caravan.ledger.Standings.Explanation;
import dev.caravan.ledger.Target;
import dev.caravan.tape.changer.OperatorDesk.Request;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
            "In policy are items with as many copies, on as many media kinds, offsite and offline or"
                    + " immutable, as caravan.policy.* asks for, and no copy that is suspect or was"
                    + " not verified for too long. The original is one of the copies; copies that"
                    + " fail together are one."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:every item is in policy",
            "1:some item is below policy, unreadable, unstable or over-long; or no backup has run, or"
                    + " nothing has the path",
            "2:wrong usage, or the path is in several sources",
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

    @Option(
            names = "--explain",
            paramLabel = "PATH",
            description = "Say in words why one item is, or is not, in policy.")
    private @Nullable String explain;

    @Option(
            names = "--source",
            paramLabel = "NAME",
            description = "The source the item to be explained is in.")
    private @Nullable String source;

    @Override
    public Integer call() {
        OpenHome open = OpenHome.of(home);
        PrintWriter out = spec.commandLine().getOut();
        Clock clock = Clock.systemUTC();
        JudgedHome judged = JudgedHome.of(open, spec.commandLine().getErr());
        if (explain != null) {
            return explain(out, judged, clock, explain);
        }
        Optional<Ledger> ledger = open.ledger(clock);
        if (ledger.isEmpty()) {
            report(
                    out,
                    open,
                    clock,
                    nothingYet(open, judged.policies()),
                    Map.of(),
                    OwnStatus.NOTHING);
            return ExitCode.INCOMPLETE;
        }
        try (Ledger opened = ledger.get()) {
            Counts.Report report = opened.counts().report(judged.policies());
            report(out, open, clock, report, ProofAges.of(opened, report), OwnStatus.of(opened));
            if (list && !json.wanted) {
                list(out, opened);
            }
            return judged.known() ? exitCode(report) : ExitCode.INCOMPLETE;
        }
    }

    private int explain(PrintWriter out, JudgedHome judged, Clock clock, String typed) {
        try (Ledger ledger = judged.ledger(clock)) {
            NamedItem at = NamedItem.locate(ledger.catalog(), PathArgument.of(typed), source);
            if (at.path().isRoot()) {
                throw new CommandException(
                        ExitCode.USAGE, "'.' is a whole source: name one item in it");
            }
            Explanation explained =
                    ledger.standings()
                            .explain(judged.policies(), at.source(), at.path())
                            .orElseThrow(() ->
                                    new CommandException(
                                            ExitCode.INCOMPLETE,
                                            "'%s' has no version any more".formatted(at.path())));
            ExplainText text = ExplainText.of(ledger, explained);
            if (json.wanted) {
                Json.print(out, text::write);
            } else {
                text.print(out, Style.ofProcess(), clock.instant());
            }
            boolean good = judged.known() && explained.judged() && explained.met();
            return good ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private void report(
            PrintWriter out,
            OpenHome open,
            Clock clock,
            Counts.Report report,
            Map<String, Instant> proofs,
            OwnStatus own) {
        TargetLimits limits = TargetLimits.of(open);
        List<Request> requests = open.settingsIfGood().map(TapeDesk::requests).orElse(List.of());
        if (json.wanted) {
            Json.print(
                    out,
                    object -> {
                        write(object, report, limits);
                        ProofAges.write(object, proofs);
                        object.array(
                                "operatorTasks",
                                all -> {
                                    for (Request request : requests) {
                                        all.object(
                                                each -> TapeInventoryCommand.write(each, request));
                                    }
                                });
                        own.write(object);
                    });
        } else {
            Style style = Style.ofProcess();
            requests.forEach(request ->
                    out.println(style.warning(style.strong("TO DO")) + "  " + request.words()));
            new StatusText(out, style, clock.instant()).print(open.home(), report, limits, own);
            ProofAges.print(out, style, proofs, clock.instant());
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
    private static Counts.Report nothingYet(OpenHome open, Policies policies) {
        boolean simulated =
                open.settingsIfGood().map(StatusCommand::anythingSimulated).orElse(false);
        return Counts.nothing(policies, simulated);
    }

    private static boolean anythingSimulated(Settings settings) {
        return settings.tape().simulated()
                || settings.nas().filter(Settings.Nas::simulated).isPresent()
                || settings.offsite().filter(Settings.Offsite::simulated).isPresent()
                || settings.s3().filter(Settings.S3::simulated).isPresent();
    }

    static void write(Json json, Counts.Report report, TargetLimits limits) throws IOException {
        json.number("items", report.items())
                .number("versions", report.versions())
                .number("bytes", report.bytes())
                .number("inPolicy", report.inPolicy())
                .number("belowPolicy", report.belowPolicy())
                .array(
                        "belowPolicyPaths",
                        paths -> {
                            for (Counts.Offender offender : report.worst()) {
                                paths.text(offender.path().text());
                            }
                        });
        PolicyJson.write(json, "worst", report.worst());
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
                                targets.object(object -> write(object, target, limits));
                            }
                        });
        json.array(
                "reached",
                reached -> {
                    for (Map.Entry<Reached, Long> entry : report.reached().entrySet()) {
                        reached.object(object -> {
                            PolicyJson.write(object, entry.getKey());
                            object.number("items", entry.getValue());
                        });
                    }
                });
        json.object("goals", goals -> PolicyJson.write(goals, report.goals()));
        json.array(
                "sources",
                sources -> {
                    for (Counts.OfSource each : report.sources()) {
                        sources.object(object -> write(object, each));
                    }
                });
    }

    private static void write(Json json, Counts.OfSource numbers) throws IOException {
        json.text("name", numbers.name())
                .number("items", numbers.items())
                .number("inPolicy", numbers.inPolicy());
        json.object("policy", policy -> PolicyJson.write(policy, numbers.policy()));
        json.object("goals", goals -> PolicyJson.write(goals, numbers.goals()));
    }

    private static void write(Json json, Counts.OfTarget numbers, TargetLimits limits)
            throws IOException {
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
                .number("suspect", numbers.suspect())
                .number("bytes", numbers.bytes())
                .number("oldestWantedSeconds", oldest == null ? null : oldest.toSeconds())
                .number("tries", target.attempts())
                .time("nextTry", target.state() == Target.State.WAITING ? target.nextAt() : null)
                .text("lastError", numbers.lastError());
        limits.write(json, target);
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
