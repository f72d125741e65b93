package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Content;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Scan;
import dev.caravan.ledger.Sighted;
import dev.caravan.target.Carried;
import dev.caravan.target.NasProof;
import dev.caravan.target.Proof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// A source that exists in memory only, and its copies on a real NAS folder, made as copy routes
/// make them.
final class NasHistory implements AutoCloseable {
    private static final Instant BEGAN = Instant.parse("2020-02-29T01:02:03.000000004Z");

    private record Entry(Kind kind, String content, Instant modified) {}

    private final Map<String, Entry> source = new TreeMap<>();
    private final Path nas;
    private final LedgerFixture fixture;
    private final NasProof proof;
    private int edits;
    private int carried;

    /// @param nas a folder that is a NAS already
    NasHistory(Path ledger, Path nas) throws IOException {
        this.nas = nas;
        this.fixture = new LedgerFixture(ledger).usual();
        this.proof = new NasProof("nas", nas, fixture.ledger(), Clock.systemUTC(), "test");
        proof.prepare();
    }

    Ledger ledger() {
        return fixture.ledger();
    }

    NasHistory file(String path, String content) {
        return put(path, Kind.FILE, content);
    }

    NasHistory folder(String path) {
        return put(path, Kind.FOLDER, "");
    }

    NasHistory symlink(String path, String target) {
        return put(path, Kind.SYMLINK, target);
    }

    private NasHistory put(String path, Kind kind, String content) {
        for (int at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
            Entry parent = source.get(path.substring(0, at));
            if (parent == null || parent.kind != Kind.FOLDER) {
                put(path.substring(0, at), Kind.FOLDER, "");
            }
        }
        if (kind != Kind.FOLDER) {
            delete(path);
        }
        source.put(path, new Entry(kind, content, BEGAN.plusSeconds(10L * ++edits)));
        return this;
    }

    NasHistory delete(String path) {
        source.keySet().removeIf(each -> each.equals(path) || each.startsWith(path + "/"));
        return this;
    }

    /// Scans the source, and copies what is wanted, as a backup does.
    NasHistory backup() throws IOException {
        scan();
        copy();
        return this;
    }

    void scan() {
        List<Sighted> all = new ArrayList<>();
        source.forEach((path, entry) -> all.add(sighted(ItemPath.of(path), entry)));
        Scan scan = ledger().scans().begin("docs");
        ledger().scans().register("docs", scan.changed(all), List.of("nas"));
        scan.finish(true);
    }

    void copy() throws IOException {
        proof.withdraw();
        long lease = fixture.lease();
        List<Carried> batch = new ArrayList<>();
        for (Version version : fixture.claim("nas", lease)) {
            batch.add(carry(version));
        }
        if (!batch.isEmpty()) {
            Proof.Proven proven = proof.prove(batch);
            assertThat(proven.refused()).isEmpty();
            assertThat(ledger().copies().record("nas", lease, proven.evidence(), proven.proofs()))
                    .isEmpty();
        }
        proof.withdraw();
    }

    private static Sighted sighted(ItemPath path, Entry entry) {
        boolean file = entry.kind == Kind.FILE;
        long size = file ? entry.content.length() : 0;
        Metadata metadata =
                new Metadata(
                        entry.kind,
                        size,
                        entry.modified,
                        entry.kind == Kind.FOLDER ? 0755 : 0644,
                        1000,
                        1000,
                        entry.kind == Kind.SYMLINK
                                ? entry.content.getBytes(StandardCharsets.UTF_8)
                                : Metadata.NO_TARGET,
                        1,
                        List.of());
        return new Sighted(
                path,
                metadata,
                new Fingerprint(7, path.hashCode(), size, entry.modified, entry.modified));
    }

    private Carried.Single carry(Version version) throws IOException {
        String name = "test-" + ++carried;
        Entry entry = Objects.requireNonNull(source.get(version.path().toString()));
        byte[] bytes =
                version.hasBytes() ? entry.content.getBytes(StandardCharsets.UTF_8) : new byte[0];
        if (bytes.length > 0) {
            Files.write(nas.resolve(".caravan/incoming/" + name), bytes);
        }
        return new Carried.Single(
                version,
                name,
                bytes.length,
                bytes.length == 0 ? null : Sha256.of(Sha256.digest().digest(bytes)),
                bytes.length == 0 ? List.of() : List.of(new Content.Extent(0, bytes.length)),
                null);
    }

    @Override
    public void close() {
        proof.close();
        fixture.close();
    }
}
