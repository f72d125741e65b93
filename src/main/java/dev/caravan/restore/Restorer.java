package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.MediaKind;
import dev.caravan.segment.ContentSink;
import dev.caravan.segment.Entry;
import dev.caravan.segment.SegmentReader;
import dev.caravan.target.CopyStore;
import dev.caravan.target.CopyStores;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Brings versions back from their copies. A file appears under its name only after the SHA-256 of
/// what was read equals that of its version; when a copy fails, the next one is taken. Copies that
/// lie in one segment are read in one go, in the order they lie there. Confined to one thread.
public final class Restorer {
    /// A gap in a segment that is cheaper to read past than to seek over: on a server, and on tape,
    /// where a locate takes seconds and the drive has to find its speed again.
    private static final long READ_PAST = 16L << 20;

    private static final long READ_PAST_ON_TAPE = 1L << 30;

    private static final int READY_FILES = 256;
    private static final long READY_BYTES = 256L << 20;

    private final Catalog catalog;
    private final CopyStores stores;
    private final TreeWriter tree;
    private final @Nullable String only;
    private final RestoreListener listener;
    private final Map<LinkKey, ItemPath> links = new HashMap<>();
    private final List<Ready> ready = new ArrayList<>();
    private long readyBytes;
    private long files;
    private long bytes;
    private long failures;

    /// @param only the one target to read from; null for any, best first
    public Restorer(
            Catalog catalog,
            CopyStores stores,
            TreeWriter tree,
            @Nullable String only,
            RestoreListener listener) {
        this.catalog = catalog;
        this.stores = stores;
        this.tree = tree;
        this.only = only;
        this.listener = listener;
    }

    private record LinkKey(String source, long device, long inode, Instant changed) {
        static LinkKey of(Version version) {
            var f = version.fingerprint();
            return new LinkKey(version.source(), f.device(), f.inode(), f.changed());
        }
    }

    /// What a restore came to.
    ///
    /// @param items brought back: files, folders and symlinks
    public record Result(long items, long bytes, long failures) {}

    /// Brings these versions back, folders before what is in them.
    ///
    /// @param orEarlier whether an item whose version has no counted copy comes back in the newest
    ///   earlier state that has one; it counts as a failure all the same
    /// @throws IOException if the place they go to fails as a whole, such as a full disk
    public Result restore(List<Version> versions, boolean orEarlier) throws IOException {
        List<Candidates> contents = new ArrayList<>();
        List<Candidates> furtherLinks = new ArrayList<>();
        List<List<Catalog.Copy>> copies = catalog.copies(versions);
        try {
            for (int i = 0; i < versions.size(); i++) {
                Candidates candidates = new Candidates(versions.get(i), copies.get(i), only);
                if (candidates.best() == null && orEarlier) {
                    candidates = earlier(candidates);
                }
                if (candidates.best() == null) {
                    candidates = Candidates.suspect(versions.get(i), copies.get(i), only);
                }
                if (candidates.best() == null) {
                    lost(candidates.version, noCopy());
                } else {
                    sort(candidates, contents, furtherLinks);
                }
            }
            while (!contents.isEmpty()) {
                contents = round(contents);
            }
            for (Candidates link : furtherLinks) {
                restoreLink(link);
            }
        } catch (DestinationException full) {
            // what was read and checked before the place failed is written already: it comes back
            publishReady();
            tree.finish();
            throw new IOException(
                    "%s; %d items came back before".formatted(full.getMessage(), files), full);
        }
        tree.finish();
        return new Result(files, bytes, failures);
    }

    /// The newest earlier version with a counted copy; what was wanted if there is none.
    private Candidates earlier(Candidates wanted) {
        Version version = wanted.version;
        for (Version known : catalog.versions(version.source(), version.path())) {
            Candidates candidates = new Candidates(known, catalog.copies(known), only);
            if (known.id() < version.id()
                    && known.metadata().kind() == version.metadata().kind()
                    && candidates.best() != null) {
                failures++;
                listener.earlier(version, known);
                return candidates;
            }
        }
        return wanted;
    }

    private String noCopy() {
        return only == null ? "no target has a counted copy" : "no counted copy on '" + only + "'";
    }

    private void sort(
            Candidates candidates, List<Candidates> contents, List<Candidates> furtherLinks)
            throws IOException {
        Version version = candidates.version;
        Metadata m = version.metadata();
        String target = Objects.requireNonNull(candidates.best()).target().name();
        try {
            switch (m.kind()) {
                case FOLDER -> {
                    tree.folder(version.path(), m);
                    restored(version, target);
                }
                case SYMLINK -> {
                    tree.symlink(version.path(), m);
                    restored(version, target);
                }
                case FILE -> {
                    boolean further =
                            m.hardLinked()
                                    && links.putIfAbsent(LinkKey.of(version), version.path())
                                            != null;
                    if (further) {
                        furtherLinks.add(candidates);
                    } else {
                        contents.add(candidates);
                    }
                }
            }
        } catch (IOException failed) {
            noPlace(version, failed);
        }
    }

