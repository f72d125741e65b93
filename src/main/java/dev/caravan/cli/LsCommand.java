package dev.caravan.cli;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.ledger.History;
import dev.caravan.ledger.History.Entry;
import dev.caravan.ledger.History.View;
import dev.caravan.ledger.Ledger;
import java.io.BufferedWriter;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan ls`: what is, or was, in a folder.
@Command(
        name = "ls",
        description =
                "List a folder as the ledger knows it, now or as it was at a time: mode, size,"
                        + " modification time and name. Nothing but the ledger is read.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:listed",
            "1:nothing is known by that path, or it was not there then",
            "2:wrong usage, or a path that is in several sources",
            "78:there is no such home"
        })
final class LsCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATH",
            defaultValue = ".",
            description = "Path below the source's root (default: the root).")
    private String path;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description =
                    "As it was then: a date (when that day begins), a date and time, or how long"
                            + " ago, such as 2d.")
    private @Nullable String at;

    @Option(names = "--source", paramLabel = "NAME", description = "The source the path is in.")
    private @Nullable String source;

    @Option(names = "--deleted", description = "Show what was deleted by then too, as it last was.")
    private boolean deleted;

    @Override
    public Integer call() {
        Instant time = PointInTime.of("--at", at);
        Optional<Ledger> ledger = OpenHome.of(home).ledger(Clock.systemUTC());
        if (ledger.isEmpty()) {
            throw new CommandException(
                    ExitCode.INCOMPLETE, "no backup has run yet, so no items are known");
        }
        try (Ledger opened = ledger.get()) {
            NamedItem item = NamedItem.locate(opened.catalog(), PathArgument.of(path), source);
            View view = new View(time, deleted);
            Optional<Entry> one =
                    item.path().isRoot()
                            ? Optional.empty()
                            : opened.history().entry(item.source(), item.path(), view);
            if (one.isEmpty() && !item.path().isRoot()) {
                throw new CommandException(
                        ExitCode.INCOMPLETE, NotThere.message(item.path(), time, deleted));
            }
            list(opened.history(), item, view, one);
            return ExitCode.OK;
        }
    }

    private void list(History history, NamedItem item, View view, Optional<Entry> one) {
        boolean folder = one.isEmpty() || one.get().version().metadata().kind() == Kind.FOLDER;
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(
                    out,
                    object -> {
                        object.text("source", item.source())
                                .path(item.path())
                                .time("at", view.at());
                        object.array(
                                "items",
                                all -> {
                                    if (folder) {
                                        history.children(
                                                item.source(),
                                                item.path(),
                                                view,
                                                entry -> ItemLines.write(all, entry));
                                    } else {
                                        ItemLines.write(all, one.get());
                                    }
                                });
                    });
            return;
        }
        // a listing may be long, and the standard output is flushed with every line
        PrintWriter lines = new PrintWriter(new BufferedWriter(out, 1 << 16));
        if (folder) {
            history.children(
                    item.source(),
                    item.path(),
                    view,
                    entry -> lines.println(ItemLines.line(entry, name(entry))));
        } else {
            lines.println(ItemLines.line(one.get(), item.path().toString()));
        }
        lines.flush();
    }

    private static String name(Entry entry) {
        return ItemPath.show(entry.version().path().name());
    }
}
