package dev.caravan.segment;

import java.util.Arrays;

/// The fields of a ustar header block (POSIX.1-2017, pax, "ustar Interchange Format").
final class Ustar {
    private static final int NAME = 100;
    private static final int PREFIX = 155;

    /// The magic and the version behind it.
    static final byte[] MAGIC = Format.ascii("ustar\0" + "00");

    private Ustar() {}

    /// Where a name is cut in two: 0 if it fits in the name field, the index of the slash between
    /// prefix and name, or -1 if it fits in neither.
    static int split(byte[] name) {
        if (name.length <= NAME) {
            return 0;
        }
        for (int i = name.length - NAME - 1; i <= PREFIX && i < name.length - 1; i++) {
            if (i > 0 && name[i] == '/') {
                return i;
            }
        }
        return -1;
    }

    /// Writes names into the empty block at `at`; what does not fit is cut off.
    static void names(byte[] bytes, int at, byte[] name, byte[] link) {
        int slash = split(name);
        if (slash > 0) {
            System.arraycopy(name, 0, bytes, at + 345, slash);
            System.arraycopy(name, slash + 1, bytes, at, name.length - slash - 1);
        } else {
            System.arraycopy(name, 0, bytes, at, Math.min(name.length, NAME));
        }
        System.arraycopy(link, 0, bytes, at + 157, Math.min(link.length, 100));
    }

    /// Writes all other fields, the checksum last; a number too large for its field is 0 there.
    static void fields(
            byte[] bytes, int at, byte type, int mode, long uid, long gid, long size, long mtime) {
        octal(bytes, at + 100, 7, mode);
        octal(bytes, at + 108, 7, uid > Format.MAX_OCTAL_7 ? 0 : uid);
        octal(bytes, at + 116, 7, gid > Format.MAX_OCTAL_7 ? 0 : gid);
        octal(bytes, at + 124, 11, size > Format.MAX_OCTAL_11 ? 0 : size);
        octal(bytes, at + 136, 11, mtime < 0 || mtime > Format.MAX_OCTAL_11 ? 0 : mtime);
        Arrays.fill(bytes, at + 148, at + 156, (byte) ' ');
        bytes[at + 156] = type;
        System.arraycopy(MAGIC, 0, bytes, at + 257, MAGIC.length);
        int sum = 0;
        for (int i = at; i < at + Format.BLOCK; i++) {
            sum += bytes[i] & 0xFF;
        }
        octal(bytes, at + 148, 6, sum);
        bytes[at + 154] = 0;
    }

    private static void octal(byte[] bytes, int at, int digits, long value) {
        long rest = value;
        for (int i = at + digits - 1; i >= at; i--) {
            bytes[i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
    }
}
