package dev.caravan.restore;

import dev.caravan.age.AgeException;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.ObjectFindings;
import dev.caravan.ledger.ObjectFindings.There;
import dev.caravan.ledger.Rebuild;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.ledger.StoredObject;
import dev.caravan.segment.Entry;
import dev.caravan.segment.SegmentDescription;
import dev.caravan.segment.SegmentFormatException;
import dev.caravan.segment.SegmentIndex;
import dev.caravan.segment.SegmentReader;
import dev.caravan.segment.SegmentTail;
import dev.caravan.target.ManifestReader;
import dev.caravan.target.ObjectContent;
import dev.caravan.target.ObjectReading;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Makes the ledger know again what lies on a target that keeps objects, from it alone: manifests
/// describe large files, and segments have an index at their end, which is all that is read of
/// them. Nothing is counted by this. Confined to one thread.
public final class OffsiteRebuild {
    private static final int BATCH = 1000;

    /// Of what begins a segment: its description.
    private static final int HEAD = 8 << 10;

    private final ObjectReading server;
    private final Ledger ledger;
    private final String target;
    private final ObjectFindings findings;
    private final RebuildListener listener;
    private final Tally tally = new Tally();

    public OffsiteRebuild(
            ObjectReading server, Ledger ledger, String target, RebuildListener listener) {
        this.server = server;
        this.ledger = ledger;
        this.target = target;
        this.findings = ledger.rebuild().objects(target);
        this.listener = listener;
    }

    /// Lists the objects, then reads all manifests, then the segments.
    public Rebuilt read() throws IOException {
        List<String> strange = new ArrayList<>();
        server.objects(findings::there, strange);
        for (ObjectReading.Manifest manifest : server.manifests(strange)) {
            manifest(manifest);
        }
        strange.forEach(place -> tally.unnamed("'%s': no Caravan wrote it".formatted(place)));
        long segments = 0;
        List<There> some = findings.undescribed("", BATCH);
        while (!some.isEmpty()) {
            for (There object : some) {
                segment(object);
                listener.at("segments", ++segments);
            }
            some = findings.undescribed(some.getLast().name(), BATCH);
        }
        return tally.rebuilt();
    }

    private void manifest(ObjectReading.Manifest manifest) throws IOException {
        List<ObjectFindings.Line> lines = new ArrayList<>(BATCH);
        server.read(
                manifest,
                new ManifestReader.Lines() {
                    @Override
                    public void take(ManifestReader.Line line) {
                        String object = server.object(line.object());
                        if (object == null) {
                            tally.unreadable(
                                    "manifest '%s': '%s' has no object of the target"
                                            .formatted(manifest.name(), line.found().path()));
                            return;
                        }
                        lines.add(
                                new ObjectFindings.Line(
                                        line.found(),
                                        new StoredObject(
                                                object,
                                                line.stored(),
                                                false,
                                                null,
                                                null,
                                                line.encryptedFor())));
                        if (lines.size() == BATCH) {
                            send(manifest, lines);
                        }
                    }

                    @Override
                    public void bad(long number, String why) {
                        tally.unreadable(
                                "manifest '%s', line %d: %s"
                                        .formatted(manifest.name(), number, why));
                    }
                });
        send(manifest, lines);
    }

    private void send(ObjectReading.Manifest manifest, List<ObjectFindings.Line> lines) {
        if (lines.isEmpty()) {
            return;
        }
        ObjectFindings.Described described =
                findings.add(manifest.name(), manifest.written(), List.copyOf(lines));
        tally.read += lines.size();
        tally.add(described.merged());
        tally.missing += described.missing().size();
        described.missing().forEach(tally::tell);
        listener.at("manifests", tally.read);
        lines.clear();
    }

    /// One that is no whole segment may be what a crash has left behind: then no ledger names it
    /// either, and its copies were made again.
    private void segment(There object) throws IOException {
        try {
            ObjectContent content = server.content(object.name(), object.bytes());
            OptionalLong at =
                    SegmentTail.indexOffset(
                            content.length(),
                            offset -> content.open(offset, content.length() - offset));
            if (at.isEmpty()) {
                tally.unnamed(
                        "object '%s': no manifest describes it, and it is no whole segment"
                                .formatted(object.name()));
                return;
            }
            index(object, content, description(content), at.getAsLong());
        } catch (SegmentFormatException | AgeException wrong) {
            tally.unreadable("object '%s'".formatted(object.name()), wrong);
        }
    }

    private static SegmentDescription description(ObjectContent content) throws IOException {
        try (InputStream in = content.open(0, HEAD)) {
            Entry first = new SegmentReader(in).next();
            if (first == null || first.role() != Entry.Role.DESCRIPTION) {
                throw new SegmentFormatException(0, "its first member describes no segment");
            }
            return SegmentDescription.read(first.content());
        }
    }

    private void index(There object, ObjectContent content, SegmentDescription description, long at)
            throws IOException {
        if (!description.id().text().equals(object.name())) {
            throw new SegmentFormatException(
                    0, "it says that it is segment '%s'".formatted(description.id()));
        }
        try (InputStream in = content.open(at, content.length() - at)) {
            Entry index = new SegmentReader(in, at).next();
            if (index == null || index.role() != Entry.Role.INDEX) {
                throw new SegmentFormatException(at, "its index is not there");
            }
            IndexLines lines =
                    new IndexLines(
                            content.length(),
                            new Taker(
                                    new StoredObject(
                                            object.name(),
                                            object.bytes(),
                                            true,
                                            null,
                                            null,
                                            content.encryptedFor()),
                                    description));
            SegmentIndex.read(index.content(), lines::take);
            lines.send();
        }
    }

    private final class Taker implements IndexLines.Taker {
        private final StoredObject object;
        private final SegmentDescription description;

        Taker(StoredObject object, SegmentDescription description) {
            this.object = object;
            this.description = description;
        }

        @Override
        public void take(List<Found> found) {
            tally.read += found.size();
            tally.add(ledger.rebuild().add(target, object, description.created(), found));
        }

        @Override
        public void part(Found whole, Rebuild.FoundPart part) {
            refuse("'%s' is a part of a file: those are on tape only".formatted(whole.path()));
        }

        @Override
        public void refuse(String why) {
            tally.conflicts++;
            tally.tell("object '%s': %s".formatted(object.name(), why));
        }
    }
}
