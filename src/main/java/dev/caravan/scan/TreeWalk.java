package dev.caravan.scan;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;
import dev.caravan.item.Xattr;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import dev.caravan.scan.Sighting.FolderEnd;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.scan.Sighting.Skipped;
import dev.caravan.scan.Sighting.Unreadable;
import dev.caravan.scan.Sighting.Why;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Goes through a source and tells what is there. No symlink is followed and no file is opened, so
/// nothing that others do meanwhile can lead it outside or make it wait. One folder that can not be
/// read, or is too deep, is told and does not end the walk; what vanishes between being listed and
/// being looked at was not there.
///
/// In memory are the names of the sub-folders still to come, of each folder on the way down.
/// Immutable; each walk is confined to its thread.
public final class TreeWalk {

    private final Directory root;
    private final Selection selection;
    private final Set<FileId> excluded;
    private final Limits limits;

    /// Makes a walk, which may be gone many times.
    ///
    /// @param root stays open, and the caller's
    /// @param excluded Caravan's home and targets: left out wherever they appear, and told
    public TreeWalk(Directory root, Selection selection, Set<FileId> excluded, Limits limits) {
        this.root = root;
        this.selection = selection;
        this.excluded = Set.copyOf(excluded);
        this.limits = limits;
    }

    /// The extended attributes in the `user.` namespace of a file or folder.
    public static List<Xattr> xattrs(Directory root, ItemPath path) throws PosixException {
        return root.xattrs(path.bytes()).stream()
                .map(each -> new Xattr(each.name(), each.value()))
                .toList();
    }

    /// Goes through the whole source once.
    ///
    /// @throws PosixException if the root itself can not be listed
    /// @throws IOException the visitor's own
    public void walk(WalkVisitor visitor) throws IOException {
        walk(ItemPath.ROOT, visitor);
    }

    /// Goes through a folder of the source once.
    ///
    /// @throws PosixException if that folder can not be listed
    /// @throws IOException the visitor's own
    public void walk(ItemPath from, WalkVisitor visitor) throws IOException {
        try (Pass pass = new Pass(visitor, root.device())) {
            pass.run(from);
        } catch (UncheckedIOException fromVisitor) {
            throw fromVisitor.getCause();
        }
    }

    /// A folder whose entries were told, and whose sub-folders are being gone through.
    ///
    /// @param directory null if it is opened from the root again when needed
    private record Level(ItemPath path, @Nullable Directory directory, Deque<byte[]> folders) {}

    private final class Pass implements AutoCloseable {
        private final WalkVisitor visitor;
        private final long device;
        private final Deque<Level> levels = new ArrayDeque<>();

        Pass(WalkVisitor visitor, long device) {
            this.visitor = visitor;
            this.device = device;
        }

        void run(ItemPath from) throws IOException {
            descend(from, root.openDirectory(from.bytes()));
            while (!levels.isEmpty()) {
                Level level = levels.getFirst();
                byte[] folder = level.folders().poll();
                if (folder == null) {
                    levels.removeFirst();
                    close(level);
                } else {
                    enter(level, folder);
                }
            }
        }

        private void enter(Level level, byte[] name) {
            ItemPath path = level.path().child(name);
            try {
                descend(
                        path,
                        level.directory() == null
                                ? root.openDirectory(path.bytes())
                                : level.directory().openDirectory(name));
            } catch (PosixException failed) {
                // Gone, or something else by now: the next walk sees what it is.
                if (!failed.is(Errno.ENOENT)
                        && !failed.is(Errno.ENOTDIR)
                        && !failed.is(Errno.ELOOP)) {
                    tell(new Unreadable(path, failed.getMessage()));
                }
                tell(new FolderEnd(path, false));
            }
        }

        /// Tells the entries, and leaves the sub-folders to [#run].
        private void descend(ItemPath path, Directory directory) throws PosixException {
            Deque<byte[]> folders = new ArrayDeque<>();
            boolean keepOpen = false;
            try {
                list(path, directory, folders);
                tell(new FolderEnd(path, true));
                keepOpen = !folders.isEmpty() && levels.size() < limits.openFolders();
            } finally {
                if (!keepOpen) {
                    directory.close();
                }
                if (!folders.isEmpty()) {
                    levels.addFirst(new Level(path, keepOpen ? directory : null, folders));
                }
            }
        }

        private void list(ItemPath path, Directory directory, Deque<byte[]> folders)
                throws PosixException {
            try {
                directory.list((name, isFolder) -> {
                    if (look(path.child(name), directory, name)) {
                        folders.add(name);
                    }
                });
            } catch (PosixException failed) {
                throw failed;
            } catch (IOException fromVisitor) {
                throw new UncheckedIOException(fromVisitor);
            }
        }

        /// Tells one entry.
        ///
        /// @return whether it is a folder to descend into
        private boolean look(ItemPath path, Directory directory, byte[] name) {
            try {
                Stat stat = directory.stat(name);
                Sighting sighting = skipped(path, stat);
                if (sighting == null) {
                    byte[] target =
                            stat.isSymlink() ? directory.readLink(name) : Metadata.NO_TARGET;
                    sighting =
                            new Seen(
                                    path,
                                    Observed.metadata(stat, target),
                                    Observed.fingerprint(stat));
                }
                tell(sighting);
                return stat.isFolder() && sighting instanceof Seen;
            } catch (PosixException failed) {
                if (!failed.is(Errno.ENOENT)) {
                    tell(new Unreadable(path, failed.getMessage()));
                }
                return false;
            }
        }

        private @Nullable Skipped skipped(ItemPath path, Stat stat) {
            if (excluded.contains(FileId.of(stat))) {
                return new Skipped(path, "home or target of Caravan", Why.OWN_DATA);
            }
            String whyNot = selection.whyNot(path, stat.isFolder());
            if (whyNot != null) {
                return new Skipped(path, whyNot, Why.EXCLUDED);
            }
            if (!stat.isFile() && !stat.isFolder() && !stat.isSymlink()) {
                return new Skipped(path, stat.typeName(), Why.SPECIAL_FILE);
            }
            if (limits.oneFileSystem() && stat.device() != device) {
                return new Skipped(path, "on another file system", Why.OTHER_FILE_SYSTEM);
            }
            if (path.length() > limits.pathBytes()) {
                return new Skipped(
                        path, "path longer than " + limits.pathBytes() + " bytes", Why.OVER_LONG);
            }
            return null;
        }

        /// The visitor's exceptions go through unchecked, so that they are never taken for the file
        /// system's.
        private void tell(Sighting sighting) {
            try {
                visitor.sighted(sighting);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        private static void close(Level level) {
            if (level.directory() != null) {
                level.directory().close();
            }
        }

        @Override
        public void close() {
            levels.forEach(Pass::close);
        }
    }
}
