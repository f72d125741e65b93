package dev.caravan.segment;

import dev.caravan.item.Contents;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Has the stretches of a segment made by workers, a few ahead of the stream that takes them in
/// their order. Large members are passed over: those are the stream's. Confined to one thread.
final class StretchesAhead implements Closeable {

    /// Stretches made at a time: so many that a reader which takes one is not at the next before a
    /// worker has got a processor.
    static final int MOST = 6;

    /// No stretch is begun that makes them more than this together, unless it is the only one. With
    /// the one that is taken, no more than two files of 4 MiB are in memory.
    private static final int MOST_BYTES = 3 << 20;

    private final List<Member> members;
    private final Contents contents;
    private final boolean beside;
    private final ArrayDeque<Work> begun = new ArrayDeque<>();
    private final ArrayDeque<byte[]> spare = new ArrayDeque<>();
    private int bytes;
    private int next;

    /// @param beside whether workers make the stretches, or [#take]
    StretchesAhead(List<Member> members, Contents contents, boolean beside) {
        this.members = members;
        this.contents = contents;
        this.beside = beside;
    }

    /// The next stretch, complete but for its links.
    ///
    /// @throws IOException if the thread is interrupted
    Stretch take() throws IOException {
        if (begun.isEmpty()) {
            begin();
        }
        Work work = begun.getFirst();
        if (beside) {
            work.await();
        } else {
            work.run();
        }
        begun.removeFirst();
        bytes -= work.stretch.length();
        begin();
        work.check();
        return work.stretch;
    }

    /// Takes the buffer of a stretch back.
    void giveBack(Stretch stretch) {
        if (stretch.bytes().length == Stretch.BYTES) {
            spare.add(stretch.bytes());
        }
    }

    private void begin() {
        while (begun.size() < (beside ? MOST : 1)) {
            while (next < members.size() && members.get(next).large()) {
                next++;
            }
            if (next == members.size()) {
                return;
            }
            int end = Stretch.end(members, next);
            List<Member> some = members.subList(next, end);
            int length = Stretch.length(some);
            if (!begun.isEmpty() && bytes + length > MOST_BYTES) {
                return;
            }
            Work work = new Work(new Stretch(some, contents, buffer(length, end)));
            if (beside) {
                Workers.run(work);
            }
            begun.add(work);
            bytes += length;
            next = end;
        }
    }

    private byte[] buffer(int length, int end) {
        if (length > Stretch.BYTES) {
            return new byte[length];
        }
        byte[] used = spare.poll();
        boolean more = end < members.size();
        return used != null ? used : new byte[more ? Stretch.BYTES : length];
    }

    /// Ends the making; when it returns no file is open and none will be. An interrupt is passed on
    /// to the workers and kept.
    @Override
    public void close() {
        next = members.size();
        begun.forEach(work -> work.stretch.leave());
        boolean interrupted = false;
        for (Work work; beside && (work = begun.peek()) != null; ) {
            try {
                if (work.ended(Workers.LAST_FILE)) {
                    begun.remove();
                } else {
                    work.interrupt();
                }
            } catch (InterruptedException e) {
                interrupted = true;
                begun.forEach(Work::interrupt);
            }
        }
        begun.clear();
        spare.clear();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// The making of one stretch.
    private static final class Work implements Runnable {
        final Stretch stretch;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile @Nullable Throwable failure;
        private @Nullable Thread worker;

        Work(Stretch stretch) {
            this.stretch = stretch;
        }

        @Override
        public void run() {
            work(Thread.currentThread());
            try {
                stretch.make();
            } catch (Throwable e) { // whatever it is, it is thrown where the segment is read
                failure = e;
            } finally {
                work(null);
                ended.countDown();
            }
        }

        private synchronized void work(@Nullable Thread thread) {
            worker = thread;
        }

        synchronized void interrupt() {
            if (worker != null) {
                worker.interrupt();
            }
        }

        boolean ended(Duration most) throws InterruptedException {
            return ended.await(most.toNanos(), TimeUnit.NANOSECONDS);
        }

        void await() throws ClosedByInterruptException {
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ClosedByInterruptException();
            }
        }

        void check() throws IOException {
            Workers.rethrow(failure);
        }
    }
}
