package dev.caravan.tape.linux;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// How the bytes of a record get to the kernel and back: a direct buffer as it is, anything else
/// through one aligned buffer. Confined as [LinuxDrive].
final class RecordTransfer {
    /// Some drives refuse to read into less than their smallest record.
    private static final int SMALL_READ = 4096;

    private static final long RETRY_MILLIS = 10;
    private static final int RETRIES = 500;

    private final OpenTape tape;
    private @Nullable MemorySegment copy;

    RecordTransfer(OpenTape tape) {
        this.tape = tape;
    }

    /// One write(2) of what remains in `record`.
    ///
    /// @return the bytes taken, or the negated error number
    long write(ByteBuffer record) {
        MemorySegment from;
        if (record.isDirect()) {
            from = MemorySegment.ofBuffer(record);
        } else {
            from = copy().asSlice(0, record.remaining());
            from.asByteBuffer().put(record.duplicate());
        }
        long written = tape.calls().write(tape.fd(), from);
        for (int i = 0; i < RETRIES && neverBegan(written); i++) {
            written = tape.calls().write(tape.fd(), from);
        }
        return written;
    }

    /// One read(2) into `buffer`, which moves on by what was read.
    ///
    /// @return the length of the record, 0 at its ends, or the negated error number; `ENOMEM` if it
    ///   is longer than the buffer, and then it is passed
    long read(ByteBuffer buffer) {
        int space = space(buffer);
        boolean direct = buffer.isDirect() && space >= SMALL_READ;
        MemorySegment into =
                direct
                        ? MemorySegment.ofBuffer(buffer).asSlice(0, space)
                        : copy().asSlice(0, space < SMALL_READ ? Drive.MAX_RECORD_BYTES : space);
        long read = tape.calls().read(tape.fd(), into);
        for (int i = 0; i < RETRIES && neverBegan(read); i++) {
            read = tape.calls().read(tape.fd(), into);
        }
        if (read > space) {
            return -Errno.ENOMEM.number();
        }
        if (read > 0 && direct) {
            buffer.position(buffer.position() + (int) read);
        } else if (read > 0) {
            buffer.put(into.asSlice(0, read).asByteBuffer());
        }
        return read;
    }

    /// The longest record that a read into this buffer can take.
    static int space(ByteBuffer buffer) {
        return Math.min(buffer.remaining(), Drive.MAX_RECORD_BYTES);
    }

    /// A buffer that takes any record, until the next transfer.
    ByteBuffer any() {
        return copy().asByteBuffer();
    }

    private MemorySegment copy() {
        if (copy == null) {
            copy = tape.allocate(Drive.MAX_RECORD_BYTES);
        }
        return copy;
    }

    /// A signal, or another user of the driver, kept the call from beginning. Waits a little where
    /// the kernel asks to come again.
    private static boolean neverBegan(long result) {
        if (result != -Errno.EAGAIN.number()) {
            return result == -Errno.EINTR.number();
        }
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// @param bytes that were to be moved
    TapeException error(String operation, int number, int bytes) {
        Errno errno = Errno.of(number);
        return switch (errno) {
            case EINVAL ->
                    tape.error(
                            operation,
                            errno,
                            "the drive takes no record of %d bytes".formatted(bytes));
            case EBUSY ->
                    tape.error(
                            operation,
                            errno,
                            "the host adapter does not transfer %d bytes at once".formatted(bytes));
            case ENOSPC -> tape.error(operation, Errno.EIO, "behind the end of the medium");
            default -> tape.error(operation, number);
        };
    }
}
