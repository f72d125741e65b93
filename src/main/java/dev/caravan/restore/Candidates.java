package dev.caravan.restore;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.MediaKind;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// One version to bring back, and the counted copies it can come from, best first. Confined.
final class Candidates {
    private static final Comparator<Catalog.Copy> NEAREST_FIRST =
            Comparator.comparingInt(Candidates::distance).thenComparing(copy -> copy.target().id());

    final Version version;
    private final Deque<Catalog.Copy> copies = new ArrayDeque<>();

    /// @param only the one target that may be used; null for any
    Candidates(Version version, Iterable<Catalog.Copy> known, @Nullable String only) {
        this.version = version;
        java.util.List<Catalog.Copy> usable = new java.util.ArrayList<>();
        for (Catalog.Copy copy : known) {
            if (copy.state().counts() && (only == null || copy.target().name().equals(only))) {
                usable.add(copy);
            }
        }
        usable.sort(NEAREST_FIRST);
        copies.addAll(usable);
    }

    /// A disk here, then anything elsewhere, then a tape, which a robot or a person must fetch.
    private static int distance(Catalog.Copy copy) {
        if (copy.target().mediaKind() == MediaKind.TAPE) {
            return 2;
        }
        return copy.target().offsite() ? 1 : 0;
    }

    Catalog.@Nullable Copy best() {
        return copies.peek();
    }

    boolean hasNext() {
        return copies.size() > 1;
    }

    void dropBest() {
        copies.poll();
    }
}
