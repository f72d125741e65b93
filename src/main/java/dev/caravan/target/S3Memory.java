package dev.caravan.target;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import software.amazon.awssdk.core.sync.RequestBody;

/// The memory that uploads to S3 share: blocks of 8 MiB, eight at most, made when they are first
/// needed. What is sent from memory can be sent again when a connection breaks. Thread-safe.
final class S3Memory {
    static final int BLOCK = 8 << 20;
    static final int BLOCKS = 8;

    /// What is larger goes in parts.
    static final long LARGEST_AT_ONCE = 3L * BLOCK;

    private final Semaphore free = new Semaphore(BLOCKS, true);
    private final ConcurrentLinkedQueue<byte[]> unused = new ConcurrentLinkedQueue<>();

    /// Takes hold of as many blocks as so many bytes need, all at once: two that wait for each
    /// other's last block would wait for ever.
    Held hold(long bytes) throws InterruptedException {
        int blocks = Math.max(1, Math.toIntExact((bytes + BLOCK - 1) / BLOCK));
        if (blocks > BLOCKS) {
            throw new IllegalArgumentException(bytes + " bytes are more than there is memory for");
        }
        free.acquire(blocks);
        List<byte[]> held = new ArrayList<>(blocks);
        for (int i = 0; i < blocks; i++) {
            byte[] used = unused.poll();
            held.add(used == null ? new byte[BLOCK] : used);
        }
        return new Held(held);
    }

    /// How many blocks nobody holds.
    int free() {
        return free.availablePermits();
    }

    /// Takes bytes on their way.
    @FunctionalInterface
    interface Sight {
        void of(byte[] bytes, int count);
    }

    /// Blocks that are somebody's until they are closed. Confined to one thread at a time.
    final class Held implements AutoCloseable {
        private final List<byte[]> blocks;
        private boolean closed;

        private Held(List<byte[]> blocks) {
            this.blocks = blocks;
        }

        /// Reads exactly so many bytes, and, if the stream has no more, sees its end.
        ///
        /// @throws EOFException if it ends before
        void fill(InputStream in, long length, Sight sight) throws IOException {
            long left = length;
            for (byte[] block : blocks) {
                int wanted = (int) Math.min(BLOCK, left);
                int count = in.readNBytes(block, 0, wanted);
                if (count < wanted) {
                    throw new EOFException("it ended %d bytes early".formatted(left - count));
                }
                sight.of(block, count);
                left -= count;
            }
        }

        /// The first bytes once more.
        void see(long length, Sight sight) {
            long left = length;
            for (byte[] block : blocks) {
                int count = (int) Math.min(BLOCK, left);
                sight.of(block, count);
                left -= count;
            }
        }

        /// The first bytes, as often as they are asked for.
        RequestBody body(long length) {
            return RequestBody.fromContentProvider(
                    () -> new Blocks(blocks, length), length, "application/octet-stream");
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                unused.addAll(blocks);
                free.release(blocks.size());
            }
        }
    }

    private static final class Blocks extends InputStream {
        private final List<byte[]> blocks;
        private final long length;
        private long at;
        private long marked;

        Blocks(List<byte[]> blocks, long length) {
            this.blocks = blocks;
            this.length = length;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int count) {
            if (at == length) {
                return -1;
            }
            byte[] block = blocks.get((int) (at / BLOCK));
            int from = (int) (at % BLOCK);
            int some = (int) Math.min(Math.min(count, BLOCK - from), length - at);
            System.arraycopy(block, from, into, offset, some);
            at += some;
            return some;
        }

        @Override
        public boolean markSupported() {
            return true;
        }

        @Override
        public synchronized void mark(int limit) {
            marked = at;
        }

        @Override
        public synchronized void reset() {
            at = marked;
        }
    }
}
