package dev.caravan.restore;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredPart;
import dev.caravan.segment.ContentSink;
import dev.caravan.segment.Entry;
import dev.caravan.segment.SegmentReader;
import dev.caravan.target.CopyStore;
import java.io.IOException;
import java.security.MessageDigest;

/// Reads a copy that lies in parts: one after the other, from as many cartridges as they are on.
/// Each is compared with its own hash, so that the one that is damaged can be named. Confined.
final class PartedReading {
    private static final byte[] ZEROS = new byte[64 << 10];

    private final CopyStore store;
    private final Version version;
    private final Catalog.Copy copy;

    PartedReading(CopyStore store, Version version, Catalog.Copy copy) {
        this.store = store;
        this.version = version;
        this.copy = copy;
    }

    /// Gives all bytes of the version to `sink`, data and holes apart.
    void into(ContentSink sink) throws IOException {
        for (StoredPart part : copy.parts()) {
            Catalog.Copy there = copy.at(part);
            try (SegmentReader reader =
                    new SegmentReader(store.open(version, there), part.offset())) {
                Entry entry = reader.next();
                if (entry == null || entry.metadata().size() != part.part().size()) {
                    throw new WrongBytesException(
                            "%s is not at offset %d of its segment"
                                    .formatted(shown(part), part.offset()));
                }
                Hashed hashed = new Hashed(sink);
                entry.transferTo(hashed);
                Sha256 found = Sha256.of(hashed.digest.digest());
                if (!found.equals(part.sha256())) {
                    throw new WrongBytesException(
                            "%s has SHA-256 %s, it was written with %s"
                                    .formatted(shown(part), found, part.sha256()));
                }
            }
        }
    }

    private String shown(StoredPart part) {
        return "part %d of %d (%s)"
                .formatted(
                        part.part().number(),
                        part.part().count(),
                        store.location(version, copy.at(part)));
    }

    /// Hashes what it passes on.
    private static final class Hashed implements ContentSink {
        private final ContentSink to;
        private final MessageDigest digest = Sha256.digest();

        Hashed(ContentSink to) {
            this.to = to;
        }

        @Override
        public void data(byte[] bytes, int offset, int length) throws IOException {
            digest.update(bytes, offset, length);
            to.data(bytes, offset, length);
        }

        @Override
        public void hole(long length) throws IOException {
            for (long left = length; left > 0; left -= ZEROS.length) {
                digest.update(ZEROS, 0, (int) Math.min(left, ZEROS.length));
            }
            to.hole(length);
        }
    }
}
