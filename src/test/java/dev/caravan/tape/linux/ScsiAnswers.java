package dev.caravan.tape.linux;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// Answers of a drive to SCSI commands, laid out as SPC-4 and SSC-4 have them.
final class ScsiAnswers {
    private ScsiAnswers() {}

    /// The answers by operation code << 16 | page or first attribute.
    static Map<Integer, byte[]> drive() {
        Map<Integer, byte[]> answers = new HashMap<>();
        answers.put(0x12_0000, inquiry());
        answers.put(0x12_0080, serial("HU1234567A"));
        return answers;
    }

    static byte[] inquiry() {
        ByteBuffer data = ByteBuffer.allocate(96);
        data.put(0, new byte[] {1, (byte) 0x80, 6, 2, 91});
        data.put(8, ascii("HPE     Ultrium 8-SCSI  P3A1"));
        return data.array();
    }

    static byte[] serial(String serial) {
        byte[] text = ascii(serial);
        return ByteBuffer.allocate(4 + text.length)
                .put((byte) 1)
                .put((byte) 0x80)
                .putShort((short) text.length)
                .put(text)
                .array();
    }

    /// All 64 parameters of log page 2Eh, those named with their flag set.
    static byte[] alerts(int... raised) {
        ByteBuffer page = ByteBuffer.allocate(4 + 64 * 5);
        page.put((byte) 0x2E).put((byte) 0).putShort((short) (64 * 5));
        for (int code = 1; code <= 64; code++) {
            int flag = 0;
            for (int number : raised) {
                flag |= number == code ? 1 : 0;
            }
            page.putShort((short) code).put((byte) 0x60).put((byte) 1).put((byte) flag);
        }
        return page.array();
    }

    /// Mode page 1Dh behind an 8-byte header.
    static byte[] mediumConfiguration(boolean worm) {
        ByteBuffer page = ByteBuffer.allocate(8 + 32);
        page.put(8, new byte[] {0x1D, 0x1E, (byte) (worm ? 1 : 0)});
        return page.array();
    }

    static byte[] attribute(int id, byte[] value) {
        return ByteBuffer.allocate(5 + value.length)
                .putShort((short) id)
                .put((byte) 0x80)
                .putShort((short) value.length)
                .put(value)
                .array();
    }

    static byte[] attribute(int id, int bytes, long value) {
        byte[] number = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            number[bytes - 1 - i] = (byte) (value >> (8 * i));
        }
        return attribute(id, number);
    }

    static byte[] attributes(byte[]... attributes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] attribute : attributes) {
            all.writeBytes(attribute);
        }
        return ByteBuffer.allocate(4 + all.size())
                .putInt(all.size())
                .put(all.toByteArray())
                .array();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
