package dev.caravan.age;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Threads that seal and open chunks beside those that read streams: one less than processors, for
/// the readers work too. What they do is only to compute and ends by itself, so all streams share
/// them. A thread without work ends a second later. Thread-safe.
final class Workers {
    private static final int COUNT = Runtime.getRuntime().availableProcessors() - 1;

    private Workers() {}

    private static final Executor THREADS = COUNT == 0 ? work -> {} : threads();

    /// With one processor there are none: the reader does what nobody has begun.
    static Executor all() {
        return THREADS;
    }

    private static Executor threads() {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(
                        COUNT,
                        COUNT,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon().name("age-worker-", 1).factory());
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }
}
