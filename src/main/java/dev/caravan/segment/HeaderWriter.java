package dev.caravan.segment;

import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Xattr;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Writes all of a member that comes before its stored bytes: a pax extended header if the ustar
/// header cannot say it all, the ustar header, and the map of a sparse file (POSIX.1-2017, pax,
/// "EXTENDED DESCRIPTION"). One buffer, used again for each member. Confined to one thread.
final class HeaderWriter {

    private static final byte[] PATH = Format.ascii("path");
    private static final byte[] LINKPATH = Format.ascii("linkpath");
    private static final byte[] SIZE = Format.ascii("size");
    private static final byte[] MTIME = Format.ascii("mtime");
    private static final byte[] UID = Format.ascii("uid");
    private static final byte[] GID = Format.ascii("gid");
    private static final byte[] HDRCHARSET = Format.ascii("hdrcharset");
    private static final byte[] BINARY = Format.ascii("BINARY");
    private static final byte[] SPARSE_MAJOR = Format.ascii("GNU.sparse.major");
    private static final byte[] SPARSE_MINOR = Format.ascii("GNU.sparse.minor");
    private static final byte[] SPARSE_NAME = Format.ascii("GNU.sparse.name");
    private static final byte[] SPARSE_SIZE = Format.ascii("GNU.sparse.realsize");
    private static final byte[] SPARSE_FOLDER = Format.ascii("GNUSparseFile.0/");
    private static final byte[] PAX = Format.ascii(Format.PAX);
    private static final byte[] HEX = Format.ascii("0123456789abcdef");
    private static final byte[] NOTHING = {};

    private final CRC32C crc = new CRC32C();
    private final byte[] digits = new byte[32];
    private byte[] bytes = new byte[4096];
    private int length;

    /// The header written last; valid up to [#length] and until the next is written.
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /// A folder, a symlink, or a file stored in full.
    void item(byte[] name, Metadata metadata) {
        byte type =
                switch (metadata.kind()) {
                    case FILE -> '0';
                    case SYMLINK -> '2';
                    case FOLDER -> '5';
                };
        write(name, type, metadata, metadata.size(), metadata.linkTarget(), null);
    }

    /// A file stored without its holes.
    void sparse(byte[] name, Metadata metadata, SparseMap map) {
        write(name, (byte) '0', metadata, 0, Metadata.NO_TARGET, map);
    }

    /// A hard link to the earlier member `target`. It has no size: readers differ on links that do.
    void link(byte[] name, Metadata metadata, byte[] target) {
        write(name, (byte) '1', metadata, 0, target, null);
    }

    /// A file of our own.
    void own(String name, long size, Instant modified) {
        write(Format.ascii(name), (byte) '0', own(modified), size, Metadata.NO_TARGET, null);
    }

    /// The header of a void member that takes `total` bytes, header included.
    void voidMember(String name, long total) {
        byte[] bytes = Format.ascii(name);
        long size = total - Format.BLOCK;
        if (size <= Format.MAX_OCTAL_11) {
            write(bytes, (byte) '0', own(Instant.EPOCH), size, Metadata.NO_TARGET, null);
        } else {
            // With its size in a pax record, header and records take two blocks more.
            size -= 2 * Format.BLOCK;
            length = Format.BLOCK;
            number(SIZE, size);
            finish(bytes, (byte) '0', own(Instant.EPOCH), size, Metadata.NO_TARGET, NOTHING);
        }
    }

    private static Metadata own(Instant modified) {
        Instant second = Instant.ofEpochSecond(modified.getEpochSecond());
        return new Metadata(Kind.FILE, 0, second, 0600, 0, 0, Metadata.NO_TARGET, 1, List.of());
    }

    private void write(
            byte[] name,
            byte type,
            Metadata metadata,
            long size,
            byte[] link,
            @Nullable SparseMap map) {
        byte[] encodedMap = map == null ? NOTHING : map.encoded();
        long stored = map == null ? size : encodedMap.length + map.stored();
        length = Format.BLOCK;
        records(name, metadata, stored, link, map);
        byte[] shown = map == null ? name : joined(SPARSE_FOLDER, name);
        finish(shown, type, metadata, stored, link, encodedMap);
    }

    /// What follows the records; without any, there is no extended header.
    private void finish(
            byte[] name, byte type, Metadata metadata, long stored, byte[] link, byte[] map) {
        int records = length - Format.BLOCK;
        if (records == 0) {
            length = 0;
        } else {
            zeros((int) (Format.padded(length) - length));
        }
        ustar(name, type, metadata, stored, link);
        append(map);
        if (records > 0) {
            crc.reset();
            crc.update(bytes, Format.BLOCK, length - Format.BLOCK);
            extendedHeader(records, (int) crc.getValue());
        }
    }

