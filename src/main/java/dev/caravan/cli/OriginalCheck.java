package dev.caravan.cli;

import dev.caravan.item.Content;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.posix.Directory;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import dev.caravan.scan.SourceContents;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Whether the originals on disk are what the ledger has. Follows no symlink. Confined to one
/// thread.
final class OriginalCheck implements AutoCloseable {
    private static final int READ_BYTES = 1 << 20;

    private final Directory root;
    private final SourceContents contents;
    private final byte[] buffer = new byte[READ_BYTES];

    OriginalCheck(Path source) throws PosixException {
        this.root = Directory.open(source);
        this.contents = new SourceContents(name -> root);
    }

    /// What is there and not among these items, at or below a path.
    ///
    /// @param unknown gets it, in words
    void unknown(ItemPath path, Set<ItemPath> known, Consumer<String> unknown) throws IOException {
        Deque<ItemPath> open = new ArrayDeque<>();
        Stat top = path.isRoot() ? null : root.statIfAny(path.bytes());
        if (path.isRoot() || top != null && top.isFolder()) {
            open.push(path);
        }
        while (!open.isEmpty()) {
            ItemPath folder = open.pop();
            try (Directory at = root.openDirectory(folder.bytes())) {
                at.list((name, isFolder) -> {
                    ItemPath each = folder.child(name);
                    if (!known.contains(each)) {
                        unknown.accept(
                                "'%s' is on disk, and not among what was backed up"
                                        .formatted(each));
                    } else if (isFolder) {
                        open.push(each);
                    }
                });
            } catch (PosixException failed) {
                unknown.accept(String.valueOf(failed.getMessage()));
            }
        }
    }

    /// Why the original is not this version; null if it is, to the last byte.
    @Nullable String difference(Version version) {
        try {
            String quick = quickDifference(version);
            if (quick != null || version.metadata().kind() != Kind.FILE) {
                return quick;
            }
            Sha256 wanted = version.sha256();
            if (wanted == null) {
                return "no copy of it was ever made, so its hash is not known";
            }
            MessageDigest digest = Sha256.digest();
            try (Content content = contents.open(version)) {
                for (int n = content.read(buffer, 0, buffer.length);
                        n >= 0;
                        n = content.read(buffer, 0, buffer.length)) {
                    digest.update(buffer, 0, n);
                }
                content.verifyUnchanged();
            }
            Sha256 found = Sha256.of(digest.digest());
            return found.equals(wanted)
                    ? null
                    : "on disk it has SHA-256 %s, the ledger has %s".formatted(found, wanted);
        } catch (IOException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    /// The same by what the file system says of it alone.
    @Nullable String quickDifference(Version version) {
        Metadata m = version.metadata();
        Stat stat;
        try {
            stat = root.statIfAny(version.path().bytes());
            if (stat == null) {
                return "it is not on disk";
            }
            boolean same =
                    switch (m.kind()) {
                        case FOLDER -> stat.isFolder();
                        case FILE -> stat.isFile() && stat.size() == m.size();
                        case SYMLINK ->
                                stat.isSymlink()
                                        && Arrays.equals(
                                                root.readLink(version.path().bytes()),
                                                m.linkTarget());
                    };
            boolean untouched =
                    stat.modified().equals(m.modified())
                            && stat.mode() == m.mode()
                            && stat.uid() == m.uid()
                            && stat.gid() == m.gid()
                            && stat.inode() == version.fingerprint().inode()
                            && stat.changed().equals(version.fingerprint().changed());
            return same && untouched ? null : "it changed on disk since it was picked up";
        } catch (PosixException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    @Override
    public void close() {
        root.close();
    }
}
