package dev.caravan.segment;

import dev.caravan.item.Content;
import dev.caravan.item.Content.Extent;
import dev.caravan.item.Sha256;
import java.io.Closeable;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/// The open file of a member: read once into `piece`, hashed on the way, its holes left out.
/// Confined to one thread.
final class MemberFile implements Closeable {

    /// Large files pass in pieces that stay in a processor's second-level cache between the read,
    /// the digests and the copy to the reader.
    static final int PIECE = 256 << 10;

    private static final byte[] ZEROS = new byte[64 << 10];

    private final Member member;
    private final Content content;
    private final byte[] piece;
    private final MessageDigest digest;
    private final long size;
    private final List<Extent> extents;
    private long position;
    private int extent;

    MemberFile(Member member, Content content, byte[] piece, MessageDigest digest) {
        this.member = member;
        this.content = content;
        this.piece = piece;
        this.digest = digest;
        this.size = member.version().metadata().size();
        this.extents = member.map() == null ? List.of(new Extent(0, size)) : member.map().extents();
        digest.reset();
    }

    Member member() {
        return member;
    }

    /// Reads all of a file no larger than the piece.
    ///
    /// @return the bytes to store, at the front of the piece
    int readWhole() throws IOException {
        read((int) size);
        int end = 0;
        int stored = 0;
        for (Extent data : extents) {
            int offset = (int) data.offset();
            int length = (int) data.length();
            checkHole(end, offset);
            end = offset + length;
            System.arraycopy(piece, offset, piece, stored, length);
            stored += length;
        }
        checkHole(end, (int) size);
        return stored;
    }

    /// Reads on to the next data.
    ///
    /// @return the bytes to store, at the front of the piece; -1 at the end of the file
    int readPiece() throws IOException {
        while (position < size) {
            while (extent < extents.size() && extents.get(extent).end() <= position) {
                extent++;
            }
            boolean last = extent == extents.size();
            boolean data = !last && extents.get(extent).offset() <= position;
            long end =
                    last ? size : data ? extents.get(extent).end() : extents.get(extent).offset();
            int length = (int) Math.min(PIECE, end - position);
            read(length);
            if (data) {
                return length;
            }
            checkHole(0, length);
        }
        return -1;
    }

    /// The digest of all that was read, once it is known to be the version.
    Sha256 finish() throws IOException {
        content.verifyUnchanged();
        Sha256 sha256 = Sha256.of(digest.digest());
        member.check(sha256);
        return sha256;
    }

    private void read(int length) throws IOException {
        int count = 0;
        while (count < length) {
            int some = content.read(piece, count, length - count);
            if (some < 0) {
                throw member.changed("ended early");
            }
            count += some;
        }
        digest.update(piece, 0, length);
        position += length;
    }

    private void checkHole(int start, int end) throws IOException {
        int length;
        for (int at = start; at < end; at += length) {
            length = Math.min(ZEROS.length, end - at);
            if (!Arrays.equals(piece, at, at + length, ZEROS, 0, length)) {
                throw member.changed("has data where it had a hole");
            }
        }
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
