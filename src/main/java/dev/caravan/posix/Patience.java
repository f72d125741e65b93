package dev.caravan.posix;

import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How long a folder is waited for whose server may be away: nfs(5) with `hard`, and every FUSE
/// file system, keep whoever asks them waiting until it is back, and no signal ends that.
///
/// So the asking is done by a thread of its own, and its owner waits until it is done, or until the
/// folder has not answered for too long: then the thread is left behind and [NoAnswerException] is
/// thrown. While one is left behind nobody is made to wait again, and no further thread is begun;
/// once the folder has answered it, all is as before. The threads are daemons: a program ends
/// without them.
///
/// Work that asks the folder again and again says so by [Pulse#stirs]. What is done meanwhile by
/// others ([Pulse#apart]) is not the folder's time. Work within work is done by the thread that
/// asks for it. Thread-safe.
public final class Patience {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long IDLE_SECONDS = 5;

    private static final ThreadLocal<@Nullable Call<?>> CURRENT = new ThreadLocal<>();

    private final String folder;
    private final LongSupplier nanos;
    private final ThreadPoolExecutor threads;
    private final Set<Call<?>> leftBehind = ConcurrentHashMap.newKeySet();
    private final Queue<Apart> owed = new ConcurrentLinkedQueue<>();
    private volatile Duration longest;

    /// @param folder as messages call it, such as `NAS '/mnt/nas'`
    /// @param longest without an answer
    public Patience(String folder, Duration longest) {
        this(folder, longest, System::nanoTime);
    }

    Patience(String folder, Duration longest, LongSupplier nanos) {
        this.folder = folder;
        this.longest = longest;
        this.nanos = nanos;
        this.threads =
                new ThreadPoolExecutor(
                        0,
                        Integer.MAX_VALUE,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().daemon().name("ask " + folder + " ", 1).factory());
    }

    /// Something that asks the folder.
    @FunctionalInterface
    public interface Work<T extends @Nullable Object> {
        T run(Pulse pulse) throws IOException;
    }

    /// What work says of itself, in its own thread.
    public interface Pulse {
        /// Of work that nobody has to wait for.
        Pulse NONE =
                new Pulse() {
                    @Override
                    public void stirs() {}

                    @Override
                    public void apart(Apart something) throws IOException {
                        something.run();
                    }
                };

        /// The folder has answered.
        ///
        /// @throws NoAnswerException if nobody waits for this work any more
        void stirs() throws NoAnswerException;

        /// Does something that is not the folder's to answer.
        ///
        /// @throws NoAnswerException if nobody waits for this work any more: then it was not done
        void apart(Apart something) throws IOException;
    }

    @FunctionalInterface
    public interface Apart {
        void run() throws IOException;
    }

    /// What becomes of the result of work that nobody waits for any more.
    @FunctionalInterface
    public interface Late<T extends @Nullable Object> {
        /// @param result null if it failed after all
        void discard(@Nullable T result) throws IOException;
    }

    /// As [#await(Work, Late)], of work that leaves nothing open.
    public <T extends @Nullable Object> T await(Work<T> work) throws IOException {
        return await(work, result -> {});
    }

    /// Waits for work to be done. With what is open in the folder, work is done by [Opened].
    ///
    /// @param late is called by the thread that was left behind, if it comes to an end
    /// @throws NoAnswerException if the folder does not answer
    /// @throws IOException the work's own
    public <T extends @Nullable Object> T await(Work<T> work, Late<T> late) throws IOException {
        Call<?> outer = CURRENT.get();
        if (outer != null && outer.patience() == this) {
            return outer.within(work, late);
        }
        Call<?> hanging = leftBehind.stream().findAny().orElse(null);
        if (hanging != null) {
            throw new NoAnswerException(folder, hanging.stillFor(), false);
        }
        Call<T> call = new Call<>(work, late);
        threads.execute(call);
        return call.await();
    }

    /// Closes something that was only read: now, or once the folder answers again.
    public void close(Apart closing) {
        try {
            Boolean _ =
                    await(pulse -> {
                        closing.run();
                        return true;
                    });
        } catch (NoAnswerException hangs) {
            if (!hangs.isLeftBehind()) {
                owed.add(closing);
                if (leftBehind.isEmpty()) { // it came back just now
                    closeWhatIsOwed();
                }
            }
        } catch (IOException failed) {
            // nothing was written: nothing is lost
        }
    }

