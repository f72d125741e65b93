package dev.caravan.tape.linux;

import dev.caravan.tape.drive.CartridgeMemory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The attributes of a cartridge's memory as READ ATTRIBUTE gives them (SPC-4 sections 6.17 and
/// 7.4). Confined to one thread.
///
/// The data: the length of all that is available (4 bytes), then per attribute its identifier (2),
/// its format (1), the length of its value (2) and the value; all big-endian. Capacities are in MiB
/// (2^20 bytes).
final class MemoryAttributes {
    private static final int REMAINING = 0x0000;
    private static final int CAPACITY = 0x0001;
    private static final int LOADS = 0x0003;
    private static final int CHANGE_REFERENCE = 0x0009;
    private static final int WRITTEN = 0x0220;
    private static final int READ = 0x0221;
    private static final int SERIAL = 0x0401;
    private static final int MEDIUM_TYPE = 0x0408;
    private static final int BARCODE = 0x0806;

    private static final int CLEANING = 0x01;
    private static final int WORM = 0x80;

    private static final int HEADER = 4;
    private static final int ATTRIBUTE_HEADER = 5;
    private static final int MIB_SHIFT = 20;
    private static final int LAST = 0xFFFF;

    private final Map<Integer, byte[]> values = new HashMap<>();

    /// Takes one answer, which begins at the attribute `first` or a later one.
    ///
    /// @return the attribute to ask for next, or -1 if this was all
    int add(ByteBuffer data, int first) {
        if (data.remaining() < HEADER) {
            return -1;
        }
        long available = data.getInt() & 0xFFFF_FFFFL;
        boolean more = available > data.remaining();
        if (!more) { // what follows is no attribute: a drive may answer with more than it says
            data.limit(data.position() + (int) available);
        }
        int last = -1;
        while (data.remaining() >= ATTRIBUTE_HEADER) {
            int id = data.getShort() & 0xFFFF;
            data.get();
            int length = data.getShort() & 0xFFFF;
            if (length > data.remaining()) {
                break;
            }
            byte[] value = new byte[length];
            data.get(value);
            values.put(id, value);
            last = id;
        }
        return more && last >= first && last < LAST ? last + 1 : -1;
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    boolean worm() {
        return type() == WORM;
    }

    boolean cleaning() {
        return type() == CLEANING;
    }

    private int type() {
        byte[] type = values.get(MEDIUM_TYPE);
        return type == null || type.length == 0 ? 0 : type[0] & 0xFF;
    }

    CartridgeMemory memory() {
        return new CartridgeMemory(
                text(BARCODE),
                text(SERIAL),
                number(LOADS),
                mebibytes(WRITTEN),
                mebibytes(READ),
                mebibytes(REMAINING),
                mebibytes(CAPACITY),
                number(CHANGE_REFERENCE));
    }

    private Optional<String> text(int id) {
        byte[] value = values.get(id);
        if (value == null) {
            return Optional.empty();
        }
        String text = new String(value, StandardCharsets.US_ASCII).replace('\0', ' ').strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    /// A number of up to 8 bytes. A length of 0 says that the attribute exists without a value.
    private OptionalLong number(int id) {
        byte[] value = values.get(id);
        if (value == null || value.length == 0 || value.length > Long.BYTES) {
            return OptionalLong.empty();
        }
        long number = 0;
        for (byte part : value) {
            number = number << Byte.SIZE | (part & 0xFF);
        }
        return number < 0 ? OptionalLong.empty() : OptionalLong.of(number);
    }

    private OptionalLong mebibytes(int id) {
        OptionalLong number = number(id);
        return number.isPresent() && number.getAsLong() <= Long.MAX_VALUE >> MIB_SHIFT
                ? OptionalLong.of(number.getAsLong() << MIB_SHIFT)
                : OptionalLong.empty();
    }
}
