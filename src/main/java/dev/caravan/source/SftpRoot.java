package dev.caravan.source;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import dev.caravan.scan.Limits;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.Sighting.FolderEnd;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.scan.Sighting.Skipped;
import dev.caravan.scan.Sighting.Unreadable;
import dev.caravan.scan.Sighting.Why;
import dev.caravan.scan.SourceRoot;
import dev.caravan.scan.WalkVisitor;
import dev.caravan.target.SftpAddress;
import dev.caravan.target.SftpFolder;
import dev.caravan.target.SftpFolder.Entry;
import dev.caravan.target.SftpFolder.Type;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A folder on an SFTP server as a source. Of a file SFTP version 3 says size, time in whole
/// seconds, mode and owner, and nothing of inodes, extended attributes, hard links or holes: two
/// states of a file with the same size and second are one to us. Thread-safe.
public final class SftpRoot implements SourceRoot {

    /// A file that was written to so shortly before it is looked at may be written to again within
    /// the same second. It is given a state of its own, so that the next scan takes it anew.
    private static final Duration JUST_NOW = Duration.ofSeconds(2);

    private final SftpFolder folder;
    private final Limits limits;
    private final Clock clock;

    public SftpRoot(SftpAddress address, Clock clock) {
        this.folder = new SftpFolder(address);
        this.limits = Limits.DEFAULT;
        this.clock = clock;
    }

    @Override
    public void walk(ItemPath from, Selection selection, WalkVisitor visitor) throws IOException {
        new Pass(selection, visitor).run(from);
    }

    /// One walk. In memory are the names of the sub-folders still to come, of each folder on the
    /// way down.
    private final class Pass {
        private final Selection selection;
        private final WalkVisitor visitor;

        Pass(Selection selection, WalkVisitor visitor) {
            this.selection = selection;
            this.visitor = visitor;
        }

        void run(ItemPath from) throws IOException {
            Deque<Deque<ItemPath>> levels = new ArrayDeque<>();
            levels.push(list(from));
            while (!levels.isEmpty()) {
                ItemPath next = levels.element().poll();
                if (next == null) {
                    levels.pop();
                } else {
                    levels.push(enter(next));
                }
            }
        }

        /// A folder that can not be read does not end the walk; a server that is gone does.
        private Deque<ItemPath> enter(ItemPath path) throws IOException {
            try {
                return list(path);
            } catch (NoSuchFileException gone) {
                visitor.sighted(new FolderEnd(path, false));
            } catch (FileSystemException refused) {
                visitor.sighted(new Unreadable(path, String.valueOf(refused.getMessage())));
                visitor.sighted(new FolderEnd(path, false));
            }
            return new ArrayDeque<>();
        }

        private Deque<ItemPath> list(ItemPath path) throws IOException {
            Deque<ItemPath> folders = new ArrayDeque<>();
            try (SftpFolder.Listing listing = folder.list(path.bytes())) {
                for (Entry entry = listing.next(); entry != null; entry = listing.next()) {
                    if (isImpossible(entry.name())) {
                        visitor.sighted(
                                new Unreadable(
                                        path,
                                        "the server lists a name that no file can have: '%s'"
                                                .formatted(ItemPath.show(entry.name()))));
                        continue;
                    }
                    ItemPath child = path.child(entry.name());
                    Sighting sighting = sighting(child, entry);
                    visitor.sighted(sighting);
                    if (entry.type() == Type.FOLDER && sighting instanceof Seen) {
                        folders.add(child);
                    }
                }
            }
            visitor.sighted(new FolderEnd(path, true));
            return folders;
        }

        private Sighting sighting(ItemPath path, Entry entry) throws IOException {
            String whyNot = selection.whyNot(path, entry.type() == Type.FOLDER);
            if (whyNot != null) {
                return new Skipped(path, whyNot, Why.EXCLUDED);
            }
            if (path.length() > limits.pathBytes()) {
                return new Skipped(
                        path, "path longer than " + limits.pathBytes() + " bytes", Why.OVER_LONG);
            }
            try {
                return seen(path, entry);
            } catch (FileSystemException refused) {
                return new Unreadable(path, String.valueOf(refused.getMessage()));
            }
        }
    }

    private static boolean isImpossible(byte[] name) {
        for (byte each : name) {
            if (each == '/' || each == 0) {
                return true;
            }
        }
        return name.length == 0;
    }

    @Override
    public @Nullable Sighting look(ItemPath path) throws IOException {
        Entry entry = folder.look(path.bytes());
        return entry == null ? null : seen(path, entry);
    }

    private Sighting seen(ItemPath path, Entry entry) throws IOException {
        return switch (entry.type()) {
            case OTHER -> new Skipped(path, "special file", Why.SPECIAL_FILE);
            case FILE ->
                    new Seen(
                            path,
                            metadata(Kind.FILE, entry, Metadata.NO_TARGET),
                            fingerprint(entry));
            case FOLDER ->
                    new Seen(
                            path,
                            metadata(Kind.FOLDER, entry, Metadata.NO_TARGET),
                            fingerprint(entry));
            case SYMLINK ->
                    new Seen(
                            path,
                            metadata(Kind.SYMLINK, entry, folder.readLink(path.bytes())),
                            fingerprint(entry));
        };
    }

    private static Metadata metadata(Kind kind, Entry entry, byte[] target) {
        return new Metadata(
                kind,
                kind == Kind.FILE ? entry.size() : 0,
                entry.modified(),
                entry.mode(),
                entry.uid(),
                entry.gid(),
                target,
                1,
                List.of());
    }

    private Fingerprint fingerprint(Entry entry) {
        Instant now = clock.instant();
        boolean justNow =
                entry.type() == Type.FILE
                        && Duration.between(entry.modified(), now).abs().compareTo(JUST_NOW) < 0;
        return new Fingerprint(
                0, 0, entry.size(), entry.modified(), justNow ? now : entry.modified());
    }

    @Override
    public boolean readable(ItemPath file) {
        return true; // the server decides, when it is opened
    }

    @Override
    public List<Xattr> xattrs(ItemPath path) {
        return List.of();
    }

    @Override
    public Content open(Version version) throws IOException {
        try {
            SftpFolder.File file = folder.open(version.path().bytes(), version.metadata().size());
            boolean done = false;
            try {
                requireSame(version, file.look());
                done = true;
                return new RemoteContent(version, new OfFile(version, file));
            } finally {
                if (!done) {
                    file.close();
                }
            }
        } catch (IOException failed) {
            throw RemoteContent.unavailable(failed, Reason.VANISHED);
        }
    }

    private static void requireSame(Version version, Entry found) throws IOException {
        if (found.type() != Type.FILE) {
            throw RemoteContent.changed(version, "is no file any more");
        }
        if (found.size() != version.metadata().size()
                || !found.modified().equals(version.metadata().modified())) {
            throw RemoteContent.changed(
                    version, "has changed since version %d".formatted(version.number()));
        }
    }

    private record OfFile(Version version, SftpFolder.File file) implements RemoteContent.Bytes {
        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return file.read(buffer, offset, length);
        }

        @Override
        public void verifyUnchanged() throws IOException {
            requireSame(version, file.look());
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /// As an SFTP target says of itself.
    @Override
    public String domain() throws IOException {
        return "host " + folder.fingerprint();
    }

    @Override
    public void close() {
        folder.close();
    }
}
