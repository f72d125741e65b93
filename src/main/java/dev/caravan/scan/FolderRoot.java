package dev.caravan.scan;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import dev.caravan.posix.Directory;
import dev.caravan.posix.DiskDomain;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.scan.Sighting.Skipped;
import dev.caravan.scan.Sighting.Why;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A folder of this machine as a source. Thread-safe.
public final class FolderRoot implements SourceRoot {
    private static final boolean SUPERUSER = Directory.effectiveUser() == 0;

    private final Path folder;
    private final Directory directory;
    private final Set<FileId> excluded;

    FolderRoot(Path folder, Directory directory, Set<FileId> excluded) {
        this.folder = folder;
        this.directory = directory;
        this.excluded = Set.copyOf(excluded);
    }

    /// Opens a folder.
    ///
    /// @param excluded Caravan's home and targets: left out wherever they appear, and told
    /// @throws PosixException if there is none that may be opened
    public static FolderRoot open(Path folder, Set<FileId> excluded) throws PosixException {
        return new FolderRoot(folder, Directory.open(folder), excluded);
    }

    @Override
    public void walk(ItemPath from, Selection selection, WalkVisitor visitor) throws IOException {
        new TreeWalk(directory, selection, excluded, Limits.DEFAULT).walk(from, visitor);
    }

    @Override
    public @Nullable Sighting look(ItemPath path) throws PosixException {
        Stat stat = directory.statIfAny(path.bytes());
        if (stat == null) {
            return null;
        }
        if (!stat.isFile() && !stat.isFolder() && !stat.isSymlink()) {
            return new Skipped(path, stat.typeName(), Why.SPECIAL_FILE);
        }
        byte[] target = stat.isSymlink() ? directory.readLink(path.bytes()) : Metadata.NO_TARGET;
        return new Seen(path, Observed.metadata(stat, target), Observed.fingerprint(stat));
    }

    @Override
    public boolean readable(ItemPath file) throws ContentUnavailableException {
        try {
            return SUPERUSER || directory.readable(file.bytes());
        } catch (PosixException failed) {
            throw notLookedAt(failed);
        }
    }

    @Override
    public List<Xattr> xattrs(ItemPath path) throws ContentUnavailableException {
        try {
            return TreeWalk.xattrs(directory, path);
        } catch (PosixException failed) {
            throw notLookedAt(failed);
        }
    }

    private static ContentUnavailableException notLookedAt(PosixException failed) {
        return new ContentUnavailableException(
                failed.is(Errno.ENOENT) ? Reason.VANISHED : Reason.UNREADABLE, failed.getMessage());
    }

    @Override
    public Content open(Version version) throws IOException {
        OpenFile file;
        try {
            file = directory.openFile(version.path().bytes());
        } catch (PosixException failed) {
            throw unavailable(version, failed);
        }
        try {
            return new SourceContent(file, version);
        } catch (IOException | RuntimeException failed) {
            file.close();
            throw failed;
        }
    }

    private IOException unavailable(Version version, PosixException failed) {
        return switch (failed.errno()) {
            // it is this process that has run out of something, not the file
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM -> failed;
            case Errno.ENOENT ->
                    new ContentUnavailableException(Reason.VANISHED, failed.getMessage());
            // ENXIO is what opening a socket says
            case Errno.ELOOP, Errno.ENOTDIR, Errno.ENXIO -> otherKind(version, failed);
            default -> new ContentUnavailableException(Reason.UNREADABLE, failed.getMessage());
        };
    }

    private ContentUnavailableException otherKind(Version version, PosixException failed) {
        try {
            Stat stat = directory.stat(version.path().bytes());
            return new ContentUnavailableException(
                    Reason.CHANGED,
                    "'%s' is a %s now, it was a file".formatted(version.path(), stat.typeName()));
        } catch (PosixException notThere) {
            return new ContentUnavailableException(Reason.VANISHED, failed.getMessage());
        }
    }

    @Override
    public @Nullable String domain() {
        return DiskDomain.of(folder);
    }

    @Override
    public void close() {
        directory.close();
    }
}
