package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.PlainTree;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Puts the items of one batch in their places on a NAS: stage, (syncfs), publish, (syncfs), check.
/// Every name is resolved below the NAS's own directory without following symlinks, so an item that
/// once was a link can not lead a later one outside. Confined to one thread.
final class NasPublisher implements AutoCloseable {
    /// The coarsest times of file systems that a NAS may have.
    static final Duration COARSE = Duration.ofSeconds(2);

    private static final boolean ROOT = Directory.effectiveUser() == 0;

    private final Directory nas;
    private final Directory incoming;
    private final WorkingFolder folder;
    private final String target;
    private final Ledger ledger;
    private final Map<List<Object>, Long> newest = new HashMap<>();

    /// By the id of each version of the batch: the version of its item that was there before.
    private final Map<Long, PlainTree.There> before;

    /// Versions of deleted items, made anew: their place is the history.
    private final Set<Long> withdrawn;

    private final List<Long> lost = new ArrayList<>();

    private final Set<Long> inPlainTree = new HashSet<>();
    private final Set<List<Object>> madeFolders = new HashSet<>();
    private final OwnNames names;
    private final List<String> apart = new ArrayList<>();
    private final Map<List<Object>, Version> touchedFolders = new LinkedHashMap<>();

    /// @param batch all that is published together: of two versions of one path only the newer one
    ///   goes to the plain tree
    NasPublisher(Directory nas, String target, Ledger ledger, List<Carried.Single> batch)
            throws PosixException {
        this.nas = nas;
        this.incoming = nas.openDirectory(NasLayout.INCOMING);
        this.folder = new WorkingFolder(nas);
        this.target = target;
        this.ledger = ledger;
        this.before =
                ledger.plainTree()
                        .inPlainTree(target, batch.stream().map(Carried.Single::version).toList());
        this.withdrawn =
                ledger.plainTree()
                        .inHistory(target, batch.stream().map(Carried.Single::version).toList());
        this.names = new OwnNames(nas, folder);
        for (Carried.Single single : batch) {
            newest.merge(place(single.version()), single.version().id(), Math::max);
        }
    }

    private static List<Object> place(Version version) {
        return List.of(version.source(), version.path());
    }

    /// Whether a newer version of the item is in this batch or was recorded before: then this one's
    /// place is the history.
    private boolean isOld(Version version) {
        PlainTree.There there = before.get(version.id());
        return withdrawn.contains(version.id())
                || newest.getOrDefault(place(version), version.id()) > version.id()
                || there != null && there.version() > version.id();
    }

    /// What arrived is not what was sent.
    static final class NotAsSentException extends IOException {
        NotAsSentException(String message) {
            super(message);
        }
    }

    /// Before the first sync: gives the incoming file its metadata and keeps the version that is in
    /// its place now.
    void stage(Carried.Single single) throws IOException {
        if (single.bytes() > 0) {
            byte[] name = NasLayout.bytes(single.copyName());
            boolean holes = NasFiles.hasHole(single);
            try (OpenFile file = holes ? incoming.openToChange(name) : incoming.openFile(name)) {
                Stat found = file.stat();
                if (found.size() != single.bytes()) {
                    throw new NotAsSentException(
                            "'%s': %d bytes were written to the NAS, it holds %d"
                                    .formatted(
                                            single.version().path(), single.bytes(), found.size()));
                }
                if (holes) {
                    NasFiles.punch(file, single);
                }
                NasFiles.apply(file, found, single.version().metadata());
            }
        }
        keepOld(single.version());
    }

    private void keepOld(Version version) throws IOException {
        PlainTree.There old = before.get(version.id());
        if (old == null || old.version() >= version.id() || old.kind() != Kind.FILE) {
            return;
        }
        byte[] kept = NasLayout.history(old.version());
        if (isKept(kept, old.size(), old.modified())) {
            return; // by an attempt that was cut off: the new version may be in its place already
        }
        byte[] place = NasLayout.plain(version);
        Stat stat = nas.statIfAny(place);
        if (stat == null || !stat.isFile() || stat.size() != old.size()) {
            lost.add(old.version());
            return;
        }
        if (!near(stat.modified(), old.modified())) {
            lost.add(old.version()); // its bytes may be others: they are kept, and count no more
        }
        makeHistoryFolder(kept);
        ignoring(
                Errno.EEXIST,
                () -> {
                    if (!nas.linkIfPossible(place, nas, kept)) {
                        nas.rename(place, nas, kept, false); // its new version follows
                    }
                });
    }

