package dev.caravan.restore;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.Kind;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Rebuild;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.ledger.StoredObject;
import dev.caravan.segment.Entry;
import dev.caravan.segment.SegmentDescription;
import dev.caravan.segment.SegmentFormatException;
import dev.caravan.segment.SegmentIndex;
import dev.caravan.segment.SegmentReader;
import dev.caravan.segment.SegmentTail;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Makes the ledger know again what lies on a volume, from the volume alone: of each segment its
/// description and its index, found from the end where the drive can go there. Nothing is counted
/// by this: an index says what was written, and only reading it proves that it is there. Confined
/// to one thread.
public final class TapeRebuild {
    private static final int BATCH = 1000;
    private static final int TOLD = 20;

    private final Ledger ledger;
    private final String target;
    private final Listener listener;

    public TapeRebuild(Ledger ledger, String target, Listener listener) {
        this.ledger = ledger;
        this.target = target;
        this.listener = listener;
    }

    /// Hears how far it is.
    @FunctionalInterface
    public interface Listener {
        void reading(int file);
    }

    /// What a volume gave.
    ///
    /// @param segments whole ones
    /// @param versions the ledger did not know
    /// @param copies the ledger did not know
    /// @param known copies it knew
    /// @param torn tape files without an index
    /// @param conflicts how many copies contradict the ledger, and were left out
    /// @param details the first of these, and what could not be read, in words
    /// @param unreadable tape files the drive could not read
    public record Result(
            long segments,
            long versions,
            long copies,
            long known,
            List<Integer> torn,
            long conflicts,
            List<String> details,
            List<Integer> unreadable) {}

    /// Reads the indexes of all segments on a volume.
    public Result read(TapeVolume volume) throws IOException {
        Reading reading = new Reading(volume);
        Optional<List<TapeVolume.Span>> spans = volume.spans();
        if (spans.isPresent()) {
            for (TapeVolume.Span span : spans.get()) {
                if (span.file() > 0) {
                    boolean _ = reading.attempt(span.file(), () -> reading.tail(span));
                }
            }
        } else {
            reading.through();
        }
        return reading.result();
    }

    private interface Attempt {
        void run() throws IOException;
    }

    /// One pass over a volume.
    private final class Reading {
        private final TapeVolume volume;
        private final List<Integer> torn = new ArrayList<>();
        private final List<Integer> unreadable = new ArrayList<>();
        private final List<String> details = new ArrayList<>();
        private long segments;
        private long versions;
        private long copies;
        private long known;
        private long conflicts;

        Reading(TapeVolume volume) {
            this.volume = volume;
        }

        Result result() {
            return new Result(
                    segments, versions, copies, known, torn, conflicts, details, unreadable);
        }

        /// @return whether the drive could read it
        boolean attempt(int file, Attempt attempt) {
            listener.reading(file);
            try {
                attempt.run();
            } catch (SegmentFormatException cut) {
                torn.add(file);
            } catch (IOException failed) {
                unreadable.add(file);
                tell("tape file %d: %s".formatted(file, failed.getMessage()));
                return false;
            }
            return true;
        }

        private void tell(String detail) {
            if (details.size() < TOLD) {
                details.add(detail);
            }
        }

        /// The index from the end of the tape file, the description from its beginning.
        void tail(TapeVolume.Span span) throws IOException {
            OptionalLong at =
                    span.committed()
                            ? SegmentTail.indexOffset(
                                    span.bytes(), offset -> volume.open(span, offset))
                            : OptionalLong.empty();
            if (at.isEmpty()) {
                whole(span.file(), span.block(), volume.open(span, 0));
                return;
            }
            SegmentDescription description;
            try (InputStream in = volume.open(span, 0)) {
                description = description(new SegmentReader(in).next());
            }
            try (InputStream in = volume.open(span, at.getAsLong())) {
                Entry index = new SegmentReader(in, at.getAsLong()).next();
                if (index == null || index.role() != Entry.Role.INDEX) {
                    throw new SegmentFormatException(at.getAsLong(), "its index is not there");
                }
                index(
                        index,
                        object(span.file(), span.block(), span.bytes(), description),
                        description);
            }
            segments++;
        }

