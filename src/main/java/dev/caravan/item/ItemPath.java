package dev.caravan.item;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The name of an item: its path below the root of its source, as bytes, with `/` between the
/// parts. A name is whatever the file system stored: newlines, escapes and invalid UTF-8 included.
/// The root itself is the empty path. Immutable.
///
/// The shown form ([#toString]) is UTF-8 where the bytes are UTF-8 and printable, and `\xNN` for
/// every other byte, so that a name can never move a terminal's cursor or break a log line.
public final class ItemPath implements Comparable<ItemPath> {

    /// The root of a source.
    public static final ItemPath ROOT = new ItemPath(new byte[0]);

    private final byte[] bytes;

    private ItemPath(byte[] bytes) {
        this.bytes = bytes;
    }

    /// The path with these bytes.
    ///
    /// @throws IllegalArgumentException if it is absolute, has an empty part, a part `.` or `..`,
    ///   or a NUL byte: none of these can be the name of an item
    public static ItemPath of(byte[] bytes) {
        if (bytes.length == 0) {
            return ROOT;
        }
        byte[] copy = bytes.clone();
        int start = 0;
        for (int i = 0; i <= copy.length; i++) {
            if (i < copy.length && copy[i] == 0) {
                throw new IllegalArgumentException("path '" + show(copy) + "' has a NUL byte");
            }
            if (i == copy.length || copy[i] == '/') {
                checkPart(copy, start, i);
                start = i + 1;
            }
        }
        return new ItemPath(copy);
    }

    /// The path a person typed: `.` is the root, a leading `./` and trailing slashes are dropped.
    ///
    /// @throws IllegalArgumentException as [#of]
    public static ItemPath of(String text) {
        return ofTyped(text.getBytes(StandardCharsets.UTF_8));
    }

    /// As [#of(String)] for the raw bytes of a command line argument.
    public static ItemPath ofTyped(byte[] typed) {
        int from = 0;
        int to = typed.length;
        while (to > from && typed[to - 1] == '/' && to > 1) {
            to--;
        }
        while (to - from >= 2 && typed[from] == '.' && typed[from + 1] == '/') {
            from += 2;
        }
        if (to - from == 1 && typed[from] == '.') {
            return ROOT;
        }
        return of(Arrays.copyOfRange(typed, from, to));
    }

    /// The bytes of a text in which `\xNN` stands for the byte NN; the inverse of [#toString] for
    /// every name that holds no literal backslash before an `x`.
    public static byte[] unescape(byte[] shown) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(shown.length);
        for (int i = 0; i < shown.length; i++) {
            if (shown[i] == '\\' && i + 3 < shown.length && shown[i + 1] == 'x') {
                int high = Character.digit(shown[i + 2], 16);
                int low = Character.digit(shown[i + 3], 16);
                if (high >= 0 && low >= 0) {
                    out.write(high << 4 | low);
                    i += 3;
                    continue;
                }
            }
            out.write(shown[i]);
        }
        return out.toByteArray();
    }

    private static void checkPart(byte[] path, int from, int to) {
        int length = to - from;
        boolean dots =
                length == 1 && path[from] == '.'
                        || length == 2 && path[from] == '.' && path[from + 1] == '.';
        if (length == 0 || dots) {
            throw new IllegalArgumentException(
                    "path '"
                            + show(path)
                            + "': want a path below the source's root, without empty, '.' or '..'"
                            + " parts");
        }
    }

    /// The item called `name` in this folder.
    public ItemPath child(byte[] name) {
        checkPart(name, 0, name.length);
        if (isRoot()) {
            return new ItemPath(name.clone());
        }
        byte[] joined = Arrays.copyOf(bytes, bytes.length + 1 + name.length);
        joined[bytes.length] = '/';
        System.arraycopy(name, 0, joined, bytes.length + 1, name.length);
        return new ItemPath(joined);
    }

    /// The folder this item is in; the root's parent is the root.
    public ItemPath parent() {
        int slash = lastSlash();
        return slash < 0 ? ROOT : new ItemPath(Arrays.copyOf(bytes, slash));
    }

    /// The last part of the path, as bytes.
    public byte[] name() {
        return Arrays.copyOfRange(bytes, lastSlash() + 1, bytes.length);
    }

    private int lastSlash() {
        for (int i = bytes.length - 1; i >= 0; i--) {
            if (bytes[i] == '/') {
                return i;
            }
        }
        return -1;
    }

    public boolean isRoot() {
        return bytes.length == 0;
    }

    /// Whether this is `folder` or lies below it, compared part by part.
    public boolean isAtOrBelow(ItemPath folder) {
        return folder.isRoot()
                || bytes.length >= folder.bytes.length
                        && Arrays.equals(
                                bytes, 0, folder.bytes.length, folder.bytes, 0, folder.bytes.length)
                        && (bytes.length == folder.bytes.length
                                || bytes[folder.bytes.length] == '/');
    }

    /// A copy of the bytes.
    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    public boolean isUtf8() {
        return isUtf8(bytes);
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
    }

    /// The path as UTF-8 text exactly as it is where it is valid UTF-8, otherwise with `\xNN` for
    /// the bytes that are not: the form of JSON, where the encoder escapes control characters.
    public String text() {
        return isUtf8() ? new String(bytes, StandardCharsets.UTF_8) : escape(bytes, false);
    }

    /// The shown form, safe on a terminal and in a log; the root is `.`.
    @Override
    public String toString() {
        return isRoot() ? "." : show(bytes);
    }

    /// Any bytes in the shown form of a path.
    public static String show(byte[] bytes) {
        return escape(bytes, true);
    }

    private static String escape(byte[] bytes, boolean controlsToo) {
        StringBuilder out = new StringBuilder(bytes.length);
        int i = 0;
        while (i < bytes.length) {
            int length = sequenceLength(bytes, i);
            int point =
                    length == 0
                            ? -1
                            : new String(bytes, i, length, StandardCharsets.UTF_8).codePointAt(0);
            if (length == 0 || controlsToo && hidden(point)) {
                int count = Math.max(length, 1);
                for (int k = 0; k < count; k++) {
                    out.append(String.format("\\x%02X", bytes[i + k] & 0xFF));
                }
                i += count;
            } else {
                out.appendCodePoint(point);
                i += length;
            }
        }
        return out.toString();
    }

    /// Controls, and the format characters that reorder or hide text (U+202E and its kin).
    private static boolean hidden(int point) {
        int type = Character.getType(point);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }

    /// The length of the valid UTF-8 sequence at `at`, 0 if there is none.
    private static int sequenceLength(byte[] bytes, int at) {
        int lead = bytes[at] & 0xFF;
        int length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (length == 0 || at + length > bytes.length) {
            return 0;
        }
        return length == 1 || isUtf8(Arrays.copyOfRange(bytes, at, at + length)) ? length : 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ItemPath that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// Byte order: a folder sorts before what is in it.
    @Override
    public int compareTo(ItemPath that) {
        return Arrays.compareUnsigned(bytes, that.bytes);
    }
}
