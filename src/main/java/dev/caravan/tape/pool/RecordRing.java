package dev.caravan.tape.pool;

import dev.caravan.tape.drive.Drive;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A few off-heap record buffers that go round between the thread that fills them and the one that
/// writes them. Whoever has to wait goes on only when half the ring is ready for it, so that two
/// threads of different speed change places seldom. Used again for tape file after tape file.
///
/// One thread on each side. All state is guarded by the monitor; a buffer belongs to the side that
/// took it until it is handed on.
final class RecordRing {
    /// 1 MiB of records of 256 KiB: enough that the threads need not run in step, and small enough
    /// to stay in the caches of a processor on the way; eight were slower. Longer gaps are the
    /// business of the drive's own buffer.
    static final int RECORDS = 4;

    /// Page-aligned, so that a driver can hand it to the hardware as it is.
    private static final int ALIGNMENT = 4096;

    private final int blockBytes;
    private final ByteBuffer[] records = new ByteBuffer[RECORDS];
    private byte[] staging = new byte[0];

    /// Records filled, and records written, since the tape file began.
    private long filled;

    private long written;
    private boolean ended;
    private @Nullable Throwable failure;

    RecordRing(int blockBytes) {
        if (blockBytes < 1 || blockBytes > Drive.MAX_RECORD_BYTES) {
            throw new IllegalArgumentException(
                    "records of %d bytes: want 1 to %d"
                            .formatted(blockBytes, Drive.MAX_RECORD_BYTES));
        }
        this.blockBytes = blockBytes;
        int stride = (blockBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer all =
                ByteBuffer.allocateDirect(RECORDS * stride + ALIGNMENT).alignedSlice(ALIGNMENT);
        for (int i = 0; i < RECORDS; i++) {
            records[i] = all.slice(i * stride, blockBytes);
        }
    }

    int blockBytes() {
        return blockBytes;
    }

    /// Begins a tape file. Nobody else uses the ring then.
    synchronized void begin() {
        filled = 0;
        written = 0;
        ended = false;
        failure = null;
    }

    /// The next buffer to fill, empty; null if nobody wants more.
    synchronized @Nullable ByteBuffer free() throws InterruptedException {
        if (filled - written == RECORDS) {
            while (filled - written > RECORDS / 2 && !ended) {
                wait();
            }
        }
        return ended ? null : records[(int) (filled % RECORDS)].clear();
    }

    /// Where a body that only fills arrays is read to; for the side that fills.
    byte[] staging() {
        if (staging.length == 0) {
            staging = new byte[blockBytes];
        }
        return staging;
    }

    /// Hands on the buffer of [#free].
    synchronized void fill() {
        filled++;
        if (filled - written >= RECORDS / 2) {
            notifyAll();
        }
    }

    /// No more will be filled.
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /// Ends both sides. The first reason stays.
    synchronized void fail(Throwable reason) {
        if (failure == null) {
            failure = reason;
        }
        ended = true;
        notifyAll();
    }

    synchronized @Nullable Throwable failure() {
        return failure;
    }

    /// Whether a record can be had without waiting, or none will come.
    synchronized boolean ready() {
        return filled > written || ended;
    }

    /// The next record to write; null at the end, and after a failure at once.
    synchronized @Nullable ByteBuffer next() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (filled == written) {
            while (filled - written < RECORDS / 2 && !ended) {
                wait();
            }
        }
        return failure != null || filled == written ? null : records[(int) (written % RECORDS)];
    }

    /// Gives the buffer of [#next] back.
    synchronized void write() {
        written++;
        if (filled - written <= RECORDS / 2) {
            notifyAll();
        }
    }
}
