package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.posix.NoAnswerException;
import dev.caravan.scan.FileId;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.SourceRoot;
import dev.caravan.target.TargetException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One walk over some sources, told line by line as it goes: memory does not grow with the source.
/// Used once, confined to one thread.
final class ScanListing {
    private final List<Settings.Source> sources;
    private final Set<FileId> excluded;
    private final long[] kinds = new long[Kind.values().length];
    private long bytes;
    private long skipped;
    private long overLong;
    private long unreadable;

    /// Takes what the walk sees.
    private interface Lines {
        void pickedUp(ItemPath path, Metadata metadata) throws IOException;

        /// @param what in one or a few words, such as `FIFO`
        /// @param why null if the word says it all
        void leftOut(ItemPath path, String what, @Nullable String why) throws IOException;
    }

    ScanListing(List<Settings.Source> sources, Set<FileId> excluded) {
        this.sources = List.copyOf(sources);
        this.excluded = Set.copyOf(excluded);
    }

    /// Whether nothing was found that should be protected and can not be; known after the walk.
    boolean good() {
        return unreadable == 0 && overLong == 0;
    }

    void print(PrintWriter out, Style style) {
        for (Settings.Source source : sources) {
            out.println(
                    style.strong("Source " + source.name())
                            + "  "
                            + Words.shown(source.root().shown()));
            try {
                walk(source, new TextLines(out, style));
            } catch (IOException failed) {
                throw new java.io.UncheckedIOException(failed);
            }
        }
        out.println();
        out.println(
                "%s would be picked up: %s, %s, %s; %s"
                        .formatted(
                                Words.count(items(), "item", "items"),
                                Words.count(of(Kind.FILE), "file", "files"),
                                Words.count(of(Kind.FOLDER), "folder", "folders"),
                                Words.count(of(Kind.SYMLINK), "symlink", "symlinks"),
                                Words.bytes(bytes)));
        out.println(
                "%s skipped, %s over-long, %s unreadable"
                        .formatted(
                                Words.count(skipped),
                                Words.count(overLong),
                                Words.count(unreadable)));
        out.flush();
    }

    void write(Json json) throws IOException {
        json.array(
                "entries",
                entries -> {
                    for (Settings.Source source : sources) {
                        walk(source, new JsonLines(entries, source.name()));
                    }
                });
        json.number("items", items())
                .number("files", of(Kind.FILE))
                .number("folders", of(Kind.FOLDER))
                .number("symlinks", of(Kind.SYMLINK))
                .number("bytes", bytes)
                .number("skipped", skipped)
                .number("overLong", overLong)
                .number("unreadable", unreadable);
    }

    private long items() {
        return of(Kind.FILE) + of(Kind.FOLDER) + of(Kind.SYMLINK);
    }

    private long of(Kind kind) {
        return kinds[kind.ordinal()];
    }

    private void walk(Settings.Source source, Lines lines) throws IOException {
        SourceRoot root;
        try {
            root = SourceRoots.openOnce(source, excluded);
        } catch (IOException missing) {
            unreadable++;
            lines.leftOut(ItemPath.ROOT, "unreadable", missing.getMessage());
            return;
        }
        try (root) {
            root.walk(
                    ItemPath.ROOT,
                    Selection.of(source.include(), source.exclude()),
                    sighting -> sighted(root, sighting, lines));
        } catch (FileSystemException | NoAnswerException | TargetException away) {
            unreadable++;
            lines.leftOut(ItemPath.ROOT, "unreadable", away.getMessage());
        }
    }

    private void sighted(SourceRoot root, Sighting sighting, Lines lines) throws IOException {
        switch (sighting) {
            case Sighting.Seen(var path, var metadata, var _) -> {
                String whyNot = metadata.kind() == Kind.FILE ? unreadable(root, path) : null;
                if (whyNot != null) {
                    unreadable++;
                    lines.leftOut(path, "unreadable", whyNot);
                } else {
                    kinds[metadata.kind().ordinal()]++;
                    bytes += metadata.size();
                    lines.pickedUp(path, metadata);
                }
            }
            case Sighting.Skipped(var path, var what, var why) -> {
                switch (why) {
                    case OVER_LONG -> {
                        overLong++;
                        lines.leftOut(path, "over-long", what);
                    }
                    case NO_PATH -> {
                        unreadable++;
                        lines.leftOut(path, "unreadable", what);
                    }
                    case SPECIAL_FILE -> {
                        skipped++;
                        lines.leftOut(path, what, null);
                    }
                    case EXCLUDED, OWN_DATA, OTHER_FILE_SYSTEM -> {
                        skipped++;
                        lines.leftOut(path, "skipped", what);
                    }
                }
            }
            case Sighting.Unreadable(var path, var reason) -> {
                unreadable++;
                lines.leftOut(path, "unreadable", reason);
            }
            case Sighting.FolderEnd _ -> {}
        }
    }

    private static @Nullable String unreadable(SourceRoot root, ItemPath path) throws IOException {
        try {
            return root.readable(path) ? null : "no permission to read it";
        } catch (ContentUnavailableException failed) {
            return failed.getMessage();
        }
    }

    private record TextLines(PrintWriter out, Style style) implements Lines {
        @Override
        public void pickedUp(ItemPath path, Metadata metadata) {
            String kind = metadata.kind().name().toLowerCase(Locale.ROOT);
            String target =
                    metadata.kind() == Kind.SYMLINK
                            ? " -> " + ItemPath.show(metadata.linkTarget())
                            : "";
            line("+ " + kind + " " + path + target);
        }

        @Override
        public void leftOut(ItemPath path, String what, @Nullable String why) {
            String line = "- " + what + " " + path + (why == null ? "" : ": " + Words.shown(why));
            line(style.warning(line));
        }

        /// Not println: it flushes, and a million flushes are slow.
        private void line(String line) {
            out.write(line);
            out.write('\n');
        }
    }

    private record JsonLines(Json json, String source) implements Lines {
        @Override
        public void pickedUp(ItemPath path, Metadata metadata) throws IOException {
            json.object(object -> {
                object.text("source", source).path(path).flag("pickedUp", true);
                object.text("kind", metadata.kind().name())
                        .number("size", metadata.size())
                        .time("modified", metadata.modified());
            });
        }

        @Override
        public void leftOut(ItemPath path, String what, @Nullable String why) throws IOException {
            json.object(object ->
                    object.text("source", source)
                            .path(path)
                            .flag("pickedUp", false)
                            .text("reason", why == null ? what : what + ": " + why));
        }
    }
}
