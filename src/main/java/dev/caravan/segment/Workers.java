package dev.caravan.segment;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Threads that do a piece of a stream's work beside the thread that reads it. They belong to no
/// stream: each piece of work ends by itself, and a thread without any ends a second later. So a
/// stream that nobody closes leaves nothing behind, and a file system that hangs under one stream
/// holds up no other. Thread-safe.
final class Workers {

    /// With one processor there is nothing to win beside the reading thread.
    static final boolean ANY = Runtime.getRuntime().availableProcessors() > 1;

    static final String NAME = "segment-worker";

    private static final ThreadPoolExecutor THREADS =
            new ThreadPoolExecutor(
                    0,
                    Integer.MAX_VALUE,
                    1,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    Thread.ofPlatform().daemon().name(NAME + "-", 1).factory());

    private Workers() {}

    static void run(Runnable work) {
        THREADS.execute(work);
    }
}
