package dev.caravan.pipeline;

import dev.caravan.config.Limits;
import java.time.Duration;

/// What a copy route says of its target and of how it wants its work.
///
/// @param rule the proof its copies need: `nas`, `tape`, `sftp`
/// @param segmentBytes how many bytes of content make a segment; 0 for one item per exchange
/// @param largeBytes from this size on a file travels as an object of its own
/// @param linger how long a segment that is not full waits for more while a scan goes on
/// @param concurrency exchanges at the same time
/// @param limits how much the target may be asked to take, and when
record LaneOptions(
        String target,
        String rule,
        long segmentBytes,
        long largeBytes,
        Duration linger,
        int concurrency,
        Limits limits) {

    boolean packs() {
        return segmentBytes > 0;
    }

    /// Whether files larger than a segment travel in parts. Only tape needs it: other targets take
    /// an object of any size.
    boolean parts() {
        return packs() && rule.equals("tape");
    }
}
