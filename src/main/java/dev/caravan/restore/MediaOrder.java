package dev.caravan.restore;

import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The order in which copies are read with the least seeking.
final class MediaOrder {
    private MediaOrder() {}

    /// Files of one target together, tapes by volume and block, and offsets rising in each object.
    /// What goes on to other cartridges comes last on its first: nothing is left there to come back
    /// for.
    static List<Candidates> ordered(List<Candidates> wanted) {
        List<Candidates> ordered = new ArrayList<>(wanted);
        ordered.sort(
                Comparator.comparing((Candidates c) -> copy(c).target().id())
                        .thenComparing(c -> volume(copy(c)))
                        .thenComparing(c -> volumes(copy(c)) > 1)
                        .thenComparing(c -> block(copy(c)))
                        .thenComparing(c -> copy(c).object() == null ? "" : name(copy(c)))
                        .thenComparing(c -> copy(c).offset()));
        return ordered;
    }

    /// Cuts it into what one reader does after another: a cartridge is one reader's, from its
    /// beginning to its end, and so is a segment; of what lies as itself so many files, or bytes.
    static List<List<Candidates>> work(List<Candidates> wanted, int most, long mostBytes) {
        List<List<Candidates>> work = new ArrayList<>();
        Unit unit = null;
        long bytes = 0;
        for (Candidates candidates : ordered(wanted)) {
            Unit own = Unit.of(candidates);
            boolean cut =
                    own.equals(unit)
                            && own.small()
                            && (work.getLast().size() >= most || bytes >= mostBytes);
            if (!own.equals(unit) || cut) {
                work.add(new ArrayList<>());
                unit = own;
                bytes = 0;
            }
            work.getLast().add(candidates);
            bytes += candidates.version.metadata().size();
        }
        return work;
    }

    /// What must not be divided among readers.
    ///
    /// @param volume the cartridge; empty if it is not on one
    /// @param segment the segment, off tape; empty for what lies as itself
    private record Unit(String target, String volume, String segment) {
        static Unit of(Candidates candidates) {
            Place place = Place.of(candidates);
            String volume = MediaOrder.volume(copy(candidates));
            boolean together = place.segment() != null && volume.isEmpty();
            return new Unit(
                    place.target(), volume, together ? String.valueOf(place.segment()) : "");
        }

        boolean small() {
            return volume.isEmpty() && segment.isEmpty();
        }
    }

    static Catalog.Copy copy(Candidates candidates) {
        return Objects.requireNonNull(candidates.best());
    }

    private static String name(Catalog.Copy copy) {
        return Objects.requireNonNull(copy.object()).name();
    }

    private static String volume(Catalog.Copy copy) {
        return copy.object() == null || copy.object().tape() == null
                ? ""
                : copy.object().tape().volume();
    }

    private static long volumes(Catalog.Copy copy) {
        return copy.parts().stream()
                .map(part -> part.object().tape())
                .filter(Objects::nonNull)
                .map(StoredObject.OnTape::volume)
                .distinct()
                .count();
    }

    private static long block(Catalog.Copy copy) {
        return copy.object() == null || copy.object().tape() == null
                ? 0
                : copy.object().tape().block();
    }

    /// Where copies can be read in one go.
    ///
    /// @param segment they lie in; null if each is read by itself
    record Place(String target, @Nullable String segment) {
        static Place of(Candidates candidates) {
            Catalog.Copy copy = copy(candidates);
            StoredObject object = copy.object();
            return new Place(
                    copy.target().name(),
                    copy.parts().isEmpty() && object != null && object.segment()
                            ? object.name()
                            : null);
        }
    }
}
