package dev.caravan.segment;

import dev.caravan.item.Sha256;
import java.nio.channels.ClosedByInterruptException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// The SHA-256 of a file that passes in pieces, taken by a worker while the next pieces are read
/// and the ones before are handed on. Pieces go round: [#free] gives the one that was hashed
/// longest ago. Whoever has to wait goes on when half of them are free.
///
/// For one thread; the monitor guards what it shares with the worker.
final class PieceDigest {

    /// 1 MiB in all.
    private static final int PIECES = 4;

    private final boolean beside;
    private final MessageDigest digest = Sha256.digest();
    private final byte[][] pieces;
    private final int[] lengths;
    private long added;
    private long hashed;
    private boolean working;
    private @Nullable Throwable failure;

    /// @param beside whether a worker hashes, or [#add]
    PieceDigest(boolean beside) {
        this.beside = beside;
        int count = beside ? PIECES : 1;
        this.pieces = new byte[count][MemberFile.PIECE];
        this.lengths = new int[count];
    }

    /// A piece to read into; the one before stays as it is until the next call.
    synchronized byte[] free() throws ClosedByInterruptException {
        if (added - hashed == pieces.length) {
            await(pieces.length / 2);
        }
        return pieces[(int) (added % pieces.length)];
    }

    /// Adds what was read into the piece of [#free].
    void add(int length) {
        if (!beside) {
            Sha256.update(digest, pieces[0], 0, length);
            return;
        }
        boolean start;
        synchronized (this) {
            lengths[(int) (added % pieces.length)] = length;
            added++;
            start = !working;
            working = true;
        }
        if (start) {
            try {
                Workers.run(this::hash);
            } catch (Throwable e) { // no thread can be had
                fail(e);
            }
        }
    }

    /// The digest of all that was added; the next file begins.
    Sha256 finish() throws ClosedByInterruptException {
        await(0);
        return Sha256.of(digest.digest());
    }

    /// Leaves out what was added; the next file begins.
    void reset() throws ClosedByInterruptException {
        await(0);
        digest.reset();
    }

    private synchronized void await(int most) throws ClosedByInterruptException {
        try {
            while (added - hashed > most && failure == null) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
        if (failure != null) {
            throw new IllegalStateException("unable to hash a file", failure);
        }
    }

    /// What the worker does: it ends when it has caught up, and is called again for the next piece.
    private void hash() {
        try {
            int next;
            while ((next = next()) >= 0) {
                Sha256.update(digest, pieces[next], 0, lengths[next]);
                hashed();
            }
        } catch (Throwable e) { // whatever it is, it is thrown where the file is read
            fail(e);
        }
    }

    private synchronized int next() {
        if (hashed == added) {
            working = false;
            return -1;
        }
        return (int) (hashed % pieces.length);
    }

    private synchronized void hashed() {
        hashed++;
        long left = added - hashed;
        if (left == 0 || left == pieces.length / 2) {
            notifyAll();
        }
    }

    private synchronized void fail(Throwable why) {
        failure = why;
        notifyAll();
    }
}
