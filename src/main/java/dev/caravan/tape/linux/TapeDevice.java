package dev.caravan.tape.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;

/// A device that somebody named as a tape drive, looked at without taking it: the `sg` device of
/// the same drive answers while `st` belongs to another program.
///
/// @param path as it was named
/// @param identity who the drive is (SPC-4 §6.4 INQUIRY, §7.8.11 page 80h)
public record TapeDevice(Path path, DriveIdentity identity) {
    /// `SCSI_TAPE_MAJOR`, <linux/major.h>
    private static final int MAJOR = 9;

    private static final int INQUIRY_BYTES = 96;
    private static final int SERIAL_PAGE = 0x80;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// @throws TapeException in one line, if it is no device of a tape drive, or does not answer
    public static TapeDevice of(Path path) throws TapeException {
        return of(NativeTapeSyscalls.KERNEL, path);
    }

    static TapeDevice of(TapeSyscalls kernel, Path path) throws TapeException {
        int number = kernel.deviceNumber(path);
        if (number < 0) {
            throw refused(
                    path,
                    Errno.of(-number),
                    "there is no such device, or this user may not see it");
        }
        if (number == 0 || number >>> NativeTapeSyscalls.MINOR_BITS != MAJOR) {
            throw refused(
                    path,
                    Errno.ENODEV,
                    "it is no tape device; want /dev/tape/by-id/…-nst or /dev/nstN");
        }
        if ((number & TapeAbi.NO_REWIND_MINOR) == 0) {
            throw refused(
                    path,
                    Errno.ENODEV,
                    "it rewinds whenever it is closed; want the -nst device of the same drive");
        }
        Path asked = kernel.generic(number).orElse(path);
        int fd = kernel.open(asked, TapeAbi.O_RDWR | TapeAbi.O_NONBLOCK | TapeAbi.O_CLOEXEC);
        if (fd < 0) {
            throw refused(path, Errno.of(-fd), "%s does not open: error %d".formatted(asked, -fd));
        }
        try {
            byte[] inquiry = inquiry(kernel, fd, path, 0);
            return new TapeDevice(
                    path,
                    new DriveIdentity(
                            text(inquiry, 8, 8),
                            text(inquiry, 16, 16),
                            text(inquiry, 32, 4),
                            serial(inquiry(kernel, fd, path, SERIAL_PAGE))));
        } finally {
            int _ = kernel.close(fd); // nothing was written
        }
    }

    private static String serial(byte[] page) {
        return page.length < 4 ? "" : text(page, 4, page[3] & 0xFF);
    }

    private static String text(byte[] data, int at, int length) {
        return at >= data.length ? "" : Bytes.text(data, at, Math.min(length, data.length - at));
    }

    /// @param page of the vital product data; 0 for the standard data
    private static byte[] inquiry(TapeSyscalls kernel, int fd, Path path, int page)
            throws TapeException {
        byte[] cdb = {0x12, (byte) (page == 0 ? 0 : 1), (byte) page, 0, INQUIRY_BYTES, 0};
        try (Arena arena = Arena.ofShared()) {
            MemorySegment buffer = arena.allocate(INQUIRY_BYTES, 8);
            ScsiReply reply =
                    kernel.sgIo(fd, cdb, TapeSyscalls.Direction.FROM_DEVICE, buffer, PATIENCE);
            if (reply.good()) {
                return buffer.asSlice(0, reply.transferred()).toArray(JAVA_BYTE);
            }
            if (page != 0) { // a drive without a serial number
                return new byte[0];
            }
            throw refused(path, Errno.of(reply.errno()), reply.reason());
        }
    }

    private static TapeException refused(Path path, Errno errno, String why) {
        return new TapeException("identify the drive", path.toString(), errno, why);
    }
}
