package dev.caravan.cli;

import dev.caravan.item.DataSize;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.ledger.History.Entries;
import dev.caravan.ledger.History.Entry;
import dev.caravan.ledger.History.View;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.OwnSource;
import dev.caravan.scan.Glob;
import java.io.BufferedWriter;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan find`: items by the form of their paths.
@Command(
        name = "find",
        description = {
            "Find items by patterns over their paths, now or as they were at a time.",
            "",
            "'*' is any run of characters within a part of a path, '?' one, [a-z] one of a set. A"
                    + " pattern without '/' is compared with the last part; one with '/' with the"
                    + " whole path, and there '**' is any number of parts. A '/' at its end finds"
                    + " folders only. Quote patterns, or the shell takes them."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:something is found",
            "1:nothing is found",
            "2:wrong usage",
            "78:there is no such home"
        })
final class FindCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(arity = "1..*", paramLabel = "PATTERN", description = "One of them is enough.")
    private List<String> patterns;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "As it was then: a date, a date and time, or how long ago, such as 2d.")
    private @Nullable String at;

    @Option(names = "--source", paramLabel = "NAME", description = "Only in this source.")
    private @Nullable String source;

    @Option(names = "--deleted", description = "What was deleted by then too, as it last was.")
    private boolean deleted;

    @Option(names = "--ignore-case", description = "Take A and a for the same.")
    private boolean ignoreCase;

    @Option(names = "--newer", paramLabel = "TIME", description = "Modified after this.")
    private @Nullable String newer;

    @Option(names = "--older", paramLabel = "TIME", description = "Modified before this.")
    private @Nullable String older;

    @Option(
            names = "--size",
            paramLabel = "[+|-]SIZE",
            description = "Files of more (+), less (-) or exactly this size, such as --size=+1GiB.")
    private @Nullable String size;

    @Option(
            names = {"-l", "--long"},
            description = "Show mode, size and time, as 'ls' does.")
    private boolean full;

    @Override
    public Integer call() {
        View view = new View(PointInTime.of("--at", at), deleted);
        List<Glob> globs = patterns.stream().map(this::glob).toList();
        Instant after = PointInTime.of("--newer", newer);
        Instant before = PointInTime.of("--older", older);
        LongPredicate ofSize = size();
        Optional<Ledger> ledger = OpenHome.of(home).ledger(Clock.systemUTC());
        if (ledger.isEmpty()) {
            throw new CommandException(
                    ExitCode.INCOMPLETE, "no backup has run yet, so no items are known");
        }
        try (Ledger opened = ledger.get()) {
            List<String> sources = sources(opened.sources().names());
            long[] found = {0};
            Search search =
                    shown -> {
                        for (String each : sources) {
                            find(
                                    opened,
                                    each,
                                    globs,
                                    view,
                                    entry -> {
                                        Metadata m = entry.version().metadata();
                                        if (isWanted(m, after, before, ofSize)) {
                                            found[0]++;
                                            shown.take(entry);
                                        }
                                    });
                        }
                    };
            print(search, view, sources.size() > 1);
            return found[0] > 0 ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    /// Gives what it finds to whom it is shown.
    private interface Search {
        void run(Entries shown);
    }

    private Glob glob(String pattern) {
        try {
            return Glob.typed(pattern, ignoreCase);
        } catch (IllegalArgumentException malformed) {
            throw new CommandException(
                    ExitCode.USAGE, Words.shown(String.valueOf(malformed.getMessage())), malformed);
        }
    }

    private List<String> sources(List<String> known) {
        if (source == null) {
            return known.stream().filter(name -> !name.equals(OwnSource.NAME)).toList();
        }
        if (!known.contains(source)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "no source '%s': there are %s"
                            .formatted(Words.shown(source), String.join(", ", known)));
        }
        return List.of(source);
    }

    /// With one pattern only what can match it is looked at.
    private static void find(
            Ledger ledger, String source, List<Glob> globs, View view, Entries entries) {
        ItemPath below = globs.size() == 1 ? globs.getFirst().folder() : ItemPath.ROOT;
        ledger.history()
                .below(
                        source,
                        below,
                        view,
                        path -> matches(globs, path, true),
                        entry -> {
                            boolean folder = entry.version().metadata().kind() == Kind.FOLDER;
                            if (matches(globs, entry.version().path(), folder)) {
                                entries.take(entry);
                            }
                        });
    }

    private static boolean matches(List<Glob> globs, ItemPath path, boolean folder) {
        return globs.stream().anyMatch(glob -> glob.matches(path, folder));
    }

    private static boolean isWanted(
            Metadata m, @Nullable Instant after, @Nullable Instant before, LongPredicate ofSize) {
        return (after == null || m.modified().isAfter(after))
                && (before == null || m.modified().isBefore(before))
                && ofSize.test(m.kind() == Kind.FILE ? m.size() : -1);
    }

    private LongPredicate size() {
        if (size == null) {
            return any -> true;
        }
        char sign = size.isEmpty() ? ' ' : size.charAt(0);
        try {
            long bytes =
                    DataSize.parse(sign == '+' || sign == '-' ? size.substring(1) : size).bytes();
            return switch (sign) {
                case '+' -> actual -> actual > bytes;
                case '-' -> actual -> actual >= 0 && actual < bytes;
                default -> actual -> actual == bytes;
            };
        } catch (IllegalArgumentException wrong) {
            throw new CommandException(ExitCode.USAGE, "--size: " + wrong.getMessage(), wrong);
        }
    }

    private void print(Search search, View view, boolean severalSources) {
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(
                    out,
                    object -> {
                        object.time("at", view.at());
                        object.array(
                                "items", all -> search.run(entry -> ItemLines.write(all, entry)));
                    });
            return;
        }
        PrintWriter lines = new PrintWriter(new BufferedWriter(out, 1 << 16));
        String[] before = {""};
        search.run(entry -> {
            String in = entry.version().source();
            if (severalSources && !in.equals(before[0])) {
                lines.println((before[0].isEmpty() ? "" : "\n") + "In source " + in + ":");
                before[0] = in;
            }
            lines.println(line(entry));
        });
        lines.flush();
    }

    private String line(Entry entry) {
        String path = entry.version().path().toString();
        return full || entry.goneSince() != null ? ItemLines.line(entry, path) : path;
    }
}
