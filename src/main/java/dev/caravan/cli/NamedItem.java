package dev.caravan.cli;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Catalog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a path on the command line names.
record NamedItem(String source, ItemPath path) {

    /// @param only the one source it may be in; null for any
    /// @throws CommandException with exit 2 if several sources have it, with 1 if none does
    static NamedItem locate(Catalog catalog, PathArgument argument, @Nullable String only) {
        for (ItemPath path : argument.readings()) {
            List<String> sources = catalog.sourcesOf(path, only);
            if (sources.size() > 1) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "'%s' is in several sources %s: choose one with --source"
                                .formatted(path, sources));
            }
            if (sources.size() == 1) {
                return new NamedItem(sources.getFirst(), path);
            }
        }
        throw new CommandException(
                ExitCode.INCOMPLETE,
                "nothing is known by the path '%s'%s"
                        .formatted(
                                argument.readings().getFirst(),
                                only == null ? "" : " in source '" + only + "'"));
    }
}
