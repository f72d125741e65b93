package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Content;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.DueCopies.At;
import dev.caravan.ledger.DueCopies.Scope;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Sighted;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Patience;
import dev.caravan.segment.SegmentBody;
import dev.caravan.segment.SegmentId;
import dev.caravan.target.Carried;
import dev.caravan.target.EmbeddedSftpServer;
import dev.caravan.target.NasLayout;
import dev.caravan.target.NasProof;
import dev.caravan.target.NasReader;
import dev.caravan.target.Proof;
import dev.caravan.target.SftpAddress;
import dev.caravan.target.SftpProof;
import dev.caravan.target.SftpReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// A ledger, a NAS folder and a real SFTP server with copies that were proven as the routes do it;
/// this class stands for the endpoints that carry.
final class VerifiedSite implements AutoCloseable {
    static final String PROGRAM = "caravan test";

    final LedgerFixture fixture;
    final Path nas;
    final Path offsite;
    final Map<String, byte[]> contents = new TreeMap<>();
    private final Path folder;
    private final NasProof nasProof;
    private EmbeddedSftpServer server;
    private final SftpAddress address;
    private int carried;

    VerifiedSite(Path folder) throws IOException {
        this.folder = folder;
        this.fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
        this.nas = folder.resolve("nas");
        NasLayout.create(nas);
        this.nasProof = new NasProof("nas", nas, fixture.ledger(), Clock.systemUTC(), PROGRAM);
        nasProof.prepare();
        fixture.ledger().targets().identify("nas", Objects.requireNonNull(nasProof.identity()));
        Path keys = Files.createDirectories(folder.resolve("keys"));
        this.offsite = Files.createDirectories(folder.resolve("far/away"));
        int port = EmbeddedSftpServer.freePort();
        EmbeddedSftpServer.createKeys(keys, port);
        this.address =
                new SftpAddress(
                        "127.0.0.1",
                        port,
                        ProcessHandle.current().info().user().orElse("root"),
                        "away",
                        keys.resolve(EmbeddedSftpServer.CLIENT_KEY),
                        keys.resolve(EmbeddedSftpServer.KNOWN_HOSTS));
        this.server = start();
    }

    private EmbeddedSftpServer start() throws IOException {
        return EmbeddedSftpServer.start(
                folder.resolve("far"),
                address.port(),
                folder.resolve("keys").resolve(EmbeddedSftpServer.HOST_KEY),
                folder.resolve("keys").resolve(EmbeddedSftpServer.CLIENT_KEY + ".pub"));
    }

    SftpAddress address() {
        return address;
    }

    void serverIsDown() throws IOException {
        server.close();
    }

    void serverIsUp() throws IOException {
        server = start();
    }

