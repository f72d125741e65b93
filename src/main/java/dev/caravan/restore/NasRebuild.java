package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.NasFindings;
import dev.caravan.ledger.NasFindings.InTree;
import dev.caravan.ledger.NasFindings.Line;
import dev.caravan.target.ManifestReader;
import dev.caravan.target.NasReading;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Makes the ledger know again what lies on a NAS, from the NAS alone: its manifests say which
/// versions there are, its history and its tree which of their files are there. Nothing is counted
/// by this. Confined to one thread.
public final class NasRebuild {
    private static final int BATCH = 1000;

    private final NasReading nas;
    private final NasFindings findings;
    private final RebuildListener listener;
    private final Tally tally = new Tally();

    public NasRebuild(NasReading nas, Ledger ledger, String target, RebuildListener listener) {
        this.nas = nas;
        this.findings = ledger.rebuild().onNas(target);
        this.listener = listener;
    }

    /// Reads all manifests, then the tree.
    public Rebuilt read() throws IOException {
        List<String> strange = new ArrayList<>();
        for (NasReading.Manifest manifest : nas.manifests(strange)) {
            manifest(manifest);
        }
        strange.forEach(name -> tally.unnamed("'%s' among the manifests is none".formatted(name)));
        nas.walk(new Tree());
        NasFindings.Settled settled = findings.settle();
        tally.deleted = settled.deleted();
        tally.missing = settled.missing();
        settled.firstMissing().forEach(file -> tally.tell(file + ": it is not on the NAS"));
        return tally.rebuilt();
    }

    private void manifest(NasReading.Manifest manifest) {
        List<Line> lines = new ArrayList<>(BATCH);
        try {
            nas.read(
                    manifest,
                    new ManifestReader.Lines() {
                        @Override
                        public void take(ManifestReader.Line line) throws IOException {
                            lines.add(new Line(line.found(), nas.kept(line.found())));
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
        } catch (IOException failed) {
            tally.unreadable("manifest '%s'".formatted(manifest.name()), failed);
        }
        send(manifest, lines);
    }

    private void send(NasReading.Manifest manifest, List<Line> lines) {
        if (!lines.isEmpty()) {
            tally.read += lines.size();
            tally.add(findings.add(manifest.name(), manifest.written(), List.copyOf(lines)));
            listener.at("manifests", tally.read);
            lines.clear();
        }
    }

    private final class Tree implements NasReading.Tree {
        private long looked;

        @Override
        public void take(String source, List<InTree> entries) {
            NasFindings.Compared compared = findings.compare(source, entries);
            tally.copies += compared.copies();
            tally.known += compared.known();
            for (ItemPath path : compared.unnamed()) {
                tally.unnamed("'%s/%s': no manifest names it".formatted(source, path));
            }
            for (ItemPath path : compared.other()) {
                tally.unnamed(
                        "'%s/%s': it is not what the newest manifest says".formatted(source, path));
            }
            looked += entries.size();
            listener.at("tree", looked);
        }

        @Override
        public void unreadable(String place, IOException why) {
            tally.unreadable("'%s'".formatted(place), why);
        }

        @Override
        public void strange(String place) {
            tally.unnamed("'%s': no source is called so".formatted(place));
        }
    }
}
