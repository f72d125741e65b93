package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Brings items back below a folder that the operator named. No symlink below it is followed, so
/// neither a hostile name nor a hostile tree leads outside. Everything appears under its name in
/// one step and complete; what has the name already is replaced only if that was asked for, and a
/// folder in the way of something else never.
///
/// Folders that are made can be entered by nobody else until [#finish]. In memory are the folders
/// brought back. Thread-safe: any number of files may be pending, each in one thread.
///
/// With a [Journal] a restore that was killed goes on: the folders it made are taken as made by
/// this one, and its files as brought back.
public final class TreeWriter {

    private static final byte[] ITSELF = {};

    /// What is younger than this may belong to another restore that has not locked it yet.
    private static final Duration YOUNG = Duration.ofMinutes(1);

    private final Directory root;
    private final boolean overwrite;
    private final InstantSource clock;
    private final @Nullable Journal journal;
    private final Shortfalls shortfalls = new Shortfalls();

    /// What is still to be done to a folder that was made or brought back. Sorted: what is in a
    /// folder comes after it.
    private final NavigableMap<ItemPath, Ending> endings = new TreeMap<>();

    /// Writes below `root`, which stays the caller's to close.
    public TreeWriter(Directory root, boolean overwrite) {
        this(root, overwrite, InstantSource.system());
    }

    /// Writes below `root` and keeps a journal; both stay the caller's to close.
    public TreeWriter(Directory root, boolean overwrite, Journal journal) throws IOException {
        this(root, overwrite, InstantSource.system(), journal);
        for (Map.Entry<ItemPath, Integer> made : journal.folders().entrySet()) {
            Stat stat = root.statIfAny(made.getKey().bytes());
            if (stat != null && stat.isFolder()) {
                shortfalls.attempt(made.getKey(), () -> openUp(made.getKey()));
                int mode = made.getValue() == Journal.NOT_YET ? stat.mode() : made.getValue();
                endings.put(made.getKey(), folder -> folder.setMode(ITSELF, mode));
            }
        }
    }

    TreeWriter(Directory root, boolean overwrite, InstantSource clock) {
        this(root, overwrite, clock, null);
    }

    private TreeWriter(
            Directory root, boolean overwrite, InstantSource clock, @Nullable Journal journal) {
        this.root = root;
        this.overwrite = overwrite;
        this.clock = clock;
        this.journal = journal;
    }

    /// Whether there is nothing in the folder yet but what a restore keeps for itself.
    boolean isNew() throws IOException {
        boolean[] empty = {journal == null || !journal.goesOn()};
        root.list((name, folder) -> empty[0] &= Journal.isName(name));
        return empty[0];
    }

    /// Whether this content is there under its name already: brought back by a restore that was cut
    /// off, or equal byte for byte. Nothing is known by size and time alone. What is to be replaced
    /// is not equal for having the same content.
    boolean holds(Version version) throws IOException {
        byte[] path = version.path().bytes();
        Stat stat = root.statIfAny(path);
        if (stat == null || !stat.isFile() || stat.size() != version.metadata().size()) {
            return false;
        }
        if (journal != null && journal.isUntouched(version.id(), stat)) {
            return true;
        }
        return !overwrite && version.sha256() != null && hash(path).equals(version.sha256());
    }