    private void closeWhatIsOwed() {
        for (Apart closing = owed.poll(); closing != null; closing = owed.poll()) {
            try {
                closing.run();
            } catch (IOException failed) {
                // as above
            }
        }
    }

    /// The program is about to end: nobody is to wait for longer than this.
    public void endsSoon(Duration most) {
        if (most.compareTo(longest) < 0) {
            longest = most;
        }
    }

    /// Some work, from when it is asked for until its thread is done with it.
    private final class Call<T extends @Nullable Object> implements Runnable, Pulse {
        private final Work<T> work;
        private final Late<T> late;
        private long since = nanos.getAsLong();

        /// Something goes on that is not the folder's.
        private boolean apart;

        private boolean done;
        private boolean abandoned;
        private @Nullable T result;
        private @Nullable Throwable failed;

        Call(Work<T> work, Late<T> late) {
            this.work = work;
            this.late = late;
        }

        Patience patience() {
            return Patience.this;
        }

        @Override
        public void run() {
            CURRENT.set(this);
            T made = null;
            Throwable thrown = null;
            try {
                made = work.run(this);
            } catch (Throwable any) { // whoever waits gets it, whatever it is
                thrown = any;
            } finally {
                CURRENT.remove();
            }
            if (!isTaken(made, thrown)) {
                discard(made);
            }
        }

        /// Whether somebody waits for it.
        private synchronized boolean isTaken(@Nullable T made, @Nullable Throwable thrown) {
            result = made;
            failed = thrown;
            done = true;
            notifyAll();
            return !abandoned;
        }

        /// The folder may be asked again once this is done: closing asks it too.
        private void discard(@Nullable T made) {
            try {
                late.discard(made);
            } catch (IOException | RuntimeException nobodyHears) {
                // it was given up long ago
            } finally {
                leftBehind.remove(this);
            }
            if (leftBehind.isEmpty()) {
                closeWhatIsOwed();
            }
        }

        /// Whoever interrupts wants it to end soon, and it does: there is a limit to this.
        @SuppressWarnings("NullAway") // as above
        T await() throws IOException {
            boolean interrupted = false;
            try {
                while (!isOver()) {
                    try {
                        pause();
                    } catch (InterruptedException hurried) {
                        interrupted = true;
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
            return switch (failed) {
                case null -> result;
                case IOException known -> throw known;
                case RuntimeException broken -> throw broken;
                case Error broken -> throw broken;
                case Throwable other -> throw new IllegalStateException(other);
            };
        }

        private synchronized void pause() throws InterruptedException {
            if (!done) {
                TimeUnit.NANOSECONDS.timedWait(this, LOOK_NANOS);
            }
        }

        private synchronized boolean isOver() throws NoAnswerException {
            if (!done && !apart && stillFor().compareTo(longest) >= 0) {
                abandoned = true;
                leftBehind.add(this);
                throw new NoAnswerException(folder, stillFor(), true);
            }
            return done;
        }

        synchronized Duration stillFor() {
            return Duration.ofNanos(nanos.getAsLong() - since);
        }

        @Override
        public synchronized void stirs() throws NoAnswerException {
            if (abandoned) {
                throw new NoAnswerException(folder, stillFor(), false);
            }
            since = nanos.getAsLong();
        }

        @Override
        public void apart(Apart something) throws IOException {
            boolean before = goApart();
            try {
                something.run();
            } finally {
                setApart(before);
            }
        }

        private synchronized boolean goApart() throws NoAnswerException {
            stirs();
            return setApart(true);
        }

        /// Work that its own thread asks for. What is apart does not go on if nobody waits for it.
        <R extends @Nullable Object> R within(Work<R> more, Late<R> ifLate) throws IOException {
            boolean before = setApart(false);
            R made;
            try {
                made = more.run(this);
            } catch (IOException failed) {
                if (before && isAbandoned()) {
                    throw new NoAnswerException(folder, stillFor(), false);
                }
                throw failed;
            } finally {
                setApart(before);
            }
            if (before && isAbandoned()) {
                ifLate.discard(made);
                throw new NoAnswerException(folder, stillFor(), false);
            }
            return made;
        }

        private synchronized boolean isAbandoned() {
            return abandoned;
        }

        private synchronized boolean setApart(boolean now) {
            boolean before = apart;
            apart = now;
            since = abandoned ? since : nanos.getAsLong();
            return before;
        }
    }
}
