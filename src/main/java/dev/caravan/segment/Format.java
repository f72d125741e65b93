package dev.caravan.segment;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/// The constants of the format, shared by writer and reader (`segment-format.md`).
final class Format {

    static final int VERSION = 1;

    /// The unit of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format").
    static final int BLOCK = 512;

    /// Files up to this size are read and checked before their header is written.
    static final int SMALL = 4 << 20;

    /// Files from this size on are asked for their holes.
    static final long SPARSE_FROM = 1 << 20;

    /// The most that libarchive accepts as one extended header; more is void.
    static final int MAX_PAX = 1 << 20;

    /// The most a sparse map may take; [SparseMap] keeps far below it.
    static final int MAX_MAP = 1 << 20;

    /// More than any file system holds; below it, sums of sizes cannot overflow.
    static final long MAX_SIZE = 1L << 59;

    /// Largest values of the octal fields of 7 and 11 digits.
    static final long MAX_OCTAL_7 = 07777777L;

    static final long MAX_OCTAL_11 = 077777777777L;

    static final String OWN = ".caravan/";
    static final String DESCRIPTION = OWN + "segment.json";
    static final String INDEX = OWN + "index.jsonl";
    static final String VOID = OWN + "void/";

    /// Where parts lie whose file has a name that takes no more.
    static final String PARTS = OWN + "parts/";

    static final String PART_NAME = "name";

    /// The name of an extended header; 8 hexadecimal digits of CRC-32C follow.
    static final String PAX = OWN + "pax-";

    static final String XATTR = "SCHILY.xattr.";

    /// The recipe every segment carries.
    static final String RESTORE =
            "LC_ALL=C.UTF-8 tar --xattrs -xpf SEGMENT puts every member at source/path; unpack"
                    + " segments in the order they were written, so that later versions win, and"
                    + " ignore what .caravan/index.jsonl calls void; cat NAME.part-* > NAME joins"
                    + " a file that is in parts";

    private Format() {}

    static long padded(long length) {
        return (length + BLOCK - 1) & -BLOCK;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// @throws CharacterCodingException if the bytes are not UTF-8
    static String utf8(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    /// Whether every reader takes these bytes from a pax record as they are. libarchive brings
    /// UTF-8 names to NFC unless told that they are binary, and GNU tar warns of being told.
    static boolean plain(byte[] name) {
        try {
            return Normalizer.isNormalized(utf8(name), Normalizer.Form.NFC);
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }
}
