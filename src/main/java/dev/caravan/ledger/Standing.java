package dev.caravan.ledger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// One way in which items stand: whether the original was seen, and the copies of the current
/// version that count or are suspect. A million items have a handful of them. Immutable.
///
/// @param source id
/// @param copies in the order of the targets' ids
record Standing(int source, boolean original, List<Held> copies) {

    /// A copy that counts, or is suspect.
    ///
    /// @param state `D`urable, `V`erified, s`T`ale or `S`uspect
    /// @param volumes ids of the cartridges it lies on; none where it lies on none
    record Held(int target, char state, List<Long> volumes) {
        boolean counts() {
            return state != 'S';
        }

        boolean isError() {
            return state == 'S' || state == 'T';
        }

        private String text() {
            return target
                    + String.valueOf(state)
                    + (volumes.isEmpty()
                            ? ""
                            : ":"
                                    + volumes.stream()
                                            .map(String::valueOf)
                                            .collect(Collectors.joining("+")));
        }
    }

    Standing {
        copies = List.copyOf(copies);
    }

    /// Reads the text in which it stands in the ledger, such as `1D 2V:5+7 3T`.
    static Standing of(int source, boolean original, String text) {
        List<Held> copies = new ArrayList<>();
        for (String copy : text.isEmpty() ? new String[0] : text.split(" ")) {
            int colon = copy.indexOf(':');
            String head = colon < 0 ? copy : copy.substring(0, colon);
            List<Long> volumes = new ArrayList<>();
            for (String volume :
                    colon < 0 ? new String[0] : copy.substring(colon + 1).split("\\+")) {
                volumes.add(Long.valueOf(volume));
            }
            volumes.sort(null);
            copies.add(
                    new Held(
                            Integer.parseInt(head, 0, head.length() - 1, 10),
                            head.charAt(head.length() - 1),
                            List.copyOf(volumes)));
        }
        copies.sort((a, b) -> Integer.compare(a.target, b.target));
        return new Standing(source, original, copies);
    }

    String text() {
        return copies.stream().map(Held::text).collect(Collectors.joining(" "));
    }

    /// The same with the proofs of the copies on these targets grown too old.
    Standing stale(Collection<Integer> targets) {
        return new Standing(
                source,
                original,
                copies.stream()
                        .map(held ->
                                held.counts() && targets.contains(held.target)
                                        ? new Held(held.target, 'T', held.volumes)
                                        : held)
                        .toList());
    }

    /// What is left of it where these copies are gone.
    Standing without(boolean originalToo, Predicate<Held> gone) {
        return new Standing(
                source,
                original && !originalToo,
                copies.stream().filter(held -> !gone.test(held)).toList());
    }
}
