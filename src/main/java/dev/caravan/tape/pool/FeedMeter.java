package dev.caravan.tape.pool;

import dev.caravan.tape.drive.LtoGeneration;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Measures how a drive is fed while it writes one tape file. Confined to the thread that writes.
///
/// Back-hitches happen inside the drive, where nobody sees them, so they are estimated: the drive
/// is thought of as a buffer that begins to empty onto the tape once it is full, at the lowest
/// speed the generation knows. If that runs dry, the tape stops, and starts again when the buffer
/// is full again. A drive can do no better, so the estimate is a lower bound for a drive with that
/// buffer.
final class FeedMeter {
    /// The smallest buffer of the drives since LTO-5, by their vendors' sheets.
    static final long BUFFER_BYTES = 256L << 20;

    private static final double NANOS_PER_SECOND = 1e9;

    private final Optional<LtoGeneration> generation;
    private final LongSupplier nanos;
    private long began;
    private long last;
    private long waiting;
    private int stalls;
    private long records;
    private long bytes;
    private long filemark;

    /// The drive that is thought of.
    private double buffered;

    private boolean running;
    private int backHitches;

    /// @param generation of the cartridge; nothing if no tape has to be kept moving
    /// @param nanos a clock such as [System#nanoTime]
    FeedMeter(Optional<LtoGeneration> generation, LongSupplier nanos) {
        this.generation = generation;
        this.nanos = nanos;
        this.began = nanos.getAsLong();
        this.last = began;
    }

    long now() {
        return nanos.getAsLong();
    }

    /// The writer has waited for the body since `from`. The wait for the first record is none: the
    /// tape has not begun to move.
    ///
    /// @param end the end of the body came, and no record
    void waited(long from, boolean end) {
        long until = now();
        if (records == 0) {
            began = until;
            last = until;
            return;
        }
        waiting += until - from;
        if (!end) {
            stalls++;
        }
    }

    void wrote(int length) {
        long now = now();
        records++;
        bytes += length;
        generation.ifPresent(g -> drain(g, now - last));
        buffered = Math.min(BUFFER_BYTES, buffered + length);
        running |= buffered >= BUFFER_BYTES;
        last = now;
    }

    private void drain(LtoGeneration drive, long elapsed) {
        if (!running) {
            return;
        }
        buffered -= drive.floorBytesPerSecond() * (elapsed / NANOS_PER_SECOND);
        if (buffered <= 0) {
            buffered = 0;
            running = false;
            backHitches++;
        }
    }

    /// The filemark was waited for since `from`.
    void filemark(long from) {
        filemark += now() - from;
    }

    Streaming result() {
        return new Streaming(
                records,
                bytes,
                Duration.ofNanos(last - began),
                Duration.ofNanos(waiting),
                stalls,
                backHitches,
                Duration.ofNanos(filemark));
    }
}
