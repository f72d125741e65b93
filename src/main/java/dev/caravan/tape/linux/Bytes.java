package dev.caravan.tape.linux;

import java.nio.charset.StandardCharsets;

/// Fields in SCSI data: big-endian numbers, padded ASCII.
final class Bytes {
    private Bytes() {}

    static int number16(byte[] data, int at) {
        return (data[at] & 0xFF) << 8 | data[at + 1] & 0xFF;
    }

    static int number24(byte[] data, int at) {
        return (data[at] & 0xFF) << 16 | number16(data, at + 1);
    }

    /// Text without its padding of blanks or zeros on either side; zeros end it.
    static String text(byte[] data, int at, int length) {
        String text = new String(data, at, length, StandardCharsets.ISO_8859_1);
        int zero = text.indexOf('\0');
        return (zero < 0 ? text : text.substring(0, zero)).strip();
    }
}
