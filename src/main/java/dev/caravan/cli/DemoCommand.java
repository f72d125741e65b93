package dev.caravan.cli;

import dev.caravan.config.Finding;
import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Reached;
import dev.caravan.target.NasLayout;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan demo`: the main job with one command and no hardware.
@Command(
        name = "demo",
        description =
                "Protect a folder by the 3-2-1 rule without any hardware: a NAS folder, a virtual"
                        + " tape library and an embedded offsite server, all in the home. Run it again"
                        + " to copy what changed, or with another folder to add it.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:every item is in policy",
            "1:something failed, was unreadable or unstable, or is below policy",
            "2:the folder does not exist, or can be no source",
            "78:the configuration or a route is wrong; nothing was started"
        })
final class DemoCommand implements Callable<Integer> {
    private static final List<String> SAMPLE =
            List.of("README.txt", "letters/2026/spring.txt", "pictures/caravan.svg");

    @Mixin private HomeOption home;

    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            description = "The folder to protect (default: a small sample).")
    private @Nullable Path folder;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Home demo = home.home();
        if (Files.exists(demo.config())) {
            addSource(demo);
        } else {
            make(demo);
        }
        Pass.Result result;
        try (RunningHome running = RunningHome.start(demo, false)) {
            result = new Pass(running, spec.commandLine().getErr()).run("demo");
        }
        tell(demo, result);
        return result.good() ? ExitCode.OK : ExitCode.INCOMPLETE;
    }

    private void make(Home demo) throws IOException {
        Path source = folder == null ? sample(demo) : InitCommand.folder(folder);
        requireNotInside(demo, source);
        Path nas = demo.root().resolve("nas");
        List<HomeFiles.Setting> settings = new ArrayList<>();
        settings.add(
                new HomeFiles.Setting(
                        "caravan.source." + SourceName.of(source, List.of()) + ".dir",
                        source.toString()));
        settings.add(new HomeFiles.Setting("caravan.nas.dir", "nas"));
        settings.add(new HomeFiles.Setting("caravan.nas.simulated", "true"));
        settings.add(new HomeFiles.Setting("caravan.tape.simulated", "true"));
        settings.addAll(InitCommand.embedded(demo));
        NasLayout.create(nas);
        HomeFiles.create(demo, settings);
    }

    private static void requireNotInside(Home demo, Path source) throws IOException {
        if (Files.exists(demo.root()) && source.startsWith(demo.root().toRealPath())) {
            throw refused(source, "it is in the home itself, which is never protected");
        }
    }

    private static void requireGood(Path source, Settings.Reading reading) {
        if (reading instanceof Settings.Reading.Refused(List<Finding> findings)) {
            throw refused(
                    source,
                    findings.stream()
                            .filter(Finding::isError)
                            .map(Finding::what)
                            .collect(Collectors.joining("; ")));
        }
    }

    private static CommandException refused(Path source, String why) {
        return new CommandException(
                ExitCode.USAGE, "'%s' can be no source: %s".formatted(source, why));
    }

    /// A folder that is not yet a source of this home becomes one.
    private void addSource(Home demo) throws IOException {
        if (folder == null) {
            return;
        }
        Path added = InitCommand.folder(folder);
        Settings settings = HomeChecks.require(demo).settings();
        List<String> names = new ArrayList<>();
        for (Settings.Source source : settings.sources()) {
            if (source.folder().isPresent() && Files.isSameFile(source.folder().get(), added)) {
                return;
            }
            names.add(source.name());
        }
        String name = SourceName.of(added, names);
        requireGood(added, Settings.readWith(demo, name, added));
        HomeFiles.change(
                demo,
                List.of(
                        new HomeFiles.Setting(
                                "caravan.source." + name + ".dir", added.toString())));
    }

    /// The sample lies beside the home: what is inside a home is never a source.
    private static Path sample(Home demo) throws IOException {
        Path sample = demo.root().resolveSibling(demo.root().getFileName() + "-sample");
        for (String name : SAMPLE) {
            Path file = sample.resolve(name);
            if (!Files.exists(file)) {
                Files.createDirectories(file.getParent());
                try (InputStream in =
                        DemoCommand.class.getResourceAsStream("/dev/caravan/sample/" + name)) {
                    if (in == null) {
                        throw new IllegalStateException("sample '" + name + "' is missing");
                    }
                    Files.copy(in, file);
                }
            }
        }
        return sample.toRealPath();
    }

    private void tell(Home demo, Pass.Result result) {
        PrintWriter out = spec.commandLine().getOut();
        Counts.Report report = result.report();
        out.println(BackupCommand.sentence(result));
        out.println();
        for (Map.Entry<Reached, Long> reached : report.reached().entrySet()) {
            Reached r = reached.getKey();
            out.println(
                    String.format(
                            Locale.ROOT,
                            "  %,10d %s with %s on %s, %d offsite",
                            reached.getValue(),
                            reached.getValue() == 1 ? "item" : "items",
                            Words.count(r.copies(), "copy", "copies"),
                            Words.count(r.mediaKinds(), "media kind", "media kinds"),
                            r.offsite()));
        }
        out.println();
        out.println(
                "  The original counts as a copy. Simulated here: "
                        + String.join(
                                ", ",
                                report.targets().stream()
                                        .filter(t -> t.target().simulated())
                                        .map(t -> t.target().name())
                                        .toList())
                        + ".");
        out.println();
        out.println("Next:");
        String at = home.dir == null ? "" : " --home " + shell(demo.root().toString());
        out.println("  bin/caravan status" + at);
        out.println("  bin/caravan restore ." + at + " --to restored --from tape");
        out.println("  bin/caravan demo" + at + " ANOTHER_FOLDER");
    }

    private static String shell(String word) {
        return word.matches("[A-Za-z0-9_./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
