package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyFinding;
import dev.caravan.ledger.CopyFinding.Good;
import dev.caravan.ledger.CopyFinding.Missing;
import dev.caravan.ledger.CopyFinding.Untold;
import dev.caravan.ledger.CopyFinding.Wrong;
import dev.caravan.posix.ColdFile;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.Patience.Pulse;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An open NAS and what is looked at on it, in the hands of the thread that asks it. Confined to
/// one thread at a time.
final class NasLooks {
    private static final boolean ROOT = Directory.effectiveUser() == 0;
    private static final int READ_BYTES = 1 << 20;

    private final Path root;
    private final Directory nas;
    private final byte[] buffer = new byte[READ_BYTES];
    private long bytesRead;
    private ColdFile.Way way = ColdFile.Way.DIRECT;

    private NasLooks(Path root, Directory nas) {
        this.root = root;
        this.nas = nas;
    }

    /// @param identity what the ledger knows it by; null if nothing was ever proven there
    /// @throws IOException if it is not there, or is another one
    static NasLooks open(Path root, @Nullable String identity) throws IOException {
        Directory opened = Directory.open(root);
        try {
            String found = sentinel(opened);
            if (identity != null && !identity.equals(found)) {
                throw new TargetException(
                        TargetException.Remedy.PERSON,
                        "NAS '%s' has the sentinel of another NAS (%s, expected %s): is the right share mounted?"
                                .formatted(root, found, identity));
            }
            return new NasLooks(root, opened);
        } catch (IOException failed) {
            opened.close();
            throw failed;
        }
    }

    /// From the medium too: a disk that is gone may leave it in the page cache.
    private static String sentinel(Directory nas) throws IOException {
        byte[] text = new byte[4096];
        try (ColdFile file = ColdFile.open(nas, NasLayout.SENTINEL)) {
            return NasLayout.parseSentinel(text, Math.max(0, file.read(text))).id();
        }
    }

    /// What a look showed.
    ///
    /// @param bytesRead of files
    /// @param way how they were kept from coming out of the page cache, the weakest of all
    record Looked(CopyFinding finding, long bytesRead, ColdFile.Way way) {}

    /// @param pulse hears of each answer
    Looked look(Version version, boolean inPlainTree, Pulse pulse) throws IOException {
        bytesRead = 0;
        way = ColdFile.Way.DIRECT;
        CopyFinding found = found(version, inPlainTree, pulse);
        return new Looked(found, bytesRead, way);
    }

    private CopyFinding found(Version version, boolean inPlainTree, Pulse pulse)
            throws IOException {
        if (version.metadata().kind() != Kind.FILE) {
            return at(version, NasLayout.plain(version), pulse);
        }
        byte[] kept = NasLayout.history(version.id());
        CopyFinding inHistory = at(version, kept, pulse);
        if (!inPlainTree || inHistory instanceof Good) {
            return inHistory;
        }
        CopyFinding inTree = at(version, NasLayout.plain(version), pulse);
        if (inTree instanceof Good || !(inHistory instanceof Missing)) {
            return inTree instanceof Good ? inTree : inHistory;
        }
        // it may have been moved to the history meanwhile
        CopyFinding moved = at(version, kept, pulse);
        return moved instanceof Missing ? inTree : moved;
    }

    private CopyFinding at(Version version, byte[] path, Pulse pulse) throws IOException {
        try {
            Stat stat = nas.statIfAny(path);
            if (stat == null) {
                return new Missing("'%s' is not on the NAS".formatted(ItemPath.show(path)));
            }
            return switch (version.metadata().kind()) {
                case FILE -> file(version, path, stat, pulse);
                case FOLDER ->
                        stat.isFolder()
                                ? new Good(differs(version.metadata(), stat))
                                : notThat(path, stat, "folder");
                case SYMLINK -> symlink(version, path, stat);
            };
        } catch (PosixException failed) {
            return judged(failed);
        }
    }

    private static CopyFinding notThat(byte[] path, Stat stat, String want) {
        return new Wrong(
                "'%s' is a %s, want a %s".formatted(ItemPath.show(path), stat.typeName(), want));
    }

