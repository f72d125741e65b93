package dev.caravan.cli;

import dev.caravan.item.Content;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.SourceContents;
import dev.caravan.scan.SourceRoot;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Whether the originals in a source are what the ledger has. Follows no symlink. Confined to one
/// thread.
final class OriginalCheck implements AutoCloseable {
    private static final int READ_BYTES = 1 << 20;

    private final SourceRoot root;
    private final SourceContents contents;
    private final byte[] buffer = new byte[READ_BYTES];

    /// @param root closed with this
    OriginalCheck(SourceRoot root) {
        this.root = root;
        this.contents = new SourceContents(name -> root);
    }

    /// What is there and not among these items, at or below a path.
    ///
    /// @param unknown gets it, in words; of a folder that is unknown only the folder
    void unknown(ItemPath path, Set<ItemPath> known, Consumer<String> unknown) throws IOException {
        boolean folder =
                path.isRoot()
                        || root.look(path) instanceof Sighting.Seen seen
                                && seen.metadata().kind() == Kind.FOLDER;
        if (!folder) {
            return;
        }
        root.walk(
                path,
                Selection.ALL,
                sighting -> {
                    ItemPath each = sighting.path();
                    ItemPath parent = each.parent();
                    if (sighting instanceof Sighting.Unreadable(var _, var reason)) {
                        unknown.accept(reason);
                    } else if (!(sighting instanceof Sighting.FolderEnd)
                            && !known.contains(each)
                            && (parent.equals(path) || known.contains(parent))) {
                        unknown.accept(
                                "'%s' is in the source, and not among what was backed up"
                                        .formatted(each));
                    }
                });
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
                    : "in the source it has SHA-256 %s, the ledger has %s".formatted(found, wanted);
        } catch (IOException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    /// The same by what the source says of it alone.
    @Nullable String quickDifference(Version version) {
        try {
            Sighting found = root.look(version.path());
            if (found == null) {
                return "it is not in the source";
            }
            boolean untouched =
                    found instanceof Sighting.Seen(var _, var metadata, var fingerprint)
                            && isSame(metadata, version.metadata())
                            && fingerprint.inode() == version.fingerprint().inode()
                            && fingerprint.changed().equals(version.fingerprint().changed());
            return untouched ? null : "it changed in the source since it was picked up";
        } catch (IOException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    /// But for what is not looked at: extended attributes, and how many links a file has.
    private static boolean isSame(Metadata found, Metadata known) {
        return found.kind() == known.kind()
                && found.size() == known.size()
                && found.modified().equals(known.modified())
                && found.mode() == known.mode()
                && found.uid() == known.uid()
                && found.gid() == known.gid()
                && Arrays.equals(found.linkTarget(), known.linkTarget());
    }

    @Override
    public void close() {
        root.close();
    }
}
