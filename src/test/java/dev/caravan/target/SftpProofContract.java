package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.StoredObject;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What holds on every SFTP server. The uploads are put into `incoming` as Camel would leave them.
abstract class SftpProofContract {

    private static final String HOME = "0a1b2c3d-0000-4000-8000-000000000000";
    private static final String NAME = "0a1b2c3d-";

    @TempDir Path temp;
    SftpSite site;
    SftpProof proof;

    abstract SftpSite site(Path keys, Path folder) throws IOException;

    abstract String method();

    @BeforeEach
    void start() throws IOException {
        site = site(temp.resolve("keys"), temp.resolve("served/vault"));
        proof = proof(site.address(), null);
    }

    @AfterEach
    void stop() throws Exception {
        proof.close();
        site.close();
    }

    static SftpProof proof(SftpAddress address, @Nullable String knownIdentity) {
        return new SftpProof("offsite", address, HOME, "caravan test", null, knownIdentity);
    }

    byte[] upload(String name, int length) throws IOException {
        byte[] content = SftpCopies.bytes(length, name.hashCode());
        Files.write(site.incoming(name), content);
        return content;
    }

    TargetException failure(SftpProof of) {
        return catchThrowableOfType(TargetException.class, of::prepare);
    }

    @Test
    void provenObjectsLieUnderTheirFinalNamesAndTheMediumDescribesItself() throws IOException {
        proof.prepare();
        byte[] packed = upload(NAME + "s1", 70_001);
        byte[] plain = upload(NAME + "o1", 3 << 20);
        Carried.Packed segment = SftpCopies.packed(1, NAME + "s1", packed);
        Carried.Single large = SftpCopies.single(9, NAME + "o1", plain);

        Proof.Proven proven = proof.prove(List.of(segment, large));

        assertThat(proven.refused()).isEmpty();
        assertThat(proven.evidence().method()).isEqualTo(method());
        assertThat(proven.proofs())
                .extracting(p -> p.version().id(), CopyProof::object, CopyProof::offset)
                .containsExactly(
                        tuple(1L, object(NAME + "s1", packed, true), 512L),
                        tuple(3L, object(NAME + "s1", packed, true), 2560L),
                        tuple(9L, object(NAME + "o1", plain, false), 0L));
        assertThat(site.object(NAME + "s1")).hasSize(70_001);
        assertThat(site.object(NAME + "o1")).hasSize(3 << 20);
        assertThat(site.folder().resolve("manifests/" + NAME + "o1.jsonl"))
                .content()
                .contains("\"path\":\"large-9\"", "\"object\":\"objects/0a/" + NAME + "o1\"")
                .contains("\"sha256\":\"" + large.sha256() + "\"");
        assertThat(site.folder().resolve("README.txt")).content().contains("tar -xpf");
        assertThat(site.incoming("")).isEmptyDirectory();
    }

    private static StoredObject object(String name, byte[] content, boolean segment) {
        return new StoredObject(name, content.length, segment, null, SftpCopies.sha256(content));
    }

    private static org.assertj.core.groups.Tuple tuple(Object... values) {
        return org.assertj.core.groups.Tuple.tuple(values);
    }

