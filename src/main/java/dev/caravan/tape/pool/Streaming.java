package dev.caravan.tape.pool;

import dev.caravan.tape.drive.LtoGeneration;
import java.time.Duration;
import java.util.Optional;

/// How a drive was fed while it wrote. Immutable.
///
/// @param records the records the drive took
/// @param bytes the bytes in them
/// @param writing from the first record to the last, waits included
/// @param waiting how much of that, and of the wait for the body's end, the drive stood by with
///   nothing to write
/// @param stalls how often it had to wait for the body, the wait for the first record left out
/// @param backHitches how often the tape must have stopped at least, gone back and started again
///   for want of data: an estimate for a drive of the cartridge's LTO generation with a buffer of
///   256 MiB; 0 where no tape has to be kept moving
/// @param filemark how long the synchronous filemark took
public record Streaming(
        long records,
        long bytes,
        Duration writing,
        Duration waiting,
        long stalls,
        long backHitches,
        Duration filemark) {

    public static final Streaming NONE =
            new Streaming(0, 0, Duration.ZERO, Duration.ZERO, 0, 0, Duration.ZERO);

    private static final double MEGABYTE = 1e6;

    /// The rate at which the drive was fed; 0 if there was too little to tell.
    public long bytesPerSecond() {
        long nanos = writing.toNanos();
        return nanos == 0 ? 0 : Math.round(bytes / (nanos / 1e9));
    }

    public Streaming plus(Streaming other) {
        return new Streaming(
                records + other.records,
                bytes + other.bytes,
                writing.plus(other.writing),
                waiting.plus(other.waiting),
                stalls + other.stalls,
                backHitches + other.backHitches,
                filemark.plus(other.filemark));
    }

    /// What a person should know about how a drive was fed, in one line; nothing if it was fed fast
    /// enough, or with too little to fill its buffer once.
    public Optional<String> tooSlowFor(LtoGeneration generation) {
        long floor = generation.floorBytesPerSecond();
        if (bytes < FeedMeter.BUFFER_BYTES || bytesPerSecond() >= floor) {
            return Optional.empty();
        }
        String why =
                waiting.multipliedBy(2).compareTo(writing) > 0
                        ? "it waited %.1f s for data; put the sources, or a spool, on a faster disk"
                                .formatted(waiting.toMillis() / 1e3)
                        : "data was ready and the drive took no more; look at the drive, its cable and whether it wants cleaning";
        return Optional.of(
                "wrote %.1f MB/s, below the %.0f MB/s at which %s streams; the tape stopped and started about %d times: %s"
                        .formatted(
                                bytesPerSecond() / MEGABYTE,
                                floor / MEGABYTE,
                                generation,
                                backHitches,
                                why));
    }

    @Override
    public String toString() {
        return "%d records, %.1f MB in %.2f s (%.1f MB/s), %d stalls (%.2f s), filemark %.2f s"
                .formatted(
                        records,
                        bytes / MEGABYTE,
                        writing.toMillis() / 1e3,
                        bytesPerSecond() / MEGABYTE,
                        stalls,
                        waiting.toMillis() / 1e3,
                        filemark.toMillis() / 1e3);
    }
}
