package dev.caravan.tape.drive;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A drive or changer refused or failed an operation. Carries the operation, the device, the errno
/// and the sense text. After [Errno#EIO] everything written since the last synchronous filemark is
/// unproven.
public final class TapeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String operation;
    private final String device;
    private final Errno errno;
    private final String sense;

    public TapeException(String operation, String device, Errno errno, String sense) {
        this(operation, device, errno, sense, null);
    }

    public TapeException(
            String operation, String device, Errno errno, String sense, @Nullable Throwable cause) {
        super("unable to %s on %s: %s (%s)".formatted(operation, device, sense, errno), cause);
        this.operation = operation;
        this.device = device;
        this.errno = errno;
        this.sense = sense;
    }

    public String operation() {
        return operation;
    }

    public String device() {
        return device;
    }

    public Errno errno() {
        return errno;
    }

    public String sense() {
        return sense;
    }
}
