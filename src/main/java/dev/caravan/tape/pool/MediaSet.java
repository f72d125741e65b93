package dev.caravan.tape.pool;

/// Which media set of its pool a volume belongs to: the cartridges that were written in one run of
/// appends, from one beginning to the next by the pool's [Allocation].
///
/// @param number of the set within its pool, from 1; 0 for a volume that is in no set: one of the
///   supply, or one that was labelled before sets were numbered
/// @param sequence which cartridge of the set it is, from 1; 0 where the number is 0
public record MediaSet(int number, int sequence) {
    /// In no set.
    public static final MediaSet NONE = new MediaSet(0, 0);

    public MediaSet {
        if (number < 0 || sequence < 0 || (number == 0) != (sequence == 0)) {
            throw new IllegalArgumentException(
                    "media set %d, cartridge %d of it: want both from 1, or both 0"
                            .formatted(number, sequence));
        }
    }
}
