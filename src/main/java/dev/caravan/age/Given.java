package dev.caravan.age;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What was given out under the key of one file, batch by batch: the first that is given of a batch
/// is what it is from then on. Two contents under one key and nonce would give both away, so it is
/// asked before a byte of a batch leaves its stream, and once it was asked for another content the
/// key is spent. Thread-safe: it holds for streams that are read at the same time, too.
final class Given {
    /// Bytes by which the content of a batch is known again.
    static final int PRINT = 16;

    /// Batches on a page, 64 MiB of content: a large file must not need its memory twice to grow.
    private static final int PAGE = 256;

    private final List<byte[]> pages = new ArrayList<>();
    private int count;
    private boolean spent;

    /// Asks for leave to give a batch out.
    ///
    /// @param batch its number in the file; none is left out
    /// @throws AgeException.OtherContent if another was given in its place, or was to be
    synchronized void give(int batch, byte[] print) throws AgeException.OtherContent {
        if (batch > count) {
            throw new IllegalStateException("batch " + batch + " comes before " + count);
        }
        if (batch == pages.size() * PAGE) {
            pages.add(new byte[PAGE * PRINT]);
        }
        byte[] page = pages.get(batch / PAGE);
        int at = batch % PAGE * PRINT;
        if (batch < count) {
            spent |= !Arrays.equals(page, at, at + PRINT, print, 0, PRINT);
        }
        if (spent) {
            throw new AgeException.OtherContent();
        }
        if (batch == count) {
            System.arraycopy(print, 0, page, at, PRINT);
            count++;
        }
    }

    synchronized boolean isSpent() {
        return spent;
    }

    /// How many bytes it holds.
    synchronized int memory() {
        return pages.size() * PAGE * PRINT;
    }
}
