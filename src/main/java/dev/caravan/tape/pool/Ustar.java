package dev.caravan.tape.pool;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// The volume file's archive: a few small plain files in a POSIX ustar archive, so that any tar
/// shows what a cartridge is. Only for volume files; names are ASCII and short.
final class Ustar {
    private static final int BLOCK = 512;
    private static final int BLOCKING = 20 * BLOCK;

    private Ustar() {}

    static byte[] write(Map<String, byte[]> files, Instant modified) {
        int content = 2 * BLOCK;
        for (byte[] file : files.values()) {
            content += BLOCK + padded(file.length);
        }
        byte[] archive = new byte[(content + BLOCKING - 1) / BLOCKING * BLOCKING];
        int at = 0;
        for (var file : files.entrySet()) {
            header(archive, at, file.getKey(), file.getValue().length, modified);
            System.arraycopy(file.getValue(), 0, archive, at + BLOCK, file.getValue().length);
            at += BLOCK + padded(file.getValue().length);
        }
        return archive;
    }

    /// The files of an archive; nothing at all if it is not a whole ustar archive.
    static Map<String, byte[]> read(byte[] archive) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        int at = 0;
        while (at + BLOCK <= archive.length && archive[at] != 0) {
            if (!text(archive, at + 257, 5).equals("ustar")
                    || checksum(archive, at) != octal(archive, at + 148, 8)) {
                return Map.of();
            }
            long size = octal(archive, at + 124, 12);
            if (size < 0 || size > archive.length - at - BLOCK) {
                return Map.of();
            }
            int start = at + BLOCK;
            files.put(
                    text(archive, at, 100), Arrays.copyOfRange(archive, start, start + (int) size));
            at = start + padded((int) size);
        }
        return files;
    }

    private static void header(byte[] to, int at, String name, long size, Instant modified) {
        put(to, at, name);
        put(to, at + 100, "0000644\0");
        put(to, at + 108, "0000000\0");
        put(to, at + 116, "0000000\0");
        put(to, at + 124, "%011o\0".formatted(size));
        put(to, at + 136, "%011o\0".formatted(Math.max(0, modified.getEpochSecond())));
        put(to, at + 156, "0");
        put(to, at + 257, "ustar\00000");
        put(to, at + 148, "%06o\0 ".formatted(checksum(to, at)));
    }

    /// The sum of a header's bytes with its checksum field taken as blanks.
    private static long checksum(byte[] archive, int at) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : archive[at + i] & 0xFF;
        }
        return sum;
    }

    private static long octal(byte[] archive, int at, int length) {
        String digits = text(archive, at, length).trim();
        return digits.matches("[0-7]{1,11}") ? Long.parseLong(digits, 8) : -1;
    }

    private static String text(byte[] archive, int at, int length) {
        int end = at;
        while (end < at + length && archive[end] != 0) {
            end++;
        }
        return new String(archive, at, end - at, StandardCharsets.US_ASCII);
    }

    private static void put(byte[] to, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, to, at, bytes.length);
    }

    private static int padded(int length) {
        return (length + BLOCK - 1) / BLOCK * BLOCK;
    }
}
