package dev.caravan.segment;

import dev.caravan.item.Sha256;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Has a large file read and hashed by a worker, a few pieces ahead of the stream that takes them:
/// the processor that has read a piece has it in its cache for the digest. One file after the
/// other.
///
/// For one thread; the monitor guards what it shares with the worker. That waits for nobody: it
/// ends when no piece is free, and is called again when half of them are, so a file is in the hands
/// of one thread at a time.
final class PiecesAhead implements Closeable {

    /// 1 MiB in all.
    private static final int PIECES = 4;

    private final boolean beside;
    private final MessageDigest digest = Sha256.digest();
    private final byte[][] pieces;
    private final int[] lengths;

    /// The one that is being read.
    private @Nullable MemberFile file;

    /// How the reading of it ended; both null while it goes on.
    private MemberResult.@Nullable Written written;

    private @Nullable Throwable failure;

    /// Pieces of it that were read, and those of them that were taken and are free again.
    private long read;

    private long freed;

    /// Whether the stream has the next piece.
    private boolean given;

    private boolean working;
    private @Nullable Thread worker;
    private boolean left;

    /// @param beside whether a worker reads, or [#take]
    PiecesAhead(boolean beside) {
        this.beside = beside;
        int count = beside ? PIECES : 1;
        this.pieces = new byte[count][MemberFile.PIECE];
        this.lengths = new int[count];
    }

    /// Begins the next file, which is closed here.
    synchronized void begin(MemberFile next) {
        if (file != null) {
            throw new IllegalStateException("the file before is not at its end");
        }
        file = next;
        written = null;
        failure = null;
        read = 0;
        freed = 0;
        given = false;
        digest.reset();
    }

    /// Takes the next piece of data; the one before is given back.
    ///
    /// @return its length; -1 at the end of the file, which is closed then
    /// @throws IOException if the file is not what its version says; it is closed then
    int take() throws IOException {
        MemberFile of = Objects.requireNonNull(file, "no file is begun, or its end was taken");
        giveBack(of);
        if (!beside && !readyOrEnded()) {
            work(of);
        }
        if (awaitPiece()) {
            return lengths[at(freed)];
        }
        file = null;
        closeRead(of);
        Workers.rethrow(failure);
        return -1;
    }

    /// Where the piece that was taken lies.
    byte[] piece() {
        return pieces[at(freed)];
    }

    /// What became of the file that was taken to its end.
    MemberResult.Written written() {
        return Objects.requireNonNull(written);
    }

    private int at(long number) {
        return (int) (number % pieces.length);
    }

    private synchronized void giveBack(MemberFile of) {
        if (given) {
            given = false;
            freed++;
        }
        if (beside && !working && !ended() && read - freed <= pieces.length / 2) {
            Workers.run(() -> work(of));
            working = true;
        }
    }

    /// Waits for a piece, or the end: then there is none.
    private synchronized boolean awaitPiece() throws ClosedByInterruptException {
        try {
            while (!readyOrEnded()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
        given = read > freed;
        return given;
    }

    private synchronized boolean readyOrEnded() {
        return read > freed || ended();
    }

    private synchronized boolean ended() {
        return written != null || failure != null;
    }

    /// What the worker does.
    private void work(MemberFile of) {
        try {
            int next;
            while ((next = free()) >= 0) {
                MemberFile.Run run = of.next();
                if (run == null) {
                    of.verifyUnchanged();
                    end(of.written(Sha256.of(digest.digest())), null);
                    return;
                }
                of.read(run, pieces[next], 0);
                Sha256.update(digest, pieces[next], 0, run.length());
                wasRead(run);
            }
        } catch (Throwable e) { // whatever it is, it is thrown where the file is taken
            end(null, e);
        }
    }

    /// The piece to read into; -1 if there is none, and the worker is to end.
    private synchronized int free() {
        if (left || read - freed == pieces.length) {
            worker = null;
            working = false;
            notifyAll();
            return -1;
        }
        worker = Thread.currentThread();
        return at(read);
    }

    /// A stream that waits is woken for half of the pieces, and before a hole is gone through.
    private synchronized void wasRead(MemberFile.Run run) {
        if (run.data()) {
            lengths[at(read)] = run.length();
            read++;
        }
        if (!run.data() || read - freed == (pieces.length + 1) / 2) {
            notifyAll();
        }
    }

    private synchronized void end(MemberResult.@Nullable Written as, @Nullable Throwable why) {
        written = as;
        failure = why;
        worker = null;
        working = false;
        notifyAll();
    }

    /// Ends the reading; when it returns the file is closed. An interrupt is passed on to the
    /// worker and kept.
    @Override
    public void close() {
        if (awaitWorker()) {
            Thread.currentThread().interrupt();
        }
        if (file != null) {
            closeRead(file);
            file = null;
        }
    }

    /// @return whether the thread was interrupted
    private synchronized boolean awaitWorker() {
        left = true;
        boolean interrupted = false;
        long patience = Workers.LAST_FILE.toNanos();
        for (long since = System.nanoTime(); working; ) {
            try {
                long more = since + patience - System.nanoTime();
                if (more > 0) {
                    TimeUnit.NANOSECONDS.timedWait(this, more);
                    continue;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (worker != null) {
                worker.interrupt();
            }
            since = System.nanoTime();
        }
        return interrupted;
    }

    /// All bytes are read and judged by now, or given up: an error on closing a descriptor that was
    /// only read says nothing about them.
    private static void closeRead(MemberFile file) {
        try {
            file.close();
        } catch (IOException notOfTheBytes) {
            // see above
        }
    }
}
