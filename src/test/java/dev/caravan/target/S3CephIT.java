package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Removals.Whole;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Beside the contract: Object Lock, which this server enforces.
class S3CephIT extends S3Contract {
    private static final S3Address.Lock TWO_DAYS =
            new S3Address.Lock("COMPLIANCE", Duration.ofDays(2));

    @Override
    S3Server server(Path folder) throws IOException {
        return S3Server.ceph(folder);
    }

    /// It takes wrong checksums, so all is read back.
    @Override
    Evidence.Level level() {
        return Evidence.Level.V3;
    }

    private void locked(S3Address.Lock lock) throws IOException {
        server.makeBucket(name + "-locked", true);
        use(server.address(name + "-locked", lock), null);
        proof.prepare();
    }

    private Proof.Proven carry(String copy, byte[] content) throws IOException {
        uploads.putObject(
                PutObjectRequest.builder().bucket(name).key(copy).build(),
                RequestBody.fromBytes(content));
        return proof.prove(List.of(SftpCopies.single(1, copy, content)));
    }

    @Test
    void anObjectIsLockedInOnePieceAndInParts() throws IOException {
        locked(TWO_DAYS);
        for (int length : new int[] {100_000, 30_000_000}) {
            String copy = NAME + "o" + length;
            Proof.Proven proven = carry(copy, SftpCopies.bytes(length, length));

            assertThat(proven.refused()).isEmpty();
            assertThat(proven.lockedUntil())
                    .hasEntrySatisfying(
                            copy,
                            until ->
                                    assertThat(until)
                                            .isAfter(Instant.now().plus(Duration.ofHours(47))));
            String version = uploads.bucket().hidden("objects/" + copy);
            assertThatThrownBy(() ->
                            uploads.bucket()
                                    .client()
                                    .deleteObject(r ->
                                            r.bucket(name + "-locked")
                                                    .key("backups/one/objects/" + copy)
                                                    .versionId(version)))
                    .isInstanceOf(S3Exception.class)
                    .hasMessageContaining("403");
        }
    }

    @Test
    void aBucketThatCannotLockIsRefused() {
        use(server.address(name, TWO_DAYS), null);

        TargetException refused = failure();

        assertThat(refused.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(refused).hasMessageContaining("the bucket has no Object Lock");
    }

    @Test
    void whatADeleteMarkerHidesIsReadAndLockedAllTheSame() throws IOException {
        locked(TWO_DAYS);
        byte[] content = SftpCopies.bytes(100_000, 8);
        carry(NAME + "o1", content);
        uploads.bucket()
                .client()
                .deleteObject(
                        r -> r.bucket(name + "-locked").key("backups/one/objects/" + NAME + "o1"));
        assertThat(uploads.bucket().head("objects/" + NAME + "o1", null)).isNull();

        try (S3Input in = S3Input.open(uploads.bucket(), "objects/" + NAME + "o1", 0, 100_000)) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
        try (S3Reader reader =
                new S3Reader(
                        "s3",
                        server.address(
                                name + "-locked",
                                new S3Address.Lock("COMPLIANCE", Duration.ofDays(9))))) {
            Instant soon = Instant.now().plus(Duration.ofDays(4));
            assertThat(reader.relock(NAME + "o1", false, soon))
                    .hasValueSatisfying(until ->
                            assertThat(until).isAfter(Instant.now().plus(Duration.ofDays(8))));
        }
    }

    @Test
    void aLockThatEndsLaterIsLeftAlone() throws IOException {
        locked(TWO_DAYS);
        carry(NAME + "o1", SftpCopies.bytes(1000, 9));
        try (S3Reader reader = new S3Reader("s3", server.address(name + "-locked", TWO_DAYS))) {
            Instant soon = Instant.now().plus(Duration.ofDays(1));
            Instant first = reader.relock(NAME + "o1", false, soon).orElseThrow();
            assertThat(reader.relock(NAME + "o1", false, soon)).contains(first);
        }
    }

    @Test
    void whatIsLockedIsNotRemovedBeforeItsTime() throws IOException {
        locked(TWO_DAYS);
        carry(NAME + "o1", SftpCopies.bytes(1000, 10));
        try (S3Remover remover =
                new S3Remover("s3", server.address(name + "-locked", TWO_DAYS), proof.identity())) {
            Removed removed =
                    remover.remove(
                            List.of(
                                    new Whole(
                                            NAME + "o1",
                                            false,
                                            1000,
                                            List.of(SftpCopies.version(1, "a", 1000)))));

            assertThat(removed.versions()).isEmpty();
            assertThat(removed.left()).singleElement().asString().contains("is locked until ");
        }
    }

    /// This server passes over what asks for keys of its own. Somebody in between says for it that
    /// it encrypts, as long as nothing of the user's is there.
    @Test
    void whatTheServerDidNotEncryptDoesNotCountAndDoesNotStay() throws IOException {
        S3Address.Sse sse = new S3Address.Sse(S3Address.Keys.OF_THE_SERVER, null);
        for (int length : new int[] {100_000, 30_000_000}) {
            try (S3Meddler between = new S3Meddler(server.endpoint().getPort())) {
                use(server.through(between.port(), name, sse), null);
                between.meddle(
                        Integer.MAX_VALUE,
                        "^(PUT .*/([.]caravan|README)|POST .*uploads)",
                        passing ->
                                S3Meddler.with(
                                        "x-amz-server-side-encryption: AES256", passing.pass()));
                proof.prepare();

                TargetException refused =
                        Objects.requireNonNull(
                                catchThrowableOfType(
                                        TargetException.class,
                                        () ->
                                                carry(
                                                        NAME + "o1",
                                                        SftpCopies.bytes(length, length))));

                assertThat(refused.remedy()).isEqualTo(Remedy.PERSON);
                assertThat(refused)
                        .hasMessageContaining("objects/" + NAME + "o1")
                        .hasMessageContaining("with AES256, the server says with nothing");
                assertThat(uploads.bucket().head("objects/" + NAME + "o1", null)).isNull();
            }
        }
    }

    @Test
    void anUploadIsNotBegunWhereTheServerDoesNotEncryptIt() throws IOException {
        use(
                server.through(
                        server.endpoint().getPort(),
                        name,
                        new S3Address.Sse(S3Address.Keys.OF_THE_SERVER, null)),
                null);

        assertThatThrownBy(() -> carry(NAME + "o1", SftpCopies.bytes(30_000_000, 2)))
                .rootCause()
                .hasMessageContaining("with AES256, the server says with nothing");
        assertThat(failure()).hasMessageContaining("with AES256, the server says with nothing");
    }
}
