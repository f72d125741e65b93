package dev.caravan.cli;

import dev.caravan.item.DataSize;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.posix.Directory;
import dev.caravan.restore.RestoreListener;
import dev.caravan.restore.Restorer;
import dev.caravan.restore.TreeWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
        description =
                "Bring back items by the paths they have in their source. '.' is the whole tree of"
                        + " the last complete scan; a deleted item comes back when it is named. A file"
                        + " appears under its name only after its hash was checked.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:everything named is restored",
            "1:something could not be restored, or nothing is known by that path",
            "2:wrong usage, or a path that is in several sources",
            "78:the configuration is wrong"
        })
final class RestoreCommand implements Callable<Integer> {
    private static final int TOLD = 20;

    @Mixin private HomeOption home;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "Path below the source's root; '.' for all of it.")
    private List<String> paths;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "DIR",
            description = "Where to: DIR then holds the same relative paths.")
    private Path to;

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
            names = "--version",
            paramLabel = "N",
            description =
                    "This version of the one PATH named, as 'whereis' numbers them (default: the"
                            + " newest with a copy). Of a folder: the folder itself, empty.")
    private @Nullable Integer version;

    @Option(names = "--overwrite", description = "Replace what is there.")
    private boolean overwrite;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        try (ReadingHome reading = new ReadingHome(home.home())) {
            checkArguments(reading);
            List<Version> versions = versions(reading.ledger().catalog());
            makeFolder();
            try (Directory root = Directory.open(to)) {
                TreeWriter tree = new TreeWriter(root, overwrite);
                tree.sweep();
                Told told = new Told();
                Restorer restorer =
                        new Restorer(
                                reading.ledger().catalog(), reading.stores(), tree, from, told);
                Restorer.Result result = restore(restorer, versions);
                told.sum(result, tree);
                return result.failures() == 0 ? ExitCode.OK : ExitCode.INCOMPLETE;
            }
        }
    }

    private Restorer.Result restore(Restorer restorer, List<Version> versions) {
        try {
            return restorer.restore(versions, version == null);
        } catch (IOException folder) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "--to '%s': %s".formatted(to, folder.getMessage()),
                    folder);
        }
    }

    private void makeFolder() throws IOException {
        try {
            Files.createDirectories(to);
        } catch (FileSystemException failed) {
            Path noFolder = noFolder();
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
    private @Nullable Path noFolder() {
        Path at = to.toAbsolutePath();
        while (at != null && !Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
            at = at.getParent();
        }
        return at == null || Files.isDirectory(at) ? null : at;
    }

    private void checkArguments(ReadingHome reading) {
        if (to.toString().isEmpty()) {
            throw new CommandException(ExitCode.USAGE, "--to '': want a folder");
        }
        if (version != null && paths.size() > 1) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--version %d: of one PATH, not of %d".formatted(version, paths.size()));
        }
        if (from != null && reading.ledger().targets().find(from).isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "no target '%s'; there are %s"
                            .formatted(
                                    from,
                                    reading.ledger().targets().all().stream()
                                            .map(t -> t.name())
                                            .toList()));
        }
    }

    /// All versions wanted, each once, folders before what is in them.
    private List<Version> versions(Catalog catalog) {
        Map<Long, Version> wanted = new LinkedHashMap<>();
        String first = null;
        for (PathArgument path : paths.stream().map(PathArgument::of).toList()) {
            NamedItem located = NamedItem.locate(catalog, path, source);
            if (first != null && !first.equals(located.source())) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "the paths are in different sources ('%s' and '%s'): restore one source at a time"
                                .formatted(first, located.source()));
            }
            first = located.source();
            for (Version each : versions(catalog, located)) {
                wanted.put(each.id(), each);
            }
        }
        List<Version> ordered = new ArrayList<>(wanted.values());
        ordered.sort((a, b) -> a.path().compareTo(b.path()));
        return ordered;
    }

    private List<Version> versions(Catalog catalog, NamedItem at) {
        if (version == null) {
            boolean present = catalog.present(at.source(), at.path());
            return catalog.tree(at.source(), at.path(), !present);
        }
        List<Version> known = catalog.versions(at.source(), at.path());
        return known.stream()
                .filter(v -> v.number() == version)
                .findFirst()
                .map(List::of)
                .orElseThrow(() ->
                        new CommandException(
                                ExitCode.INCOMPLETE,
                                "'%s' has no version %d; there are %s"
                                        .formatted(
                                                at.path(),
                                                version,
                                                known.stream()
                                                        .map(Version::number)
                                                        .sorted()
                                                        .toList())));
    }

    /// Says what did not go as planned, and the sum.
    private final class Told implements RestoreListener {
        private final PrintWriter err = spec.commandLine().getErr();
        private final Map<String, Long> fromTargets = new TreeMap<>();
        private final Map<String, Integer> switched = new TreeMap<>();
        private long earlier;
        private long lost;

        @Override
        public void restored(Version version, String target) {
            fromTargets.merge(target, 1L, Long::sum);
        }

        @Override
        public void failed(Version version, String target, String why, boolean next) {
            int count = switched.merge(target, 1, Integer::sum);
            if (count <= TOLD) {
                err.println(
                        "caravan: '%s': copy on %s failed: %s%s"
                                .formatted(
                                        version.path(),
                                        target,
                                        why,
                                        next ? "; taking the next copy" : ""));
            }
        }

        @Override
        public void earlier(Version wanted, Version taken) {
            if (++earlier <= TOLD) {
                err.println(
                        "caravan: '%s': version %d has no copy%s: version %d of %s comes back instead"
                                .formatted(
                                        wanted.path(),
                                        wanted.number(),
                                        from == null ? "" : " on '" + from + "'",
                                        taken.number(),
                                        Words.local(taken.metadata().modified())));
            }
        }

        @Override
        public void lost(Version version, String why) {
            if (++lost <= TOLD) {
                err.println("caravan: '%s' not restored: %s".formatted(version.path(), why));
            }
        }

        void sum(Restorer.Result result, TreeWriter tree) {
            if (lost > TOLD) {
                err.println("caravan: and %,d more not restored".formatted(lost - TOLD));
            }
            if (earlier > TOLD) {
                err.println(
                        "caravan: and %,d more in an earlier version".formatted(earlier - TOLD));
            }
            tree.firstShortfalls().forEach(line -> err.println("caravan: " + line));
            StringBuilder sum = new StringBuilder();
            sum.append(Words.count(result.items(), "item", "items"))
                    .append(" restored to " + to + ", " + new DataSize(result.bytes()));
            if (!fromTargets.isEmpty()) {
                sum.append("; from " + fromTargets);
            }
            if (earlier > 0) {
                sum.append("; " + Words.count(earlier) + " in an earlier version");
            }
            if (lost > 0) {
                sum.append("; " + Words.count(lost) + " not restored");
            }
            spec.commandLine().getOut().println(sum);
        }
    }
}
