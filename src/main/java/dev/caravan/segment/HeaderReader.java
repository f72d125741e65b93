package dev.caravan.segment;

import dev.caravan.item.Content.Extent;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Reads all of a member that comes before its stored bytes, and believes nothing: every checksum
/// is compared, every length has a bound. Confined to one thread.
final class HeaderReader {
    private static final Pattern CHECKED_NAME =
            Pattern.compile(Pattern.quote(Format.PAX) + "([0-9a-f]{8})");

    private final Blocks blocks;
    private final CRC32C crc = new CRC32C();
    private final byte[] block = new byte[Format.BLOCK];

    HeaderReader(Blocks blocks) {
        this.blocks = blocks;
    }

    /// The next header; null at the two blocks of zeros that end the archive.
    @Nullable Header next() throws IOException {
        long offset = blocks.position();
        crc.reset();
        readBlock();
        if (isZero()) {
            readBlock();
            if (!isZero()) {
                throw new SegmentFormatException(offset, "one block of zeros, not two");
            }
            return null;
        }
        checkUstar(offset);
        if (block[156] != 'x') {
            return header(offset, offset, PaxRecords.NONE, null);
        }
        Matcher checked =
                CHECKED_NAME.matcher(new String(field(0, 100), StandardCharsets.ISO_8859_1));
        Integer wanted = checked.matches() ? Integer.parseUnsignedInt(checked.group(1), 16) : null;
        long length = octal(124, 12, offset);
        if (length == 0 || length > Format.MAX_PAX) {
            throw new SegmentFormatException(offset, "an extended header of " + length + " bytes");
        }
        long recordsAt = blocks.position();
        byte[] records = new byte[(int) Format.padded(length)];
        blocks.read(records, 0, records.length);
        crc.reset();
        crc.update(records);
        long ustarAt = blocks.position();
        readBlock();
        checkUstar(ustarAt);
        PaxRecords pax = PaxRecords.parse(records, (int) length, recordsAt);
        return header(offset, ustarAt, pax, wanted);
    }

    private Header header(long offset, long ustarAt, PaxRecords pax, @Nullable Integer wanted)
            throws IOException {
        byte type = block[156];
        Kind kind =
                switch (type) {
                    case '0', 0, '1' -> Kind.FILE;
                    case '2' -> Kind.SYMLINK;
                    case '5' -> Kind.FOLDER;
                    default ->
                            throw new SegmentFormatException(
                                    ustarAt, "a member of type " + (type & 0xFF));
                };
        byte[] name = or(pax.bytes("GNU.sparse.name"), or(pax.bytes("path"), ustarName()));
        byte[] link = or(pax.bytes("linkpath"), field(157, 100));
        long size = pax.number("size", octal(124, 12, ustarAt), Format.MAX_SIZE);
        int mode = (int) octal(100, 8, ustarAt) & 07777;
        int uid = (int) pax.number("uid", octal(108, 8, ustarAt), 0xFFFFFFFFL);
        int gid = (int) pax.number("gid", octal(116, 8, ustarAt), 0xFFFFFFFFL);
        Instant modified = pax.time("mtime", Instant.ofEpochSecond(octal(136, 12, ustarAt)));
        boolean hardLink = type == '1';
        if (size != 0 && (kind != Kind.FILE || hardLink)) {
            throw new SegmentFormatException(ustarAt, "a link or folder of " + size + " bytes");
        }
        List<Extent> extents = size == 0 ? List.of() : List.of(new Extent(0, size));
        if (pax.has("GNU.sparse.major") && kind == Kind.FILE && !hardLink) {
            long real = pax.number("GNU.sparse.realsize", 0, Format.MAX_SIZE);
            extents = sparse(pax, size, real, ustarAt);
            size = real;
        }
        // Only now: the map of a sparse file belongs to it, and is found by what was just parsed.
        if (wanted != null) {
            checkCrc(wanted, offset);
        }
        Metadata metadata =
                new Metadata(
                        kind,
                        size,
                        modified,
                        mode,
                        uid,
                        gid,
                        kind == Kind.SYMLINK ? link : Metadata.NO_TARGET,
                        hardLink ? 2 : 1,
                        pax.xattrs());
        return new Header(
                offset, withoutSlash(name, kind), metadata, hardLink ? link : null, extents);
    }

