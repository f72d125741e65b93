package dev.caravan.restore;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Does the work of several targets at the same time, each with as many readers as it can feed.
/// What is in memory at a time is what the readers have in hand. Confined to one thread.
final class Lanes {
    /// @param width how many threads
    private record Lane(String name, int width, Queue<Task> tasks) {}

    private final List<Lane> lanes = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();

    /// One thread's work.
    @FunctionalInterface
    interface Task {
        void run() throws DestinationException;
    }

    void add(String name, int width, List<Task> tasks) {
        lanes.add(
                new Lane(name, Math.min(width, tasks.size()), new ConcurrentLinkedQueue<>(tasks)));
    }

    /// Runs all of it. When the place that is restored to fails, no further task is begun.
    void run() throws DestinationException {
        for (Lane lane : lanes) {
            for (int i = 0; i < lane.width; i++) {
                threads.add(
                        Thread.ofPlatform()
                                .name("restore-" + lane.name + "-" + i)
                                .start(() -> work(lane.tasks)));
            }
        }
        join();
        switch (failed.get()) {
            case null -> {}
            case DestinationException place -> throw place;
            case RuntimeException broken -> throw broken;
            case Error broken -> throw broken;
            case Throwable other -> throw new IllegalStateException(other);
        }
    }

    private void work(Queue<Task> tasks) {
        try {
            Task task;
            while (failed.get() == null && (task = tasks.poll()) != null) {
                task.run();
            }
        } catch (DestinationException | RuntimeException | Error broken) {
            failed.compareAndSet(null, broken);
        }
    }

    /// Whoever interrupts wants it to end soon; what a reader has in hand it ends all the same.
    private void join() {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException hurried) {
                    interrupted = true;
                    failed.compareAndSet(
                            null, new IllegalStateException("the restore was interrupted"));
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
