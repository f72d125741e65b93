package dev.caravan.segment;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes versions, one id after the other.
final class Versions {
    static final Instant CREATED = Instant.parse("2026-11-22T10:11:12.5Z");

    final List<Version> all = new ArrayList<>();
    Instant modified = Instant.parse("2024-02-29T01:02:03.123456789Z");
    int mode = 0644;
    int uid = 0;
    int gid = 0;
    List<Xattr> xattrs = List.of();
    @Nullable Sha256 sha256;

    static byte[] raw(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    Version file(String path, long size) {
        return file(path.getBytes(StandardCharsets.UTF_8), size, 1, 0);
    }

    /// One of `links` names of the inode.
    Version linked(String path, long size, int links, long inode) {
        return file(path.getBytes(StandardCharsets.UTF_8), size, links, inode);
    }

    Version file(byte[] path, long size, int links, long inode) {
        return add(path, Kind.FILE, size, Metadata.NO_TARGET, links, inode);
    }

    Version folder(String path) {
        return add(path.getBytes(StandardCharsets.UTF_8), Kind.FOLDER, 0, Metadata.NO_TARGET, 1, 0);
    }

    Version symlink(String path, byte[] target) {
        return add(path.getBytes(StandardCharsets.UTF_8), Kind.SYMLINK, 0, target, 1, 0);
    }

    Version add(byte[] path, Kind kind, long size, byte[] target, int links, long inode) {
        long id = all.size() + 1L;
        Metadata metadata =
                new Metadata(kind, size, modified, mode, uid, gid, target, links, xattrs);
        Fingerprint print =
                new Fingerprint(7, inode == 0 ? 1_000_000 + id : inode, size, modified, CREATED);
        Version version = new Version(id, "docs", ItemPath.of(path), 1, metadata, print, sha256);
        all.add(version);
        return version;
    }

    SegmentBody body(FakeContents contents) {
        return new SegmentBody(new SegmentId("s-1"), all, contents, CREATED, "caravan 0.1.0");
    }
}
