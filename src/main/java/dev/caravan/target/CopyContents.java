package dev.caravan.target;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.CopyState;
import dev.caravan.segment.Entry;
import dev.caravan.segment.SegmentReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The bytes of versions as their copies have them. Nothing is believed: whoever reads compares the
/// hash with that of the version. Thread-safe.
public final class CopyContents {
    private CopyContents() {}

    /// The content of one copy.
    ///
    /// @throws IOException if it can not be read, or is not the member the ledger says it is
    public static Content open(CopyStore store, Version version, Catalog.Copy copy)
            throws IOException {
        return copy.parts().isEmpty()
                ? member(store, version, copy, version.metadata().size())
                : new PartedContent(store, version, copy);
    }

    /// A copy, or a part of one, that is in one piece of `size` bytes.
    static Content member(CopyStore store, Version version, Catalog.Copy copy, long size)
            throws IOException {
        InputStream in = store.open(version, copy);
        try {
            if (copy.object() == null || !copy.object().segment()) {
                return new Plain(in, List.of(new Content.Extent(0, size)));
            }
            Entry entry = new SegmentReader(in, copy.offset()).next();
            if (entry == null || entry.metadata().size() != size) {
                throw new IOException(
                        "'%s' is not at offset %d of '%s' on target '%s'"
                                .formatted(
                                        version.path(),
                                        copy.offset(),
                                        copy.object().name(),
                                        copy.target().name()));
            }
            return new Member(in, entry);
        } catch (IOException | RuntimeException failed) {
            in.close();
            throw failed;
        }
    }

    /// From the source, and once the source has moved on from the best counted copy of the version:
    /// one that was verified before others.
    public static Contents sourceThenCopies(Contents source, Catalog catalog, CopyStores stores) {
        return version -> {
            try {
                return source.open(version);
            } catch (ContentUnavailableException gone) {
                if (gone.reason() == ContentUnavailableException.Reason.UNREADABLE
                        || version.sha256() == null) {
                    throw gone;
                }
                return fromAnyCopy(catalog, stores, version, gone);
            }
        };
    }

    private static Content fromAnyCopy(
            Catalog catalog, CopyStores stores, Version version, ContentUnavailableException gone)
            throws IOException {
        List<Catalog.Copy> copies = new ArrayList<>(catalog.copies(version));
        copies.sort(
                Comparator.comparing((Catalog.Copy copy) -> copy.state() != CopyState.VERIFIED));
        @Nullable CopyStore coldStore = null;
        @Nullable ColdObjectException cold = null;
        for (Catalog.Copy copy : copies) {
            if (copy.state().counts()) {
                try {
                    CopyStore store = stores.of(copy.target().name());
                    try {
                        return open(store, version, copy);
                    } catch (ColdObjectException later) {
                        coldStore = store;
                        cold = later;
                    }
                } catch (IOException unreadable) {
                    gone.addSuppressed(unreadable);
                }
            }
        }
        if (cold != null && coldStore != null) {
            thaw(coldStore, cold, gone);
        }
        throw gone;
    }

    /// There is no other copy to make one from; the next attempts will find it readable.
    private static void thaw(
            CopyStore store, ColdObjectException cold, ContentUnavailableException gone) {
        try {
            gone.addSuppressed(new IOException(store.thaw(cold).text()));
        } catch (IOException refused) {
            gone.addSuppressed(refused);
        }
    }

    private static class Plain implements Content {
        private final InputStream in;
        private final List<Extent> extents;

        Plain(InputStream in, List<Extent> extents) {
            this.in = in;
            this.extents = extents;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return in.read(buffer, offset, length);
        }

        @Override
        public void skip(long count) throws IOException {
            in.skipNBytes(count);
        }

        @Override
        public List<Extent> extents() {
            return extents;
        }

        /// A copy does not change; that it is the right one shows in its hash.
        @Override
        public void verifyUnchanged() {}

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private static final class Member extends Plain {
        private final InputStream segment;

        Member(InputStream segment, Entry entry) {
            super(entry.content(), entry.extents());
            this.segment = segment;
        }

        @Override
        public void close() throws IOException {
            segment.close();
        }
    }
}