    /// The versions whose copies were recorded here and are not what they were: somebody took them
    /// away or wrote over them.
    List<Long> lost() {
        return lost;
    }

    /// Whether this version is in the history already. A ledger that was put back to an older state
    /// gives ids a second time: what another version left under the name is moved aside, since
    /// nobody but its manifest knows it any more.
    private boolean isKept(byte[] kept, long size, Instant modified) throws IOException {
        Stat stat = nas.statIfAny(kept);
        if (stat == null) {
            return false;
        }
        if (stat.isFile() && stat.size() == size && near(stat.modified(), modified)) {
            return true;
        }
        for (int n = 1; ; n++) {
            byte[] aside =
                    NasLayout.bytes(new String(kept, StandardCharsets.US_ASCII) + ".aside-" + n);
            if (nas.statIfAny(aside) == null) {
                nas.rename(kept, nas, aside, false);
                return false;
            }
        }
    }

    private static boolean near(Instant found, Instant expected) {
        return Duration.between(found, expected).abs().compareTo(COARSE) <= 0;
    }

    private void makeHistoryFolder(byte[] kept) throws PosixException {
        NasLayout.makeFolder(nas, Arrays.copyOf(kept, NasLayout.HISTORY.length + 3));
    }

    /// After the first sync: under its final name.
    void publish(Carried.Single single) throws IOException {
        Version version = single.version();
        if (isOld(version)) {
            publishAsOld(single);
            return;
        }
        if (!names.canHave(version)) {
            publishApart(single, "another name differs from it in case only");
            return;
        }
        try {
            publishInTree(single);
            inPlainTree.add(version.id());
        } catch (PosixException failed) {
            boolean link = version.metadata().kind() == Kind.SYMLINK;
            if (link && (failed.isUnsupported() || failed.is(Errno.EPERM))) {
                publishApart(single, "there are no symlinks");
            } else if (ofTheName(failed)) {
                publishApart(single, String.valueOf(failed.getMessage()));
            } else {
                throw failed;
            }
        }
    }

    private void publishInTree(Carried.Single single) throws IOException {
        Version version = single.version();
        makeParents(version);
        byte[] place = NasLayout.plain(version);
        switch (version.metadata().kind()) {
            case FOLDER -> publishFolder(version, place);
            case SYMLINK -> publishSymlink(single, place);
            case FILE -> replace(incomingFile(single), place);
        }
    }

    /// What can not be in the tree is in the history and the manifest, as an old version is, from
    /// where it is read like one.
    private void publishApart(Carried.Single single, String why) throws IOException {
        Version version = single.version();
        byte[] incoming = NasLayout.incoming(single.copyName());
        if (version.metadata().kind() == Kind.SYMLINK) {
            ignoring(Errno.ENOENT, () -> nas.removeFile(incoming));
        }
        publishAsOld(single);
        ledger.plainTree().withdrawn(target, List.of(version));
        apart.add("'%s': %s".formatted(version.path(), why));
    }

    /// What of the batch could not be in the tree, and why.
    List<String> apart() {
        return apart;
    }

    private static boolean ofTheName(PosixException failed) {
        return failed.is(Errno.ENOENT)
                || failed.is(Errno.EINVAL)
                || failed.is(Errno.EILSEQ)
                || failed.is(Errno.ENAMETOOLONG);
    }

    /// A newer version of the item was faster: this one goes straight to the history.
    private void publishAsOld(Carried.Single single) throws IOException {
        Version version = single.version();
        if (version.metadata().kind() == Kind.FILE) {
            byte[] kept = NasLayout.history(version.id());
            makeHistoryFolder(kept);
            isKept(kept, version.metadata().size(), version.metadata().modified());
            byte[] incoming = incomingFile(single);
            nas.rename(incoming, nas, kept, true);
        }
    }

