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
final class Candidates {
    private static final Comparator<Catalog.Copy> NEAREST_FIRST =
            Comparator.comparing((Catalog.Copy copy) -> !copy.state().counts())
                    .thenComparing(Candidates::distance)
                    .thenComparing(copy -> copy.target().id());

    final Version version;
    private final Deque<Catalog.Copy> copies = new ArrayDeque<>();

    /// @param only the one target that may be used; null for any
    Candidates(Version version, Iterable<Catalog.Copy> known, @Nullable String only) {
        this(version, known, only, state -> state.counts() || state == CopyState.ACKED);
    }

    /// The copies that a verify found wanting, for a version that has no others: the drive may have
    /// been dirty then, or the damage elsewhere in the segment.
    static Candidates suspect(
            Version version, Iterable<Catalog.Copy> known, @Nullable String only) {
        return new Candidates(version, known, only, state -> state == CopyState.SUSPECT);
    }

    private Candidates(
            Version version,
            Iterable<Catalog.Copy> known,
            @Nullable String only,
            Predicate<CopyState> states) {
        this.version = version;
        List<Catalog.Copy> usable = new ArrayList<>();
        for (Catalog.Copy copy : known) {
            if (states.test(copy.state()) && (only == null || copy.target().name().equals(only))) {
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
