package dev.caravan.tape.pool;

import dev.caravan.tape.drive.Drive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.zip.CRC32C;

/// Cuts a stream into records, in one off-heap buffer that the drive writes from. Confined to one
/// thread.
final class RecordSource {
    /// The body failed, not the drive: the caller must be able to tell.
    static final class BodyException extends IOException {
        private static final long serialVersionUID = 1L;

        private final IOException body;

        BodyException(IOException body) {
            super(body);
            this.body = body;
        }

        @Override
        public synchronized IOException getCause() {
            return body;
        }
    }

    /// Page-aligned, so that a driver can hand it to the hardware as it is.
    private static final int ALIGNMENT = 4096;

    private final InputStream in;
    private final ByteBuffer record;
    private final byte[] staging;
    private final CRC32C crc = new CRC32C();
    private long records;
    private long bytes;

    RecordSource(InputStream in, int blockBytes) {
        if (blockBytes < 1 || blockBytes > Drive.MAX_RECORD_BYTES) {
            throw new IllegalArgumentException(
                    "records of %d bytes: want 1 to %d"
                            .formatted(blockBytes, Drive.MAX_RECORD_BYTES));
        }
        this.in = in;
        this.record =
                ByteBuffer.allocateDirect(blockBytes + ALIGNMENT)
                        .alignedSlice(ALIGNMENT)
                        .limit(blockBytes)
                        .slice();
        this.staging = in instanceof ReadableByteChannel ? new byte[0] : new byte[blockBytes];
    }

    /// The next record; empty at the end of the stream. Valid until the next call.
    ByteBuffer next(boolean digest) throws BodyException {
        record.clear();
        try {
            if (in instanceof ReadableByteChannel channel) {
                while (record.hasRemaining() && channel.read(record) >= 0) {
                    // a channel may give less than asked
                }
            } else {
                record.put(staging, 0, in.readNBytes(staging, 0, staging.length));
            }
        } catch (IOException e) {
            throw new BodyException(e);
        }
        record.flip();
        if (record.hasRemaining()) {
            records++;
            bytes += record.remaining();
        }
        if (digest) {
            crc.update(record.duplicate());
        }
        return record;
    }

    long records() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    /// CRC-32C of all records taken with `digest`.
    long digest() {
        return crc.getValue();
    }
}
