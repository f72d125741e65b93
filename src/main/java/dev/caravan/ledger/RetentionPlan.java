package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What retention would do now, and why.
///
/// @param targets in the order they were declared, those that have a retention or a copy
/// @param expiring items with versions that no target keeps any more
/// @param dropping items with versions of which copies can be dropped because others are left
public record RetentionPlan(List<OfTarget> targets, List<Work> expiring, List<Work> dropping) {

    /// The copies of old versions on one target.
    ///
    /// @param counted copies that count, of current versions too
    /// @param retires how many are retired
    /// @param bytes of their content
    /// @param kept how many stay, and why
    /// @param examples some that are retired
    /// @param keptExamples some that stay although the target's retention does not keep them
    public record OfTarget(
            Target target,
            long counted,
            long retires,
            long retiresCounted,
            long bytes,
            Map<Reason, Long> kept,
            List<Example> examples,
            List<Example> keptExamples) {

        public OfTarget {
            kept = kept.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(kept));
            examples = List.copyOf(examples);
            keptExamples = List.copyOf(keptExamples);
        }

        /// The share of the copies that count which are retired, from 0 to 1.
        public double share() {
            return counted == 0 ? 0 : (double) retiresCounted / counted;
        }
    }

    /// Why copies of old versions stay.
    public enum Reason {
        /// The target's retention keeps it, or it has none.
        RULE,
        HOLD,
        /// Another copy of the version is still to be made, or is being made.
        UNFINISHED,
        WORM,
        /// It lies in the plain tree until a newer one takes its place.
        IN_TREE,
        /// What is left would not meet the policy of its source.
        POLICY,
        /// Too few others can be, or were, read again at once.
        FLOOR
    }

    /// A copy that stands for others like it.
    ///
    /// @param why in words
    public record Example(String source, ItemPath path, int version, String why) {}

    /// An item that something is to be done about.
    ///
    /// @param versions whose other copies are to be read first; none where the version has expired
    /// @param bytes of these versions
    public record Work(long item, List<Long> versions, long bytes) {
        public Work {
            versions = List.copyOf(versions);
        }
    }

    /// Whether there is nothing to retire.
    public boolean isEmpty() {
        return expiring.isEmpty() && dropping.isEmpty();
    }
}