    /// Only what the ustar header cannot hold. hdrcharset comes first: it rules what follows.
    private void records(
            byte[] name, Metadata metadata, long stored, byte[] link, @Nullable SparseMap map) {
        boolean longName = map == null && Ustar.split(name) < 0;
        boolean longLink = link.length > 100;
        boolean plainName = (!longName && map == null) || Format.plain(name);
        if (!plainName || (longLink && !Format.plain(link))) {
            text(HDRCHARSET, BINARY);
        }
        if (longName) {
            text(PATH, name);
        }
        if (longLink) {
            text(LINKPATH, link);
        }
        if (stored > Format.MAX_OCTAL_11) {
            number(SIZE, stored);
        }
        Instant modified = metadata.modified();
        if (modified.getNano() != 0 || !octalTime(modified)) {
            time(modified);
        }
        if (Integer.toUnsignedLong(metadata.uid()) > Format.MAX_OCTAL_7) {
            number(UID, Integer.toUnsignedLong(metadata.uid()));
        }
        if (Integer.toUnsignedLong(metadata.gid()) > Format.MAX_OCTAL_7) {
            number(GID, Integer.toUnsignedLong(metadata.gid()));
        }
        for (Xattr xattr : metadata.xattrs()) {
            text(xattrKey(xattr.name()), xattr.value());
        }
        if (map != null) {
            number(SPARSE_MAJOR, 1);
            number(SPARSE_MINOR, 0);
            text(SPARSE_NAME, name);
            number(SPARSE_SIZE, map.size());
        }
    }

    private static boolean octalTime(Instant time) {
        return time.getEpochSecond() >= 0 && time.getEpochSecond() <= Format.MAX_OCTAL_11;
    }

    /// `=` ends a keyword; GNU tar reads `%3D` and `%25` back.
    private static byte[] xattrKey(String name) {
        String escaped = name.replace("%", "%25").replace("=", "%3D");
        return (Format.XATTR + escaped).getBytes(StandardCharsets.UTF_8);
    }

    /// A decimal with its sign over the whole number: half a second before 1970 is `-0.500000000`.
    private void time(Instant time) {
        long seconds = time.getEpochSecond();
        int nanos = time.getNano();
        int at = digits.length;
        if (nanos != 0) {
            int fraction = seconds < 0 ? 1_000_000_000 - nanos : nanos;
            for (int i = 0; i < 9; i++) {
                digits[--at] = (byte) ('0' + fraction % 10);
                fraction /= 10;
            }
            digits[--at] = '.';
        }
        at = decimal(seconds < 0 ? -(nanos == 0 ? seconds : seconds + 1) : seconds, at);
        if (seconds < 0) {
            digits[--at] = '-';
        }
        record(MTIME, digits, at, digits.length - at);
    }

    private void number(byte[] key, long value) {
        int at = decimal(value, digits.length);
        record(key, digits, at, digits.length - at);
    }

    private int decimal(long value, int end) {
        int at = end;
        long rest = value;
        do {
            digits[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        return at;
    }

    private void text(byte[] key, byte[] value) {
        record(key, value, 0, value.length);
    }

    /// `length key=value\n`, where length counts its own digits too.
    private void record(byte[] key, byte[] value, int from, int count) {
        int rest = key.length + count + 3;
        int total = rest + 1;
        while (total != rest + digitsOf(total)) {
            total = rest + digitsOf(total);
        }
        room(total);
        int at = length + digitsOf(total);
        for (int left = total, i = at; left > 0; left /= 10) {
            bytes[--i] = (byte) ('0' + left % 10);
        }
        bytes[at++] = ' ';
        System.arraycopy(key, 0, bytes, at, key.length);
        at += key.length;
        bytes[at++] = '=';
        System.arraycopy(value, from, bytes, at, count);
        bytes[at + count] = '\n';
        length += total;
    }

    private static int digitsOf(int value) {
        int count = 1;
        for (int left = value / 10; left > 0; left /= 10) {
            count++;
        }
        return count;
    }

    /// The extended header itself, in the block kept free before its records. Its name carries the
    /// CRC-32C of all that follows up to the stored bytes: the records have no checksum of their
    /// own in the standard, and no other place makes GNU tar neither warn nor read on.
    private void extendedHeader(int records, int crc) {
        Arrays.fill(bytes, 0, Format.BLOCK, (byte) 0);
        System.arraycopy(PAX, 0, bytes, 0, PAX.length);
        for (int i = 0; i < 8; i++) {
            bytes[PAX.length + i] = HEX[(crc >>> (28 - 4 * i)) & 0xF];
        }
        Ustar.fields(bytes, 0, (byte) 'x', 0600, 0, 0, records, 0);
    }

    private void ustar(byte[] name, byte type, Metadata metadata, long stored, byte[] link) {
        int at = length;
        zeros(Format.BLOCK);
        Ustar.names(bytes, at, name, link);
        Ustar.fields(
                bytes,
                at,
                type,
                metadata.mode() & 07777,
                Integer.toUnsignedLong(metadata.uid()),
                Integer.toUnsignedLong(metadata.gid()),
                stored,
                metadata.modified().getEpochSecond());
    }

    private void append(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
    }

    private void zeros(int count) {
        room(count);
        Arrays.fill(bytes, length, length + count, (byte) 0);
        length += count;
    }

    private void room(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
        }
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
