package dev.caravan.segment;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Threads that do a piece of a stream's work beside the thread that reads it. They belong to no
/// stream: each piece of work ends by itself, and a thread without any ends a second later. So a
/// stream that nobody closes leaves no thread behind, and a file system that hangs under one stream
/// holds up no other. Thread-safe.
final class Workers {

    /// With one processor there is nothing to win beside the reading thread.
    static final boolean ANY = Runtime.getRuntime().availableProcessors() > 1;

    static final String NAME = "segment-worker";

    /// How long a file system may take for the file a worker is at before that is interrupted, when
    /// no more is wanted.
    static final Duration LAST_FILE = Duration.ofSeconds(10);

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

    /// Throws what a worker has caught, where the stream is read.
    ///
    /// @throws IOException if it is one
    static void rethrow(@Nullable Throwable failure) throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }
}
