package dev.caravan.segment;

import dev.caravan.item.Sha256;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The lines of a segment's index. They are written when the segment is laid out, as their length
/// is part of the segment's, and kept for the first pass that comes to them, which fills in what
/// became of the members: writing them twice was a tenth of the work on small files. A later pass
/// writes them anew, and so does one whose lines were too long to keep, or were let go of because
/// memory was short: several segments may wait for their turn. Confined to one thread at a time.
final class IndexLines {

    /// What is kept at most; a line of a common file takes 500 bytes.
    static final int MOST_BYTES = 12 << 20;

    private static final byte[] VOID = "true ".getBytes(StandardCharsets.US_ASCII);

    /// What follows the first byte of the value of `void`: the rest of it, the end of the line.
    private static final int FROM_VOID_TO_END = "false}\n".length();

    private final List<Member> members;

    /// Whole lines each; null once they were handed over, or are too long to keep.
    private @Nullable SoftReference<Deque<byte[]>> pieces;

    private final int[] hashAt;
    private final int[] endAt;
    private long length;

    IndexLines(List<Member> members) {
        this(members, MOST_BYTES);
    }

    /// @param most bytes kept
    IndexLines(List<Member> members, int most) {
        this.members = List.copyOf(members);
        this.hashAt = new int[members.size()];
        this.endAt = new int[members.size()];
        Deque<byte[]> lines = new ArrayDeque<>();
        try (IndexWriter writer = new IndexWriter()) {
            for (int i = 0; i < hashAt.length; i++) {
                writer.add(this.members.get(i), null);
                hashAt[i] = writer.hashAt();
                endAt[i] = writer.size();
                if (writer.size() >= MemberFile.PIECE) {
                    keep(lines, writer.take(), most);
                }
            }
            if (writer.size() > 0) {
                keep(lines, writer.take(), most);
            }
        }
        pieces = length > most ? null : new SoftReference<>(lines);
    }

    private void keep(Deque<byte[]> lines, byte[] piece, int most) {
        length += piece.length;
        if (length > most) {
            lines.clear();
        } else {
            lines.add(piece);
        }
    }

    /// Bytes of all lines, whatever becomes of the members.
    long length() {
        return length;
    }

    /// All lines, piece by piece, with what became of the members.
    ///
    /// @param results one for each member, in their order; read while the pieces are
    Iterator<byte[]> complete(List<MemberResult> results) {
        Deque<byte[]> kept = pieces == null ? null : pieces.get();
        pieces = null;
        return kept == null ? new Anew(members, results) : new Kept(kept, results);
    }

    /// The lines of the layout, filled in; each piece is let go of as it is taken.
    private final class Kept implements Iterator<byte[]> {
        private final Deque<byte[]> pieces;
        private final List<MemberResult> results;
        private int line;

        Kept(Deque<byte[]> pieces, List<MemberResult> results) {
            this.pieces = pieces;
            this.results = results;
        }

        @Override
        public boolean hasNext() {
            return !pieces.isEmpty();
        }

        @Override
        public byte[] next() {
            byte[] piece = pieces.remove();
            int end;
            do {
                end = endAt[line];
                fillIn(piece, line);
                line++;
            } while (end < piece.length);
            return piece;
        }

        private void fillIn(byte[] piece, int line) {
            switch (results.get(line)) {
                case MemberResult.Void _ ->
                        System.arraycopy(
                                VOID, 0, piece, endAt[line] - FROM_VOID_TO_END, VOID.length);
                case MemberResult.Written(
                                var _,
                                long _,
                                long _,
                                @Nullable Sha256 sha256,
                                boolean _) -> {
                    if (sha256 != null && hashAt[line] >= 0) {
                        byte[] hash = IndexWriter.hash(sha256).getBytes(StandardCharsets.US_ASCII);
                        System.arraycopy(hash, 0, piece, hashAt[line], hash.length);
                    }
                }
            }
        }
    }

    /// The lines written once more.
    private static final class Anew implements Iterator<byte[]> {
        private final List<Member> members;
        private final List<MemberResult> results;
        private final IndexWriter writer = new IndexWriter();
        private int line;

        Anew(List<Member> members, List<MemberResult> results) {
            this.members = members;
            this.results = results;
        }

        @Override
        public boolean hasNext() {
            return line < members.size();
        }

        @Override
        public byte[] next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            while (hasNext() && writer.size() < MemberFile.PIECE) {
                writer.add(members.get(line), results.get(line));
                line++;
            }
            return writer.take();
        }
    }
}
