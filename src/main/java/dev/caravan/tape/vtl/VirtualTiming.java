package dev.caravan.tape.vtl;

import java.time.Duration;

/// How long a virtual drive takes; nothing, unless it is told so.
///
/// @param bytesPerSecond the speed of reading and writing; 0 for as fast as the disk
/// @param load from the changer's grip until the cartridge is threaded
/// @param wind from the beginning of the tape to its end; shorter ways take their share
public record VirtualTiming(long bytesPerSecond, Duration load, Duration wind) {
    /// No time at all.
    public static final VirtualTiming NONE = new VirtualTiming(0, Duration.ZERO, Duration.ZERO);

    private static final long NANOS = 1_000_000_000L;

    public VirtualTiming {
        if (bytesPerSecond < 0 || load.isNegative() || wind.isNegative()) {
            throw new IllegalArgumentException(
                    "speed %d bytes/s, load %s, wind %s: none below 0"
                            .formatted(bytesPerSecond, load, wind));
        }
    }

    Duration transfer(long bytes) {
        return bytesPerSecond == 0
                ? Duration.ZERO
                : Duration.ofNanos(Math.multiplyExact(bytes, NANOS) / bytesPerSecond);
    }

    Duration wind(long fromOffset, long toOffset, long capacity) {
        double share = Math.min(1.0, Math.abs(toOffset - fromOffset) / (double) capacity);
        return Duration.ofNanos((long) (wind.toNanos() * share));
    }
}
