package dev.caravan.pipeline;

import java.time.Duration;

/// How long to wait before the next attempt: blips are over in seconds, what lasts longer is asked
/// every quarter of an hour.
final class Backoff {
    private static final Duration[] WAITS = {
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(30),
        Duration.ofMinutes(2),
        Duration.ofMinutes(5),
        Duration.ofMinutes(15)
    };

    /// A retry that is due sooner belongs to the pass that is running.
    static final Duration WITHIN_PASS = Duration.ofSeconds(5);

    private Backoff() {}

    /// @param failures how often it has failed before; 0 for the first time
    static Duration after(int failures) {
        return WAITS[Math.min(failures, WAITS.length - 1)];
    }
}