        /// Reads all tape files through, where the drive cannot tell where it is.
        void through() throws IOException {
            boolean more = volume.goTo(0);
            for (int at = 0; more; at++) {
                int number = at;
                boolean[] there = {true};
                boolean good =
                        attempt(
                                number,
                                () -> {
                                    Optional<TapeVolume.File> file = volume.next();
                                    there[0] = file.isPresent();
                                    if (there[0]) {
                                        through(file.get());
                                    }
                                });
                more = there[0] && (good || goOn(number + 1));
            }
        }

        private void through(TapeVolume.File file) throws IOException {
            try {
                if (file.file() > 0) {
                    whole(file.file(), file.block(), file.in());
                }
            } catch (SegmentFormatException cut) {
                file.finish();
                throw cut;
            }
            file.finish();
        }

        private boolean goOn(int file) {
            try {
                return volume.goTo(file);
            } catch (IOException failed) {
                tell("tape file %d and what follows: %s".formatted(file, failed.getMessage()));
                return false;
            }
        }

        /// Headers and index of a tape file that is read from its first byte; contents are passed.
        private void whole(int file, long block, InputStream in) throws IOException {
            SegmentReader reader = new SegmentReader(in);
            SegmentDescription description = description(reader.next());
            Entry entry;
            while ((entry = reader.next()) != null) {
                if (entry.role() == Entry.Role.INDEX) {
                    if (block < 0) {
                        throw new IOException(
                                "its place is not known: something before it could not be read");
                    }
                    index(entry, object(file, block, end(entry), description), description);
                    segments++;
                    return;
                }
            }
            throw new SegmentFormatException(0, "it has no index");
        }

        /// The length of a segment, from its last member.
        private static long end(Entry index) {
            long content = (index.metadata().size() + 511) / 512 * 512;
            return index.contentOffset() + content + 1024;
        }

        private SegmentDescription description(@Nullable Entry first) throws IOException {
            if (first == null || first.role() != Entry.Role.DESCRIPTION) {
                throw new SegmentFormatException(0, "its first member describes no segment");
            }
            return SegmentDescription.read(first.content());
        }

        private StoredObject object(
                int file, long block, long bytes, SegmentDescription description) {
            return new StoredObject(
                    description.id().text(),
                    bytes,
                    true,
                    new StoredObject.OnTape(volume.barcode(), volume.uuid(), file, block));
        }

        private void index(Entry entry, StoredObject object, SegmentDescription description)
                throws IOException {
            Batch batch = new Batch(this, object, description);
            SegmentIndex.read(entry.content(), batch::take);
            batch.send();
        }

        void add(StoredObject object, SegmentDescription description, List<Found> found) {
            take(ledger.rebuild().add(target, object, description.created(), found));
        }

        void add(
                StoredObject object,
                SegmentDescription description,
                Found whole,
                Rebuild.FoundPart part) {
            take(ledger.rebuild().addPart(target, object, description.created(), whole, part));
        }

        private void take(Rebuild.Merged merged) {
            versions += merged.versions();
            copies += merged.copies();
            known += merged.known();
            conflicts += merged.conflicts().size();
            merged.conflicts().forEach(this::tell);
        }
    }

    /// Lines of one index on their way to the ledger.
    private static final class Batch {
        private final Reading reading;
        private final StoredObject object;
        private final SegmentDescription description;
        private final List<Found> found = new ArrayList<>(BATCH);
        private final Map<Long, Long> leaders = new HashMap<>();

        Batch(Reading reading, StoredObject object, SegmentDescription description) {
            this.reading = reading;
            this.object = object;
            this.description = description;
        }

        void take(SegmentIndex.Line line) {
            if (line.isVoid()) {
                return;
            }
            boolean file = line.metadata().kind() == Kind.FILE;
            SegmentIndex.OfPart part = line.part();
            if (part != null) {
                if (file) {
                    reading.add(object, description, found(line), part(line, part));
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
                reading.add(object, description, List.copyOf(found));
                found.clear();
            }
        }
    }
}