    /// A file as a scan sees it, in the state number `state`.
    Sighted file(String path, String content, int state) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        contents.put(path + "@" + state, bytes);
        return sighted(path, Kind.FILE, bytes.length, state, Metadata.NO_TARGET);
    }

    static Sighted folder(String path, int state) {
        return sighted(path, Kind.FOLDER, 0, state, Metadata.NO_TARGET);
    }

    static Sighted symlink(String path, String target, int state) {
        return sighted(path, Kind.SYMLINK, 0, state, target.getBytes(StandardCharsets.UTF_8));
    }

    private static Sighted sighted(String path, Kind kind, long size, int state, byte[] target) {
        boolean root = Directory.effectiveUser() == 0;
        Instant modified = Instant.parse("2020-02-29T01:02:03.000000004Z").plusSeconds(60L * state);
        return new Sighted(
                ItemPath.of(path),
                new Metadata(
                        kind,
                        size,
                        modified,
                        kind == Kind.FILE ? 0644 : 0755,
                        root ? 1000 : 0,
                        root ? 1000 : 0,
                        target,
                        1,
                        List.of()),
                new Fingerprint(7, path.hashCode(), size, modified, modified));
    }

    byte[] content(Version version) {
        long minutes =
                (version.metadata().modified().getEpochSecond()
                                - Instant.parse("2020-02-29T01:02:03Z").getEpochSecond())
                        / 60;
        return Objects.requireNonNull(contents.get(version.path().text() + "@" + minutes));
    }

    /// Scans and copies to NAS and offsite.
    void backup(Sighted... items) throws IOException {
        fixture.scan("docs", items);
        copyToNas();
        copyOffsite();
    }

    void copyToNas() throws IOException {
        long lease = fixture.lease();
        List<Carried> batch = new ArrayList<>();
        for (Version version : fixture.claim("nas", lease)) {
            batch.add(single(version));
        }
        if (!batch.isEmpty()) {
            record("nas", lease, nasProof.prove(batch));
        }
        nasProof.withdraw();
    }

    private Carried.Single single(Version version) throws IOException {
        String name = "test-" + ++carried;
        byte[] bytes = version.metadata().kind() == Kind.FILE ? content(version) : new byte[0];
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

    private void copyOffsite() throws IOException {
        long lease = fixture.lease();
        List<Version> claimed = fixture.claim("offsite", lease);
        if (claimed.isEmpty()) {
            return;
        }
        try (SftpProof proof =
                new SftpProof("offsite", address, fixture.ledger().homeId(), PROGRAM, null, null)) {
            proof.prepare();
            fixture.ledger().targets().identify("offsite", proof.identity());
            String name = "segment-" + ++carried;
            SegmentBody segment = segment(name, claimed);
            try (InputStream in = segment.open()) {
                Files.copy(in, offsite.resolve(".caravan/incoming/" + name));
            }
            var result = segment.result().orElseThrow();
            record(
                    "offsite",
                    lease,
                    proof.prove(
                            List.of(
                                    new Carried.Packed(
                                            name,
                                            result.length(),
                                            result.sha256(),
                                            result.members(),
                                            null,
                                            null))));
        }
    }

    SegmentBody segment(String name, List<Version> versions) {
        return new SegmentBody(
                new SegmentId(name),
                versions,
                version -> new Bytes(content(version)),
                Clock.systemUTC().instant(),
                PROGRAM);
    }

    private void record(String target, long lease, Proof.Proven proven) {
        assertThat(proven.refused()).isEmpty();
        assertThat(
                        fixture.ledger()
                                .copies()
                                .record(target, lease, proven.evidence(), proven.proofs()))
                .isEmpty();
    }

    /// The only object offsite.
    Path object() throws IOException {
        try (var files = Files.walk(offsite.resolve("objects"))) {
            return files.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
    }

    Verified verify(String target) {
        return verify(target, Evidence.Level.V3);
    }

    Verified verify(String target, Evidence.Level level, At... where) {
        // each verify is a moment after the one before
        fixture.pass(java.time.Duration.ofSeconds(1));
        return new Verifier(fixture.ledger(), PROGRAM, this::medium, (name, what, done, all) -> {})
                .verify(
                        fixture.ledger().targets().find(target).orElseThrow(),
                        new Verifier.Request(
                                new Scope(
                                        List.of(where),
                                        Instant.parse("2100-01-01T00:00:00Z"),
                                        true),
                                level,
                                Long.MAX_VALUE,
                                Instant.MIN));
    }

    Medium medium(String target) {
        return target.equals("nas")
                ? new Medium.Nas(new NasReader(nas, new Patience("NAS", Duration.ofMinutes(3))))
                : new Medium.Server(new SftpReader(target, address));
    }

    Version version(String path) {
        return fixture.ledger().catalog().versions("docs", ItemPath.of(path)).getFirst();
    }

    Catalog.Copy copy(Version version, String target) {
        return fixture.ledger().catalog().copies(version).stream()
                .filter(copy -> copy.target().name().equals(target))
                .findFirst()
                .orElseThrow();
    }

    CopyState state(String path, String target) {
        return copy(version(path), target).state();
    }

    @Override
    public void close() throws IOException {
        nasProof.close();
        server.close();
        fixture.close();
    }

    private static final class Bytes implements Content {
        private final byte[] bytes;
        private final InputStream in;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
            this.in = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return in.read(buffer, offset, length);
        }

        @Override
        public List<Extent> extents() {
            return bytes.length == 0 ? List.of() : List.of(new Extent(0, bytes.length));
        }

        @Override
        public void verifyUnchanged() {}

        @Override
        public void close() {}
    }
}
