package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Rebuild.Merged;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Counts what a rebuild finds on one target, and keeps the first of what it has to tell. Confined.
final class Tally {
    private static final int TOLD = 20;

    private final List<String> details = new ArrayList<>();
    long read;
    long versions;
    long copies;
    long known;
    long deleted;
    long missing;
    long conflicts;
    long unreadable;
    long unnamed;
    private long unnamedTold;

    void add(Merged merged) {
        versions += merged.versions();
        copies += merged.copies();
        known += merged.known();
        conflicts += merged.conflicts().size();
        merged.conflicts().forEach(this::tell);
    }

    void tell(String detail) {
        if (details.size() < TOLD) {
            details.add(detail);
        }
    }

    /// Something that could not be read, or is not what it should be.
    void unreadable(String what, Exception why) {
        unreadable(
                what
                        + ": "
                        + ItemPath.show(
                                String.valueOf(why.getMessage()).getBytes(StandardCharsets.UTF_8)));
    }

    void unreadable(String detail) {
        unreadable++;
        tell(detail);
    }

    /// Something that nothing names: no harm, and few of it tell the tale.
    void unnamed(String detail) {
        unnamed++;
        if (unnamedTold++ < TOLD / 4) {
            tell(detail);
        }
    }

    Rebuilt rebuilt() {
        return new Rebuilt(
                read,
                versions,
                copies,
                known,
                deleted,
                missing,
                conflicts,
                unreadable,
                unnamed,
                List.copyOf(details));
    }
}
