package dev.caravan.scan;

import dev.caravan.item.ItemPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which items of a source are wanted, by patterns over their paths. Immutable.
///
/// `*` is any run of characters within a part, `?` one, `[a-z]` and `[!a-z]` one of a set, and `\`
/// takes the next character as it is. A pattern without a `/` matches the last part of a path at
/// any depth; one with a `/` matches from the root of the source, and there `**` is any number of
/// parts. A `/` at the end matches folders only.
///
/// An exclude pattern that matches a folder leaves out all that is in it, and wins over an include
/// pattern. Without include patterns everything is wanted; with them, what matches one, what is in
/// a folder that does, and the folders that may lead there.
public final class Selection {

    /// Everything.
    public static final Selection ALL = new Selection(List.of(), List.of());

    private final List<Glob> includes;
    private final List<Glob> excludes;

    private Selection(List<Glob> includes, List<Glob> excludes) {
        this.includes = includes;
        this.excludes = excludes;
    }

    /// A selection by these patterns.
    ///
    /// @throws IllegalArgumentException if one is malformed
    public static Selection of(List<String> includes, List<String> excludes) {
        return new Selection(
                includes.stream().map(Glob::of).toList(), excludes.stream().map(Glob::of).toList());
    }

    /// Why the item is not wanted, in words; null if it is.
    public @Nullable String whyNot(ItemPath path, boolean folder) {
        if (path.isRoot() || (includes.isEmpty() && excludes.isEmpty())) {
            return null;
        }
        int[][] parts = Glob.split(path);
        for (Glob exclude : excludes) {
            if (exclude.matches(parts, parts.length, folder)) {
                return "excluded by '" + exclude.text() + "'";
            }
        }
        boolean wanted =
                includes.isEmpty()
                        || includes.stream().anyMatch(include -> wanted(include, parts, folder));
        return wanted ? null : "matches no include pattern";
    }

    private static boolean wanted(Glob include, int[][] parts, boolean folder) {
        for (int length = 1; length < parts.length; length++) {
            if (include.matches(parts, length, true)) {
                return true;
            }
        }
        return include.matches(parts, parts.length, folder)
                || (folder && include.mayMatchBelow(parts));
    }
}
