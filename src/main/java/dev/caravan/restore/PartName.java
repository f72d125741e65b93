package dev.caravan.restore;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// The names that unfinished things have: `.caravan-` 16 hexadecimal digits `.part`.
final class PartName {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern FORM = Pattern.compile("\\.caravan-[0-9a-f]{16}\\.part");

    private PartName() {}

    static byte[] next() {
        String name = ".caravan-" + HexFormat.of().toHexDigits(RANDOM.nextLong()) + ".part";
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    static boolean is(byte[] name) {
        return FORM.matcher(new String(name, StandardCharsets.ISO_8859_1)).matches();
    }
}
