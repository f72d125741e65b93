package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.item.Version;
import dev.caravan.ledger.Ledger;
import dev.caravan.posix.Directory;
import dev.caravan.restore.Journal;
import dev.caravan.restore.Plan;
import dev.caravan.restore.Restorer;
import dev.caravan.restore.TreeWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan restore`: bring items back.
@Command(
        name = "restore",
        description = {
            "Bring back items by the paths they have in their source. '.' is the whole tree of the"
                    + " last complete scan; a deleted item comes back when it is named. A file"
                    + " appears under its name only after its hash was checked.",
            "",
            "First it says where the bytes come from. One that was cut off goes on when it is run"
                    + " again: what is there with the right content is not fetched again."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:everything named is restored; with --plan: all of it can be",
            "1:something could not be restored, or nothing is known by that path; with --plan:"
                    + " something has no usable copy, a cartridge is outside, or an object must be"
                    + " thawed",
            "2:wrong usage, or a path that is in several sources",
            "78:the configuration is wrong"
        })
final class RestoreCommand implements Callable<Integer> {
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description =
                    "Path below the source's root; '.' for all of it. With * ? or [ it is a pattern,"
                            + " as 'find' takes them, unless an item has that path.")
    private List<String> paths;

    @Option(
            names = "--to",
            paramLabel = "DIR",
            description =
                    "Where to: DIR then holds the same relative paths. Needed but with --plan.")
    private @Nullable Path to;

    @Option(
            names = "--from",
            paramLabel = "TARGET",
            description =
                    "Only from this target, never from another copy (default: the nearest copy,"
                            + " and the next one if it fails).")
    private @Nullable String from;

    @Option(names = "--source", paramLabel = "NAME", description = "The source the paths are in.")
    private @Nullable String source;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description =
                    "As it was then: a date (when that day begins), a date and time, or how long"
                            + " ago, such as 2d.")
    private @Nullable String at;

    @Option(
            names = "--version",
            paramLabel = "N",
            description =
                    "This version of the one PATH named, as 'whereis' numbers them (default: the"
                            + " newest with a copy). Of a folder: the folder itself, empty.")
    private @Nullable Integer version;

    @Option(names = "--overwrite", description = "Replace what is there.")
    private boolean overwrite;

    @Option(
            names = "--plan",
            description = "Only say where the bytes would come from; with --json for scripts.")
    private boolean planOnly;

    @Option(
            names = "--wait",
            description =
                    "Wait for copies in cold storage, for hours if need be, where there is no other"
                            + " (default: have them thawed, and say when to run this again).")
    private boolean await;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Instant time = PointInTime.of("--at", at);
        checkOptions();
        try (ReadingHome reading = new ReadingHome(home.home())) {
            Ledger ledger = reading.ledger();
            checkTarget(ledger);
            List<Version> versions = new RestoreSelection(ledger, source, time, version).of(paths);
            Settings.Tape tape = reading.settings().tape();
            CartridgePlaces places = new CartridgePlaces(tape);
            Set<String> coldTargets = reading.coldTargets();
            Plan plan =
                    Plan.of(
                            ledger.catalog(),
                            versions,
                            from,
                            version == null,
                            copy ->
                                    places.isVaulted(copy)
                                            || coldTargets.contains(copy.target().name()));
            RestorePlan shown =
                    new RestorePlan(
                            plan,
                            places,
                            planOnly
                                    ? ColdObjects.of(plan, reading.targets("s3"), reading.stores())
                                    : ColdObjects.NONE,
                            ledger.drills());
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, shown::write);
            } else {
                shown.print(out, Style.ofProcess());
            }
            if (planOnly || to == null) {
                return shown.isComplete() ? ExitCode.OK : ExitCode.INCOMPLETE;
            }
            return restore(reading, plan, to);
        }
    }

    private int restore(ReadingHome reading, Plan plan, Path folder) throws IOException {
        makeFolder(folder);
        RestoreTold told =
                new RestoreTold(spec.commandLine().getOut(), spec.commandLine().getErr(), from);
        try (Directory root = Directory.open(folder);
                Journal journal = journal(root, reading.ledger().homeId(), folder)) {
            TreeWriter tree = new TreeWriter(root, overwrite, journal);
            tree.sweep();
            Restorer.Result result =
                    restore(
                            new Restorer(
                                    plan,
                                    reading.stores(),
                                    tree,
                                    reading.readers(),
                                    told,
                                    await ? Restorer.Cold.AWAIT : Restorer.Cold.THAW),
                            folder);
            journal.done();
            told.sum(result, tree, folder);
            return result.failures() == 0 ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private static Journal journal(Directory root, String homeId, Path folder) {
        try {
            return Journal.open(root, homeId);
        } catch (IOException taken) {
            throw failed(folder, taken);
        }
    }

    private static Restorer.Result restore(Restorer restorer, Path folder) {
        try {
            return restorer.restore();
        } catch (IOException place) {
            throw failed(folder, place);
        }
    }

    private static CommandException failed(Path folder, IOException why) {
        return new CommandException(
                ExitCode.INCOMPLETE, "--to '%s': %s".formatted(folder, why.getMessage()), why);
    }

    private static void makeFolder(Path to) throws IOException {
        try {
            Files.createDirectories(to);
        } catch (FileSystemException failed) {
            Path noFolder = noFolder(to);
            if (noFolder == null) {
                throw failed;
            }
            throw new CommandException(
                    ExitCode.USAGE,
                    "--to '%s': '%s' is there and is no folder".formatted(to, noFolder),
                    failed);
        }
    }

    /// What stands where `--to`, or a folder it is in, should be; null if nothing does.
    private static @Nullable Path noFolder(Path to) {
        Path at = to.toAbsolutePath();
        while (at != null && !Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
            at = at.getParent();
        }
        return at == null || Files.isDirectory(at) ? null : at;
    }

    private void checkOptions() {
        if (to == null && !planOnly) {
            throw new CommandException(
                    ExitCode.USAGE, "Missing required option: '--to=DIR' (or --plan)");
        }
        if (to != null && to.toString().isEmpty()) {
            throw new CommandException(ExitCode.USAGE, "--to '': want a folder");
        }
        if (json.wanted && !planOnly) {
            throw new CommandException(ExitCode.USAGE, "--json: of a plan only: add --plan");
        }
        if (version != null && paths.size() > 1) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--version %d: of one PATH, not of %d".formatted(version, paths.size()));
        }
        if (version != null && at != null) {
            throw new CommandException(
                    ExitCode.USAGE, "--version and --at: a version has its time, choose one");
        }
    }

    private void checkTarget(Ledger ledger) {
        if (from != null && ledger.targets().find(from).isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "no target '%s'; there are %s"
                            .formatted(
                                    from,
                                    ledger.targets().all().stream().map(t -> t.name()).toList()));
        }
    }
}
