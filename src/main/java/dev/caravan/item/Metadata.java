package dev.caravan.item;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/// All of an item but its bytes. Immutable by convention: `linkTarget` is not changed.
///
/// @param size bytes of content; 0 for folders and symlinks
/// @param modified mtime, to the nanosecond
/// @param mode the 12 permission bits (07777), setuid, setgid and sticky included
/// @param linkTarget where a symlink points, byte for byte; empty for other kinds
/// @param links the number of hard links (st_nlink) of a file; 1 for other kinds
/// @param xattrs the extended attributes of the `user.` namespace and access control lists, by name
public record Metadata(
        Kind kind,
        long size,
        Instant modified,
        int mode,
        int uid,
        int gid,
        byte[] linkTarget,
        int links,
        List<Xattr> xattrs) {

    public static final byte[] NO_TARGET = {};

    public Metadata {
        xattrs = List.copyOf(xattrs);
    }

    public boolean hardLinked() {
        return kind == Kind.FILE && links > 1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Metadata that
                && kind == that.kind
                && size == that.size
                && modified.equals(that.modified)
                && mode == that.mode
                && uid == that.uid
                && gid == that.gid
                && Arrays.equals(linkTarget, that.linkTarget)
                && links == that.links
                && xattrs.equals(that.xattrs);
    }

    @Override
    public int hashCode() {
        return 31 * modified.hashCode() + Long.hashCode(size) + mode;
    }
}
