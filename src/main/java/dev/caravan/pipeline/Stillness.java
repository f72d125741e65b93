package dev.caravan.pipeline;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How long nothing has gone on at a target that is at work. While a body is read it is its source
/// that is waited for, which may take as long as a person needs to load a cartridge. Thread-safe.
final class Stillness {
    private final LongSupplier nanos;
    private final AtomicLong stirred;
    private final AtomicInteger steps = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();

    /// @param nanos as [System#nanoTime]
    Stillness(LongSupplier nanos) {
        this.nanos = nanos;
        this.stirred = new AtomicLong(nanos.getAsLong());
    }

    /// Something goes on.
    void stirs() {
        stirred.set(nanos.getAsLong());
    }

    /// Something that ends with [#close].
    interface Step extends AutoCloseable {
        @Override
        void close();
    }

    /// The target itself is at work from here on.
    Step step() {
        return count(steps);
    }

    /// A body is read from here on.
    Step read() {
        return count(reads);
    }

    private Step count(AtomicInteger those) {
        those.incrementAndGet();
        stirs();
        return () -> {
            stirs();
            those.decrementAndGet();
        };
    }

    boolean hasSteps() {
        return steps.get() > 0;
    }

    /// @param carrying whether copies are on their way
    boolean lasts(Duration span, boolean carrying) {
        return (carrying || hasSteps())
                && reads.get() == 0
                && nanos.getAsLong() - stirred.get() >= span.toNanos();
    }
}