    private CopyFinding judged(PosixException failed) throws TargetException {
        String why = String.valueOf(failed.getMessage());
        return switch (failed.errno()) {
            case Errno.ENOENT, Errno.ENOTDIR -> new Missing(why);
            case Errno.EACCES, Errno.EPERM -> new Untold(why);
            case Errno.ESTALE,
                    Errno.ETIMEDOUT,
                    Errno.EHOSTDOWN,
                    Errno.ENODEV,
                    Errno.ENXIO,
                    Errno.ENOMEDIUM,
                    Errno.EMFILE,
                    Errno.ENFILE,
                    Errno.ENOMEM ->
                    throw new TargetException(
                            TargetException.Remedy.WAIT,
                            "NAS '%s': %s".formatted(root, why),
                            failed);
            default -> new Wrong("it can not be read: " + why);
        };
    }

    private CopyFinding file(Version version, byte[] path, Stat stat, Pulse pulse)
            throws IOException {
        Sha256 wanted = version.sha256();
        if (!stat.isFile()) {
            return notThat(path, stat, "file");
        }
        if (wanted == null) {
            return new Untold("no hash of it is known");
        }
        long size = version.metadata().size();
        if (stat.size() != size) {
            return new Wrong(
                    "'%s' has %d bytes, want %d".formatted(ItemPath.show(path), stat.size(), size));
        }
        Sha256 found = hash(path, pulse);
        return found.equals(wanted)
                ? new Good(differs(version.metadata(), stat))
                : new Wrong(
                        "'%s' has SHA-256 %s, want %s"
                                .formatted(ItemPath.show(path), found, wanted));
    }

    private Sha256 hash(byte[] path, Pulse pulse) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (ColdFile file = ColdFile.open(nas, path)) {
            for (int n = file.read(buffer); n >= 0; n = file.read(buffer)) {
                digest.update(buffer, 0, n);
                bytesRead += n;
                pulse.stirs();
            }
            if (file.way() == ColdFile.Way.DROPPED) {
                way = ColdFile.Way.DROPPED;
            }
        }
        return Sha256.of(digest.digest());
    }

    private CopyFinding symlink(Version version, byte[] path, Stat stat) throws PosixException {
        if (!stat.isSymlink()) {
            return notThat(path, stat, "symlink");
        }
        byte[] target = nas.readLink(path);
        return Arrays.equals(target, version.metadata().linkTarget())
                ? new Good(differs(version.metadata(), stat))
                : new Wrong(
                        "'%s' points to '%s', want '%s'"
                                .formatted(
                                        ItemPath.show(path),
                                        ItemPath.show(target),
                                        ItemPath.show(version.metadata().linkTarget())));
    }

    /// How the medium's own metadata differs from what was copied; null if it does not.
    private static @Nullable String differs(Metadata m, Stat stat) {
        List<String> different = new ArrayList<>();
        int mode = m.kind() == Kind.FOLDER && !ROOT ? m.mode() | 0700 : m.mode();
        if (m.kind() != Kind.SYMLINK && stat.mode() != mode) {
            different.add("mode %04o, want %04o".formatted(stat.mode(), mode));
        }
        if (Duration.between(stat.modified(), m.modified()).abs().compareTo(NasPublisher.COARSE)
                > 0) {
            different.add("time %s, want %s".formatted(stat.modified(), m.modified()));
        }
        if (ROOT && (stat.uid() != m.uid() || stat.gid() != m.gid())) {
            different.add(
                    "owner %s:%s, want %s:%s"
                            .formatted(
                                    Integer.toUnsignedString(stat.uid()),
                                    Integer.toUnsignedString(stat.gid()),
                                    Integer.toUnsignedString(m.uid()),
                                    Integer.toUnsignedString(m.gid())));
        }
        return different.isEmpty() ? null : String.join(", ", different);
    }

    NasManifests.Found inManifests(List<Version> versions, Pulse pulse) throws IOException {
        return NasManifests.find(nas, versions, pulse);
    }

    void close() {
        nas.close();
    }
}
