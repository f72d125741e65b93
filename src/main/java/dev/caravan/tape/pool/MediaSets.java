package dev.caravan.tape.pool;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The media sets of one pool, as its volumes tell them. Immutable.
///
/// @param newest the number of the newest set; 0 if there is none, or it has no number
/// @param began when that was begun: when its first volume was labelled
/// @param volumes of that set
record MediaSets(int newest, Optional<Instant> began, List<Volume> volumes) {

    static MediaSets of(String pool, List<Volume> known) {
        List<Volume> all = known.stream().filter(v -> v.pool().equals(pool)).toList();
        int newest = all.stream().mapToInt(v -> v.set().number()).max().orElse(0);
        List<Volume> volumes = all.stream().filter(v -> v.set().number() == newest).toList();
        return new MediaSets(
                newest,
                volumes.stream().map(Volume::labelled).min(Comparator.naturalOrder()),
                volumes);
    }

    /// The place of the next cartridge.
    ///
    /// @param anew whether it begins a set
    MediaSet next(boolean anew) {
        if (anew || newest == 0) {
            return new MediaSet(newest + 1, 1);
        }
        int last = volumes.stream().mapToInt(v -> v.set().sequence()).max().orElse(0);
        return new MediaSet(newest, last + 1);
    }
}
