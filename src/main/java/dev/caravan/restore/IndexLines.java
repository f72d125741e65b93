package dev.caravan.restore;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.Kind;
import dev.caravan.ledger.Rebuild;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.segment.SegmentIndex;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The lines of one segment's index on their way to the ledger, in batches. Confined to one thread.
final class IndexLines {
    private static final int BATCH = 1000;

    private final long bytes;
    private final Taker taker;
    private final List<Found> found = new ArrayList<>(BATCH);
    private final Map<Long, Long> leaders = new HashMap<>();

    /// @param bytes of the segment: nothing in it lies behind its end
    IndexLines(long bytes, Taker taker) {
        this.bytes = bytes;
        this.taker = taker;
    }

    /// Takes what the lines say.
    interface Taker {
        void take(List<Found> found);

        void part(Found whole, Rebuild.FoundPart part);

        /// A line that cannot be true.
        void refuse(String why);
    }

    void take(SegmentIndex.Line line) {
        if (line.isVoid()) {
            return;
        }
        if (line.offset() >= bytes
                || line.contentOffset() > bytes
                || line.stored() > bytes - line.contentOffset()) {
            taker.refuse(
                    "the index says that '%s' lies behind the end of the segment"
                            .formatted(line.path()));
            return;
        }
        boolean file = line.metadata().kind() == Kind.FILE;
        SegmentIndex.OfPart part = line.part();
        if (part != null) {
            if (file) {
                taker.part(found(line), part(line, part));
            }
            return; // a part is no copy
        }
        if (file && line.sha256() == null) {
            return; // written, and yet without a hash: nothing vouches for it
        }
        if (line.metadata().hardLinked() && line.hardLinkTo().isEmpty()) {
            leaders.put(line.versionId(), line.offset());
        }
        found.add(found(line));
        if (found.size() == BATCH) {
            send();
        }
    }

    private Found found(SegmentIndex.Line line) {
        return new Found(
                line.source(),
                line.path(),
                line.number(),
                line.versionId(),
                line.metadata(),
                fingerprint(line),
                line.sha256(),
                offset(line));
    }

    private static Rebuild.FoundPart part(SegmentIndex.Line line, SegmentIndex.OfPart part) {
        return new Rebuild.FoundPart(
                part.set(),
                part.number(),
                part.count(),
                part.offset(),
                part.size(),
                line.stored(),
                part.sha256());
    }

    /// Where the bytes are: a further link of a file has none of its own.
    private long offset(SegmentIndex.Line line) {
        return line.hardLinkTo().isPresent()
                ? leaders.getOrDefault(line.hardLinkTo().getAsLong(), line.offset())
                : line.offset();
    }

    /// An index that does not say which file it was still says which members were one.
    private static @Nullable Fingerprint fingerprint(SegmentIndex.Line line) {
        if (line.fingerprint() != null || line.hardLinkTo().isEmpty()) {
            return line.fingerprint();
        }
        return new Fingerprint(
                -1,
                line.hardLinkTo().getAsLong(),
                line.metadata().size(),
                line.metadata().modified(),
                line.metadata().modified());
    }

    void send() {
        if (!found.isEmpty()) {
            taker.take(List.copyOf(found));
            found.clear();
        }
    }
}