    /// What is in the way of one item holds up nothing else.
    private void noPlace(Version version, IOException why) throws DestinationException {
        if (DestinationException.isAsAWhole(version.path(), why)) {
            throw new DestinationException(why);
        }
        lost(version, String.valueOf(why.getMessage()));
    }

    /// The first link of a group has its bytes; if that failed, the next one brings its own.
    private void restoreLink(Candidates candidates) throws IOException {
        Version version = candidates.version;
        ItemPath first = links.get(LinkKey.of(version));
        if (first != null && !first.equals(version.path())) {
            try {
                tree.hardLink(first, version.path());
                restored(version, "hard link");
                return;
            } catch (ExistsException exists) {
                lost(version, String.valueOf(exists.getMessage()));
                return;
            } catch (IOException notThere) {
                links.put(LinkKey.of(version), version.path());
            }
        }
        List<Candidates> own = List.of(candidates);
        while (!own.isEmpty()) {
            own = round(own);
        }
    }

    /// Tries the best copy of each; returns those that are left with another copy to try.
    private List<Candidates> round(List<Candidates> wanted) throws IOException {
        Map<MediaOrder.Place, List<Candidates>> byPlace = new LinkedHashMap<>();
        for (Candidates candidates : MediaOrder.ordered(wanted)) {
            byPlace.computeIfAbsent(MediaOrder.Place.of(candidates), place -> new ArrayList<>())
                    .add(candidates);
        }
        List<Candidates> again = new ArrayList<>();
        for (Map.Entry<MediaOrder.Place, List<Candidates>> group : byPlace.entrySet()) {
            MediaOrder.Place place = group.getKey();
            if (place.segment() == null) {
                for (Candidates candidates : group.getValue()) {
                    if (MediaOrder.copy(candidates).parts().isEmpty()) {
                        plain(place.target(), candidates, again);
                    } else {
                        parted(place.target(), candidates, again);
                    }
                }
            } else {
                segment(place.target(), group.getValue(), again);
            }
        }
        publishReady();
        return again;
    }

    private void plain(String target, Candidates candidates, List<Candidates> again)
            throws IOException {
        InputStream opened;
        try {
            opened = stores.of(target).open(candidates.version, MediaOrder.copy(candidates));
        } catch (IOException unreadable) {
            failed(candidates, target, unreadable, again);
            return;
        }
        try (InputStream in = opened) {
            bringBack(
                    candidates,
                    target,
                    again,
                    sink -> {
                        byte[] buffer = new byte[256 << 10];
                        int count;
                        while ((count = readCopy(in, buffer)) >= 0) {
                            sink.data(buffer, 0, count);
                        }
                    });
        }
    }

    private void parted(String target, Candidates candidates, List<Candidates> again)
            throws IOException {
        CopyStore store;
        try {
            store = stores.of(target);
        } catch (IOException unreadable) {
            failed(candidates, target, unreadable, again);
            return;
        }
        PartedReading reading =
                new PartedReading(store, candidates.version, MediaOrder.copy(candidates));
        bringBack(candidates, target, again, reading::into);
    }

    /// Reads members of one segment in the order of their offsets.
    private void segment(String target, List<Candidates> members, List<Candidates> again)
            throws IOException {
        int next = 0;
        while (next < members.size()) {
            next = segmentFrom(target, members, next, again);
        }
    }

    /// Reads on until the end, a failure or a gap worth seeking over; returns where to go on.
    private int segmentFrom(
            String target, List<Candidates> members, int first, List<Candidates> again)
            throws IOException {
        Candidates start = members.get(first);
        long readPast = readPast(start);
        InputStream opened;
        try {
            opened = open(target, start);
        } catch (IOException closed) {
            return notOpened(target, members, first, closed, again);
        }
        int next = first;
        try (SegmentReader reader = new SegmentReader(opened, MediaOrder.copy(start).offset())) {
            while (next < members.size()) {
                Candidates wanted = members.get(next);
                Entry entry = memberAt(reader, MediaOrder.copy(wanted).offset());
                if (entry == null) {
                    break;
                }
                next++;
                if (entry.metadata().size() != wanted.version.metadata().size()) {
                    throw new CopyFailedException(
                            wanted, "segment has another member at offset " + entry.offset());
                }
                bringBack(wanted, target, again, sink -> transfer(entry, sink));
                if (next < members.size()
                        && MediaOrder.copy(members.get(next)).offset()
                                > entry.contentOffset()
                                        + wanted.version.metadata().size()
                                        + readPast) {
                    break;
                }
            }
        } catch (CopyFailedException failed) {
            failed(failed.candidates, target, failed, again);
        } catch (DestinationException failed) {
            throw failed;
        } catch (IOException unreadable) {
            int at = Math.min(next, members.size() - 1);
            failed(members.get(at), target, unreadable, again);
            return at + 1;
        }
        return Math.max(next, first + 1);
    }