    @Test
    void whatIsNotWhatWasSentIsRefusedAndRemovedAndTheRestCounts() throws IOException {
        proof.prepare();
        byte[] cut = upload(NAME + "o1", 5000);
        Files.write(site.incoming(NAME + "o1"), java.util.Arrays.copyOf(cut, 4999));
        byte[] flipped = upload(NAME + "o2", 600_000);
        byte[] other = flipped.clone();
        other[599_999] ^= 1;
        Files.write(site.incoming(NAME + "o2"), other);
        byte[] vanished = upload(NAME + "s3", 4000);
        Files.delete(site.incoming(NAME + "s3"));
        byte[] well = upload(NAME + "o4", 1_000_000);

        Proof.Proven proven =
                proof.prove(
                        List.of(
                                SftpCopies.single(1, NAME + "o1", cut),
                                SftpCopies.single(2, NAME + "o2", flipped),
                                SftpCopies.packed(3, NAME + "s3", vanished),
                                SftpCopies.single(6, NAME + "o4", well)));

        assertThat(proven.proofs()).extracting(p -> p.version().id()).containsExactly(6L);
        assertThat(proven.refused())
                .extracting(r -> r.version().id())
                .containsExactly(1L, 2L, 3L, 5L);
        assertThat(proven.refused().get(0).why()).hasMessageContaining("has 4999 bytes, 5000 were");
        assertThat(proven.refused().get(1).why())
                .hasMessageContaining("has SHA-256 " + SftpCopies.sha256(other))
                .hasMessageContaining("sent was " + SftpCopies.sha256(flipped));
        assertThat(proven.refused().get(2).why()).hasMessageContaining("not there any more");
        assertThat(site.incoming("")).isEmptyDirectory();
        assertThat(site.object(NAME + "o2")).doesNotExist();
        assertThat(site.object(NAME + "o4")).exists();
        assertThat(site.folder().resolve("manifests/" + NAME + "o4.jsonl"))
                .content()
                .doesNotContain("large-1", "large-2");
    }

    @Test
    void aCrashBetweenRenameAndRecordConfusesNothing() throws IOException {
        proof.prepare();
        byte[] content = upload(NAME + "o1", 5000);
        proof.prove(List.of(SftpCopies.single(1, NAME + "o1", content)));
        Files.write(site.incoming(NAME + "o2"), content);

        Proof.Proven again =
                proof.prove(
                        List.of(
                                SftpCopies.single(1, NAME + "o1", content),
                                SftpCopies.single(1, NAME + "o2", content)));

        assertThat(again.refused()).extracting(r -> r.version().id()).containsExactly(1L);
        assertThat(again.proofs())
                .extracting(CopyProof::object)
                .containsExactly(object(NAME + "o2", content, false));
        assertThat(site.object(NAME + "o1")).hasSize(5000);
    }

    @Test
    void anObjectIsNeverReplaced() throws IOException {
        proof.prepare();
        byte[] content = upload(NAME + "o1", 5000);
        Files.createDirectories(site.object(NAME + "o1").getParent());
        Files.writeString(site.object(NAME + "o1"), "older");

        assertThatThrownBy(() -> proof.prove(List.of(SftpCopies.single(1, NAME + "o1", content))))
                .isInstanceOf(TargetException.class);

        assertThat(site.object(NAME + "o1")).hasContent("older");
    }

    @Test
    void leftoversOfOursAreSweptAtTheFirstPrepareAndOthersStay() throws IOException {
        proof.prepare();
        upload(NAME + "s7", 10);
        upload("ffffffff-s7", 10);
        proof.prepare();
        assertThat(site.incoming(NAME + "s7")).exists();

        try (SftpProof nextRun = proof(site.address(), proof.identity())) {
            nextRun.prepare();
        }

        assertThat(site.incoming(NAME + "s7")).doesNotExist();
        assertThat(site.incoming("ffffffff-s7")).exists();
    }

