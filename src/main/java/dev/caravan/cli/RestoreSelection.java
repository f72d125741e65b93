package dev.caravan.cli;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.History;
import dev.caravan.ledger.History.Entry;
import dev.caravan.ledger.History.View;
import dev.caravan.ledger.Ledger;
import dev.caravan.scan.Glob;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which versions the words of a `restore` mean: paths, or patterns where no item has that path.
/// Confined to one thread.
final class RestoreSelection {
    private final Ledger ledger;
    private final @Nullable String source;
    private final @Nullable Instant at;
    private final @Nullable Integer version;
    private final Map<Long, Version> wanted = new LinkedHashMap<>();
    private @Nullable String first;

    /// @param source the one they may be in; null for any, but all in the same
    /// @param at as the tree was then; null for now
    /// @param version of the one path; null for what it was at that time
    RestoreSelection(
            Ledger ledger,
            @Nullable String source,
            @Nullable Instant at,
            @Nullable Integer version) {
        this.ledger = ledger;
        this.source = source;
        this.at = at;
        this.version = version;
    }

    /// All versions wanted, each once, folders before what is in them.
    List<Version> of(List<String> words) {
        // what is typed wrongly is found before anything is looked up
        Map<String, PathArgument> paths = new LinkedHashMap<>();
        words.forEach(word -> paths.put(word, PathArgument.of(word)));
        paths.forEach((word, path) -> {
            if (isPattern(word) && !isItem(path)) {
                matching(word);
            } else {
                NamedItem item = NamedItem.locate(ledger.catalog(), path, source);
                in(item.source());
                take(version == null ? tree(item) : List.of(numbered(item, version)));
            }
        });
        List<Version> ordered = new ArrayList<>(wanted.values());
        ordered.sort((a, b) -> a.path().compareTo(b.path()));
        return ordered;
    }

    private static boolean isPattern(String word) {
        return word.chars().anyMatch(c -> "*?[".indexOf(c) >= 0);
    }

    private boolean isItem(PathArgument path) {
        return path.readings().stream()
                .anyMatch(reading -> !ledger.catalog().sourcesOf(reading).isEmpty());
    }

    private void in(String name) {
        if (first != null && !first.equals(name)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "the paths are in different sources ('%s' and '%s'): restore one source at a time"
                            .formatted(first, name));
        }
        first = name;
    }

    private void take(List<Version> versions) {
        versions.forEach(each -> wanted.put(each.id(), each));
    }

    private List<Version> tree(NamedItem item) {
        Catalog catalog = ledger.catalog();
        if (at == null) {
            boolean present = catalog.present(item.source(), item.path());
            return catalog.tree(item.source(), item.path(), !present);
        }
        List<Version> tree = ledger.history().tree(item.source(), item.path(), new View(at, false));
        if (!item.path().isRoot()
                && (tree.isEmpty() || !tree.getFirst().path().equals(item.path()))) {
            throw new CommandException(
                    ExitCode.INCOMPLETE, NotThere.message(item.path(), at, false));
        }
        if (tree.isEmpty()) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "nothing of source '%s' was known at %s"
                            .formatted(item.source(), Words.local(at)));
        }
        return tree;
    }

    private Version numbered(NamedItem item, int number) {
        List<Version> known = ledger.catalog().versions(item.source(), item.path());
        return known.stream()
                .filter(v -> v.number() == number)
                .findFirst()
                .orElseThrow(() ->
                        new CommandException(
                                ExitCode.INCOMPLETE,
                                "'%s' has no version %d; there are %s"
                                        .formatted(
                                                item.path(),
                                                number,
                                                known.stream()
                                                        .map(Version::number)
                                                        .sorted()
                                                        .toList())));
    }

    /// What matches, and all that is in a folder that does.
    private void matching(String pattern) {
        Glob glob;
        try {
            glob = Glob.typed(pattern, false);
        } catch (IllegalArgumentException malformed) {
            throw new CommandException(
                    ExitCode.USAGE, Words.shown(String.valueOf(malformed.getMessage())), malformed);
        }
        if (version != null) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--version %d: of one PATH, not of a pattern".formatted(version));
        }
        Map<String, List<Version>> found = new LinkedHashMap<>();
        for (String each : ledger.sources().names()) {
            if (source == null || source.equals(each)) {
                List<Version> versions = matching(glob, each);
                if (!versions.isEmpty()) {
                    found.put(each, versions);
                }
            }
        }
        if (found.isEmpty()) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "nothing matches '%s'%s%s"
                            .formatted(
                                    Words.shown(pattern),
                                    source == null ? "" : " in source '" + source + "'",
                                    at == null ? "" : " at " + Words.local(at)));
        }
        if (found.size() > 1) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "'%s' matches in several sources %s: choose one with --source"
                            .formatted(Words.shown(pattern), found.keySet()));
        }
        found.forEach((name, versions) -> {
            in(name);
            take(versions);
        });
    }

    private List<Version> matching(Glob glob, String in) {
        View view = new View(at, false);
        History history = ledger.history();
        List<Version> found = new ArrayList<>();
        history.below(
                in,
                glob.folder(),
                view,
                path -> glob.matches(path, true),
                entry -> add(glob, entry, found));
        Set<ItemPath> whole = new HashSet<>();
        for (Version each : List.copyOf(found)) {
            boolean folder = each.metadata().kind() == Kind.FOLDER;
            if (folder && !isBelow(each.path(), whole)) {
                whole.add(each.path());
                found.addAll(history.tree(in, each.path(), view));
            }
        }
        return found;
    }

    private static void add(Glob glob, Entry entry, List<Version> found) {
        Version each = entry.version();
        if (glob.matches(each.path(), each.metadata().kind() == Kind.FOLDER)) {
            found.add(each);
        }
    }

    private static boolean isBelow(ItemPath path, Set<ItemPath> folders) {
        for (ItemPath at = path.parent(); !at.isRoot(); at = at.parent()) {
            if (folders.contains(at)) {
                return true;
            }
        }
        return false;
    }
}
