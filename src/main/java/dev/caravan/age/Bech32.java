package dev.caravan.age;

import java.io.ByteArrayOutputStream;
import java.util.Locale;

/// Bytes as text that shows a typing error: BIP 173, as age uses it (no limit of 90 characters).
final class Bech32 {
    private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final int[] GENERATOR = {
        0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
    };
    private static final int CHECKSUM = 6;

    private Bech32() {}

    static String encode(String prefix, byte[] data) {
        byte[] groups = regroup(data, 8, 5, true);
        StringBuilder text = new StringBuilder(prefix).append('1');
        for (byte group : groups) {
            text.append(ALPHABET.charAt(group));
        }
        int sum = checksum(prefix, groups, new byte[CHECKSUM]) ^ 1;
        for (int i = 0; i < CHECKSUM; i++) {
            text.append(ALPHABET.charAt(sum >>> 5 * (CHECKSUM - 1 - i) & 31));
        }
        return text.toString();
    }

    /// What is wrong is said without the text: it may be a secret.
    ///
    /// @param prefix in lower case
    /// @throws IllegalArgumentException if it is not such a text, or was mistyped
    static byte[] decode(String prefix, String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!text.equals(lower) && !text.equals(text.toUpperCase(Locale.ROOT))) {
            throw new IllegalArgumentException("has letters of both cases");
        }
        if (!lower.startsWith(prefix + "1") || lower.length() < prefix.length() + 1 + CHECKSUM) {
            throw new IllegalArgumentException("does not begin with " + prefix + "1, or is cut");
        }
        byte[] groups = new byte[lower.length() - prefix.length() - 1];
        for (int i = 0; i < groups.length; i++) {
            int value = ALPHABET.indexOf(lower.charAt(prefix.length() + 1 + i));
            if (value < 0) {
                throw new IllegalArgumentException(
                        "has a character that never occurs, at " + (prefix.length() + 2 + i));
            }
            groups[i] = (byte) value;
        }
        if (checksum(prefix, groups) != 1) {
            throw new IllegalArgumentException("is mistyped: its checksum is wrong");
        }
        byte[] data = new byte[groups.length - CHECKSUM];
        System.arraycopy(groups, 0, data, 0, data.length);
        return regroup(data, 5, 8, false);
    }

    private static int checksum(String prefix, byte[]... parts) {
        int sum = 1;
        for (int i = 0; i < prefix.length(); i++) {
            sum = add(sum, prefix.charAt(i) >>> 5);
        }
        sum = add(sum, 0);
        for (int i = 0; i < prefix.length(); i++) {
            sum = add(sum, prefix.charAt(i) & 31);
        }
        for (byte[] part : parts) {
            for (byte group : part) {
                sum = add(sum, group);
            }
        }
        return sum;
    }

    private static int add(int sum, int group) {
        int top = sum >>> 25;
        int next = (sum & 0x1ffffff) << 5 ^ group;
        for (int i = 0; i < GENERATOR.length; i++) {
            next ^= (top >>> i & 1) == 0 ? 0 : GENERATOR[i];
        }
        return next;
    }

    /// @param fill whether bits that are left over make a last group, or must be too few and zero
    private static byte[] regroup(byte[] groups, int from, int to, boolean fill) {
        ByteArrayOutputStream regrouped = new ByteArrayOutputStream();
        int bits = 0;
        int count = 0;
        for (byte group : groups) {
            bits = bits << from | group & (1 << from) - 1;
            count += from;
            while (count >= to) {
                count -= to;
                regrouped.write(bits >>> count & (1 << to) - 1);
            }
            bits &= (1 << count) - 1;
        }
        if (fill && count > 0) {
            regrouped.write(bits << to - count & (1 << to) - 1);
        } else if (!fill && (count >= from || bits != 0)) {
            throw new IllegalArgumentException("has bits left over");
        }
        return regrouped.toByteArray();
    }
}
