package dev.caravan.scan;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Contents;
import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;

/// The originals: reads a version from its source, if the file there is still in the state the
/// version was registered in. Thread-safe.
public final class SourceContents implements Contents {

    /// Gives the open root of a source, which stays the giver's.
    @FunctionalInterface
    public interface Roots {
        Directory of(String source) throws IOException;
    }

    private final Roots roots;

    public SourceContents(Roots roots) {
        this.roots = roots;
    }

    /// Opens the file of a version.
    ///
    /// @throws ContentUnavailableException as [Contents#open]
    /// @throws IOException if the source itself, or this process, can not open anything
    @Override
    public Content open(Version version) throws IOException {
        if (version.metadata().kind() != Kind.FILE) {
            throw new IllegalArgumentException(version.path() + " is no file, it has no contents");
        }
        Directory root = roots.of(version.source());
        OpenFile file;
        try {
            file = root.openFile(version.path().bytes());
        } catch (PosixException failed) {
            throw unavailable(root, version, failed);
        }
        try {
            return new SourceContent(file, version);
        } catch (IOException | RuntimeException failed) {
            file.close();
            throw failed;
        }
    }

    private static IOException unavailable(Directory root, Version version, PosixException failed) {
        return switch (failed.errno()) {
            // it is this process that has run out of something, not the file
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM -> failed;
            case Errno.ENOENT ->
                    new ContentUnavailableException(Reason.VANISHED, failed.getMessage());
            // ENXIO is what opening a socket says
            case Errno.ELOOP, Errno.ENOTDIR, Errno.ENXIO -> otherKind(root, version, failed);
            default -> new ContentUnavailableException(Reason.UNREADABLE, failed.getMessage());
        };
    }

    private static ContentUnavailableException otherKind(
            Directory root, Version version, PosixException failed) {
        try {
            Stat stat = root.stat(version.path().bytes());
            return new ContentUnavailableException(
                    Reason.CHANGED,
                    "'%s' is a %s now, it was a file".formatted(version.path(), stat.typeName()));
        } catch (PosixException notThere) {
            return new ContentUnavailableException(Reason.VANISHED, failed.getMessage());
        }
    }
}
