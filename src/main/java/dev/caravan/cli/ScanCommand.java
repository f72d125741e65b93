package dev.caravan.cli;

import dev.caravan.config.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan scan --list`: what a backup would see.
@Command(
        name = "scan",
        description = {
            "Walk the sources and print what a backup would pick up (+), and what it would leave"
                    + " out or could not read, and why (-).",
            "Nothing is written, no file is opened and no command of a source is run."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:everything can be picked up, or is left out on purpose",
            "1:something is unreadable or has too long a path",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class ScanCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Option(names = "--list", required = true, description = "Print it; nothing else is done.")
    private boolean list;

    @Option(names = "--source", paramLabel = "NAME", description = "Only this source.")
    private @Nullable String source;

    @Override
    public Integer call() throws IOException {
        Settings settings = OpenHome.of(home).settingsToScan();
        List<Settings.Source> sources =
                settings.sources().stream()
                        .filter(each -> source == null || each.name().equals(source))
                        .toList();
        if (source != null && sources.isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "no source '%s': there are %s"
                            .formatted(
                                    Words.shown(source),
                                    String.join(
                                            ", ",
                                            settings.sources().stream()
                                                    .map(Settings.Source::name)
                                                    .toList())));
        }
        sources.stream()
                .filter(each -> !each.commands().before().isEmpty())
                .forEach(each ->
                        spec.commandLine().getErr().println("caravan: " + HomeHooks.notRun(each)));
        PrintWriter out = spec.commandLine().getOut();
        ScanListing listing = new ScanListing(sources, RunningHome.ownData(settings));
        if (json.wanted) {
            Json.print(out, listing::write);
        } else {
            listing.print(out, Style.ofProcess());
        }
        return listing.good() ? ExitCode.OK : ExitCode.INCOMPLETE;
    }
}