    /// A cartridge that is not there is not asked for again by every file in a segment of it.
    private int notOpened(
            String target,
            List<Candidates> members,
            int first,
            IOException why,
            List<Candidates> again) {
        int end = isOnTape(members.get(first)) ? members.size() : first + 1;
        for (Candidates member : members.subList(first, end)) {
            failed(member, target, why, again);
        }
        return end;
    }

    private static boolean isOnTape(Candidates candidates) {
        return MediaOrder.copy(candidates).target().mediaKind() == MediaKind.TAPE;
    }

    private static long readPast(Candidates candidates) {
        return isOnTape(candidates) ? READ_PAST_ON_TAPE : READ_PAST;
    }

    private InputStream open(String target, Candidates start) throws IOException {
        CopyStore store = stores.of(target);
        return store.open(start.version, MediaOrder.copy(start));
    }

    private static @Nullable Entry memberAt(SegmentReader reader, long offset) throws IOException {
        Entry entry;
        do {
            entry = reader.next();
        } while (entry != null && entry.offset() < offset);
        if (entry != null && entry.offset() != offset) {
            throw new IOException("no member begins at offset " + offset);
        }
        return entry;
    }

    /// This one copy is not what it should be.
    private static final class CopyFailedException extends IOException {
        private final transient Candidates candidates;

        CopyFailedException(Candidates candidates, String message) {
            super(message);
            this.candidates = candidates;
        }
    }

    private interface Reading {
        void into(ContentSink sink) throws IOException;
    }

    private static void transfer(Entry entry, ContentSink sink) throws IOException {
        entry.transferTo(sink);
    }

    private static int readCopy(InputStream in, byte[] buffer) throws IOException {
        return in.read(buffer, 0, buffer.length);
    }

    private void bringBack(
            Candidates candidates, String target, List<Candidates> again, Reading reading)
            throws IOException {
        Version version = candidates.version;
        Pending pending;
        try {
            pending = tree.begin(version.path(), version.metadata());
        } catch (IOException failed) {
            noPlace(version, failed);
            return;
        }
        boolean kept = false;
        try {
            CheckedContent checked = new CheckedContent(pending);
            try {
                reading.into(checked);
            } catch (DestinationException destination) {
                throw destination;
            } catch (IOException unreadable) {
                failed(candidates, target, unreadable, again);
                return;
            }
            String wrong = checked.difference(version);
            if (wrong != null) {
                failed(candidates, target, new IOException(wrong), again);
                return;
            }
            ready(pending, version, target);
            kept = true;
        } finally {
            if (!kept) {
                pending.abandon();
            }
        }
    }

    /// Checked files wait for one sync and then get their names together: a power cut leaves no
    /// half file under a final name, and small files do not pay a sync each.
    private void ready(Pending pending, Version version, String target) throws IOException {
        ready.add(new Ready(pending, version, target));
        readyBytes += version.metadata().size();
        if (ready.size() >= READY_FILES || readyBytes >= READY_BYTES) {
            publishReady();
        }
    }

    private void publishReady() throws IOException {
        if (ready.isEmpty()) {
            return;
        }
        List<Ready> publishing = List.copyOf(ready);
        ready.clear();
        readyBytes = 0;
        try {
            tree.sync();
        } catch (IOException destination) {
            publishing.forEach(this::abandon);
            throw new DestinationException(destination);
        }
        for (Ready file : publishing) {
            try (Pending pending = file.pending) {
                pending.publish();
                bytes += file.version.metadata().size();
                restored(file.version, file.target);
            } catch (IOException inTheWay) {
                lost(file.version, String.valueOf(inTheWay.getMessage()));
            }
        }
    }

    private void abandon(Ready file) {
        try {
            file.pending.abandon();
        } catch (IOException left) {
            listener.lost(file.version, "its unfinished file is left: " + left.getMessage());
        }
    }

    private record Ready(Pending pending, Version version, String target) {}

    private void failed(
            Candidates candidates, String target, IOException why, List<Candidates> again) {
        boolean next = candidates.hasNext();
        listener.failed(candidates.version, target, String.valueOf(why.getMessage()), next);
        candidates.dropBest();
        if (next) {
            again.add(candidates);
        } else {
            lost(candidates.version, noCopyLeft());
        }
    }

    private String noCopyLeft() {
        return only == null ? "no copy is left to try" : "only '" + only + "' was allowed";
    }

    private void restored(Version version, String target) {
        files++;
        listener.restored(version, target);
    }

    private void lost(Version version, String why) {
        failures++;
        if (version.metadata().kind() == Kind.FILE) {
            links.remove(LinkKey.of(version), version.path());
        }
        listener.lost(version, why);
    }
}
