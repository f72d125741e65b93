package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.Ledger;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan whereis`: every copy of every version of one item.
@Command(
        name = "whereis",
        description = {
            "Show where every copy of every version of an item is, newest version first.",
            "",
            "The first copy is the original. It is DURABLE while the last scan saw it in the state"
                    + " of that version, SUSPECT while it changes as it is read, and LOST for"
                    + " versions that were overwritten or deleted in the source.",
            "",
            "Nothing is connected to: places are told from the ledger."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:found",
            "1:no item has, or ever had, this path",
            "2:wrong usage, or the path is in several sources",
            "78:there is no such home"
        })
final class WhereisCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(
            paramLabel = "PATH",
            description =
                    "As seen from the source's root. Taken literally first, then with \\xNN standing"
                            + " for the byte NN.")
    private String typed;

    @Option(names = "--source", paramLabel = "NAME", description = "The source it is in.")
    private @Nullable String source;

    @Override
    public Integer call() throws IOException {
        OpenHome open = OpenHome.of(home);
        Clock clock = Clock.systemUTC();
        List<ItemPath> candidates = candidates();
        Optional<Ledger> ledger = open.ledger(clock);
        if (ledger.isEmpty()) {
            return unknown("no backup has run yet, so no copies are known");
        }
        try (Ledger opened = ledger.get()) {
            Optional<Whereabouts> found = find(opened, candidates, open);
            if (found.isEmpty()) {
                return unknown(
                        "no item '%s'%s: paths are as seen from the source's root"
                                .formatted(
                                        candidates.iterator().next(),
                                        source == null ? "" : " in source '" + source + "'"));
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, found.get()::write);
            } else {
                found.get().print(out, Style.ofProcess(), clock.instant());
            }
            return ExitCode.OK;
        }
    }

    private Integer unknown(String error) {
        if (!json.wanted) {
            throw new CommandException(ExitCode.INCOMPLETE, error);
        }
        Json.print(spec.commandLine().getOut(), object -> object.text("error", error));
        return ExitCode.INCOMPLETE;
    }

    private List<ItemPath> candidates() {
        List<ItemPath> paths = PathArgument.of(typed).readings();
        if (paths.contains(ItemPath.ROOT)) {
            throw new CommandException(
                    ExitCode.USAGE, "'.' is a whole source: name one item in it");
        }
        return paths;
    }

    private static CopyPlaces places(Ledger ledger, OpenHome open) throws IOException {
        Optional<Settings> settings = open.settingsIfGood();
        return CopyPlaces.of(
                ledger,
                settings,
                settings.isPresent()
                        ? HomeChecks.endpoints(open.home(), settings.get())
                        : Map.of());
    }

    private Optional<Whereabouts> find(Ledger ledger, List<ItemPath> paths, OpenHome open)
            throws IOException {
        List<String> known = ledger.sources().names();
        if (source != null && !known.contains(source)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "no source '%s': there are %s"
                            .formatted(Words.shown(source), String.join(", ", known)));
        }
        Catalog catalog = ledger.catalog();
        for (ItemPath path : paths) {
            List<String> in = catalog.sourcesOf(path, source);
            if (source == null && in.size() > 1) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "'%s' is in the sources %s: name one with --source"
                                .formatted(path, String.join(", ", in)));
            }
            if (source == null ? !in.isEmpty() : in.contains(source)) {
                return Optional.of(
                        Whereabouts.of(
                                ledger,
                                source == null ? in.getFirst() : source,
                                path,
                                places(ledger, open)));
            }
        }
        return Optional.empty();
    }
}
