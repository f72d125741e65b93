package dev.caravan.restore;

import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Rebuild;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.ledger.StoredObject;
import dev.caravan.ledger.TapeFiles.Held;
import dev.caravan.segment.Entry;
import dev.caravan.segment.PartNames;
import dev.caravan.segment.SegmentDescription;
import dev.caravan.target.Decryption;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Brings back into the ledger what is whole in a segment that was cut off and has no index: member
/// by member, each read to its end and hashed. To be done after all indexes were read, because what
/// a later segment has again is known by then.
///
/// What the ledger knows by the same hash is proven by that. What it does not know becomes a new
/// version, that can be restored and is not counted, if the format vouches for it: files up to 4
/// MiB were compared with their source before they were written (`segment-format.md`, "Void
/// members"). A larger one may have been given up in its middle, and only the missing index would
/// say so: it is told and left out. A part of a file is never taken for a file: what it is part of
/// only the index says. Confined to one thread.
public final class TapeRecovery {
    private static final long VOUCHED = 4L << 20;
    private static final int BATCH = 1000;
    private static final int TOLD = 20;

    private final Ledger ledger;
    private final String target;
    private final Clock clock;
    private final String program;
    private final Decryption decryption;

    public TapeRecovery(
            Ledger ledger, String target, Clock clock, String program, Decryption decryption) {
        this.decryption = decryption;
        this.ledger = ledger;
        this.target = target;
        this.clock = clock;
        this.program = program;
    }

    /// What was brought back.
    ///
    /// @param versions the ledger did not know
    /// @param proven copies whose hash the ledger knew
    /// @param leftOut how many members were whole and are not taken
    /// @param details the first of these, and what could not be read, in words
    public record Result(long versions, long proven, long leftOut, List<String> details) {}

    /// Reads these tape files of a volume.
    public Result recover(TapeVolume volume, List<Integer> files) throws IOException {
        List<String> details = new ArrayList<>();
        long versions = 0;
        long proven = 0;
        long leftOut = 0;
        for (int file : files) {
            Optional<TapeVolume.File> found = volume.goTo(file) ? volume.next() : Optional.empty();
            if (found.isPresent() && found.get().block() >= 0) {
                Decryption.Opened opened = decryption.maybe(found.get().in());
                TornSegment torn = new TornSegment(volume, found.get(), opened.encryptedFor());
                SegmentScan scan = SegmentScan.of(opened.content(), torn);
                torn.send();
                versions += torn.versions;
                proven += torn.proven;
                leftOut += torn.leftOut;
                details.addAll(torn.details);
                details.add(
                        "tape file %d: %s; %d members are whole"
                                .formatted(file, scan.why(), scan.members().count()));
            } else {
                details.add("tape file %d: its place on the tape is not known".formatted(file));
            }
        }
        return new Result(versions, proven, leftOut, details);
    }

    /// A name in the archive and what stands under it.
    private record Leader(Sha256 sha256, long offset, Metadata metadata) {}

    private final class TornSegment implements SegmentScan.Members {
        private final TapeVolume volume;
        private final TapeVolume.File file;
        private final List<String> encryptedFor;
        private final Map<String, Leader> leaders = new HashMap<>();
        private final List<Found> found = new ArrayList<>(BATCH);
        private final List<String> details = new ArrayList<>();
        private @Nullable SegmentDescription segment;
        private long versions;
        private long proven;
        private long leftOut;

        TornSegment(TapeVolume volume, TapeVolume.File file, List<String> encryptedFor) {
            this.encryptedFor = encryptedFor;
            this.volume = volume;
            this.file = file;
        }

        @Override
        public void take(SegmentDescription description, Entry entry, @Nullable Sha256 sha256) {
            segment = description;
            byte[] linked = entry.hardLinkTo();
            if (linked == null) {
                take(description, entry, entry.metadata(), sha256, entry.offset());
                if (sha256 != null) {
                    leaders.put(key(entry.name()), leader(entry, sha256));
                }
                return;
            }
            Leader leader = leaders.get(key(linked));
            if (leader == null) {
                leaveOut(entry, "it is a hard link to something that is not whole");
                return;
            }
            Metadata own = entry.metadata();
            Metadata metadata =
                    new Metadata(
                            Kind.FILE,
                            leader.metadata.size(),
                            own.modified(),
                            own.mode(),
                            own.uid(),
                            own.gid(),
                            Metadata.NO_TARGET,
                            2,
                            own.xattrs());
            take(description, entry, metadata, leader.sha256, leader.offset);
        }

        private static Leader leader(Entry entry, Sha256 sha256) {
            return new Leader(sha256, entry.offset(), entry.metadata());
        }

        private static String key(byte[] name) {
            return new String(name, java.nio.charset.StandardCharsets.ISO_8859_1);
        }

        private void take(
                SegmentDescription description,
                Entry entry,
                Metadata metadata,
                @Nullable Sha256 sha256,
                long offset) {
            Rebuild rebuild = ledger.rebuild();
            if (!rebuild.knows(entry.source(), entry.path(), metadata, sha256)) {
                if (PartNames.isPart(entry.path())) {
                    details.add(
                            "tape file %d: '%s' of '%s' is a part of a file, and its index is cut off: it is no file by itself"
                                    .formatted(file.file(), entry.path(), entry.source()));
                    return;
                }
                Instant newest = rebuild.newestAt(entry.source(), entry.path());
                if (newest != null && !newest.isBefore(description.created())) {
                    leaveOut(entry, "it is older than what a whole segment has");
                    return;
                }
                if (metadata.size() > VOUCHED) {
                    leaveOut(
                            entry,
                            "nothing says that it is not half of a file: bring it back with tar and look at it");
                    return;
                }
            }
            found.add(
                    new Found(entry.source(), entry.path(), 0, 0, metadata, null, sha256, offset));
            if (found.size() == BATCH) {
                send();
            }
        }

        private void leaveOut(Entry entry, String why) {
            if (++leftOut <= TOLD) {
                details.add(
                        "tape file %d: '%s' of '%s' is left out: %s"
                                .formatted(file.file(), entry.path(), entry.source(), why));
            }
        }

        void send() {
            if (found.isEmpty() || segment == null) {
                return;
            }
            StoredObject object =
                    new StoredObject(
                            segment.id().text(),
                            0,
                            true,
                            new StoredObject.OnTape(
                                    volume.barcode(), volume.uuid(), file.file(), file.block()),
                            null,
                            encryptedFor);
            var merged =
                    ledger.rebuild().add(target, object, segment.created(), List.copyOf(found));
            found.clear();
            versions += merged.versions();
            merged.conflicts().stream()
                    .limit(TOLD)
                    .forEach(c -> details.add("tape file %d: %s".formatted(file.file(), c)));
            if (!merged.matched().isEmpty()) {
                proven += prove(object, merged.matched());
            }
        }

        private long prove(StoredObject object, List<Long> matched) {
            Held held =
                    new Held(
                            target,
                            object.name(),
                            volume.barcode(),
                            volume.uuid(),
                            file.file(),
                            file.block(),
                            object.bytes(),
                            matched.size(),
                            matched.size(),
                            matched.getFirst(),
                            matched.getLast());
            Evidence evidence =
                    new Evidence(TapeVerifier.METHOD, Evidence.Level.V3, clock.instant(), program);
            return ledger.tapeFiles()
                    .readBack(held, evidence, matched, Map.of(), List.of())
                    .verified();
        }
    }
}