    private void publishFolder(Version version, byte[] place) throws IOException {
        Stat stat = nas.statIfAny(place);
        if (stat != null && !stat.isFolder()) {
            nas.removeFile(place);
            stat = null;
        }
        if (stat == null) {
            nas.makeDirectory(place, 0700);
        }
        touchedFolders.put(List.of(version.source(), version.path()), version);
    }

    private void publishSymlink(Carried.Single single, byte[] place) throws IOException {
        byte[] incoming = NasLayout.incoming(single.copyName());
        Metadata m = single.version().metadata();
        nas.symlink(m.linkTarget(), incoming);
        if (ROOT) {
            NasFiles.ifTaken(() -> nas.setOwner(incoming, m.uid(), m.gid()));
        }
        nas.setTimes(incoming, m.modified());
        replace(incoming, place);
    }

    /// The file in `incoming`: written by the endpoint, or made here when there was nothing to
    /// carry.
    private byte[] incomingFile(Carried.Single single) throws IOException {
        byte[] incoming = NasLayout.incoming(single.copyName());
        Version version = single.version();
        boolean carried = single.linkTo() == null && single.bytes() > 0;
        if (carried || nas.statIfAny(incoming) != null) {
            return incoming;
        }
        if (single.linkTo() != null) {
            byte[] place = placeOf(single.linkTo(), version);
            if (!nas.linkIfPossible(place, nas, incoming)) {
                NasFiles.copy(nas, place, incoming, version.metadata());
            }
            Stat stat = nas.stat(incoming);
            if (!stat.isFile() || stat.size() != version.metadata().size()) {
                throw new NotAsSentException(
                        "'%s': the file it is a hard link of is not on the NAS as recorded"
                                .formatted(version.path()));
            }
        } else {
            try (OpenFile empty = nas.createFile(incoming, 0600)) {
                NasFiles.apply(empty, empty.stat(), version.metadata());
            }
        }
        return incoming;
    }

    /// Where the bytes of exactly this version are now: a name in the plain tree may hold another.
    private byte[] placeOf(Version leader, Version link) throws IOException {
        byte[] kept = NasLayout.history(leader.id());
        if (nas.statIfAny(kept) != null) {
            return kept;
        }
        boolean plain =
                inPlainTree.contains(leader.id())
                        || ledger.plainTree()
                                        .inPlainTree(target, leader.source(), leader.path())
                                        .orElse(-1)
                                == leader.id();
        if (!plain) {
            throw new NotAsSentException(
                    "'%s': the file it is a hard link of is not on the NAS".formatted(link.path()));
        }
        return NasLayout.plain(leader);
    }

    private void replace(byte[] arrived, byte[] place) throws IOException {
        Directory parent = folder.of(place);
        byte[] name = WorkingFolder.name(place);
        byte[] sent = WorkingFolder.name(arrived);
        Stat there = parent.statIfAny(name);
        if (there != null && there.isFolder()) {
            parent.removeDirectory(name); // its items are deleted ones and were withdrawn before
        }
        incoming.rename(sent, parent, name, true);
        if (there != null && incoming.statIfAny(sent) != null) {
            incoming.removeFile(sent); // rename(2) of two links of one file leaves both
        }
    }

    private void makeParents(Version version) throws IOException {
        ItemPath parent = version.path().parent();
        if (!madeFolders.add(List.of(version.source(), parent))) {
            return;
        }
        remember(version.source(), parent);
        byte[] place = NasLayout.plain(version.source(), parent);
        if (nas.statIfAny(place) != null) {
            return;
        }
        for (int i = 1; i <= place.length; i++) {
            if (i == place.length || place[i] == '/') {
                byte[] part = Arrays.copyOf(place, i);
                ignoring(Errno.EEXIST, () -> nas.makeDirectory(part, 0755));
            }
        }
    }

    /// A folder's time changes with its entries: it is set again at the end of the batch.
    private void remember(String source, ItemPath folder) {
        if (folder.isRoot()) {
            return;
        }
        List<Object> key = List.of(source, folder);
        if (!touchedFolders.containsKey(key)) {
            List<Version> versions = ledger.catalog().versions(source, folder);
            if (!versions.isEmpty() && versions.getFirst().metadata().kind() == Kind.FOLDER) {
                touchedFolders.put(key, versions.getFirst());
            }
        }
    }

