package dev.caravan.target;

import dev.caravan.target.TargetException.Remedy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// Work on each of a batch, a few at a time.
final class Batch {
    private static final int AT_ONCE = 4;

    private Batch() {}

    interface Work<T> {
        T of(Carried carried) throws TargetException;
    }

    /// @return the results in the order of the batch
    /// @throws TargetException the first that was thrown, when all are done
    static <T> List<T> each(String target, List<Carried> batch, Work<T> work)
            throws TargetException {
        List<Callable<T>> calls = new ArrayList<>();
        Semaphore few = new Semaphore(AT_ONCE);
        for (Carried carried : batch) {
            calls.add(() -> {
                few.acquire();
                try {
                    return work.of(carried);
                } finally {
                    few.release();
                }
            });
        }
        List<T> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<T> one : threads.invokeAll(calls)) {
                results.add(one.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TargetException(
                    Remedy.WAIT, "target '" + target + "': interrupted while proving", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TargetException failed) {
                throw failed;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
