package dev.caravan.tape.pool;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The first of the two stages of writing: a thread of its own reads a body and cuts it into
/// records, while the thread that owns the drive writes the ones before. The body is read by that
/// one thread only, from the first [#next] until [#close] returns, and by nobody afterwards.
///
/// Confined to the thread that writes, except [#cancel].
final class RecordFeed implements AutoCloseable {
    /// The body failed, not the drive: the caller must be able to tell. It carries what the body
    /// threw.
    static final class BodyException extends IOException {
        private static final long serialVersionUID = 1L;

        private final Throwable body;

        BodyException(Throwable body) {
            super(body);
            this.body = body;
        }

        @Override
        public synchronized Throwable getCause() {
            return body;
        }

        /// Throws what the body threw.
        IOException thrown() {
            return switch (body) {
                case IOException e -> e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> this;
            };
        }
    }

    /// How long a body may take for the record it is at before it is interrupted, when no more is
    /// wanted of it. An interrupt closes files and sockets under a body that might be read again.
    private static final Duration LAST_READ = Duration.ofSeconds(10);

    private final InputStream in;
    private final RecordRing ring;
    private final FeedMeter meter;
    private final boolean digest;
    private final Thread reader;
    private final CRC32C crc = new CRC32C();
    private boolean started;
    private boolean holding;
    private long records;
    private long bytes;

    /// @param digest whether [#digest] is wanted
    RecordFeed(
            InputStream in, RecordRing ring, FeedMeter meter, boolean digest, String threadName) {
        this.in = in;
        this.ring = ring;
        this.meter = meter;
        this.digest = digest;
        this.reader = Thread.ofPlatform().daemon().name(threadName).unstarted(this::read);
        ring.begin();
    }

    /// The next record; null at the end of the body. Valid until the next call.
    ///
    /// @throws BodyException if the body failed, or was empty, or this thread was interrupted: then
    ///   its flag is set
    @Nullable ByteBuffer next() throws BodyException {
        if (!started) {
            started = true;
            reader.start();
        }
        if (holding) {
            holding = false;
            ring.write();
        }
        ByteBuffer record;
        try {
            if (ring.ready()) {
                record = ring.next();
            } else {
                long from = meter.now();
                record = ring.next();
                meter.waited(from, record == null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted =
                    new InterruptedIOException("interrupted while writing to tape");
            ring.fail(interrupted);
            throw new BodyException(interrupted);
        }
        if (record == null) {
            Throwable failure = ring.failure();
            if (failure != null) {
                throw new BodyException(failure);
            }
            if (records == 0) {
                throw new BodyException(
                        new IOException("the body is empty: a tape file has at least one byte"));
            }
            return null;
        }
        holding = true;
        return record;
    }

    /// Notes that the drive has taken the record of [#next].
    void taken(int length) {
        records++;
        bytes += length;
        meter.wrote(length);
    }

    /// Makes the next [#next] fail with this. For any thread.
    void cancel(IOException reason) {
        ring.fail(reason);
    }

    /// The records and bytes the drive took.
    long records() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    /// CRC-32C of the whole body, after its end.
    long digest() {
        return crc.getValue();
    }

    /// Ends the reading, and returns when the body is no longer touched. An interrupt is passed on
    /// to the body and kept.
    @Override
    public void close() {
        ring.end();
        boolean interrupted = Thread.interrupted();
        if (interrupted) {
            reader.interrupt();
        }
        Duration patience = LAST_READ;
        while (started && reader.isAlive()) {
            try {
                if (!reader.join(patience)) {
                    reader.interrupt();
                }
            } catch (InterruptedException e) {
                interrupted = true;
                reader.interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// What the reading thread does.
    private void read() {
        try {
            ByteBuffer record;
            while ((record = ring.free()) != null) {
                if (in instanceof ReadableByteChannel channel) {
                    while (record.hasRemaining() && channel.read(record) >= 0) {
                        // a channel may give less than asked
                    }
                } else {
                    byte[] staging = ring.staging();
                    record.put(staging, 0, in.readNBytes(staging, 0, staging.length));
                }
                boolean whole = !record.hasRemaining();
                record.flip();
                if (record.hasRemaining()) {
                    if (digest) {
                        crc.update(record.duplicate());
                    }
                    ring.fill();
                }
                if (!whole) {
                    break;
                }
            }
            ring.end();
        } catch (InterruptedException e) {
            ring.fail(new InterruptedIOException("interrupted while the body was read for tape"));
        } catch (Throwable e) { // whatever it is, it is thrown where the body was given
            ring.fail(e);
        }
    }
}
