package dev.caravan.segment;

import dev.caravan.item.Content;
import dev.caravan.item.Content.Extent;
import dev.caravan.item.Sha256;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The open file of a member, read once from its first byte to its last, holes too. For one thread
/// at a time.
final class MemberFile implements Closeable {

    /// Files pass in pieces that stay in a processor's second-level cache between the read and the
    /// digest.
    static final int PIECE = 256 << 10;

    private static final byte[] ZEROS = new byte[64 << 10];

    private final Member member;
    private final Content content;
    private final long size;
    private final List<Extent> extents;
    private long position;
    private int extent;

    /// What comes next in a file, at most a piece.
    ///
    /// @param data whether the bytes are stored; those of a hole are only read and hashed
    record Run(int length, boolean data) {}

    MemberFile(Member member, Content content) {
        this.member = member;
        this.content = content;
        this.size = member.version().metadata().size();
        this.extents = member.map() == null ? List.of(new Extent(0, size)) : member.map().extents();
    }

    Member member() {
        return member;
    }

    /// What [#read] is to be called with next; null at the end of the file.
    @Nullable Run next() {
        if (position >= size) {
            return null;
        }
        while (extent < extents.size() && extents.get(extent).end() <= position) {
            extent++;
        }
        boolean last = extent == extents.size();
        boolean data = !last && extents.get(extent).offset() <= position;
        long end = last ? size : data ? extents.get(extent).end() : extents.get(extent).offset();
        return new Run((int) Math.min(PIECE, end - position), data);
    }

    /// Reads all of a run.
    void read(Run run, byte[] into, int offset) throws IOException {
        int count = 0;
        while (count < run.length()) {
            int some = content.read(into, offset + count, run.length() - count);
            if (some < 0) {
                throw member.changed("ended early");
            }
            count += some;
        }
        position += count;
        if (!run.data()) {
            checkHole(into, offset, offset + count);
        }
    }

    /// Called after the last byte.
    ///
    /// @throws dev.caravan.item.ContentUnavailableException if the file is another one now
    void verifyUnchanged() throws IOException {
        content.verifyUnchanged();
    }

    /// What became of the member.
    ///
    /// @param found the digest of all runs
    MemberResult.Written written(Sha256 found) throws IOException {
        member.check(found);
        return member.written(found);
    }

    private void checkHole(byte[] bytes, int start, int end) throws IOException {
        int length;
        for (int at = start; at < end; at += length) {
            length = Math.min(ZEROS.length, end - at);
            if (!Arrays.equals(bytes, at, at + length, ZEROS, 0, length)) {
                throw member.changed("has data where it had a hole");
            }
        }
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