    private Sha256 hash(byte[] path) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[256 << 10];
        try (OpenFile file = root.openFile(path)) {
            int count;
            while (file.stat().isFile() && (count = file.read(buffer, 0, buffer.length)) > 0) {
                digest.update(buffer, 0, count);
            }
        }
        return Sha256.of(digest.digest());
    }

    /// Notes files that have their names, so that they are not brought back again.
    void published(List<Version> versions) throws IOException {
        if (journal == null) {
            return;
        }
        Map<Long, Stat> now = new LinkedHashMap<>();
        for (Version version : versions) {
            Stat stat = root.statIfAny(version.path().bytes());
            if (stat != null) {
                now.put(version.id(), stat);
            }
        }
        journal.published(now);
    }

    /// Begins a file, and makes the folders it is in.
    ///
    /// @throws ExistsException if there is something under its name, and it is not to be replaced
    public synchronized Pending begin(ItemPath path, Metadata metadata) throws IOException {
        check(path, metadata, Kind.FILE);
        Directory folder = openFolder(path.parent());
        try {
            if (!overwrite && exists(folder, path.name())) {
                throw new ExistsException(path);
            }
            return new Pending(folder, path, metadata, overwrite, shortfalls);
        } catch (IOException | RuntimeException failed) {
            folder.close();
            throw failed;
        }
    }

    /// Makes a folder, or takes the one that is there; its metadata follows in [#finish]. The
    /// metadata of one that was there before is replaced only if that was asked for.
    ///
    /// @throws ExistsException if there is something else, and it is not to be replaced
    public synchronized void folder(ItemPath path, Metadata metadata) throws IOException {
        check(path, metadata, Kind.FOLDER);
        openFolder(path.parent()).close();
        try {
            make(path);
        } catch (PosixException failed) {
            if (!failed.is(Errno.EEXIST)) {
                throw failed;
            }
            if (!root.stat(path.bytes()).isFolder()) {
                if (!overwrite) {
                    throw new ExistsException(path);
                }
                root.removeFile(path.bytes());
                make(path);
            }
        }
        if (overwrite && !endings.containsKey(path)) {
            shortfalls.attempt(path, () -> openUp(path));
        }
        if (overwrite || endings.containsKey(path)) {
            endings.put(path, folder -> apply(folder, path, metadata));
        }
    }

    /// A read-only folder of ours must take files until [#finish] gives it its mode.
    private void openUp(ItemPath path) throws PosixException {
        int mode = root.stat(path.bytes()).mode();
        if ((mode & 0700) != 0700) {
            root.setMode(path.bytes(), mode | 0700);
        }
    }

    /// Makes a symlink.
    ///
    /// @throws ExistsException if there is something under its name, and it is not to be replaced
    public synchronized void symlink(ItemPath path, Metadata metadata) throws IOException {
        check(path, metadata, Kind.SYMLINK);
        if (!overwrite && isLinkTo(path, metadata.linkTarget())) {
            return;
        }
        byte[] part = PartName.next();
        try (Directory folder = openFolder(path.parent())) {
            folder.symlink(metadata.linkTarget(), part);
            if (Directory.effectiveUser() == 0) {
                shortfalls.attempt(
                        path, () -> folder.setOwner(part, metadata.uid(), metadata.gid()));
            }
            shortfalls.attempt(path, () -> folder.setTimes(part, metadata.modified()));
            renameOrRemove(folder, part, path);
        }
    }

    private boolean isLinkTo(ItemPath path, byte[] target) throws PosixException {
        Stat stat = root.statIfAny(path.bytes());
        return stat != null
                && stat.isSymlink()
                && Arrays.equals(root.readLink(path.bytes()), target);
    }

    /// Gives a file that was brought back another of its names, if it has not got it already.
    ///
    /// @throws ExistsException if there is something under that name, and it is not to be replaced
    public synchronized void hardLink(ItemPath existing, ItemPath path) throws IOException {
        Stat first = root.statIfAny(existing.bytes());
        Stat there = root.statIfAny(path.bytes());
        if (first != null
                && there != null
                && first.inode() == there.inode()
                && first.device() == there.device()) {
            return;
        }
        byte[] part = PartName.next();
        try (Directory folder = openFolder(path.parent())) {
            root.link(existing.bytes(), folder, part);
            renameOrRemove(folder, part, path);
            // rename(2) of two names of one file does nothing, and leaves both
            if (exists(folder, part)) {
                folder.removeFile(part);
            }
        }
    }

    private void renameOrRemove(Directory folder, byte[] part, ItemPath path) throws IOException {
        try {
            rename(folder, part, path, overwrite);
        } catch (IOException failed) {
            folder.removeFile(part);
            throw failed;
        }
    }

    static void rename(Directory folder, byte[] part, ItemPath path, boolean overwrite)
            throws IOException {
        try {
            folder.rename(part, folder, path.name(), overwrite);
        } catch (PosixException failed) {
            if (!overwrite && failed.is(Errno.EEXIST)) {
                throw new ExistsException(path);
            }
            throw failed;
        }
    }

    /// Makes durable what was written so far, pending files too. A file that is published after
    /// this is whole under its name even after a power cut; it costs about as much for a thousand
    /// pending files as for one.
    public void sync() throws PosixException {
        root.syncFileSystem();
    }

    /// Gives the folders their metadata, those farthest down first, and makes all of it durable.
    /// Only after this is anything restored: a power cut before may leave files short that were
    /// published without [#sync], and the restore is then to be run again, with overwriting.
    public synchronized void finish() throws IOException {
        endings.descendingMap()
                .forEach((path, ending) -> shortfalls.attempt(path, () -> end(path, ending)));
        endings.clear();
        sync();
    }

    @FunctionalInterface
    private interface Ending {
        void on(Directory folder) throws PosixException;
    }

    private void end(ItemPath path, Ending ending) throws PosixException {
        try (Directory folder = root.openDirectory(path.bytes())) {
            ending.on(folder);
        }
    }

    private void apply(Directory folder, ItemPath path, Metadata metadata) throws PosixException {
        for (Xattr xattr : metadata.xattrs()) {
            shortfalls.attempt(path, () -> folder.setXattr(xattr.name(), xattr.value()));
        }
        if (Directory.effectiveUser() == 0) {
            shortfalls.attempt(path, () -> folder.setOwner(ITSELF, metadata.uid(), metadata.gid()));
        }
        folder.setMode(ITSELF, Pending.safeMode(path, metadata, folder.stat(ITSELF), shortfalls));
        folder.setTimes(ITSELF, metadata.modified());
    }

    /// How many pieces of metadata could not be brought back.
    public int shortfalls() {
        return shortfalls.count();
    }

    /// The first of them, in words.
    public List<String> firstShortfalls() {
        return shortfalls.first();
    }

    /// Removes what dead restores have left anywhere below the root: names of our form, not locked
    /// by a living process and not of the last minute.
    ///
    /// @return how many were removed
    public int sweep() throws IOException {
        int removed = 0;
        // the journal of this folder is locked: its dead restore is the one that left the young
        // ones
        boolean died = journal != null && journal.goesOn();
        Instant before = died ? Instant.MAX : clock.instant().minus(YOUNG);
        Deque<ItemPath> left = new ArrayDeque<>(List.of(ItemPath.ROOT));
        while (!left.isEmpty()) {
            ItemPath path = left.removeLast();
            Deque<byte[]> parts = new ArrayDeque<>();
            try (Directory folder = root.openDirectory(path.bytes())) {
                folder.list((name, isFolder) -> {
                    if (PartName.is(name)) {
                        parts.add(name);
                    } else if (isFolder) {
                        left.addLast(path.child(name));
                    }
                });
                for (byte[] part : parts) {
                    removed += sweep(folder, part, before) ? 1 : 0;
                }
            } catch (PosixException failed) {
                // Somebody else's, or gone: a folder we can not list has no part of ours.
                if (!failed.is(Errno.EACCES) && !failed.is(Errno.ENOENT)) {
                    throw failed;
                }
            }
        }
        return removed;
    }

    private static boolean sweep(Directory folder, byte[] part, Instant before)
            throws PosixException {
        Stat stat = folder.stat(part);
        boolean dead =
                stat.changed().isBefore(before)
                        && (stat.isSymlink() || (stat.isFile() && unlocked(folder, part)));
        if (dead) {
            folder.removeFile(part);
        }
        return dead;
    }

    private static boolean unlocked(Directory folder, byte[] part) throws PosixException {
        try (OpenFile file = folder.openFile(part)) {
            return file.tryLock();
        } catch (PosixException failed) {
            if (Pending.lockless(failed)) {
                return false;
            }
            throw failed;
        }
    }

    private static void check(ItemPath path, Metadata metadata, Kind kind) {
        if (path.isRoot() || metadata.kind() != kind) {
            throw new IllegalArgumentException(
                    "'%s' of kind %s can not be written as a %s"
                            .formatted(path, metadata.kind(), kind));
        }
    }

    /// Opens a folder, and makes it and those it is in where they are missing.
    private Directory openFolder(ItemPath path) throws IOException {
        try {
            return root.openDirectory(path.bytes());
        } catch (PosixException failed) {
            if (!failed.is(Errno.ENOENT)) {
                throw failed;
            }
        }
        Deque<ItemPath> missing = new ArrayDeque<>();
        for (ItemPath at = path; !at.isRoot() && !exists(root, at.bytes()); at = at.parent()) {
            missing.addFirst(at);
        }
        for (ItemPath each : missing) {
            make(each);
        }
        return root.openDirectory(path.bytes());
    }

    /// The umask decides the mode that it has in the end, unless it is an item itself.
    private void make(ItemPath path) throws PosixException {
        if (journal != null && root.statIfAny(path.bytes()) == null) {
            journal.folder(path, Journal.NOT_YET);
        }
        root.makeDirectory(path.bytes(), 0777);
        int mode = root.stat(path.bytes()).mode();
        if (journal != null) {
            journal.folder(path, mode);
        }
        root.setMode(path.bytes(), 0700);
        endings.put(path, folder -> folder.setMode(ITSELF, mode));
    }

    private static boolean exists(Directory folder, byte[] name) throws PosixException {
        try {
            folder.stat(name);
            return true;
        } catch (PosixException failed) {
            if (failed.is(Errno.ENOENT)) {
                return false;
            }
            throw failed;
        }
    }
}
