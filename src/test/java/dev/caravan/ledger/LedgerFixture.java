package dev.caravan.ledger;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/// A real ledger, filled through its own API as scans and copy routes do it, with a clock that
/// stands still until told.
public final class LedgerFixture implements AutoCloseable {
    public static final Instant BEGAN = Instant.parse("2026-11-22T10:00:00.123456789Z");
    public static final String PROGRAM = "caravan test";
    public static final Duration LONG = Duration.ofHours(1);

    private final Path file;
    private final HandClock clock = new HandClock();
    private Ledger ledger;

    public LedgerFixture(Path file) {
        this.file = file;
        this.ledger = Ledger.open(file, clock);
    }

    public Ledger ledger() {
        return ledger;
    }

    public Path file() {
        return file;
    }

    /// As after a crash: whoever had claims is gone.
    public void reopen() {
        ledger.close();
        ledger = Ledger.open(file, clock);
    }

    /// After the ledger was closed, so that somebody else could write to it.
    void reopenClosed() {
        ledger = Ledger.open(file, clock);
    }

    public void pass(Duration time) {
        clock.now = clock.now.plus(time);
    }

    public Instant now() {
        return clock.now;
    }

    /// One source `docs` and the three targets of 3-2-1, of which tape and offsite are simulated.
    public LedgerFixture usual() {
        ledger.sources().declare("docs", "/srv/docs".getBytes(StandardCharsets.UTF_8));
        ledger.targets()
                .declare(
                        List.of(
                                new Target.Declared("nas", MediaKind.DISK, "here", false, false),
                                new Target.Declared("tape", MediaKind.TAPE, "here", false, true),
                                new Target.Declared(
                                        "offsite", MediaKind.DISK, "bunker", true, true)));
        return this;
    }

    public static ItemPath path(byte... bytes) {
        return ItemPath.of(bytes);
    }

    /// A file as a scan sees it; another `state` is another content.
    public static Sighted file(String path, long size, int state) {
        return file(ItemPath.of(path), size, state);
    }

    public static Sighted file(ItemPath path, long size, int state) {
        return sighted(path, Kind.FILE, size, state);
    }

    public static Sighted folder(String path) {
        return sighted(ItemPath.of(path), Kind.FOLDER, 0, 1);
    }

    private static Sighted sighted(ItemPath path, Kind kind, long size, int state) {
        Instant modified = Instant.parse("2020-02-29T01:02:03.000000004Z").plusSeconds(state);
        Metadata metadata =
                new Metadata(
                        kind, size, modified, 0644, 1000, 1000, Metadata.NO_TARGET, 1, List.of());
        return new Sighted(
                path, metadata, new Fingerprint(7, path.hashCode(), size, modified, modified));
    }

    /// A whole scan of a source in which just these items are, registered for all active targets.
    public Scan.Summary scan(String source, Sighted... items) {
        Scan scan = ledger.scans().begin(source);
        List<String> targets = ledger.targets().active().stream().map(Target::name).toList();
        ledger.scans().register(source, scan.changed(List.of(items)), targets);
        return scan.finish(false);
    }

    /// What a file's bytes hash to: it follows from the state the file was registered in.
    public static Sha256 hash(Version version) {
        return Sha256.of(
                Sha256.digest()
                        .digest(
                                (version.path() + "@" + version.metadata().modified())
                                        .getBytes(StandardCharsets.UTF_8)));
    }

    public List<Version> claim(String target, long lease) {
        return ledger.copies().claim(target, lease, 1_000_000, Long.MAX_VALUE);
    }

    public long lease() {
        return ledger.copies().lease("test", LONG);
    }

    public Evidence evidence(Evidence.Level level) {
        return new Evidence("test-proof", level, clock.now, PROGRAM);
    }

    /// Makes and records every wanted copy of a target.
    public void copyAll(String target) {
        long lease = lease();
        List<Version> claimed = claim(target, lease);
        List<CopyProof> proofs = new ArrayList<>();
        long offset = 1024;
        for (Version version : claimed) {
            proofs.add(proof(target, version, offset, claimed.getFirst().id()));
            offset += 512;
        }
        if (!proofs.isEmpty()) {
            ledger.copies().record(target, lease, evidence(Evidence.Level.V1), proofs);
        }
    }

    private static CopyProof proof(String target, Version version, long offset, long first) {
        boolean file = version.metadata().kind() == Kind.FILE;
        StoredObject object =
                switch (target) {
                    case "tape" ->
                            new StoredObject(
                                    "tape-" + first,
                                    4096,
                                    true,
                                    new StoredObject.OnTape("VT0001L8", "uuid-1", 3, 1024));
                    case "offsite" -> new StoredObject("object-" + first, 4096, true, null);
                    default -> null;
                };
        return new CopyProof(
                version,
                file ? hash(version) : null,
                version.metadata().size(),
                object,
                object == null ? 0 : offset);
    }

    /// Records one part of a claimed copy on a cartridge of its own; the last one makes it count.
    public Parts.Outcome part(Version version, long lease, int number, int count, String barcode) {
        long size = version.metadata().size() / count;
        PartOfCopy part =
                new PartOfCopy(
                        "set-" + version.id(),
                        number,
                        count,
                        (number - 1) * size,
                        size,
                        size,
                        false);
        StoredObject object =
                new StoredObject(
                        "part-" + version.id() + "-" + number + "-" + lease,
                        4096,
                        true,
                        new StoredObject.OnTape(
                                barcode, "uuid-" + barcode, number, version.id() * 100 + number));
        PartProof proof =
                new PartProof(
                        version,
                        part,
                        Sha256.OF_NOTHING,
                        object,
                        1024,
                        number == count ? hash(version) : null);
        return ledger.parts()
                .record("tape", lease, evidence(Evidence.Level.V1), List.of(proof))
                .getFirst();
    }

    public void copyAll() {
        ledger.targets().active().forEach(target -> copyAll(target.name()));
    }

    @Override
    public void close() {
        ledger.close();
    }

    private static final class HandClock extends Clock {
        private volatile Instant now = BEGAN;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
