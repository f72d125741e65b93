import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Sighted;
import dev.caravan.ledger.StoredObject;
import dev.caravan.ledger.Target;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// LedgerBench FILE ITEMS: fills a new ledger with items and three copies of each, and asks it what commands ask.
/// Prints a table.
public final class LedgerBench {
    private static final int BATCH = 1000;
    private static final List<String> TARGETS = List.of("nas", "tape", "offsite");
    private static final Policies POLICIES =
            Policies.of(new Policy(3, 2, 1, 0, Map.of(MediaKind.DISK, Duration.ofDays(30), MediaKind.TAPE, Duration.ofDays(180)), 0));

    private LedgerBench() {}

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        int items = Integer.parseInt(args[1]);
        System.out.printf(Locale.ROOT, "| %,d items, three copies each | |%n|---|---|%n", items);
        try (Ledger ledger = Ledger.open(file, Clock.systemUTC())) {
            fill(ledger, items);
        }
        row("ledger bytes per item", "%,d", Files.size(file) / items);
        try (Ledger ledger = Ledger.openReadOnly(file, Clock.systemUTC())) {
            ask(ledger, items);
        }
        long highest = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            highest += pool.getType() == MemoryType.HEAP ? pool.getPeakUsage().getUsed() : 0;
        }
        System.gc();
        row("heap at its highest (limit 256 MiB)", "%,d MiB", highest >> 20);
        row("heap in use at the end", "%,d MiB", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20);
    }

    private static void fill(Ledger ledger, int items) {
        ledger.sources().declare("docs", "/srv/docs".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        ledger.targets()
                .declare(List.of(
                        new Target.Declared("nas", MediaKind.DISK, "here", false, false),
                        new Target.Declared("tape", MediaKind.TAPE, "here", false, false),
                        new Target.Declared("offsite", MediaKind.DISK, "vault", true, false)));
        long began = System.nanoTime();
        long settling = 0;
        for (int from = 0; from < items; from += BATCH) {
            List<Sighted> batch = new ArrayList<>();
            for (int i = from; i < Math.min(items, from + BATCH); i++) {
                batch.add(sighted(i));
            }
            ledger.scans().register("docs", batch, TARGETS);
        }
        row("versions registered per second", "%,d", perSecond(items, began));
        for (String target : TARGETS) {
            began = System.nanoTime();
            copy(ledger, target);
            row("copies to " + target + " claimed and recorded per second", "%,d", perSecond(items, began));
            began = System.nanoTime();
            ledger.upkeep().settle();
            settling += System.nanoTime() - began;
        }
        row("items settled per second", "%,d", Math.round(3.0 * items / (settling / 1e9)));
    }

    private static Sighted sighted(int i) {
        ItemPath path = ItemPath.of("folder-%03d/of-%03d/file-%07d.dat".formatted(i / 100_000, i / 1000 % 100, i));
        Instant modified = Instant.ofEpochSecond(1_600_000_000L + i);
        return new Sighted(
                path,
                new Metadata(Kind.FILE, 1000 + i % 100_000, modified, 0644, 1000, 1000, Metadata.NO_TARGET, 1, List.of()),
                new Fingerprint(7, i, 1000 + i % 100_000, modified, modified));
    }

    private static void copy(Ledger ledger, String target) {
        long lease = ledger.copies().lease("bench", Duration.ofHours(1));
        int objects = 0;
        while (true) {
            List<Version> claimed = ledger.copies().claim(target, lease, BATCH, Long.MAX_VALUE);
            if (claimed.isEmpty()) {
                return;
            }
            String name = target + "-" + ++objects;
            StoredObject object =
                    switch (target) {
                        case "nas" -> null;
                        case "tape" -> new StoredObject(name, 1 << 30, true, new StoredObject.OnTape("VT%04dL8".formatted(objects / 100), "volume-" + objects / 100, objects, objects * 4096L));
                        default -> new StoredObject(name, 1 << 26, true, null);
                    };
            List<CopyProof> proofs = new ArrayList<>();
            for (Version version : claimed) {
                proofs.add(new CopyProof(version, hash(version), version.metadata().size(), object, object == null ? 0 : 1024L * proofs.size()));
            }
            ledger.copies().record(target, lease, new Evidence("bench", Evidence.Level.V1, Instant.now(), "bench"), proofs);
        }
    }

    private static Sha256 hash(Version version) {
        byte[] hash = new byte[32];
        java.nio.ByteBuffer.wrap(hash).putLong(version.id() * 0x9E3779B97F4A7C15L);
        return Sha256.of(hash);
    }

    private static void ask(Ledger ledger, int items) {
        row("status, the first question", "%,d ms", milliseconds(1, () -> ledger.counts().report(POLICIES)));
        row("status, again", "%,d ms", milliseconds(10, () -> ledger.counts().report(POLICIES)));
        Policies other = Policies.of(new Policy(4, 2, 1, 1, Map.of(), 0));
        row("another policy, all below it, with the worst listed", "%,d ms", milliseconds(10, () -> ledger.counts().report(other)));
        row("policy of all items from their rows, whatever is kept", "%,d ms", milliseconds(2, () -> ledger.counts().recount(POLICIES)));
        row("plan of all items, all below", "%,d ms", milliseconds(1, () -> ledger.standings().plan(other)));
        row("whereis", "%,d ms", milliseconds(100, () -> whereis(ledger, items)));
        if (ledger.counts().report(POLICIES).inPolicy() != items) {
            throw new IllegalStateException("not all items are in policy");
        }
    }

    private static int asked;

    private static void whereis(Ledger ledger, int items) {
        asked = (int) ((asked + 7_919L * 131) % items);
        ItemPath path = sighted(asked).path();
        List<Version> versions = ledger.catalog().versions("docs", path);
        if (ledger.catalog().copies(versions).getFirst().size() != 3) {
            throw new IllegalStateException("not three copies of " + path);
        }
        ledger.catalog().original(versions.getFirst());
    }

    private static long milliseconds(int times, Runnable question) {
        long began = System.nanoTime();
        for (int i = 0; i < times; i++) {
            question.run();
        }
        return Math.round((System.nanoTime() - began) / 1e6 / times);
    }

    private static long perSecond(int number, long began) {
        return Math.round(number / ((System.nanoTime() - began) / 1e9));
    }

    private static void row(String what, String form, long figure) {
        System.out.printf(Locale.ROOT, "| %s | " + form + " |%n", what, figure);
    }
}
