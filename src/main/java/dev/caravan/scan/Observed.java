package dev.caravan.scan;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.posix.Stat;
import java.util.List;

/// What stat(2) said, in the words of items.
final class Observed {

    private Observed() {}

    static Fingerprint fingerprint(Stat stat) {
        return new Fingerprint(
                stat.device(), stat.inode(), stat.size(), stat.modified(), stat.changed());
    }

    static Metadata metadata(Stat stat, byte[] linkTarget) {
        Kind kind = stat.isFile() ? Kind.FILE : stat.isFolder() ? Kind.FOLDER : Kind.SYMLINK;
        boolean file = kind == Kind.FILE;
        return new Metadata(
                kind,
                file ? stat.size() : 0,
                stat.modified(),
                stat.mode(),
                stat.uid(),
                stat.gid(),
                linkTarget,
                file ? stat.links() : 1,
                List.of());
    }
}
