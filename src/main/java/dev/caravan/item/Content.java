package dev.caravan.item;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// The opened bytes of one version, read once from 0 to the end. For one thread at a time.
public interface Content extends Closeable {

    /// Reads the next bytes, zeros for holes; the contract is that of
    /// [java.io.InputStream#read(byte\[\], int, int)]. Never more than the version's size in all.
    ///
    /// @throws ContentUnavailableException if the file turned out shorter than its version
    int read(byte[] buffer, int offset, int length) throws IOException;

    /// Leaves the next bytes out, as if they had been read. It may look no closer at them than
    /// where they end.
    ///
    /// @throws ContentUnavailableException if the file turned out shorter than that
    default void skip(long count) throws IOException {
        byte[] passed = new byte[(int) Math.min(count, 64 << 10)];
        int some;
        for (long left = count; left > 0; left -= some) {
            some = read(passed, 0, (int) Math.min(passed.length, left));
            if (some < 0) {
                throw new ContentUnavailableException(
                        ContentUnavailableException.Reason.CHANGED,
                        "content ended %d bytes early".formatted(left));
            }
        }
    }

    /// Where data lies, in ascending order; one extent over everything when there are no holes.
    List<Extent> extents();

    /// Looks at the open file once more, after the last byte.
    ///
    /// @throws ContentUnavailableException if it is not what it was when the version was
    ///   registered: then the bytes read may be a mixture and must not be counted
    void verifyUnchanged() throws IOException;

    /// Bytes from `offset` on that are data, not a hole.
    record Extent(long offset, long length) {
        public long end() {
            return offset + length;
        }
    }
}
