package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// By what it is judged which copies are not needed any more. Immutable.
///
/// @param keep by the name of the target; one that is missing keeps everything
/// @param policies what the copies that stay must meet
/// @param removable targets whose data this program can remove, or leave to be written over: on any
///   other nothing is retired
/// @param proving targets whose copies can be relied on, because they are read again before one is
///   dropped
/// @param zone whose days the days are
/// @param grace how long the data of a retired copy stays
/// @param globs reads the pattern of a hold
public record RetentionRules(
        Map<String, Keep> keep,
        Policies policies,
        Set<String> removable,
        Set<String> proving,
        ZoneId zone,
        Duration grace,
        Globs globs) {

    public RetentionRules {
        keep = Map.copyOf(keep);
        removable = Set.copyOf(removable);
        proving = Set.copyOf(proving);
        if (grace.isNegative()) {
            throw new IllegalArgumentException("a grace of " + grace);
        }
    }

    /// What a target keeps of the versions of a source: null for everything. The home's own source
    /// has a rule of its own, the same on all targets, as soon as there is any.
    @Nullable Keep keep(String source, String target) {
        if (source.equals(OwnSource.NAME)) {
            return keep.isEmpty() ? null : OwnSource.KEEP;
        }
        return keep.get(target);
    }

    /// Reads patterns over paths: this package knows no other than whole paths.
    @FunctionalInterface
    public interface Globs {
        /// What a pattern means of a path, which may be that of a folder.
        ///
        /// @throws IllegalArgumentException if it is malformed
        Predicate<ItemPath> of(byte[] pattern);
    }
}
