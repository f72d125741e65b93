package dev.caravan.pipeline;

import dev.caravan.target.Carried;
import dev.caravan.target.Proof;
import dev.caravan.target.TargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Proves and records what a lane has carried, in batches: one proof for all of a batch. While one
/// is being proven the next gathers, so many small files share one flush of the disk. One thread
/// for each lane.
final class Recorder {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
    private static final int BATCH = 2000;
    private static final long GATHER_MILLIS = 500;

    private final TargetLane lane;
    private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final Thread thread;

    /// Something carried that waits for its proof; `done` is called exactly once.
    record Waiting(Carried carried, Done done) {}

    /// What to do when the batch was proven (null) or failed as a whole.
    @FunctionalInterface
    interface Done {
        void done(@Nullable TargetException failure);
    }

    Recorder(TargetLane lane) {
        this.lane = lane;
        this.thread = Thread.ofPlatform().name("record-" + lane.target()).unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    void add(Carried carried, Done done) {
        queue.add(new Waiting(carried, done));
    }

    /// Records what has been added and ends.
    ///
    /// @return whether it did; not if its target does not answer
    boolean stop() throws InterruptedException {
        queue.add(STOP);
        return lane.ended(thread);
    }

    private static final Waiting STOP =
            new Waiting(new Carried.Packed("stop", 0, null, List.of(), null, null), failure -> {});

    private void loop() {
        boolean running = true;
        while (running) {
            List<Waiting> batch = new ArrayList<>();
            try {
                running = gather(batch);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                running = false;
            }
            if (!batch.isEmpty()) {
                prove(batch);
            }
        }
    }

    /// Takes what is there and waits a moment for more, unless nothing more is under way.
    private boolean gather(List<Waiting> batch) throws InterruptedException {
        long until = 0;
        Waiting next = queue.take();
        while (true) {
            if (next == STOP) {
                return false;
            }
            batch.add(next);
            long now = System.nanoTime();
            until = until == 0 ? now + TimeUnit.MILLISECONDS.toNanos(GATHER_MILLIS) : until;
            if (batch.size() >= BATCH || lane.nothingElseUnderWay(batch.size())) {
                return true;
            }
            next = queue.poll(Math.max(0, until - now), TimeUnit.NANOSECONDS);
            if (next == null) {
                return true;
            }
        }
    }

    private void prove(List<Waiting> batch) {
        TargetException failure = null;
        try {
            lane.stirs();
            Proof.Proven proven =
                    lane.proof().get().prove(batch.stream().map(Waiting::carried).toList());
            lane.stirs();
            lane.record(proven);
        } catch (TargetException failed) {
            failure = failed;
        } catch (RuntimeException failed) {
            failure = new TargetException(TargetException.Remedy.WAIT, Fault.chain(failed), failed);
        }
        for (Waiting waiting : batch) {
            finish(waiting, failure);
        }
    }

    /// The route goes on from here; whatever it throws must not end this thread.
    private void finish(Waiting waiting, @Nullable TargetException failure) {
        try {
            waiting.done.done(failure);
        } catch (RuntimeException failed) {
            LOG.error("{}: {}", lane.target(), Fault.chain(failed), failed);
        }
    }
}
