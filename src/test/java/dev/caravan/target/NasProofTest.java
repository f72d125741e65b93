package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.Content;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Sighted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Publishing on a real folder with a real ledger; the test stands for the endpoint that carries.
class NasProofTest {
    private static final int NOBODY = 1000;

    @TempDir Path folder;
    private LedgerFixture fixture;
    private Path nas;
    private NasProof proof;
    private int carried;

    @BeforeEach
    void makeAHome() throws IOException {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
        nas = folder.resolve("nas");
        NasLayout.create(nas);
        proof = new NasProof("nas", nas, fixture.ledger(), Clock.systemUTC(), "test");
        proof.prepare();
    }

    @AfterEach
    void close() {
        proof.close();
        fixture.close();
    }

    @Test
    void anOlderVersionThatArrivesLaterDoesNotReplaceTheNewerOne() throws IOException {
        fixture.scan("docs", sighted("a", 3, 1, 1));
        fixture.scan("docs", sighted("a", 5, 2, 1));
        long lease = fixture.lease();
        List<Version> versions = fixture.claim("nas", lease);
        Version first = versions.get(0);
        Version second = versions.get(1);

        Proof.Proven proven =
                proof.prove(List.of(carry(second, "later", null), carry(first, "one", null)));

        assertThat(proven.refused()).isEmpty();
        assertThat(proven.proofs()).hasSize(2);
        assertThat(nas.resolve("docs/a")).hasContent("later");
        assertThat(history(first)).hasContent("one");
    }

    @Test
    void aVersionThatIsReplacedInALaterBatchIsKept() throws IOException {
        fixture.scan("docs", sighted("a", 3, 1, 1));
        long lease = fixture.lease();
        Version first = fixture.claim("nas", lease).getFirst();
        record(lease, proof.prove(List.of(carry(first, "one", null))));
        fixture.scan("docs", sighted("a", 5, 2, 1));
        Version second = fixture.claim("nas", lease).getFirst();

        record(lease, proof.prove(List.of(carry(second, "later", null))));

        assertThat(nas.resolve("docs/a")).hasContent("later");
        assertThat(history(first)).hasContent("one");
    }

    @Test
    void aCopyThatSomebodyTookAwayCountsNoMoreOnceItIsToBeReplaced() throws IOException {
        fixture.scan("docs", sighted("a", 3, 1, 1), sighted("b", 3, 1, 1));
        long lease = fixture.lease();
        List<Version> first = fixture.claim("nas", lease);
        record(
                lease,
                proof.prove(
                        List.of(
                                carry(first.get(0), "one", null),
                                carry(first.get(1), "one", null))));
        Files.delete(nas.resolve("docs/a"));
        Files.writeString(nas.resolve("docs/b"), "written over");
        fixture.scan("docs", sighted("a", 5, 2, 1), sighted("b", 5, 2, 1));
        List<Version> second = fixture.claim("nas", lease);

        record(
                lease,
                proof.prove(
                        List.of(
                                carry(second.get(0), "later", null),
                                carry(second.get(1), "later", null))));

        for (Version version : first) {
            assertThat(history(version)).doesNotExist();
            assertThat(state(version)).isEqualTo(CopyState.LOST);
        }
        for (Version version : second) {
            assertThat(state(version)).isEqualTo(CopyState.DURABLE);
        }
    }

    @Test
    void aCopyThatWasWrittenOverInItsLengthIsKeptAndCountsNoMore() throws IOException {
        fixture.scan("docs", sighted("a", 3, 1, 1));
        long lease = fixture.lease();
        Version first = fixture.claim("nas", lease).getFirst();
        record(lease, proof.prove(List.of(carry(first, "one", null))));
        Files.writeString(nas.resolve("docs/a"), "two");
        fixture.scan("docs", sighted("a", 5, 2, 1));
        Version second = fixture.claim("nas", lease).getFirst();

        record(lease, proof.prove(List.of(carry(second, "later", null))));

        assertThat(history(first)).hasContent("two");
        assertThat(state(first)).isEqualTo(CopyState.LOST);
        assertThat(state(second)).isEqualTo(CopyState.DURABLE);
    }

    /// Found as an empty folder on the NAS that was left of a deleted one.
    @Test
    void aFolderThatWasWithdrawnBeforeAFileInItCameLateGoesWithTheFile() throws IOException {
        fixture.scan(
                "docs",
                folder("d"),
                folder("d/e"),
                sighted("d/e/f", 3, 1, 1),
                sighted("z", 0, 1, 1));
        long lease = fixture.lease();
        List<Version> all = fixture.claim("nas", lease);
        Version file =
                all.stream().filter(v -> v.path().text().equals("d/e/f")).findFirst().orElseThrow();
        List<Carried> folders = new ArrayList<>();
        for (Version version : all) {
            if (!version.equals(file)) {
                folders.add(carry(version, "", null));
            }
        }
        record(lease, proof.prove(folders));
        fixture.scan("docs", sighted("z", 0, 1, 1));
        proof.withdraw();
        assertThat(nas.resolve("docs/d")).doesNotExist();
        record(lease, proof.prove(List.of(carry(file, "one", null))));

        proof.withdraw();

        assertThat(nas.resolve("docs/d")).doesNotExist();
        assertThat(history(file)).hasContent("one");
    }

