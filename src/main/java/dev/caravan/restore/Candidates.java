package dev.caravan.restore;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.MediaKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One version to bring back, and the copies it can come from, best first. Confined.
///
/// A copy that does not count because nobody has read it back (`ACKED`, after a rebuild) is as good
/// a place to try as any, after those that count: nothing gets a name before its hash was checked.
/// One that a verify found wanting is tried last: the drive may have been dirty then, or the damage
/// elsewhere in the segment.
final class Candidates {
    /// This site before another, a disk before a tape, which a robot must fetch.
    private static final Comparator<Catalog.Copy> NEAREST_FIRST =
            Comparator.comparing((Catalog.Copy copy) -> copy.target().offsite())
                    .thenComparing(copy -> copy.target().mediaKind() == MediaKind.TAPE)
                    .thenComparing(copy -> copy.target().id());

    final Version version;
    private final Deque<Catalog.Copy> copies = new ArrayDeque<>();

    /// @param only the one target that may be used; null for any
    Candidates(Version version, Iterable<Catalog.Copy> known, @Nullable String only) {
        this(version, known, only, copy -> false);
    }

    /// @param outside whether a person must fetch what a copy lies on: any other is better
    Candidates(
            Version version,
            Iterable<Catalog.Copy> known,
            @Nullable String only,
            Predicate<Catalog.Copy> outside) {
        this.version = version;
        List<Catalog.Copy> usable = new ArrayList<>();
        for (Catalog.Copy copy : known) {
            if (doubt(copy) < 3 && (only == null || copy.target().name().equals(only))) {
                usable.add(copy);
            }
        }
        usable.sort(
                Comparator.comparing((Catalog.Copy copy) -> doubt(copy) == 2)
                        .thenComparing(outside::test)
                        .thenComparing(Candidates::doubt)
                        .thenComparing(NEAREST_FIRST));
        copies.addAll(usable);
    }

    private static int doubt(Catalog.Copy copy) {
        if (copy.state().counts()) {
            return 0;
        }
        if (copy.state() == CopyState.ACKED) {
            return 1;
        }
        // also one that is to be made anew: until then what was found bad is all there is
        return copy.state() == CopyState.SUSPECT
                        || copy.state() == CopyState.WANTED && copy.replaces() == CopyState.SUSPECT
                ? 2
                : 3;
    }

    Catalog.@Nullable Copy best() {
        return copies.peek();
    }

    /// Whether there is nothing better than a copy that was found wanting.
    boolean isDoubtful() {
        Catalog.Copy best = best();
        return best == null || doubt(best) == 2;
    }

    boolean hasNext() {
        return copies.size() > 1;
    }

    void dropBest() {
        copies.poll();
    }
}