    /// Sets the metadata of folders that were published, or whose entries changed.
    void finishFolders() throws IOException {
        for (Version touched : touchedFolders.values()) {
            byte[] place = NasLayout.plain(touched);
            Stat stat = nas.statIfAny(place);
            if (stat != null && stat.isFolder()) {
                try (OpenFile open = nas.openFile(place)) {
                    NasFiles.apply(open, stat, touched.metadata());
                }
            }
        }
    }

    /// After the second sync: it is there, with the size and time it should have.
    void check(Carried.Single single) throws IOException {
        Version version = single.version();
        Metadata m = version.metadata();
        boolean plain = inPlainTree.contains(version.id());
        if (!plain && m.kind() != Kind.FILE) {
            return; // an old folder or symlink is all in the manifest
        }
        Stat stat = plain ? inPlace(version) : nas.statIfAny(NasLayout.history(version.id()));
        boolean right =
                stat != null
                        && switch (m.kind()) {
                            case FOLDER -> stat.isFolder();
                            case SYMLINK -> stat.isSymlink();
                            case FILE -> stat.isFile() && stat.size() == m.size();
                        };
        if (!right) {
            throw new NotAsSentException(
                    "'%s' is not on the NAS after it was published".formatted(version.path()));
        }
    }

    private @Nullable Stat inPlace(Version version) throws PosixException {
        byte[] place = NasLayout.plain(version);
        if (version.path().isRoot()) {
            return nas.statIfAny(place);
        }
        try {
            return folder.of(place).statIfAny(WorkingFolder.name(place));
        } catch (PosixException failed) {
            if (failed.is(Errno.ENOENT) || failed.is(Errno.ENOTDIR)) {
                return null;
            }
            throw failed;
        }
    }

    /// Moves the copy of a deleted item from the current tree to the history.
    void withdraw(Version version) throws IOException {
        // its time changes: now, or it did in a run that was cut off
        remember(version.source(), version.path().parent());
        byte[] place = NasLayout.plain(version);
        Stat stat = nas.statIfAny(place);
        if (stat == null) {
            if (version.metadata().kind() == Kind.FILE
                    && nas.statIfAny(NasLayout.history(version.id())) == null) {
                lost.add(version.id());
            }
            return;
        }
        if (stat.isFolder()) {
            ignoring(Errno.ENOTEMPTY, () -> nas.removeDirectory(place));
        } else if (stat.isSymlink()) {
            nas.removeFile(place);
        } else {
            byte[] kept = NasLayout.history(version.id());
            makeHistoryFolder(kept);
            if (!isKept(kept, version.metadata().size(), version.metadata().modified())) {
                nas.rename(place, nas, kept, false);
            } else {
                // kept when a newer version took its place that was never recorded: a crash lies
                // between, and what is in the plain tree is not this version
                nas.removeFile(place);
            }
        }
        removeEmptyParents(version);
    }

    /// A folder whose copy was withdrawn before this one came late was still in use then.
    private void removeEmptyParents(Version version) throws IOException {
        ItemPath parent = version.path().parent();
        while (!parent.isRoot()
                && ledger.plainTree().inPlainTree(target, version.source(), parent).isEmpty()) {
            byte[] place = NasLayout.plain(version.source(), parent);
            Stat stat = nas.statIfAny(place);
            if (stat == null || !stat.isFolder()) {
                return;
            }
            try {
                nas.removeDirectory(place);
            } catch (PosixException failed) {
                if (failed.is(Errno.ENOTEMPTY)) {
                    return;
                }
                throw failed;
            }
            parent = parent.parent();
        }
    }

    /// Forgets what is open, so that what follows is looked up again.
    void lookAgain() {
        folder.close();
    }

    @Override
    public void close() {
        folder.close();
        incoming.close();
    }

    private static void ignoring(int errno, NasFiles.Call call) throws PosixException {
        try {
            call.run();
        } catch (PosixException failed) {
            if (!failed.is(errno)) {
                throw failed;
            }
        }
    }
}