    @Test
    void anotherHomeIsRefused() throws IOException {
        try (LedgerFixture other = new LedgerFixture(folder.resolve("other.db")).usual();
                NasProof second =
                        new NasProof("nas", nas, other.ledger(), Clock.systemUTC(), "test")) {
            assertThatThrownBy(second::prepare)
                    .isInstanceOf(TargetException.class)
                    .hasMessageContaining("belongs to another home");
        }
        proof.prepare();
    }

    @Test
    void whatAnotherVersionLeftUnderTheNameOfAReusedIdIsMovedAside() throws IOException {
        fixture.scan("docs", sighted("a", 3, 1, 1));
        long lease = fixture.lease();
        Version first = fixture.claim("nas", lease).getFirst();
        record(lease, proof.prove(List.of(carry(first, "one", null))));
        Path stale = history(first);
        Files.createDirectories(stale.getParent());
        Files.writeString(stale, "of a ledger that was put back");
        fixture.scan("docs", sighted("a", 5, 2, 1));
        Version second = fixture.claim("nas", lease).getFirst();

        record(lease, proof.prove(List.of(carry(second, "later", null))));

        assertThat(history(first)).hasContent("one");
        assertThat(stale.resolveSibling(stale.getFileName() + ".aside-1"))
                .hasContent("of a ledger that was put back");
    }

    @Test
    void theHistoryIsForItsOwnerOnly() throws IOException {
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(nas.resolve(".caravan"))))
                .isEqualTo("rwx------");
    }

    private CopyState state(Version version) {
        return fixture.ledger().catalog().copies(version).stream()
                .filter(copy -> copy.target().name().equals("nas"))
                .findFirst()
                .orElseThrow()
                .state();
    }

    @Test
    void anOldHardLinkGetsTheBytesOfItsOwnLeader() throws IOException {
        fixture.scan("docs", sighted("a", 3, 1, 2), sighted("b", 3, 1, 2));
        fixture.scan("docs", sighted("a", 3, 2, 2), sighted("b", 3, 2, 2));
        List<Version> versions = fixture.claim("nas", fixture.lease());
        Version oldLeader = versions.get(0);
        Version oldLink = versions.get(1);
        Version leader = versions.get(2);
        Version link = versions.get(3);

        Proof.Proven proven =
                proof.prove(
                        List.of(
                                carry(leader, "two", null),
                                carry(link, "", leader),
                                carry(oldLeader, "one", null),
                                carry(oldLink, "", oldLeader)));

        assertThat(proven.refused()).isEmpty();
        assertThat(nas.resolve("docs/a")).hasContent("two");
        assertThat(nas.resolve("docs/b")).hasContent("two");
        assertThat(history(oldLeader)).hasContent("one");
        assertThat(history(oldLink)).hasContent("one");
    }

    @Test
    void whatArrivedShortIsRefusedAndNotPublished() throws IOException {
        fixture.scan("docs", sighted("a", 3, 1, 1));
        Version version = fixture.claim("nas", fixture.lease()).getFirst();
        Carried.Single whole = carry(version, "one", null);
        Files.writeString(nas.resolve(".caravan/incoming/" + whole.copyName()), "on");

        Proof.Proven proven = proof.prove(List.of(whole));

        assertThat(proven.proofs()).isEmpty();
        assertThat(proven.refused()).hasSize(1);
        assertThat(nas.resolve("docs/a")).doesNotExist();
    }

    private void record(long lease, Proof.Proven proven) {
        assertThat(proven.refused()).isEmpty();
        assertThat(
                        fixture.ledger()
                                .copies()
                                .record("nas", lease, proven.evidence(), proven.proofs()))
                .isEmpty();
    }

    private Path history(Version version) {
        return nas.resolve(new String(NasLayout.history(version.id()), StandardCharsets.US_ASCII));
    }

    /// What an endpoint does: the bytes under the name that Caravan made.
    private Carried.Single carry(Version version, String text, @Nullable Version linkTo)
            throws IOException {
        String name = "test-" + ++carried;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0) {
            Files.write(nas.resolve(".caravan/incoming/" + name), bytes);
        }
        return new Carried.Single(
                version,
                name,
                bytes.length,
                bytes.length == 0 ? null : Sha256.of(Sha256.digest().digest(bytes)),
                bytes.length == 0 ? List.of() : List.of(new Content.Extent(0, bytes.length)),
                linkTo);
    }

    private static Sighted folder(String path) {
        Instant modified = Instant.parse("2020-02-29T01:02:03.000000004Z");
        return new Sighted(
                ItemPath.of(path),
                new Metadata(
                        Kind.FOLDER,
                        0,
                        modified,
                        0755,
                        NOBODY,
                        NOBODY,
                        Metadata.NO_TARGET,
                        1,
                        List.of()),
                new Fingerprint(7, path.hashCode(), 0, modified, modified));
    }

    private static Sighted sighted(String path, long size, int state, int links) {
        Instant modified = Instant.parse("2020-02-29T01:02:03.000000004Z").plusSeconds(state);
        return new Sighted(
                ItemPath.of(path),
                new Metadata(
                        Kind.FILE,
                        size,
                        modified,
                        0644,
                        NOBODY,
                        NOBODY,
                        Metadata.NO_TARGET,
                        links,
                        List.of()),
                new Fingerprint(7, links > 1 ? 42 : path.hashCode(), size, modified, modified));
    }
}
