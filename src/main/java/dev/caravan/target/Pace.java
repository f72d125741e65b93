package dev.caravan.target;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Holds what is sent to one target to so many bytes a second, over all threads that send: a token
/// bucket that holds a quarter of a second. Whoever sends asks [#most] how much to take at once and
/// tells [#take] what it has got, which waits until that much may go. Thread-safe.
public final class Pace {
    /// Never waits.
    public static final Pace UNLIMITED =
            new Pace(
                    0,
                    System::nanoTime,
                    wait -> {
                        throw new IllegalStateException("no rate, and a wait of " + wait);
                    });

    /// What was not used for so long may be made up for: a thread that slept too long, a slow read.
    private static final long SAVED_NANOS = 250_000_000;

    private static final long SLICES_A_SECOND = 10;
    private static final long LARGEST_SLICE = 1 << 20;

    private final long bytesPerSecond;
    private final LongSupplier nanos;
    private final Sleeper sleeper;
    private long free;

    /// How a thread waits.
    @FunctionalInterface
    interface Sleeper {
        void sleep(Duration wait) throws InterruptedException;
    }

    /// @param nanos a clock that only goes forward
    Pace(long bytesPerSecond, LongSupplier nanos, Sleeper sleeper) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanos = nanos;
        this.sleeper = sleeper;
        this.free = nanos.getAsLong();
    }

    /// @param bytesPerSecond 0 = unlimited
    public static Pace of(long bytesPerSecond) {
        return bytesPerSecond == 0
                ? UNLIMITED
                : new Pace(bytesPerSecond, System::nanoTime, Thread::sleep);
    }

    /// How many of so many bytes to send in one go, so that they flow.
    public int most(int wanted) {
        return bytesPerSecond == 0
                ? wanted
                : (int)
                        Math.min(
                                wanted,
                                Math.clamp(bytesPerSecond / SLICES_A_SECOND, 1, LARGEST_SLICE));
    }

    /// Waits until bytes may go; each thread takes its turn behind those that asked before.
    ///
    /// @throws InterruptedIOException if the thread was interrupted, which it stays
    public void take(int bytes) throws InterruptedIOException {
        if (bytesPerSecond == 0 || bytes <= 0) {
            return;
        }
        long wait = reserve(bytes);
        try {
            if (wait > 0) {
                sleeper.sleep(Duration.ofNanos(wait));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it waited for its rate");
        }
    }

    private synchronized long reserve(int bytes) {
        long now = nanos.getAsLong();
        if (now - free > SAVED_NANOS) {
            free = now - SAVED_NANOS;
        }
        free += Math.round(bytes * 1e9 / bytesPerSecond);
        return free - now;
    }
}
