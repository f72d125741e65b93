package dev.caravan.cli;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.ledger.History;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/// Items as `ls` and `find` show them: a line each, in the form of `ls -l`, so that they can be
/// printed as they come.
final class ItemLines {
    private ItemLines() {}

    /// @param name what of its path is shown
    static String line(History.Entry entry, String name) {
        Metadata m = entry.version().metadata();
        boolean file = m.kind() == Kind.FILE;
        StringBuilder line = new StringBuilder();
        line.append(mode(m))
                .append(String.format(Locale.ROOT, "  %14s  ", file ? Words.count(m.size()) : "-"))
                .append(Words.local(m.modified()))
                .append("  ")
                .append(name);
        switch (m.kind()) {
            case FOLDER -> line.append('/');
            case SYMLINK -> line.append(" -> ").append(ItemPath.show(m.linkTarget()));
            case FILE -> {}
        }
        if (entry.goneSince() != null) {
            line.append("  (deleted ").append(Words.local(entry.goneSince())).append(')');
        }
        return line.toString();
    }

    /// `-rw-r--r--`
    private static String mode(Metadata m) {
        char kind = m.kind() == Kind.FOLDER ? 'd' : m.kind() == Kind.SYMLINK ? 'l' : '-';
        return kind
                + three(m.mode() >> 6, m.mode() & 04000, 's')
                + three(m.mode() >> 3, m.mode() & 02000, 's')
                + three(m.mode(), m.mode() & 01000, 't');
    }

    private static String three(int bits, int special, char letter) {
        boolean executes = (bits & 1) != 0;
        char last =
                special == 0
                        ? executes ? 'x' : '-'
                        : executes ? letter : Character.toUpperCase(letter);
        return "" + ((bits & 4) != 0 ? 'r' : '-') + ((bits & 2) != 0 ? 'w' : '-') + last;
    }

    /// Writes one as an element of an array.
    static void write(Json json, History.Entry entry) {
        try {
            json.object(item -> {
                Metadata m = entry.version().metadata();
                item.text("source", entry.version().source())
                        .path(entry.version().path())
                        .text("kind", m.kind().name())
                        .number("version", entry.version().number())
                        .number("size", m.size())
                        .text("mode", "%04o".formatted(m.mode()))
                        .number("uid", Integer.toUnsignedLong(m.uid()))
                        .number("gid", Integer.toUnsignedLong(m.gid()))
                        .time("modified", m.modified())
                        .hash("sha256", entry.version().sha256())
                        .text(
                                "linkTarget",
                                m.kind() == Kind.SYMLINK ? ItemPath.show(m.linkTarget()) : null)
                        .flag("deleted", entry.goneSince() != null)
                        .time("deletedAt", entry.goneSince());
            });
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
