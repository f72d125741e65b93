package dev.caravan.age;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/// Chunks that are sealed or opened together, each in its place: whether it is sealed or not, a
/// chunk has the room of a sealed one. Filled and emptied by the thread of its stream; between
/// [#work] and [#await] it belongs to whoever does the work.
final class Batch {
    private final byte[] bytes;
    private final int[] lengths;
    private int count;
    private int chunk;
    private int taken;
    private FutureTask<Integer> work = new FutureTask<>(() -> 0);

    /// @param room in chunks
    Batch(int room) {
        this.bytes = new byte[room * Layout.SEALED];
        this.lengths = new int[room];
    }

    /// One that is ready to be taken.
    Batch(byte[] ready) {
        this.bytes = ready;
        this.lengths = new int[] {ready.length};
        this.count = 1;
    }

    int room() {
        return lengths.length;
    }

    void clear() {
        count = 0;
        chunk = 0;
        taken = 0;
    }

    boolean isFull() {
        return count == lengths.length;
    }

    /// Takes the next chunk from a source, which may have less.
    ///
    /// @return bytes it had
    int fill(InputStream source, int most) throws IOException {
        int length = source.readNBytes(bytes, count * Layout.SEALED, most);
        lengths[count++] = length;
        return length;
    }

    /// What is to be done to the chunks, by the first that comes to it.
    void work(ChunkCipher cipher, long first, boolean withLast) {
        int chunks = count;
        work =
                new FutureTask<>(() -> {
                    cipher.process(bytes, lengths, chunks, first, withLast);
                    return chunks;
                });
    }

    void giveTo(Executor workers) {
        workers.execute(work);
    }

    /// Does the work, unless a worker has begun it, and waits for the end of it.
    void await() throws IOException {
        work.run();
        try {
            work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a chunk was worked on");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException("unable to work on a chunk", e.getCause());
        }
    }

    /// What tells sealed chunks from any others in their place: a hash of their tags. Whoever had
    /// other chunks with these tags could forge, for Poly1305 covers all of a chunk and its length.
    byte[] print() {
        MessageDigest digest = Keys.sha256();
        for (int i = 0; i < count; i++) {
            digest.update(bytes, i * Layout.SEALED + lengths[i] - Layout.TAG, Layout.TAG);
        }
        return Arrays.copyOf(digest.digest(), Given.PRINT);
    }

    void cancel() {
        work.cancel(false);
    }

    /// Whether bytes are left to take.
    boolean hasMore() {
        while (chunk < count && taken == lengths[chunk]) {
            chunk++;
            taken = 0;
        }
        return chunk < count;
    }

    /// Gives bytes of one chunk; there are some.
    int take(byte[] to, int offset, int most) {
        int length = Math.min(most, lengths[chunk] - taken);
        System.arraycopy(bytes, chunk * Layout.SEALED + taken, to, offset, length);
        taken += length;
        return length;
    }

    int take(ByteBuffer to) {
        int length = Math.min(to.remaining(), lengths[chunk] - taken);
        to.put(bytes, chunk * Layout.SEALED + taken, length);
        taken += length;
        return length;
    }

    /// Passes over bytes of one chunk; there are some.
    long skip(long most) {
        int length = (int) Math.min(most, lengths[chunk] - taken);
        taken += length;
        return length;
    }
}
