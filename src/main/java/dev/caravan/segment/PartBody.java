package dev.caravan.segment;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A segment with one part of a file, made while it is read. As with [SegmentBody] its length is
/// known before the first byte, and it can be opened again; but a file that turns out changed ends
/// the stream with its exception, for there is nothing else in the segment to save. Memory depends
/// on names, extended attributes and the number of holes only. Confined to one thread at a time.
public final class PartBody {
    private final Part part;
    private final Place place;
    private final PartSource source;
    private final RunningSha256 before;
    private final Instant created;
    private final byte[] head;
    private final long offset;
    private final long tailLength;
    private @Nullable PartStream latest;

    /// Where a part belongs.
    ///
    /// @param set the name of the attempt it is part of: that of its first segment
    /// @param hidden whether its member lies under `.caravan/parts/`
    public record Place(String set, boolean hidden) {}

    /// @param before the digest of all bytes of the file before the part
    /// @param program name and version of the writing program, for the description
    /// @throws ContentUnavailableException if the headers would be larger than tar programs read
    public PartBody(
            SegmentId id,
            Part part,
            Place place,
            PartSource source,
            RunningSha256 before,
            Instant created,
            String program)
            throws ContentUnavailableException {
        this.part = part;
        this.place = place;
        this.source = source;
        this.before = before;
        this.created = created;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] description = IndexWriter.description(id, 1, created, program);
        own(all, Format.DESCRIPTION, description);
        Version version = source.version();
        if (place.hidden()) {
            own(all, PartNames.nameMember(version), PartNames.nameContent(version));
        }
        this.offset = all.size();
        HeaderWriter headers = header(version);
        all.write(headers.bytes(), 0, headers.length());
        this.head = all.toByteArray();
        this.tailLength = tail(null, null).length;
    }

    private HeaderWriter header(Version version) throws ContentUnavailableException {
        Metadata of = version.metadata();
        Metadata metadata =
                new Metadata(
                        Kind.FILE,
                        part.size(),
                        of.modified(),
                        of.mode() & 0777 | 0400,
                        of.uid(),
                        of.gid(),
                        Metadata.NO_TARGET,
                        1,
                        part.number() == 1 ? of.xattrs() : List.of());
        byte[] name = PartNames.member(version, part, place.hidden());
        HeaderWriter headers = new HeaderWriter();
        SparseMap map = part.map();
        if (map == null) {
            headers.item(name, metadata);
        } else {
            headers.sparse(name, metadata, map);
        }
        if (headers.length() > Format.MAX_PAX) {
            throw new ContentUnavailableException(
                    Reason.UNREADABLE,
                    "unable to write '%s' to a segment: its name and extended attributes take %d bytes, and tar programs read at most %d"
                            .formatted(version.path(), headers.length(), Format.MAX_PAX));
        }
        return headers;
    }

    private void own(ByteArrayOutputStream out, String name, byte[] content) {
        HeaderWriter headers = new HeaderWriter();
        headers.own(name, content.length, created);
        out.write(headers.bytes(), 0, headers.length());
        out.writeBytes(content);
        pad(out, content.length);
    }

    private static void pad(ByteArrayOutputStream out, long length) {
        out.writeBytes(new byte[(int) (Format.padded(length) - length)]);
    }

    /// What comes behind the stored bytes: as long before the part is read as after.
    byte[] tail(@Nullable Sha256 ofPart, @Nullable Sha256 ofWhole) {
        Version version = source.version();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        pad(all, part.stored());
        byte[] lines;
        try (IndexWriter index = new IndexWriter()) {
            index.add(version, part, place.set(), offset, contentOffset(), ofPart, ofWhole);
            lines = index.take();
        }
        own(all, Format.INDEX, lines);
        all.writeBytes(new byte[2 * Format.BLOCK]);
        return all.toByteArray();
    }

    private long contentOffset() {
        return head.length;
    }

    byte[] head() {
        return head;
    }

    long offset() {
        return offset;
    }

    Part part() {
        return part;
    }

    /// Bytes of the segment; every complete pass has exactly as many.
    public long length() {
        return head.length + part.stored() + tailLength;
    }

    PartFile file(byte[] piece) throws IOException {
        return new PartFile(part, source, piece, before);
    }

    @Nullable Sha256 registered() {
        return source.version().sha256();
    }

    /// A new pass from byte 0; only the pass opened last can give a result.
    public InputStream open() {
        PartStream stream = new PartStream(this);
        latest = stream;
        return stream;
    }

    /// What was written; empty until the stream opened last was read from 0 to its end.
    public Optional<PartResult> result() {
        return latest == null ? Optional.empty() : latest.result();
    }

    /// Reads a part that is on its medium already, so that the digest of the whole can go on behind
    /// it.
    ///
    /// @param before the digest of all bytes of the file before the part
    /// @param alike the hash of the part on the medium
    /// @return the digest of all bytes up to its end; empty if these are other bytes
    /// @throws ContentUnavailableException if the file is another one now
    public static Optional<RunningSha256> passOver(
            Part part, PartSource source, RunningSha256 before, Sha256 alike) throws IOException {
        PartFile file = new PartFile(part, source, new byte[MemberFile.PIECE], before);
        while (file.readPiece() >= 0) {
            // all that counts is what it hashes
        }
        PartFile.Hashes hashes = file.finish();
        return hashes.part().equals(alike) ? Optional.of(hashes.upToHere()) : Optional.empty();
    }
}
