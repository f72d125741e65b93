package dev.caravan.restore;

import dev.caravan.item.Version;
import dev.caravan.ledger.MediaKind;
import dev.caravan.restore.RestoreListener.Failure;
import dev.caravan.segment.ContentSink;
import dev.caravan.segment.Entry;
import dev.caravan.segment.SegmentReader;
import dev.caravan.target.ColdObjectException;
import dev.caravan.target.CopyStore;
import dev.caravan.target.CopyStores;
import dev.caravan.target.Thawing;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads copies into pending files, and hands over those whose hash is right. Copies that lie in
/// one segment are read in one go, in the order they lie there. Thread-safe.
final class CopyReader {
    /// A gap in a segment that is cheaper to read past than to seek over: on a server, and on tape,
    /// where a locate takes seconds and the drive has to find its speed again.
    private static final long READ_PAST = 16L << 20;

    private static final long READ_PAST_ON_TAPE = 1L << 30;

    private final CopyStores stores;
    private final TreeWriter tree;
    private final Outcomes outcomes;
    private final Publisher publisher;
    private final boolean thaws;

    /// @param thaws whether to ask for copies that must be thawed first
    CopyReader(
            CopyStores stores,
            TreeWriter tree,
            Outcomes outcomes,
            Publisher publisher,
            boolean thaws) {
        this.stores = stores;
        this.tree = tree;
        this.outcomes = outcomes;
        this.publisher = publisher;
        this.thaws = thaws;
    }

    /// Reads the best copy of each; what fails is among those to be tried again, or lost.
    ///
    /// @param files whose best copies can be read in one go
    void read(MediaOrder.Place place, List<Candidates> files) throws DestinationException {
        if (place.segment() != null) {
            segment(place.target(), files);
            return;
        }
        for (Candidates candidates : files) {
            if (MediaOrder.copy(candidates).parts().isEmpty()) {
                plain(place.target(), candidates);
            } else {
                parted(place.target(), candidates);
            }
        }
    }

    private void plain(String target, Candidates candidates) throws DestinationException {
        bringBack(
                candidates,
                target,
                sink -> {
                    byte[] buffer = new byte[256 << 10];
                    try (InputStream in = open(target, candidates)) {
                        int count;
                        while ((count = in.read(buffer, 0, buffer.length)) >= 0) {
                            sink.data(buffer, 0, count);
                        }
                    }
                });
    }

    private void parted(String target, Candidates candidates) throws DestinationException {
        bringBack(
                candidates,
                target,
                sink -> {
                    CopyStore store = store(target);
                    new PartedReading(store, candidates.version, MediaOrder.copy(candidates))
                            .into(sink);
                });
    }

    private void segment(String target, List<Candidates> members) throws DestinationException {
        int next = 0;
        while (next < members.size()) {
            next = segmentFrom(target, members, next);
        }
    }

    /// Reads on until the end, a failure or a gap worth seeking over; returns where to go on.
    private int segmentFrom(String target, List<Candidates> members, int first)
            throws DestinationException {
        Candidates start = members.get(first);
        long readPast = isOnTape(start) ? READ_PAST_ON_TAPE : READ_PAST;
        long from = MediaOrder.copy(start).offset();
        InputStream opened;
        try {
            opened = open(target, start);
        } catch (IOException closed) {
            return notOpened(target, members, first, closed);
        }
        int next = first;
        try (SegmentReader reader = new SegmentReader(opened, from)) {
            while (next < members.size()) {
                Candidates wanted = members.get(next);
                long offset = MediaOrder.copy(wanted).offset();
                Entry entry = memberAt(reader, offset);
                next++;
                if (entry.metadata().size() != wanted.version.metadata().size()) {
                    outcomes.failed(
                            wanted,
                            target,
                            Failure.wrong("segment has another member at offset " + offset));
                    return next;
                }
                bringBack(wanted, target, entry::transferTo);
                if (next < members.size()
                        && MediaOrder.copy(members.get(next)).offset()
                                > entry.contentOffset()
                                        + wanted.version.metadata().size()
                                        + readPast) {
                    return next;
                }
            }
            return next;
        } catch (DestinationException place) {
            throw place;
        } catch (IOException unreadable) {
            int at = Math.min(next, members.size() - 1);
            if (next < members.size()) {
                outcomes.unreadable(members.get(at), target, unreadable);
            }
            return at + 1;
        }
    }

    /// A cartridge that is not there is not asked for again by every file in a segment of it, nor
    /// is a cold object.
    private int notOpened(String target, List<Candidates> members, int first, IOException why) {
        boolean isCold = why instanceof ThawingException || why instanceof ColdObjectException;
        boolean all = isOnTape(members.get(first)) || isCold;
        int end = all ? members.size() : first + 1;
        for (Candidates member : members.subList(first, end)) {
            outcomes.unreadable(member, target, why);
        }
        return end;
    }

    private static boolean isOnTape(Candidates candidates) {
        return MediaOrder.copy(candidates).target().mediaKind() == MediaKind.TAPE;
    }

    private InputStream open(String target, Candidates candidates) throws IOException {
        CopyStore store = store(target);
        try {
            return store.open(candidates.version, MediaOrder.copy(candidates));
        } catch (ColdObjectException cold) {
            throw thaws ? new ThawingException(store.thaw(cold), cold) : cold;
        }
    }

    /// It was asked for, and can be read in some hours.
    private static final class ThawingException extends IOException {
        private static final long serialVersionUID = 1L;

        ThawingException(Thawing asked, ColdObjectException cold) {
            super(asked.text(), cold);
        }
    }

    private CopyStore store(String target) throws IOException {
        try {
            return stores.of(target);
        } catch (IOException away) {
            throw new TargetAwayException(away);
        }
    }

    private static Entry memberAt(SegmentReader reader, long offset) throws IOException {
        @Nullable Entry entry;
        do {
            entry = reader.next();
        } while (entry != null && entry.offset() < offset);
        if (entry == null || entry.offset() != offset) {
            throw new IOException("no member begins at offset " + offset);
        }
        return entry;
    }

    private interface Reading {
        void into(ContentSink sink) throws IOException;
    }

    private void bringBack(Candidates candidates, String target, Reading reading)
            throws DestinationException {
        Version version = candidates.version;
        Pending pending;
        try {
            pending = tree.begin(version.path(), version.metadata());
        } catch (IOException failed) {
            outcomes.noPlace(version, failed);
            return;
        }
        boolean kept = false;
        try {
            CheckedContent checked = new CheckedContent(pending);
            Failure failure = read(reading, checked);
            if (failure == null) {
                String wrong = checked.difference(version);
                failure = wrong == null ? null : Failure.wrong(wrong);
            }
            if (failure == null) {
                kept = true;
                publisher.ready(pending, version, target);
            } else {
                outcomes.failed(candidates, target, failure);
            }
        } finally {
            if (!kept) {
                abandon(pending, version);
            }
        }
    }

    private static @Nullable Failure read(Reading reading, ContentSink into)
            throws DestinationException {
        try {
            reading.into(into);
            return null;
        } catch (DestinationException destination) {
            throw destination;
        } catch (IOException unreadable) {
            return Failure.unreadable(unreadable);
        }
    }

    private void abandon(Pending pending, Version version) throws DestinationException {
        try {
            pending.abandon();
        } catch (IOException left) {
            outcomes.noPlace(version, left);
        }
    }
}
