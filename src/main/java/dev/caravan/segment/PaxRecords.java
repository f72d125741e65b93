package dev.caravan.segment;

import dev.caravan.item.Xattr;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The records of one pax extended header, parsed. Keywords we do not know are left alone, as POSIX
/// wants.
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords(0);

    private static final int LONGEST_NUMBER = 40;

    private final long offset;
    private final Map<String, byte[]> values = new HashMap<>();
    private final List<Xattr> xattrs = new ArrayList<>();

    private PaxRecords(long offset) {
        this.offset = offset;
    }

    /// @param offset of the records in the segment, for messages
    static PaxRecords parse(byte[] bytes, int length, long offset) throws SegmentFormatException {
        PaxRecords records = new PaxRecords(offset);
        int at = 0;
        while (at < length) {
            at = records.parseOne(bytes, at, length);
        }
        return records;
    }

    private int parseOne(byte[] bytes, int start, int end) throws SegmentFormatException {
        int at = start;
        int count = 0;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9' && at - start < 8) {
            count = 10 * count + bytes[at++] - '0';
        }
        if (at == start || at == end || bytes[at] != ' ' || count > end - start) {
            throw wrong("a pax record with no length");
        }
        int last = start + count - 1;
        int equals = ++at;
        while (equals < last && bytes[equals] != '=') {
            equals++;
        }
        if (equals >= last || equals == at || bytes[last] != '\n') {
            throw wrong("a pax record that is not 'length keyword=value'");
        }
        String key = text(Arrays.copyOfRange(bytes, at, equals));
        byte[] value = Arrays.copyOfRange(bytes, equals + 1, last);
        if (key.startsWith(Format.XATTR)) {
            String name = key.substring(Format.XATTR.length());
            xattrs.add(new Xattr(name.replace("%3D", "=").replace("%25", "%"), value));
        } else {
            values.put(key, value);
        }
        return last + 1;
    }

    private String text(byte[] bytes) throws SegmentFormatException {
        try {
            return Format.utf8(bytes);
        } catch (CharacterCodingException e) {
            throw wrong("a pax keyword that is not UTF-8");
        }
    }

    List<Xattr> xattrs() {
        return xattrs;
    }

    byte @Nullable [] bytes(String key) {
        return values.get(key);
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /// The whole number of a record, or `otherwise` if there is none.
    long number(String key, long otherwise, long most) throws SegmentFormatException {
        byte[] value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        String text = new String(value, StandardCharsets.ISO_8859_1);
        if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) > most) {
            throw wrong("pax record " + key + " is not a number from 0 to " + most);
        }
        return Long.parseLong(text);
    }

    /// A decimal of seconds since 1970; more than nine digits behind the point are cut off.
    Instant time(String key, Instant otherwise) throws SegmentFormatException {
        byte[] value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        String text = new String(value, StandardCharsets.ISO_8859_1);
        if (text.length() > LONGEST_NUMBER || !text.matches("-?[0-9]+(\\.[0-9]*)?")) {
            throw wrong("pax record " + key + " is not a time in seconds");
        }
        BigInteger nanos =
                new BigDecimal(text)
                        .movePointRight(9)
                        .setScale(0, RoundingMode.FLOOR)
                        .toBigInteger();
        BigInteger billion = BigInteger.valueOf(1_000_000_000);
        BigInteger rest = nanos.mod(billion);
        BigInteger seconds = nanos.subtract(rest).divide(billion);
        if (seconds.compareTo(BigInteger.valueOf(Instant.MAX.getEpochSecond())) > 0
                || seconds.compareTo(BigInteger.valueOf(Instant.MIN.getEpochSecond())) < 0) {
            throw wrong("pax record " + key + " is a time too far away");
        }
        return Instant.ofEpochSecond(seconds.longValue(), rest.intValue());
    }

    private SegmentFormatException wrong(String found) {
        return new SegmentFormatException(offset, found);
    }
}
