package dev.caravan.segment;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The place of one version in a segment, settled before the first byte is written.
///
/// @param number 1 for the first version of the segment
/// @param offset of its first header block
/// @param headerLength bytes before the stored ones, the sparse map included
/// @param stored bytes of content in the segment, without padding
/// @param map where the data lies; null if all is stored
/// @param leader the earlier member this one is a hard link to
/// @param unavailable why the version has no more than an empty void member
record Member(
        Version version,
        int number,
        long offset,
        int headerLength,
        long stored,
        @Nullable SparseMap map,
        @Nullable Member leader,
        @Nullable IOException unavailable) {

    long end() {
        return offset + headerLength + Format.padded(stored);
    }

    long contentOffset() {
        return leader == null ? offset + headerLength : leader.contentOffset();
    }

    byte[] name() {
        return name(version);
    }

    /// `source/path`, with a slash at the end of a folder's.
    static byte[] name(Version version) {
        byte[] source = Format.ascii(version.source());
        ItemPath path = version.path();
        byte[] below = path.bytes();
        boolean slash = version.metadata().kind() == Kind.FOLDER && below.length > 0;
        byte[] name = new byte[source.length + 1 + below.length + (slash ? 1 : 0)];
        System.arraycopy(source, 0, name, 0, source.length);
        name[source.length] = '/';
        System.arraycopy(below, 0, name, source.length + 1, below.length);
        if (slash) {
            name[name.length - 1] = '/';
        }
        return name;
    }

    /// Whether it is a file that passes in pieces, because it is not read and checked as a whole
    /// before its header is written.
    boolean large() {
        return unavailable == null
                && leader == null
                && version.hasBytes()
                && version.metadata().size() > Format.SMALL;
    }

    MemberResult.Written written(@Nullable Sha256 sha256) {
        return new MemberResult.Written(version, offset, contentOffset(), sha256, leader != null);
    }

    MemberResult.Void failed(IOException why) {
        return new MemberResult.Void(version, offset, why);
    }

    /// The name of the void member in its place.
    String voidName() {
        return Format.VOID + number;
    }

    /// @throws ContentUnavailableException if these are not the bytes the version was registered
    ///   with
    void check(Sha256 found) throws ContentUnavailableException {
        Sha256 registered = version.sha256();
        if (registered != null && !registered.equals(found)) {
            throw changed("has SHA-256 " + found + ", registered is " + registered);
        }
    }

    ContentUnavailableException changed(String how) {
        return new ContentUnavailableException(
                Reason.CHANGED,
                "'%s' of %s, version %d of %d bytes, %s"
                        .formatted(
                                version.path(),
                                version.source(),
                                version.number(),
                                version.metadata().size(),
                                how));
    }
}
