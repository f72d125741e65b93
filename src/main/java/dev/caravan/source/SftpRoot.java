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
import dev.caravan.target.TargetException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A folder on an SFTP server as a source. Of a file SFTP version 3 says size, time in whole
/// seconds, mode and owner, and nothing of inodes, extended attributes, hard links or holes. Two
/// states of a file with the same size and second are one to us; so no file is read before its
/// second is over, by our clock. Thread-safe.
public final class SftpRoot implements SourceRoot {

    /// A second, and what two clocks may differ by.
    private static final Duration SETTLED = Duration.ofSeconds(5);

    /// A time further ahead than that is no time at which anybody writes.
    private static final Duration AHEAD = Duration.ofSeconds(60);

    /// A line that breaks more often than that within one file, with nothing read in between, is
    /// not worth waiting for.
    private static final int TRIES = 2;

    private final SftpFolder folder;
    private final Limits limits;
    private final InstantSource clock;
    private final Pause pause;

    /// Waits.
    @FunctionalInterface
    interface Pause {
        void await(Duration time) throws InterruptedException;
    }

    public SftpRoot(SftpAddress address, InstantSource clock) {
        this(address, clock, Thread::sleep);
    }

    SftpRoot(SftpAddress address, InstantSource clock, Pause pause) {
        this.folder = new SftpFolder(address);
        this.limits = Limits.DEFAULT;
        this.clock = clock;
        this.pause = pause;
    }

    @Override
    public void walk(ItemPath from, Selection selection, WalkVisitor visitor) throws IOException {
        try {
            new Pass(selection, visitor).run(from);
        } catch (UncheckedIOException fromVisitor) {
            throw fromVisitor.getCause();
        }
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
                tell(new FolderEnd(path, false));
            } catch (FileSystemException refused) {
                tell(new Unreadable(path, String.valueOf(refused.getMessage())));
                tell(new FolderEnd(path, false));
            }
            return new ArrayDeque<>();
        }

        private Deque<ItemPath> list(ItemPath path) throws IOException {
            Deque<ItemPath> folders = new ArrayDeque<>();
            try (SftpFolder.Listing listing = folder.list(path.bytes())) {
                for (Entry entry = listing.next(); entry != null; entry = listing.next()) {
                    if (isImpossible(entry.name())) {
                        tell(
                                new Unreadable(
                                        path,
                                        "the server lists a name that no file can have: '%s'"
                                                .formatted(ItemPath.show(entry.name()))));
                        continue;
                    }
                    ItemPath child = path.child(entry.name());
                    Sighting sighting = sighting(child, entry);
                    tell(sighting);
                    if (entry.type() == Type.FOLDER && sighting instanceof Seen) {
                        folders.add(child);
                    }
                }
            }
            tell(new FolderEnd(path, true));
            return folders;
        }

        /// The visitor's exceptions go through unchecked, so that they are never taken for the
        /// server's.
        private void tell(Sighting sighting) {
            try {
                visitor.sighted(sighting);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
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
            case UNTOLD ->
                    new Unreadable(path, "the server does not tell its kind, its time or its size");
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

    private static Fingerprint fingerprint(Entry entry) {
        return new Fingerprint(0, 0, entry.size(), entry.modified(), entry.modified());
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
            settle(version.metadata().modified());
            return new RemoteContent(version, new OfFile(version, opened(version, 0)));
        } catch (IOException | RuntimeException failed) {
            throw RemoteContent.unavailable(failed, Reason.VANISHED);
        }
    }

    /// Waits until whoever writes to a file gives it another time than it has.
    private void settle(Instant modified) throws IOException {
        Instant now = clock.instant();
        Duration left = Duration.between(now, modified.plus(SETTLED));
        if (left.isPositive() && left.compareTo(AHEAD) < 0) {
            try {
                pause.await(left);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while it was waited for", stopped);
            }
        }
    }

    private SftpFolder.File opened(Version version, long offset) throws IOException {
        SftpFolder.File file =
                folder.open(version.path().bytes(), offset, version.metadata().size() - offset);
        boolean done = false;
        try {
            requireSame(version, file.look());
            done = true;
            return file;
        } finally {
            if (!done) {
                file.close();
            }
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

    /// Where the line breaks, also because nobody read for long, the next one goes on.
    private final class OfFile implements RemoteContent.Bytes {
        private final Version version;
        private SftpFolder.File file;
        private long position;
        private int failures;

        OfFile(Version version, SftpFolder.File file) {
            this.version = version;
            this.file = file;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            while (true) {
                try {
                    int count = file.read(buffer, offset, length);
                    position += Math.max(0, count);
                    failures = 0;
                    return count;
                } catch (TargetException lost) {
                    again(lost);
                }
            }
        }

        @Override
        public void verifyUnchanged() throws IOException {
            try {
                requireSame(version, file.look());
            } catch (TargetException lost) {
                again(lost); // which looks too
            }
        }

        private void again(TargetException lost) throws IOException {
            if (++failures > TRIES) {
                throw lost;
            }
            file.close();
            file = opened(version, position);
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
