package dev.caravan.tape.pool;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// By which rules the media pools of a library take and give back cartridges. Immutable.
///
/// @param allocation when a new media set begins
/// @param supply which unlabelled cartridges may be taken; none given = all
/// @param retention how long after the last write a volume may be recycled at the earliest; never
///   if there is none
/// @param use says whether a copy on a volume is still needed
public record PoolRules(
        Allocation allocation,
        List<BarcodePattern> supply,
        Optional<Duration> retention,
        VolumeUse use) {
    /// Goes on for ever, takes any blank cartridge, recycles nothing.
    public static final PoolRules DEFAULT =
            new PoolRules(
                    new Allocation.Continue(), List.of(), Optional.empty(), VolumeUse.UNKNOWN);

    public PoolRules {
        supply = List.copyOf(supply);
        retention.ifPresent(duration -> {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException(
                        "a retention of " + duration + ": want a time above 0");
            }
        });
    }
}
