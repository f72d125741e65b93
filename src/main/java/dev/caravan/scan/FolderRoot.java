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
import dev.caravan.posix.NoAnswerException;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.Patience;
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

/// A folder of this machine as a source. It may be mounted from a server that is away: then it is
/// waited for with patience. Files on a disk of this machine are read without, because to hand each
/// over to another thread takes longer than to read a small one. Thread-safe.
public final class FolderRoot implements SourceRoot {
    private static final boolean SUPERUSER = Directory.effectiveUser() == 0;

    private final Path folder;
    private final Patience patience;
    private final Directory directory;
    private final boolean local;
    private final Set<FileId> excluded;

    private FolderRoot(
            Path folder,
            Patience patience,
            Directory directory,
            boolean local,
            Set<FileId> excluded) {
        this.folder = folder;
        this.patience = patience;
        this.directory = directory;
        this.local = local;
        this.excluded = Set.copyOf(excluded);
    }

    /// Opens a folder.
    ///
    /// @param patience with this folder, for as long as the program runs
    /// @param excluded Caravan's home and targets: left out wherever they appear, and told
    /// @throws PosixException if there is none that may be opened
    /// @throws NoAnswerException if it does not answer
    public static FolderRoot open(Path folder, Patience patience, Set<FileId> excluded)
            throws IOException {
        return patience.await(
                _ ->
                        new FolderRoot(
                                folder,
                                patience,
                                Directory.open(folder),
                                DiskDomain.isLocal(folder),
                                excluded),
                late -> {
                    if (late != null) {
                        late.directory.close();
                    }
                });
    }

    /// Asks the folder something small.
    private <T extends @Nullable Object> T ask(Patience.Work<T> question) throws IOException {
        return local ? question.run(Patience.Pulse.NONE) : patience.await(question);
    }

    @Override
    public void walk(ItemPath from, Selection selection, WalkVisitor visitor) throws IOException {
        TreeWalk walk = new TreeWalk(directory, selection, excluded, Limits.DEFAULT);
        Boolean _ =
                patience.await(pulse -> {
                    walk.walk(from, seen -> pulse.apart(() -> visitor.sighted(seen)));
                    return true;
                });
    }

    @Override
    public @Nullable Sighting look(ItemPath path) throws IOException {
        return ask(_ -> lookNow(path));
    }

    private @Nullable Sighting lookNow(ItemPath path) throws PosixException {
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
    public boolean readable(ItemPath file) throws IOException {
        try {
            return SUPERUSER || ask(_ -> directory.readable(file.bytes()));
        } catch (PosixException failed) {
            throw notLookedAt(failed);
        }
    }

    @Override
    public List<Xattr> xattrs(ItemPath path) throws IOException {
        try {
            return ask(_ -> TreeWalk.xattrs(directory, path));
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
        return local
                ? openNow(version)
                : AwaitedContent.open(patience, () -> openNow(version), version.metadata().size());
    }

    private Content openNow(Version version) throws IOException {
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
    public @Nullable String domain() throws IOException {
        return patience.await(_ -> DiskDomain.of(folder));
    }

    @Override
    public void close() {
        patience.close(directory::close);
    }
}
