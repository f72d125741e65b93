package dev.caravan.segment;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Contents;
import dev.caravan.item.Kind;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One pass over a segment: makes each piece when the one before has been read. Confined to one
/// thread.
final class SegmentStream extends InputStream {

    private static final byte[] ZEROS = new byte[64 << 10];

    private final Layout layout;
    private final Contents contents;
    private final HeaderWriter headers = new HeaderWriter();
    private final MessageDigest memberDigest = Sha256.digest();
    private final @Nullable MessageDigest wholeDigest;
    private final List<MemberResult> results;
    private final byte[] piece;
    private @Nullable IndexWriter index;

    /// Bytes made so far, and handed to the reader so far.
    private long made;

    private long position;

    /// What is made and not handed out yet: `ready[from..to)`, then `queued` bytes of [#piece] (a
    /// small file behind its header), then zeros up to the offset `zerosTo`.
    private byte[] ready = ZEROS;

    private int from;
    private int to;
    private int queued;
    private long zerosTo;

    private @Nullable MemberFile large;

    /// The number of members begun; -1 before the description.
    private int begun = -1;

    private int lines;
    private @Nullable Result result;

    SegmentStream(Layout layout, Contents contents, boolean digestWhole) {
        this.layout = layout;
        this.contents = contents;
        this.wholeDigest = digestWhole ? Sha256.digest() : null;
        this.results = new ArrayList<>(layout.members().size());
        this.piece = new byte[pieceLength(layout)];
    }

    private static int pieceLength(Layout layout) {
        long most = MemberFile.PIECE;
        for (Member member : layout.members()) {
            long size = member.version().metadata().size();
            if (size <= Format.SMALL) {
                most = Math.max(most, Format.padded(size));
            }
        }
        return (int) most;
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
        Objects.checkFromIndexSize(offset, length, buffer.length);
        int count = 0;
        while (count < length && position + count < layout.length()) {
            if (from == to) {
                make();
            }
            int some = Math.min(to - from, length - count);
            System.arraycopy(ready, from, buffer, offset + count, some);
            from += some;
            count += some;
        }
        if (wholeDigest != null) {
            wholeDigest.update(buffer, offset, count);
        }
        position += count;
        if (position == layout.length() && result == null) {
            Sha256 whole = wholeDigest == null ? null : Sha256.of(wholeDigest.digest());
            result = new Result(position, whole, results);
        }
        return count == 0 && length > 0 ? -1 : count;
    }

    @Override
    public int available() {
        return to - from;
    }

    @Override
    public void close() throws IOException {
        if (large != null) {
            large.close();
            large = null;
        }
    }

    private void make() throws IOException {
        if (queued > 0) {
            give(piece, queued);
            queued = 0;
        } else if (large != null && makePiece(large)) {
            return;
        } else if (made < zerosTo) {
            give(ZEROS, (int) Math.min(ZEROS.length, zerosTo - made));
        } else if (begun < 0) {
            makeDescription();
        } else if (begun < layout.members().size()) {
            makeMember(layout.members().get(begun));
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
        System.arraycopy(description, 0, piece, 0, description.length);
        queued = description.length;
        zerosTo = made + Format.padded(description.length);
        begun = 0;
    }

    private void makeMember(Member member) throws IOException {
        if (made != member.offset()) {
            throw new IllegalStateException(
                    "member " + member.number() + " at " + made + ", not " + member.offset());
        }
        begun++;
        zerosTo = member.end();
        try {
            begin(member);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException why) {
            beginVoid(member, why);
        }
    }

    private void begin(Member member) throws IOException {
        if (member.unavailable() != null) {
            throw member.unavailable();
        }
        Version version = member.version();
        if (member.leader() != null) {
            beginLink(member, member.leader());
        } else if (!version.hasBytes()) {
            headers.item(member.name(), version.metadata());
            giveHeader();
            boolean file = version.metadata().kind() == Kind.FILE;
            written(member, file ? Sha256.OF_NOTHING : null);
        } else if (version.metadata().size() <= Format.SMALL) {
            beginSmall(member);
        } else {
            large = open(member);
            fileHeader(member);
        }
    }

    private void beginLink(Member member, Member leader) throws IOException {
        switch (results.get(leader.number() - 1)) {
            case MemberResult.Void(Version v, long _, IOException why) ->
                    throw new ContentUnavailableException(
                            why instanceof ContentUnavailableException e
                                    ? e.reason()
                                    : Reason.UNREADABLE,
                            "unable to link '%s' to '%s', which is void: %s"
                                    .formatted(
                                            member.version().path(), v.path(), why.getMessage()));
            case MemberResult.Written(Version _, long _, long _, Sha256 sha256, boolean _) -> {
                member.check(Objects.requireNonNull(sha256));
                headers.link(member.name(), member.version().metadata(), leader.name());
                giveHeader();
                written(member, sha256);
            }
        }
    }

    private void beginSmall(Member member) throws IOException {
        int stored;
        Sha256 sha256;
        try (MemberFile file = open(member)) {
            stored = file.readWhole();
            sha256 = file.finish();
        }
        queued = stored;
        fileHeader(member);
        written(member, sha256);
    }

    private MemberFile open(Member member) throws IOException {
        return new MemberFile(member, contents.open(member.version()), piece, memberDigest);
    }

    private void fileHeader(Member member) {
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
    private boolean makePiece(MemberFile file) throws IOException {
        try {
            int length = file.readPiece();
            if (length > 0) {
                give(piece, length);
                return true;
            }
            written(file.member(), file.finish());
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException why) {
            Member member = file.member();
            results.add(new MemberResult.Void(member.version(), member.offset(), why));
        }
        large = null;
        closeRead(file);
        return false;
    }

    /// All bytes are read and judged by now: an error on closing a descriptor that was only read
    /// says nothing about them.
    private static void closeRead(MemberFile file) {
        try {
            file.close();
        } catch (IOException notOfTheBytes) {
            // see above
        }
    }

    private void written(Member member, @Nullable Sha256 sha256) {
        results.add(
                new MemberResult.Written(
                        member.version(),
                        member.offset(),
                        member.contentOffset(),
                        sha256,
                        member.leader() != null));
    }

    /// A void member of the length its place has: a header, zeros, and nothing of the file.
    private void beginVoid(Member member, IOException why) {
        results.add(new MemberResult.Void(member.version(), member.offset(), why));
        headers.voidMember(member.voidName(), member.end() - member.offset());
        giveHeader();
    }

    private void makeIndex() {
        if (index == null) {
            index = new IndexWriter();
            headers.own(Format.INDEX, layout.indexLength(), layout.created());
            giveHeader();
            return;
        }
        while (lines < results.size() && index.size() < MemberFile.PIECE) {
            index.add(layout.members().get(lines), results.get(lines));
            lines++;
        }
        byte[] taken = index.take();
        give(taken, taken.length);
        // The rest of the last block, and the two blocks of zeros that end an archive.
        zerosTo = lines == results.size() ? layout.length() : made;
    }
}
