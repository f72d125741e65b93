package dev.caravan.segment;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/// Finds the index of a segment from its end, without reading what is before it: the index is the
/// last member, and no line of JSON holds the bytes of a header, so the last header of that name
/// whose member ends where the segment does is the one.
public final class SegmentTail {
    /// How much of the end is looked at, one after the other; an index that is larger is found by
    /// reading the segment through.
    private static final long[] WINDOWS = {256 << 10, 4 << 20, 64 << 20};

    private static final int TRAILER = 2 * Format.BLOCK;

    private SegmentTail() {}

    /// Opens a segment at any byte of it.
    @FunctionalInterface
    public interface Source {
        InputStream open(long offset) throws IOException;
    }

    /// @param length of the segment
    /// @return where the first header block of the index begins; empty if there is no index in the
    ///   last 64 MiB
    public static OptionalLong indexOffset(long length, Source source) throws IOException {
        if (length % Format.BLOCK != 0) {
            return OptionalLong.empty();
        }
        for (long window : WINDOWS) {
            long from = Math.max(0, length - window);
            try (InputStream in = source.open(from)) {
                long found = scan(in, from, length);
                if (found >= 0) {
                    return OptionalLong.of(found);
                }
            }
            if (from == 0) {
                break;
            }
        }
        return OptionalLong.empty();
    }

    private static long scan(InputStream in, long from, long length) throws IOException {
        byte[] block = new byte[Format.BLOCK];
        long found = -1;
        for (long at = from; at < length; at += Format.BLOCK) {
            if (in.readNBytes(block, 0, Format.BLOCK) < Format.BLOCK) {
                return -1;
            }
            if (isIndex(block)
                    && at + Format.BLOCK + Format.padded(size(block)) + TRAILER == length) {
                found = at;
            }
        }
        return found;
    }

    private static boolean isIndex(byte[] block) {
        String name = Format.INDEX + "\0";
        return block[0] == '.'
                && text(block, 0, name.length()).equals(name)
                && text(block, 257, 5).equals("ustar")
                && block[156] == '0'
                && text(block, 124, 11).matches("[0-7]{11}");
    }

    private static long size(byte[] block) {
        return Long.parseLong(text(block, 124, 11), 8);
    }

    private static String text(byte[] block, int from, int length) {
        return new String(block, from, length, StandardCharsets.ISO_8859_1);
    }
}
