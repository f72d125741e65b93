package dev.caravan.segment;

import dev.caravan.item.Content.Extent;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.io.IOException;
import java.util.Arrays;

/// One part of an open file: read once into a piece, hashed by itself and with all before it, its
/// holes left out. Confined to one thread.
final class PartFile {
    private static final byte[] ZEROS = new byte[64 << 10];

    private final Part part;
    private final PartSource source;
    private final byte[] piece;
    private final RunningSha256 ofPart = new RunningSha256();
    private final RunningSha256 ofWhole;
    private long position;
    private int extent;

    /// @param before the digest of all bytes before the part; left as it is
    PartFile(Part part, PartSource source, byte[] piece, RunningSha256 before) throws IOException {
        this.part = part;
        this.source = source;
        this.piece = piece;
        this.ofWhole = before.copy();
        source.seek(part.offset());
    }

    /// Reads on to the next data.
    ///
    /// @return the bytes to store, at the front of the piece; -1 at the end of the part
    int readPiece() throws IOException {
        while (position < part.size()) {
            while (extent < part.extents().size() && part.extents().get(extent).end() <= position) {
                extent++;
            }
            boolean last = extent == part.extents().size();
            Extent next = last ? new Extent(part.size(), 0) : part.extents().get(extent);
            boolean data = next.offset() <= position;
            long end = data ? next.end() : next.offset();
            int length = (int) Math.min(piece.length, end - position);
            read(length);
            if (data) {
                return length;
            }
            checkHole(length);
        }
        return -1;
    }

    private void read(int length) throws IOException {
        int count = 0;
        while (count < length) {
            int some = source.read(piece, count, length - count);
            if (some < 0) {
                throw changed("ended early");
            }
            count += some;
        }
        ofPart.update(piece, 0, length);
        ofWhole.update(piece, 0, length);
        position += length;
    }

    private void checkHole(int length) throws IOException {
        int some;
        for (int at = 0; at < length; at += some) {
            some = Math.min(ZEROS.length, length - at);
            if (!Arrays.equals(piece, at, at + some, ZEROS, 0, some)) {
                throw changed("has data where it had a hole");
            }
        }
    }

    /// What was read, once it is known to be of the version.
    ///
    /// @throws ContentUnavailableException if the file is another one now, or the last part shows
    ///   that the whole is not what the version was registered with
    Hashes finish() throws IOException {
        source.verifyUnchanged();
        Sha256 whole = part.isLast() ? ofWhole.sha256() : null;
        Sha256 registered = source.version().sha256();
        if (whole != null && registered != null && !registered.equals(whole)) {
            throw changed("has SHA-256 " + whole + ", registered is " + registered);
        }
        return new Hashes(ofPart.sha256(), ofWhole);
    }

    /// @param part of the bytes of the part
    /// @param upToHere of all bytes up to its end
    record Hashes(Sha256 part, RunningSha256 upToHere) {}

    private ContentUnavailableException changed(String how) {
        Version version = source.version();
        return new ContentUnavailableException(
                Reason.CHANGED,
                "'%s' of %s, version %d of %d bytes, %s in part %d of %d"
                        .formatted(
                                version.path(),
                                version.source(),
                                version.number(),
                                version.metadata().size(),
                                how,
                                part.number(),
                                part.count()));
    }
}
