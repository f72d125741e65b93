package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.config.Sample;
import dev.caravan.item.Version;
import dev.caravan.ledger.Drills;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Runs;
import dev.caravan.ledger.Target;
import dev.caravan.restore.Drill;
import dev.caravan.scan.SourceContents;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan drill`: prove that copies can be restored.
@Command(
        name = "drill",
        description =
                "Restore a random sample of files from each target to scratch, compare content and"
                        + " metadata with the ledger, and the originals that are unchanged, and record"
                        + " how long it took. Copies that came back right are proven by it; one that is"
                        + " not what it should be counts no more.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all of it came back right",
            "1:something did not, or the home is in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class DrillCommand implements Callable<Integer> {
    private static final int TOLD = 20;
    private static final int LISTED = 20;

    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            description = "Only this one (default: each that a copy route serves).")
    private @Nullable String target;

    @Option(
            names = "--sample",
            paramLabel = "N|SIZE",
            description =
                    "How much of each target: so many files, or enough for a size such as 1GiB"
                            + " (default: caravan.drill.sample).")
    private @Nullable String sample;

    @Option(
            names = "--to",
            paramLabel = "DIR",
            description = "An existing folder for the scratch (default: data/drill in the home).")
    private @Nullable Path to;

    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description =
                    "Open encrypted copies with this key alone, such as the escrow key; only of"
                            + " targets that are encrypted.")
    private @Nullable Path identity;

    @Option(names = "--list", description = "Show the last drills instead of doing one.")
    private boolean list;

    @Override
    public Integer call() throws IOException {
        @Nullable Sample wanted = sample();
        if (list) {
            Optional<Ledger> ledger = OpenHome.of(home).ledger(Clock.systemUTC());
            if (ledger.isEmpty()) {
                print(List.of());
                return ExitCode.OK;
            }
            try (Ledger opened = ledger.get()) {
                print(opened.drills().newestFirst(LISTED));
                return ExitCode.OK;
            }
        }
        if (to != null && !Files.isDirectory(to)) {
            throw new CommandException(
                    ExitCode.USAGE, "--to '%s': want an existing folder".formatted(to));
        }
        if (identity != null) {
            try {
                AgeKeys.identitiesIn(identity);
            } catch (IOException unusable) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "--identity '%s': %s".formatted(identity, unusable.getMessage()),
                        unusable);
            }
        }
        return drill(home.home(), wanted);
    }

    private @Nullable Sample sample() {
        try {
            return sample == null ? null : Sample.parse(sample);
        } catch (IllegalArgumentException wrong) {
            throw new CommandException(
                    ExitCode.USAGE, "--" + Words.shown(String.valueOf(wrong.getMessage())), wrong);
        }
    }

    private int drill(Home drilled, @Nullable Sample wanted) throws IOException {
        HomeChecks.Checked checked = HomeChecks.requireToRestore(drilled);
        if (!Files.exists(drilled.ledger())) {
            throw new CommandException(
                    ExitCode.INCOMPLETE, "no backup has run yet, so there are no copies to drill");
        }
        Clock clock = Clock.systemUTC();
        try (HomeLock _ = HomeLock.take(drilled);
                Ledger ledger = OpenLedger.toWrite(checked.settings());
                DefaultCamelContext camel = new DefaultCamelContext();
                TargetParts parts = new TargetParts(checked, ledger, camel, clock);
                SourceRoots roots = new SourceRoots(checked.settings())) {
            ledger.targets().declare(checked.targets());
            if (identity != null) {
                parts.openOnlyWith(identity);
            }
            parts.configureTape();
            camel.start();
            HomeDrills drills =
                    new HomeDrills(
                            checked.settings(),
                            ledger,
                            parts,
                            new SourceContents(roots),
                            to == null ? HomeDrills.usualScratch(checked.settings()) : to);
            return drill(
                    ledger,
                    drills,
                    targets(drills.targets(), checked.settings().encryption().keySet()),
                    wanted == null ? checked.settings().drill().sample() : wanted);
        }
    }

    /// @param encrypted the targets whose copies are
    private List<String> targets(List<String> all, Set<String> encrypted) {
        List<String> meant =
                identity == null ? all : all.stream().filter(encrypted::contains).toList();
        if (identity != null && meant.isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--identity: no target is encrypted; set caravan.encrypt.TARGET, or leave it out");
        }
        if (target == null) {
            return meant;
        }
        if (!all.contains(target)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "no target '%s'; there are %s".formatted(Words.shown(target), all));
        }
        if (!meant.contains(target)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--identity: target '%s' is not encrypted; %s are".formatted(target, meant));
        }
        return List.of(target);
    }

    private int drill(Ledger ledger, HomeDrills drills, List<String> targets, Sample wanted)
            throws IOException {
        long run = ledger.runs().begin("drill");
        List<Drill.Result> results = new ArrayList<>();
        String outcome = "cut off: the scratch folder failed";
        try {
            for (String each : targets) {
                results.add(drills.drill(each, wanted));
            }
            outcome = outcome(results) + openedWith();
        } finally {
            ledger.runs().end(run, outcome, numbers(results));
        }
        report(ledger, results);
        return results.stream().allMatch(Drill.Result::good) ? ExitCode.OK : ExitCode.INCOMPLETE;
    }

    private String openedWith() {
        return identity == null ? "" : "; opened with '%s' alone".formatted(identity);
    }

    private static String outcome(List<Drill.Result> results) {
        long failures = results.stream().mapToLong(r -> r.drill().failures()).sum();
        return failures == 0
                ? "all came back right"
                : Words.count(failures) + " did not come back right";
    }

    private static Runs.Numbers numbers(List<Drill.Result> results) {
        long items = results.stream().mapToLong(r -> r.drill().items()).sum();
        long bytes = results.stream().mapToLong(r -> r.drill().bytes()).sum();
        long failures = results.stream().mapToLong(r -> r.drill().failures()).sum();
        return new Runs.Numbers(items, 0, 0, bytes, failures);
    }

    private void report(Ledger ledger, List<Drill.Result> results) {
        PrintWriter err = spec.commandLine().getErr();
        for (Drill.Result result : results) {
            result.failures().entrySet().stream()
                    .limit(TOLD)
                    .forEach(failed -> err.println(line(result, failed)));
            if (result.failures().size() > TOLD) {
                err.println(
                        "caravan: and %,d more on %s"
                                .formatted(
                                        result.failures().size() - TOLD, result.drill().target()));
            }
            if (result.away() != null) {
                err.println(
                        "caravan: copies on %s can not be read: %s"
                                .formatted(result.drill().target(), Words.shown(result.away())));
            }
            for (Version other : result.otherOriginals()) {
                err.println(
                        "caravan: '%s': the original looks unchanged and has other bytes than when it was picked up: compare it with 'caravan restore'"
                                .formatted(other.path()));
            }
        }
        if (json.wanted) {
            Json.print(
                    spec.commandLine().getOut(),
                    object ->
                            object.array(
                                    "drills",
                                    all -> {
                                        for (Drill.Result result : results) {
                                            all.object(each -> write(each, result));
                                        }
                                    }));
            return;
        }
        table(results.stream().map(Drill.Result::drill).toList(), simulated(ledger));
        long compared = results.stream().mapToLong(Drill.Result::originals).sum();
        spec.commandLine().getOut().println("  " + sum(results, compared) + openedWith());
    }

    private static String line(Drill.Result result, Map.Entry<Version, String> failed) {
        return "caravan: '%s': copy on %s did not come back right: %s"
                .formatted(
                        failed.getKey().path(),
                        result.drill().target(),
                        Words.shown(failed.getValue()));
    }

    private static String sum(List<Drill.Result> results, long compared) {
        long items = results.stream().mapToLong(r -> r.drill().items()).sum();
        long failures = results.stream().mapToLong(r -> r.drill().failures()).sum();
        long fell = results.stream().mapToLong(Drill.Result::fell).sum();
        return "%s, %s; %s compared with the original%s"
                .formatted(
                        Words.count(items, "copy drilled", "copies drilled"),
                        failures == 0
                                ? "all came back right"
                                : Words.count(failures) + " did not come back right",
                        Words.count(compared),
                        fell == 0
                                ? ""
                                : "; %s %s no more"
                                        .formatted(
                                                Words.count(fell, "copy", "copies"),
                                                fell == 1 ? "counts" : "count"));
    }

    private static List<String> simulated(Ledger ledger) {
        return ledger.targets().all().stream().filter(Target::simulated).map(Target::name).toList();
    }

    private void print(List<Drills.Drill> drills) {
        if (json.wanted) {
            Json.print(
                    spec.commandLine().getOut(),
                    object ->
                            object.array(
                                    "drills",
                                    all -> {
                                        for (Drills.Drill drill : drills) {
                                            all.object(each -> write(each, drill));
                                        }
                                    }));
        } else if (drills.isEmpty()) {
            spec.commandLine().getOut().println("No drill was done yet.");
        } else {
            table(drills, List.of());
        }
    }

    private void table(List<Drills.Drill> drills, List<String> simulated) {
        Table table =
                new Table("  ")
                        .left("TARGET")
                        .left("STARTED")
                        .right("ITEMS")
                        .right("BYTES")
                        .right("WRONG")
                        .right("RESTORED IN")
                        .right("RATE");
        boolean anySimulated = false;
        for (Drills.Drill drill : drills) {
            boolean standsIn = simulated.contains(drill.target());
            anySimulated |= standsIn;
            double seconds = drill.took().toNanos() / 1e9;
            table.row(
                    drill.target() + (standsIn ? "*" : ""),
                    Words.local(drill.started()),
                    Words.count(drill.items()),
                    Words.bytes(drill.bytes()),
                    drill.failures() == 0 ? "-" : Words.count(drill.failures()),
                    Words.duration(drill.took()),
                    drill.bytes() == 0 || seconds == 0
                            ? "-"
                            : Words.bytes(Math.round(drill.bytes() / seconds)) + "/s");
        }
        PrintWriter out = spec.commandLine().getOut();
        table.print(out, Style.ofProcess());
        if (anySimulated) {
            out.println("  * simulated");
        }
        out.println();
    }

    private static void write(Json json, Drill.Result result) throws IOException {
        write(json, result.drill());
        json.number("originals", result.originals())
                .number("otherOriginals", result.otherOriginals().size())
                .number("countNoMore", result.fell());
        if (result.away() != null) {
            json.text("away", result.away());
        }
        json.array(
                "wrong",
                all -> {
                    for (Map.Entry<Version, String> failed : result.failures().entrySet()) {
                        all.object(each ->
                                each.text("source", failed.getKey().source())
                                        .path(failed.getKey().path())
                                        .number("version", failed.getKey().number())
                                        .text("why", failed.getValue()));
                    }
                });
    }

    static void write(Json json, Drills.Drill drill) throws IOException {
        json.text("target", drill.target())
                .time("started", drill.started())
                .time("ended", drill.ended())
                .number("items", drill.items())
                .number("bytes", drill.bytes())
                .number("failures", drill.failures())
                .number("millis", drill.took().toMillis());
    }
}
