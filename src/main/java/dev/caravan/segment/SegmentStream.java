package dev.caravan.segment;

import dev.caravan.item.Contents;
import dev.caravan.item.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One pass over a segment. Members come in the order of the layout: small ones in stretches that
/// workers have made ahead, large ones in pieces that a worker reads and hashes ahead once the one
/// before is at its end. Confined to one thread; no worker touches a file once [#close] has
/// returned.
final class SegmentStream extends InputStream implements ReadableByteChannel {

    private static final byte[] ZEROS = new byte[64 << 10];
    private static final byte[] NOTHING = {};

    private final Layout layout;
    private final Contents contents;
    private final StretchesAhead stretches;
    private final boolean beside;
    private final HeaderWriter headers = new HeaderWriter();
    private final @Nullable MessageDigest wholeDigest;
    private final List<MemberResult> results;
    private @Nullable Iterator<byte[]> index;

    /// Bytes made so far, and handed to the reader so far.
    private long made;

    private long position;

    /// What is made and not handed out yet: `ready[from..to)`, then `queued`, then zeros up to the
    /// offset `zerosTo`.
    private byte[] ready = ZEROS;

    private int from;
    private int to;
    private byte[] queued = NOTHING;
    private long zerosTo;

    /// The stretch that [#ready] is of.
    private @Nullable Stretch stretch;

    private @Nullable Member large;
    private @Nullable PiecesAhead pieces;

    /// The number of members begun; -1 before the description.
    private int begun = -1;

    private boolean closed;
    private @Nullable Result result;

    /// @param beside whether workers are used
    SegmentStream(Layout layout, Contents contents, boolean digestWhole, boolean beside) {
        this.layout = layout;
        this.contents = contents;
        this.beside = beside;
        this.stretches = new StretchesAhead(layout.members(), contents, beside);
        this.wholeDigest = digestWhole ? Sha256.digest() : null;
        this.results = new ArrayList<>(layout.members().size());
    }

    Optional<Result> result() {
        return Optional.ofNullable(result);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        return read(ByteBuffer.wrap(buffer, offset, length));
    }

    /// Fills the buffer but at the end.
    @Override
    public int read(ByteBuffer buffer) throws IOException {
        int wanted = buffer.remaining();
        while (buffer.hasRemaining() && position < layout.length()) {
            if (from == to) {
                make();
            }
            int some = Math.min(to - from, buffer.remaining());
            buffer.put(ready, from, some);
            if (wholeDigest != null) {
                Sha256.update(wholeDigest, ready, from, some);
            }
            from += some;
            position += some;
        }
        if (position == layout.length() && result == null) {
            Sha256 whole = wholeDigest == null ? null : Sha256.of(wholeDigest.digest());
            result = new Result(position, whole, results);
        }
        return buffer.remaining() == wanted && wanted > 0 ? -1 : wanted - buffer.remaining();
    }

    @Override
    public int available() {
        return to - from;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        stretches.close();
        if (pieces != null) {
            pieces.close();
        }
    }

    private void make() throws IOException {
        if (closed) {
            throw new IOException("the stream of the segment is closed");
        }
        if (queued.length > 0) {
            give(queued, queued.length);
            queued = NOTHING;
        } else if (large != null && makePiece(large)) {
            return;
        } else if (made < zerosTo) {
            give(ZEROS, (int) Math.min(ZEROS.length, zerosTo - made));
        } else if (begun < 0) {
            makeDescription();
        } else if (begun < layout.members().size()) {
            makeMembers(layout.members().get(begun));
        } else {
            makeIndex();
        }
    }

    private void give(byte[] bytes, int length) {
        ready = bytes;
        from = 0;
        to = length;
        made += length;
    }

    private void giveHeader() {
        give(headers.bytes(), headers.length());
    }

    private void makeDescription() {
        byte[] description = layout.description();
        headers.own(Format.DESCRIPTION, description.length, layout.created());
        giveHeader();
        queued = description;
        zerosTo = made + Format.padded(description.length);
        begun = 0;
    }

    private void makeMembers(Member first) throws IOException {
        if (made != first.offset()) {
            throw new IllegalStateException(
                    "member " + first.number() + " at " + made + ", not " + first.offset());
        }
        if (stretch != null) {
            stretches.giveBack(stretch);
            stretch = null;
        }
        if (first.large()) {
            beginLarge(first);
        } else {
            Stretch next = stretches.take();
            next.complete(results);
            begun += next.count();
            give(next.bytes(), next.length());
            stretch = next;
        }
    }

    private void beginLarge(Member member) throws IOException {
        begun++;
        zerosTo = member.end();
        if (pieces == null) {
            pieces = new PiecesAhead(beside);
        }
        try {
            pieces.begin(new MemberFile(member, contents.open(member.version())));
            large = member;
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException why) {
            // A void member of the length its place has: a header, zeros, nothing of the file.
            results.add(member.failed(why));
            headers.voidMember(member.voidName(), member.end() - member.offset());
            giveHeader();
            return;
        }
        if (member.map() == null) {
            headers.item(member.name(), member.version().metadata());
        } else {
            headers.sparse(member.name(), member.version().metadata(), member.map());
        }
        giveHeader();
    }

    /// Makes the next piece of a large file.
    ///
    /// @return false if there is none: the file is complete, or void and owed in zeros
    private boolean makePiece(Member of) throws IOException {
        PiecesAhead pieces = Objects.requireNonNull(this.pieces);
        try {
            int length = pieces.take();
            if (length >= 0) {
                give(pieces.piece(), length);
                return true;
            }
            results.add(pieces.written());
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException why) {
            results.add(of.failed(why));
        }
        large = null;
        return false;
    }

    private void makeIndex() {
        if (index == null) {
            index = layout.index().complete(results);
            headers.own(Format.INDEX, layout.index().length(), layout.created());
            giveHeader();
        } else if (index.hasNext()) {
            byte[] lines = index.next();
            give(lines, lines.length);
        }
        // The rest of the last block, and the two blocks of zeros that end an archive.
        zerosTo = index.hasNext() ? made : layout.length();
    }
}
