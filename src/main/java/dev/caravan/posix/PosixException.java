package dev.caravan.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// A system call that failed: what was tried, on what, and the error number. The message shows
/// names so that they can not move a terminal's cursor: `open 'a/b': Permission denied (EACCES)`.
public final class PosixException extends IOException {

    private final String operation;
    private final int errno;

    PosixException(String operation, byte[] path, int errno) {
        super(
                "%s '%s': %s (%s)"
                        .formatted(operation, show(path), Errno.text(errno), Errno.name(errno)));
        this.operation = operation;
        this.errno = errno;
    }

    private PosixException(String operation, byte[] from, byte[] to, int errno) {
        super(
                "%s '%s' to '%s': %s (%s)"
                        .formatted(
                                operation,
                                show(from),
                                show(to),
                                Errno.text(errno),
                                Errno.name(errno)));
        this.operation = operation;
        this.errno = errno;
    }

    /// The result of a system call, if it is one.
    ///
    /// @param result what [Syscalls] returned: a negative one is an error number
    static long check(String operation, byte[] path, long result) throws PosixException {
        if (result < 0) {
            throw new PosixException(operation, path, (int) -result);
        }
        return result;
    }

    static int check(String operation, byte[] path, int result) throws PosixException {
        return (int) check(operation, path, (long) result);
    }

    static void check(String operation, byte[] from, byte[] to, int result) throws PosixException {
        if (result < 0) {
            throw new PosixException(operation, from, to, -result);
        }
    }

    /// Never null.
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    public String operation() {
        return operation;
    }

    /// One of the numbers in [Errno], or another of the kernel's.
    public int errno() {
        return errno;
    }

    public String errnoName() {
        return Errno.name(errno);
    }

    public boolean is(int other) {
        return errno == other;
    }

    /// Whether the file system can not do that at all.
    public boolean isUnsupported() {
        return errno == Errno.EOPNOTSUPP || errno == Errno.ENOSYS;
    }

    /// UTF-8 text where all of it is printable, else `\xNN` for every byte outside of ASCII.
    private static String show(byte[] path) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(path)).toString();
            if (text.codePoints().allMatch(PosixException::printable)) {
                return text;
            }
        } catch (CharacterCodingException notUtf8) {
            // shown byte by byte
        }
        StringBuilder out = new StringBuilder();
        for (byte b : path) {
            if (b >= ' ' && b < 0x7F) {
                out.append((char) b);
            } else {
                out.append("\\x%02X".formatted(b));
            }
        }
        return out.toString();
    }

    /// Format characters (U+202E and its kin) reorder or hide text.
    private static boolean printable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED ->
                    false;
            default -> true;
        };
    }
}
