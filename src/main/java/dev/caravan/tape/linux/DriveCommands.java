package dev.caravan.tape.linux;

import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.TapeAlert;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// The SCSI commands by which a drive tells of itself and its cartridge (SPC-4, SSC-4). A drive
/// that does not know a command, or a user who may not send it, leaves the value missing: none of
/// this is needed to write a tape.
///
/// Sent through the `sg` device of the drive, else through `st`. Only commands that move nothing
/// and clear no condition that `st` must see. Confined as [LinuxDrive].
final class DriveCommands {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int O_FLAGS = TapeAbi.O_RDWR | TapeAbi.O_NONBLOCK | TapeAbi.O_CLOEXEC;

    private static final int INQUIRY = 0x12;
    private static final int SERIAL_PAGE = 0x80;
    private static final int LOG_SENSE = 0x4D;
    private static final int CUMULATIVE = 0x40;
    private static final int TAPE_ALERT_PAGE = 0x2E;
    private static final int MODE_SENSE_10 = 0x5A;
    private static final int MEDIUM_CONFIGURATION_PAGE = 0x1D;
    private static final int READ_ATTRIBUTE = 0x8C;

    private static final int INQUIRY_BYTES = 96;
    private static final int LOG_BYTES = 4092;
    private static final int MODE_BYTES = 255;
    private static final int ATTRIBUTE_BYTES = 32764;

    private final OpenTape tape;
    private int generic = -1;
    private boolean looked;

    DriveCommands(OpenTape tape) {
        this.tape = tape;
    }

    DriveIdentity identity() {
        Optional<ByteBuffer> standard =
                ask(INQUIRY_BYTES, INQUIRY, 0, 0, INQUIRY_BYTES >> 8, INQUIRY_BYTES, 0);
        Optional<ByteBuffer> serial =
                ask(INQUIRY_BYTES, INQUIRY, 1, SERIAL_PAGE, INQUIRY_BYTES >> 8, INQUIRY_BYTES, 0);
        return new DriveIdentity(
                standard.map(data -> text(data, 8, 8)).orElse(""),
                standard.map(data -> text(data, 16, 16)).orElse(""),
                standard.map(data -> text(data, 32, 4)).orElse(""),
                serial.map(data -> text(data, 4, at(data, 3))).orElse(""));
    }

    /// What is known of the cartridge. Reading the alerts clears them in the drive.
    MediumReport report(TapeState state) {
        MemoryAttributes attributes = attributes();
        Set<TapeAlert> alerts = alerts();
        if (attributes.cleaning()) {
            alerts.add(TapeAlert.CLEANING_MEDIA);
        }
        return new MediumReport(
                attributes.isEmpty() ? Optional.empty() : Optional.of(attributes.memory()),
                alerts,
                state.ready() && state.density() > 0
                        ? OptionalInt.of(state.density())
                        : OptionalInt.empty(),
                attributes.worm() || wormMode());
    }

    Optional<CartridgeMemory> memory() {
        MemoryAttributes attributes = attributes();
        return attributes.isEmpty() ? Optional.empty() : Optional.of(attributes.memory());
    }

    /// The flags of log page 2Eh.
    private Set<TapeAlert> alerts() {
        Set<TapeAlert> alerts = EnumSet.noneOf(TapeAlert.class);
        Optional<ByteBuffer> page =
                ask(
                        LOG_BYTES,
                        LOG_SENSE,
                        0,
                        CUMULATIVE | TAPE_ALERT_PAGE,
                        0,
                        0,
                        0,
                        0,
                        LOG_BYTES >> 8,
                        LOG_BYTES & 0xFF,
                        0);
        page.filter(data -> (at(data, 0) & 0x3F) == TAPE_ALERT_PAGE)
                .ifPresent(data -> {
                    int parameter = 4;
                    while (parameter + 4 < data.limit()) {
                        if ((at(data, parameter + 4) & 1) != 0) {
                            TapeAlert.of(data.getShort(parameter)).ifPresent(alerts::add);
                        }
                        parameter += 4 + at(data, parameter + 3);
                    }
                });
        return alerts;
    }

    /// Mode page 1Dh has a bit for a cartridge that can be written once (SSC-4 8.3.7); drives that
    /// lack the page say so in the medium type of the cartridge memory.
    private boolean wormMode() {
        Optional<ByteBuffer> page =
                ask(
                        MODE_BYTES,
                        MODE_SENSE_10,
                        0x08, // without block descriptors
                        MEDIUM_CONFIGURATION_PAGE,
                        0,
                        0,
                        0,
                        0,
                        0,
                        MODE_BYTES,
                        0);
        int start = 8 + page.map(data -> at(data, 6) << 8 | at(data, 7)).orElse(0);
        return page.filter(data -> (at(data, start) & 0x3F) == MEDIUM_CONFIGURATION_PAGE)
                .map(data -> (at(data, start + 2) & 1) != 0)
                .orElse(false);
    }

    private MemoryAttributes attributes() {
        MemoryAttributes attributes = new MemoryAttributes();
        int first = 0;
        while (first >= 0) {
            Optional<ByteBuffer> data =
                    ask(
                            ATTRIBUTE_BYTES,
                            READ_ATTRIBUTE,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0,
                            first >> 8,
                            first & 0xFF,
                            0,
                            0,
                            ATTRIBUTE_BYTES >> 8,
                            ATTRIBUTE_BYTES & 0xFF,
                            0,
                            0);
            first = data.isEmpty() ? -1 : attributes.add(data.get(), first);
        }
        return attributes;
    }

    /// Sends a command that reads at most `bytes`; nothing if it failed.
    private Optional<ByteBuffer> ask(int bytes, int... command) {
        byte[] cdb = new byte[command.length];
        for (int i = 0; i < cdb.length; i++) {
            cdb[i] = (byte) command[i];
        }
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(bytes, Long.BYTES);
            ScsiReply reply =
                    tape.calls()
                            .sgIo(
                                    descriptor(),
                                    cdb,
                                    TapeSyscalls.Direction.FROM_DEVICE,
                                    data,
                                    TIMEOUT);
            return reply.good()
                    ? Optional.of(
                            ByteBuffer.wrap(
                                    data.asSlice(0, reply.transferred())
                                            .toArray(ValueLayout.JAVA_BYTE)))
                    : Optional.empty();
        }
    }

    private int descriptor() {
        if (!looked) {
            looked = true;
            Optional<Path> device = tape.generic();
            generic = device.isPresent() ? tape.calls().open(device.get(), O_FLAGS) : -1;
        }
        return generic >= 0 ? generic : tape.fd();
    }

    private static int at(ByteBuffer data, int index) {
        return index < data.limit() ? data.get(index) & 0xFF : 0;
    }

    private static String text(ByteBuffer data, int offset, int length) {
        int from = Math.min(offset, data.limit());
        int to = Math.min(offset + length, data.limit());
        return new String(data.array(), from, to - from, StandardCharsets.US_ASCII)
                .replace('\0', ' ')
                .strip();
    }

    void close() {
        if (generic >= 0) {
            int _ = tape.calls().close(generic);
            generic = -1;
        }
    }
}
