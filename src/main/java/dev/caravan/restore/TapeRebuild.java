package dev.caravan.restore;

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
import dev.caravan.target.Decryption;
import dev.caravan.target.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Makes the ledger know again what lies on a volume, from the volume alone: of each segment its
/// description and its index, found from the end where the drive can go there. Nothing is counted
/// by this: an index says what was written, and only reading it proves that it is there. Confined
/// to one thread.
public final class TapeRebuild {
    private static final int TOLD = 20;

    private final Ledger ledger;
    private final String target;
    private final Decryption decryption;
    private final Listener listener;

    public TapeRebuild(Ledger ledger, String target, Decryption decryption, Listener listener) {
        this.decryption = decryption;
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
            ObjectContent content = content(span);
            OptionalLong at =
                    span.committed()
                            ? SegmentTail.indexOffset(
                                    content.length(), offset -> content.open(offset, 0))
                            : OptionalLong.empty();
            if (at.isEmpty()) {
                whole(span.file(), span.block(), volume.open(span, 0));
                return;
            }
            SegmentDescription description;
            try (InputStream in = content.open(0, 0)) {
                description = description(new SegmentReader(in).next());
            }
            try (InputStream in = content.open(at.getAsLong(), 0)) {
                Entry index = new SegmentReader(in, at.getAsLong()).next();
                if (index == null || index.role() != Entry.Role.INDEX) {
                    throw new SegmentFormatException(at.getAsLong(), "its index is not there");
                }
                index(
                        index,
                        object(
                                span.file(),
                                span.block(),
                                span.bytes(),
                                description,
                                content.encryptedFor()),
                        content.length(),
                        description);
            }
            segments++;
        }

        /// Tells from its first bytes whether it is encrypted.
        private ObjectContent content(TapeVolume.Span span) throws IOException {
            ObjectContent.Source source = (offset, expected) -> volume.open(span, offset);
            byte[] head;
            try (InputStream in = volume.open(span, 0)) {
                head = in.readNBytes(Decryption.magicLength());
            }
            return Decryption.isEncrypted(head)
                    ? ObjectContent.encrypted(source, span.bytes(), decryption)
                    : ObjectContent.plain(source, span.bytes());
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
        private void whole(int file, long block, InputStream stored) throws IOException {
            Decryption.Opened opened = decryption.maybe(stored);
            SegmentReader reader = new SegmentReader(opened.content());
            SegmentDescription description = description(reader.next());
            Entry entry;
            while ((entry = reader.next()) != null) {
                if (entry.role() == Entry.Role.INDEX) {
                    if (block < 0) {
                        throw new IOException(
                                "its place is not known: something before it could not be read");
                    }
                    long end = end(entry);
                    index(
                            entry,
                            object(
                                    file,
                                    block,
                                    opened.storedLength(end),
                                    description,
                                    opened.encryptedFor()),
                            end,
                            description);
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
                int file,
                long block,
                long bytes,
                SegmentDescription description,
                List<String> encryptedFor) {
            return new StoredObject(
                    description.id().text(),
                    bytes,
                    true,
                    new StoredObject.OnTape(volume.barcode(), volume.uuid(), file, block),
                    null,
                    encryptedFor);
        }

        /// @param length of the segment, before it was encrypted
        private void index(
                Entry entry, StoredObject object, long length, SegmentDescription description)
                throws IOException {
            IndexLines lines =
                    new IndexLines(
                            length,
                            new IndexLines.Taker() {
                                @Override
                                public void take(List<Found> found) {
                                    add(object, description, found);
                                }

                                @Override
                                public void part(Found whole, Rebuild.FoundPart part) {
                                    add(object, description, whole, part);
                                }

                                @Override
                                public void refuse(String why) {
                                    conflicts++;
                                    tell("tape file %d: %s".formatted(file(object), why));
                                }
                            });
            SegmentIndex.read(entry.content(), lines::take);
            lines.send();
        }

        private static int file(StoredObject object) {
            return object.tape() == null ? 0 : object.tape().file();
        }

        private void add(StoredObject object, SegmentDescription description, List<Found> found) {
            take(ledger.rebuild().add(target, object, description.created(), found));
        }

        private void add(
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
}
