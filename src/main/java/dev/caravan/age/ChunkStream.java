package dev.caravan.age;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A file while it is sealed or opened. Whoever reads it also reads the source, and works on the
/// batch whose bytes come next; workers do those behind it. How far it reads ahead grows as it is
/// read on: one chunk costs no thread, and a seek reads no more than it must. At most [#MOST_AHEAD]
/// batches are held, 2 MiB. Confined to one thread.
final class ChunkStream extends InputStream implements ReadableByteChannel {
    /// A quarter of a MiB: about a millisecond of work, far more than it takes to hand it over.
    private static final int BATCH = 4;

    private static final int MOST_AHEAD = 6;

    private final PushbackInputStream source;
    private final ChunkCipher cipher;
    private final Deque<Batch> ahead = new ArrayDeque<>();
    private final Deque<Batch> free = new ArrayDeque<>();
    private Batch current;
    private final @Nullable Given given;
    private int nextBatch;
    private long nextChunk;
    private int window = 1;
    private boolean ended;
    private boolean open = true;
    private @Nullable Throwable failure;

    /// @param first bytes to give before those of the chunks
    /// @param firstChunk the number of the one that the source stands at
    ChunkStream(byte[] first, InputStream source, ChunkCipher cipher, long firstChunk) {
        this(first, source, cipher, firstChunk, null);
    }

    /// From the first chunk on, as far as others that share `given` allow it: all batches are of
    /// the same size, so that one of them is the same chunks in every stream.
    ///
    /// @param first bytes to give before those of the chunks
    ChunkStream(byte[] first, InputStream source, ChunkCipher cipher, Given given) {
        this(first, source, cipher, 0, given);
    }

    private ChunkStream(
            byte[] first,
            InputStream source,
            ChunkCipher cipher,
            long firstChunk,
            @Nullable Given given) {
        this.given = given;
        this.current = new Batch(first);
        this.source = new PushbackInputStream(source);
        this.cipher = cipher;
        this.nextChunk = firstChunk;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, to.length);
        if (length == 0) {
            return 0;
        }
        return hasMore() ? current.take(to, offset, length) : -1;
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        if (!to.hasRemaining()) {
            return 0;
        }
        return hasMore() ? current.take(to) : -1;
    }

    @Override
    public long skip(long count) throws IOException {
        long skipped = 0;
        while (skipped < count && hasMore()) {
            skipped += current.skip(count - skipped);
        }
        return skipped;
    }

    /// Whether there is a byte to give; goes on to the next batch if need be. What failed once,
    /// fails from then on: a hole in the bytes would go unseen.
    private boolean hasMore() throws IOException {
        if (!open) {
            throw new IOException("stream is closed");
        }
        if (failure != null) {
            throw new IOException("read after a failure: " + failure.getMessage(), failure);
        }
        try {
            while (!current.hasMore()) {
                if (!advance()) {
                    return false;
                }
            }
            return true;
        } catch (Throwable e) {
            failure = e;
            throw e;
        }
    }

    private boolean advance() throws IOException {
        if (current.room() == BATCH) {
            free.add(current);
        }
        readAhead();
        Batch next = ahead.poll();
        if (next == null) {
            current = new Batch(new byte[0]);
            return false;
        }
        next.await();
        if (given != null) {
            given.give(nextBatch++, next.print());
        }
        current = next;
        window = Math.min(2 * window, MOST_AHEAD);
        return true;
    }

    private void readAhead() throws IOException {
        while (!ended && ahead.size() < window) {
            Batch batch = free.poll();
            if (batch == null) {
                batch = new Batch(window == 1 && given == null ? 1 : BATCH);
            }
            long first = nextChunk;
            fill(batch);
            batch.work(cipher, first, ended);
            if (!ahead.isEmpty()) {
                batch.giveTo(Workers.all());
            }
            ahead.add(batch);
        }
    }

    private void fill(Batch batch) throws IOException {
        batch.clear();
        do {
            int length = batch.fill(source, cipher.chunkBytes());
            nextChunk++;
            ended = length < cipher.chunkBytes() || isAtEnd();
        } while (!ended && !batch.isFull());
    }

    /// Whether a chunk is the last shows only behind it.
    private boolean isAtEnd() throws IOException {
        int next = source.read();
        if (next >= 0) {
            source.unread(next);
        }
        return next < 0;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() throws IOException {
        open = false;
        ahead.forEach(Batch::cancel);
        source.close();
    }
}