    @Test
    void aMissingOrOtherSentinelStopsATargetThatIsKnown() throws IOException {
        proof.prepare();
        String known = proof.identity();
        Path sentinel = site.folder().resolve(".caravan/sentinel");
        assertThat(known).startsWith("SHA256:").endsWith(Files.readString(sentinel).strip());

        Files.writeString(sentinel, UUID.randomUUID() + "\n");
        TargetException other = failure(proof(site.address(), known));
        Files.delete(sentinel);
        TargetException missing = failure(proof(site.address(), known));

        assertThat(other).hasMessageContaining("right server and directory");
        assertThat(other.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(missing).hasMessageContaining("sentinel is missing");
        assertThat(missing.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(sentinel).doesNotExist();
    }

    @Test
    void aMissingFolderIsNotMade() throws IOException {
        Files.delete(site.folder());

        TargetException failure = failure(proof);

        assertThat(failure).hasMessageContaining("is not there");
        assertThat(failure.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(site.folder()).doesNotExist();
    }

    @Test
    void anotherHostKeyThanPinnedIsRefusedBeforeAnyLogin() throws IOException {
        EmbeddedSftpServer.createKeys(temp.resolve("other"), site.port());
        Path pinned = temp.resolve("other/known_hosts");

        TargetException failure =
                failure(
                        proof(
                                site.address(site.port(), site.address().privateKey(), pinned),
                                null));

        assertThat(failure.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(failure)
                .hasMessageContaining("has changed: found SHA256:")
                .hasMessageContaining("127.0.0.1:" + site.port());
        assertNoLoginWasTried();
    }

    @Test
    void anUnknownHostKeyIsNotTrustedOnFirstUse() throws IOException {
        Path nothing = Files.createFile(temp.resolve("nothing"));

        TargetException failure =
                failure(
                        proof(
                                site.address(site.port(), site.address().privateKey(), nothing),
                                null));

        assertThat(failure.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(failure).hasMessageContaining("is not known: found SHA256:");
        assertThat(nothing).isEmptyFile();
        assertNoLoginWasTried();
    }

    /// Looks at the server's log where it keeps one.
    void assertNoLoginWasTried() throws IOException {}

    @Test
    void aRefusedKeyStopsTheTarget() throws IOException {
        EmbeddedSftpServer.createKeys(temp.resolve("other"), site.port());
        Path key = temp.resolve("other").resolve(EmbeddedSftpServer.CLIENT_KEY);

        TargetException failure =
                failure(proof(site.address(site.port(), key, site.address().knownHosts()), null));

        assertThat(failure.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(failure)
                .hasMessageContaining("refused the login")
                .hasMessageContaining("" + key);
    }

    @Test
    void anUnreachableServerIsTriedAgain() throws Exception {
        site.close();

        TargetException failure = failure(proof);

        assertThat(failure.remedy()).isEqualTo(Remedy.WAIT);
        assertThat(failure).hasMessageContaining("cannot be reached");
    }

    @Test
    void aNameWithoutAnAddressIsSaidInWords() {
        SftpAddress known = site.address();
        SftpAddress unknown =
                new SftpAddress(
                        "offsite.invalid",
                        22,
                        known.user(),
                        known.directory(),
                        known.privateKey(),
                        known.knownHosts());
        try (SftpProof lost =
                new SftpProof("offsite", unknown, "0123456789abcdef", "Caravan test", null, null)) {
            TargetException failure = failure(lost);

            assertThat(failure.remedy()).isEqualTo(Remedy.WAIT);
            assertThat(failure)
                    .hasMessage(
                            "offsite.invalid:22 cannot be reached: no address is known for this name");
        }
    }

    @Test
    void aConnectionCutInTheMiddleCountsNothing() throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(site.port());
                SftpProof cut = proof(site.through(proxy.port()), null)) {
            cut.prepare();
            List<Carried> batch =
                    List.of(
                            SftpCopies.single(1, NAME + "o1", upload(NAME + "o1", 4 << 20)),
                            SftpCopies.single(2, NAME + "o2", upload(NAME + "o2", 4 << 20)));
            proxy.cutAfter(700);

            TargetException failure =
                    catchThrowableOfType(TargetException.class, () -> cut.prove(batch));

            assertThat(failure.remedy()).isEqualTo(Remedy.WAIT);
            proxy.cutAfter(Long.MAX_VALUE);
            cut.prepare();
        }
    }

    @Test
    void aFullDiskIsWaitedFor() throws Exception {
        assumeTrue(
                "root".equals(ProcessHandle.current().info().user().orElse("")),
                "only root can mount a small tmpfs");
        proof.prepare();
        Path manifests = site.folder().resolve("manifests");
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", manifests.toString());
        try {
            Files.write(manifests.resolve("full"), new byte[64 << 10]);
            byte[] content = upload(NAME + "o1", 5000);

            TargetException failure =
                    catchThrowableOfType(
                            TargetException.class,
                            () -> proof.prove(List.of(SftpCopies.single(1, NAME + "o1", content))));

            assertThat(failure.remedy()).isEqualTo(Remedy.WAIT);
            assertThat(failure).hasMessageContaining("the server said");
        } finally {
            run("umount", manifests.toString());
        }
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