    /// The map of GNU's sparse format 1.0, which takes whole blocks before the data.
    private List<Extent> sparse(PaxRecords pax, long stored, long real, long ustarAt)
            throws IOException {
        if (pax.number("GNU.sparse.major", 0, 9) != 1
                || pax.number("GNU.sparse.minor", 9, 9) != 0) {
            throw new SegmentFormatException(ustarAt, "a sparse file not of GNU's format 1.0");
        }
        MapReader map = new MapReader(ustarAt);
        long count = map.number();
        List<Extent> extents = new ArrayList<>();
        long end = 0;
        long sum = 0;
        for (long i = 0; i < count; i++) {
            long offset = map.number();
            long length = map.number();
            if (offset < end || offset > real || length > real - offset) {
                throw new SegmentFormatException(
                        ustarAt, "an extent at " + offset + " of " + length + " bytes");
            }
            end = offset + length;
            sum += length;
            if (length > 0) {
                extents.add(new Extent(offset, length));
            }
        }
        if (sum + map.taken != stored) {
            throw new SegmentFormatException(
                    ustarAt, "a sparse map of " + sum + " bytes with " + stored + " stored");
        }
        return extents;
    }

    /// The decimal lines of a sparse map.
    private final class MapReader {
        private final long ustarAt;
        private long taken;
        private int at = Format.BLOCK;

        MapReader(long ustarAt) {
            this.ustarAt = ustarAt;
        }

        long number() throws IOException {
            long value = 0;
            for (int digits = 0; digits <= 18; digits++) {
                byte next = next();
                if (next == '\n' && digits > 0) {
                    return value;
                }
                if (next < '0' || next > '9') {
                    break;
                }
                value = 10 * value + next - '0';
            }
            throw new SegmentFormatException(ustarAt, "a sparse map that is not of numbers");
        }

        private byte next() throws IOException {
            if (at == Format.BLOCK) {
                if (taken == Format.MAX_MAP) {
                    throw new SegmentFormatException(
                            ustarAt, "a sparse map of more than " + Format.MAX_MAP + " bytes");
                }
                readBlock();
                taken += Format.BLOCK;
                at = 0;
            }
            return block[at++];
        }
    }

    private void checkCrc(int wanted, long offset) throws SegmentFormatException {
        if ((int) crc.getValue() != wanted) {
            throw new SegmentFormatException(
                    offset,
                    "headers with CRC-32C %08x, not %08x".formatted(crc.getValue(), wanted));
        }
    }

    private void readBlock() throws IOException {
        blocks.read(block, 0, block.length);
        crc.update(block);
    }

    private boolean isZero() {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private void checkUstar(long offset) throws SegmentFormatException {
        int sum = 8 * ' ';
        for (int i = 0; i < block.length; i++) {
            sum += i >= 148 && i < 156 ? 0 : block[i] & 0xFF;
        }
        boolean ustar =
                Arrays.equals(
                        block, 257, 257 + Ustar.MAGIC.length, Ustar.MAGIC, 0, Ustar.MAGIC.length);
        if (!ustar || octal(148, 8, offset) != sum) {
            throw new SegmentFormatException(offset, "no ustar header with a right checksum");
        }
    }

    private byte[] ustarName() {
        byte[] name = field(0, 100);
        byte[] prefix = field(345, 155);
        if (prefix.length == 0) {
            return name;
        }
        byte[] joined = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        joined[prefix.length] = '/';
        System.arraycopy(name, 0, joined, prefix.length + 1, name.length);
        return joined;
    }

    private byte[] field(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, at, end);
    }

    private long octal(int at, int length, long offset) throws SegmentFormatException {
        long value = 0;
        int i = at;
        while (i < at + length && block[i] >= '0' && block[i] <= '7') {
            value = (value << 3) | (block[i] - '0');
            i++;
        }
        if (i == at || (i < at + length && block[i] != 0 && block[i] != ' ')) {
            throw new SegmentFormatException(offset, "a header field that is no octal number");
        }
        return value;
    }

    private static byte[] or(byte @Nullable [] first, byte[] second) {
        return first == null ? second : first;
    }

    private static byte[] withoutSlash(byte[] name, Kind kind) {
        int last = name.length - 1;
        return kind == Kind.FOLDER && last > 0 && name[last] == '/'
                ? Arrays.copyOf(name, last)
                : name;
    }
}
