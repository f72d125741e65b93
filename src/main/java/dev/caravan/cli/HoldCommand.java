package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Hold;
import dev.caravan.ledger.Ledger;
import dev.caravan.scan.Glob;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan hold`: retention frozen by a person.
@Command(
        name = "hold",
        description = "Holds: nothing that one holds is retired, and no data of it is removed.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "2:wrong usage", "78:there is no such home"},
        subcommands = {HoldCommand.Add.class, HoldCommand.Listing.class, HoldCommand.Release.class})
final class HoldCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "want a command: caravan hold list, or another of: "
                        + String.join(", ", spec.subcommands().keySet()));
    }

    /// Beside a program at work: retention looks at the holds in each of its transactions.
    private static Ledger toWrite(Home home) {
        if (!Files.exists(HomeChecks.existing(home).ledger())) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "nothing was backed up from this home yet: run a backup first");
        }
        return OpenLedger.beside(new OpenHome(home).settings());
    }

    /// Has targets that lock objects hold them too, from now on or not any more. The hold itself is
    /// in force or released by then, whatever comes of this: what does not work now is tried again
    /// by each verify and scrub.
    private static void tellTargets(Home home, Ledger ledger, CommandLine line) throws IOException {
        boolean locks =
                new OpenHome(home)
                        .settings()
                        .s3()
                        .filter(s3 -> !s3.lock().equals("none"))
                        .isPresent();
        if (!locks) {
            return;
        }
        try (DefaultCamelContext camel = new DefaultCamelContext();
                TargetParts parts =
                        new TargetParts(
                                HomeChecks.requireToRestore(home),
                                ledger,
                                camel,
                                Clock.systemUTC())) {
            HomeLegalHolds.apply(ledger, parts)
                    .forEach(trouble -> line.getErr().println("caravan: " + Words.shown(trouble)));
        } catch (CommandException refused) {
            line.getErr()
                    .println(
                            "caravan: the legal holds in the bucket wait for its next verify: %s"
                                    .formatted(refused.getMessage()));
        }
    }

    /// `caravan hold add`: set one.
    @Command(
            name = "add",
            description = {
                "Set a hold on paths (and all below them), on what matches patterns, or on all of a"
                        + " source."
            },
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "%nExit status:%n",
            exitCodeList = {
                "0:it is in force",
                "1:one of this name is in force already",
                "2:wrong usage",
                "78:there is no such home, or its configuration is wrong"
            })
    static final class Add implements Callable<Integer> {
        @Spec private CommandSpec spec;
        @Mixin private HomeOption home;
        @Mixin private JsonOption json;

        @Parameters(index = "0", paramLabel = "NAME", description = "What the hold is called.")
        private String name;

        @Parameters(
                index = "1..*",
                arity = "0..*",
                paramLabel = "PATH|GLOB",
                description =
                        "What is held, as seen from the source's root (default: everything). A path"
                                + " holds all below it.")
        private List<String> paths = List.of();

        @Option(
                names = "--source",
                paramLabel = "SOURCE",
                description = "Only items of this source (default: of all).")
        private @Nullable String source;

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the log.")
        private String reason = "";

        @Override
        public Integer call() throws IOException {
            if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "hold '%s': want up to 64 of A-Z a-z 0-9 . _ -"
                                .formatted(Words.shown(name)));
            }
            try (Ledger ledger = toWrite(home.home())) {
                String only = source;
                if (only != null && !ledger.sources().names().contains(only)) {
                    throw new CommandException(
                            ExitCode.USAGE,
                            "no source '%s'; there are %s"
                                    .formatted(Words.shown(only), ledger.sources().names()));
                }
                List<Hold.Path> held = new ArrayList<>();
                for (String path : paths) {
                    held.add(path(ledger, path));
                }
                if (!ledger.holds().set(name, only, held, reason)) {
                    throw new CommandException(
                            ExitCode.INCOMPLETE,
                            "hold '%s' is in force already: release it first, or choose another name"
                                    .formatted(name));
                }
                tellTargets(home.home(), ledger, spec.commandLine());
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, object -> object.text("hold", name).flag("inForce", true));
            } else {
                out.println("Hold '" + name + "' is in force.");
            }
            return ExitCode.OK;
        }

        /// Taken literally if an item has that name, or if it has nothing of a pattern.
        private Hold.Path path(Ledger ledger, String typed) {
            List<ItemPath> readings = PathArgument.of(typed).readings();
            for (ItemPath path : readings) {
                if (path.isRoot() || !ledger.catalog().sourcesOf(path, source).isEmpty()) {
                    return new Hold.Path(path.bytes(), false);
                }
            }
            if (typed.chars().noneMatch(c -> c == '*' || c == '?' || c == '[')) {
                spec.commandLine()
                        .getErr()
                        .println(
                                "caravan: nothing is known by the path '%s': it is held all the same"
                                        .formatted(readings.getFirst()));
                return new Hold.Path(readings.getFirst().bytes(), false);
            }
            try {
                Glob _ = Glob.typed(typed, false);
            } catch (IllegalArgumentException malformed) {
                throw new CommandException(
                        ExitCode.USAGE,
                        Words.shown(String.valueOf(malformed.getMessage())),
                        malformed);
            }
            return new Hold.Path(Arguments.bytes(typed), true);
        }
    }

    /// `caravan hold list`: those in force, and those that were.
    @Command(
            name = "list",
            description = "Show the holds, those in force first.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "%nExit status:%n",
            exitCodeList = {"0:shown", "2:wrong usage", "78:there is no such home"})
    static final class Listing implements Callable<Integer> {
        @Spec private CommandSpec spec;
        @Mixin private HomeOption home;
        @Mixin private JsonOption json;

        @Override
        public Integer call() {
            Optional<Ledger> opened = OpenHome.of(home).ledger(Clock.systemUTC());
            List<Hold> holds = List.of();
            if (opened.isPresent()) {
                try (Ledger ledger = opened.get()) {
                    holds = ledger.holds().all();
                }
            }
            PrintWriter out = spec.commandLine().getOut();
            List<Hold> all = holds;
            if (json.wanted) {
                Json.print(out, object -> write(object, all));
            } else if (all.isEmpty()) {
                out.println("There are no holds.");
            } else {
                print(out, all);
            }
            return ExitCode.OK;
        }

        private static void print(PrintWriter out, List<Hold> holds) {
            Table table =
                    new Table("  ")
                            .left("HOLD")
                            .left("SOURCE")
                            .left("HOLDS")
                            .left("SET")
                            .left("RELEASED")
                            .left("REASON");
            for (Hold hold : holds) {
                table.row(
                        hold.name(),
                        hold.source() == null ? "all" : hold.source(),
                        hold.paths().isEmpty() ? "everything" : String.join(", ", paths(hold)),
                        Words.local(hold.setAt()),
                        hold.releasedAt() == null ? "-" : Words.local(hold.releasedAt()),
                        Words.shown(hold.reason()));
            }
            table.print(out, Style.ofProcess());
        }

        private static List<String> paths(Hold hold) {
            return hold.paths().stream()
                    .map(path -> path.bytes().length == 0 ? "." : ItemPath.show(path.bytes()))
                    .toList();
        }

        private static void write(Json json, List<Hold> holds) throws IOException {
            json.array(
                    "holds",
                    all -> {
                        for (Hold hold : holds) {
                            all.object(object -> {
                                object.text("hold", hold.name())
                                        .text("source", hold.source())
                                        .text("reason", hold.reason())
                                        .time("setAt", hold.setAt())
                                        .time("releasedAt", hold.releasedAt());
                                object.array(
                                        "paths",
                                        some -> {
                                            for (String path : paths(hold)) {
                                                some.text(path);
                                            }
                                        });
                            });
                        }
                    });
        }
    }

    /// `caravan hold release`: end one.
    @Command(
            name = "release",
            description = "End a hold: retention goes by its rules again.",
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "%nExit status:%n",
            exitCodeList = {
                "0:released",
                "1:no hold of this name is in force",
                "2:wrong usage",
                "78:there is no such home, or its configuration is wrong"
            })
    static final class Release implements Callable<Integer> {
        @Spec private CommandSpec spec;
        @Mixin private HomeOption home;
        @Mixin private JsonOption json;

        @Parameters(paramLabel = "NAME", description = "What the hold is called.")
        private String name;

        @Override
        public Integer call() throws IOException {
            try (Ledger ledger = toWrite(home.home())) {
                if (!ledger.holds().release(name)) {
                    throw new CommandException(
                            ExitCode.INCOMPLETE,
                            "no hold '%s' is in force: `caravan hold list` shows those that are"
                                    .formatted(Words.shown(name)));
                }
                tellTargets(home.home(), ledger, spec.commandLine());
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, object -> object.text("hold", name).flag("inForce", false));
            } else {
                out.println("Hold '" + Words.shown(name) + "' is released.");
            }
            return ExitCode.OK;
        }
    }
}
