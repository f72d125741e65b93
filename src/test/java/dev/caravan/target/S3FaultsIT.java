package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.age.AgeIdentity;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.target.TargetException.Remedy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/// Servers that are overloaded, that lie, and networks that lose answers: no copy counts that is
/// not there, and one that is there is not made twice.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3FaultsIT {
    private static final String HOME = "0a1b2c3d-0000-4000-8000-000000000000";
    private static final String NAME = "0a1b2c3d-o1";
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    @TempDir static Path shared;
    @TempDir Path temp;
    private S3Server server;
    private String bucket;
    private S3Meddler between;
    private S3Uploads uploads;
    private S3Proof proof;

    @BeforeAll
    void startServer() throws IOException {
        server = S3Server.proxy(Files.createDirectory(shared.resolve("server")));
    }

    @AfterAll
    void stopServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void start() throws IOException {
        bucket = "faults-" + BUCKETS.incrementAndGet();
        server.makeBucket(bucket, false);
        between = new S3Meddler(server.endpoint().getPort());
        uploads =
                new S3Uploads(
                        "s3", server.through(between.port(), bucket), temp.resolve("uploads"));
        proof = new S3Proof("s3", uploads, HOME, "caravan test", null, null);
        proof.prepare();
    }

    @AfterEach
    void stop() throws IOException {
        uploads.close();
        between.close();
    }

    private void put(byte[] content) {
        uploads.putObject(
                PutObjectRequest.builder().bucket(bucket).key(NAME).build(),
                RequestBody.fromBytes(content));
    }

    private Proof.Proven prove(byte[] content) throws TargetException {
        return proof.prove(List.of(SftpCopies.single(1, NAME, content)));
    }

    private void assertProvenOnce(Proof.Proven proven, byte[] content) throws IOException {
        assertThat(proven.refused()).isEmpty();
        assertThat(proven.proofs())
                .extracting(CopyProof::sha256)
                .containsExactly(SftpCopies.sha256(content));
        try (S3Input in = S3Input.open(uploads.bucket(), "objects/" + NAME, 0, content.length)) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
    }

    /// The exception that the endpoint's own one carries.
    private static @Nullable TargetException cause(Throwable thrown) {
        Throwable each = thrown;
        while (each != null && !(each instanceof TargetException)) {
            each = each.getCause();
        }
        return (TargetException) each;
    }

    private TargetException refusal(byte[] content) {
        try {
            put(content);
        } catch (RuntimeException thrown) {
            return Objects.requireNonNull(cause(thrown));
        }
        throw new AssertionError("it was put");
    }

    @Test
    void aServerThatSlowsDownIsAskedAgain() throws IOException {
        byte[] content = SftpCopies.bytes(50_000, 1);
        between.meddle(2, "^PUT .*objects", passing -> S3Meddler.reply(503, "SlowDown"));

        put(content);

        assertProvenOnce(prove(content), content);
    }

    @Test
    void aServerThatFailsIsTriedLater() {
        between.meddle(99, "^PUT .*objects", passing -> S3Meddler.reply(500, "InternalError"));

        TargetException refusal = refusal(SftpCopies.bytes(50_000, 2));

        assertThat(refusal.remedy()).isEqualTo(Remedy.WAIT);
        assertThat(refusal).hasMessageContaining("500 InternalError");
    }

    @Test
    void anAnswerThatIsLostAfterTheObjectWasStoredMakesNoSecondOne() throws IOException {
        byte[] content = SftpCopies.bytes(50_000, 3);
        between.meddle(
                1,
                "^PUT .*objects",
                passing -> {
                    passing.pass();
                    return null;
                });

        put(content);

        assertProvenOnce(prove(content), content);
        assertThat(between.seen())
                .filteredOn(line -> line.startsWith("PUT") && line.contains("objects"))
                .hasSize(2);
    }

    @Test
    void theSameForTheEndOfAnUploadInParts() throws IOException {
        byte[] content = SftpCopies.bytes(30_000_000, 4);
        between.meddle(
                1,
                "^POST .*uploadId=",
                passing -> {
                    passing.pass();
                    return null;
                });

        put(content);

        assertProvenOnce(prove(content), content);
    }

    @Test
    void bytesThatChangeOnTheWayAreRefusedByTheServer() {
        byte[] content = SftpCopies.bytes(50_000, 5);
        between.meddle(
                99,
                "^PUT .*objects",
                passing -> {
                    byte[] flipped = passing.body().clone();
                    flipped[25_000] ^= 1;
                    return passing.pass(flipped);
                });

        assertThat(refusal(content)).hasMessageContaining("the server said 4");
        assertThatThrownBy(() -> S3Input.open(uploads.bucket(), "objects/" + NAME, 0, 1))
                .isInstanceOf(java.nio.file.NoSuchFileException.class);
    }

    @Test
    void anAnswerOf200ThatHoldsAnErrorIsOne() throws IOException {
        byte[] content = SftpCopies.bytes(30_000_000, 6);
        between.meddle(99, "^POST .*uploadId=", passing -> S3Meddler.reply(200, "InternalError"));

        TargetException refusal = refusal(content);
        assertThat(refusal.remedy()).isEqualTo(Remedy.WAIT);

        between.stop();
        put(content); // it goes on with the parts that are there
        assertProvenOnce(prove(content), content);
        assertThat(between.seen()).filteredOn(line -> line.contains("partNumber")).hasSize(4);
    }

    @Test
    void aHeadThatSaysItIsNotThereOrIsAnotherCountsAgainstIt() throws IOException {
        byte[] content = SftpCopies.bytes(50_000, 7);
        put(content);
        between.meddle(1, "^HEAD .*objects", passing -> S3Meddler.reply(404, "", ""));
        assertThat(prove(content).refused())
                .singleElement()
                .satisfies(refused ->
                        assertThat(refused.why()).hasMessageContaining("not there any more"));

        put(content);
        between.meddle(
                1,
                "^HEAD .*objects",
                passing ->
                        new String(passing.pass(), StandardCharsets.ISO_8859_1)
                                .replaceFirst("(?i)(x-amz-checksum-sha256: )....", "$1AAAA")
                                .getBytes(StandardCharsets.ISO_8859_1));
        assertThat(prove(content).refused())
                .singleElement()
                .satisfies(refused ->
                        assertThat(refused.why())
                                .hasMessageContaining("the server says checksum AAAA"));
    }

    @Test
    void aBodyThatIsCutOffWhileReadIsAskedForAgainFromThere() throws IOException {
        byte[] content = SftpCopies.bytes(3_000_000, 8);
        put(content);
        prove(content);
        between.meddle(
                1,
                "^GET .*objects",
                passing -> {
                    byte[] answer = passing.pass();
                    return Arrays.copyOf(answer, answer.length - 1_000_000);
                });

        try (S3Input in = S3Input.open(uploads.bucket(), "objects/" + NAME, 0, content.length)) {
            assertThat(in.readAllBytes()).isEqualTo(content);
            assertThat(in.lost()).isNull();
        }
    }

    @Test
    void whatAPersonMustMendIsTold() {
        between.meddle(
                99, "^PUT .*objects", passing -> S3Meddler.reply(403, "RequestTimeTooSkewed"));
        assertThat(refusal(SftpCopies.bytes(100, 9)))
                .hasMessageContaining("set the clock of this machine");
        between.stop();
        between.meddle(99, "^PUT .*objects", passing -> S3Meddler.reply(400, "ExpiredToken"));
        assertThat(refusal(SftpCopies.bytes(100, 9))).hasMessageContaining("get new credentials");
        between.stop();
        between.meddle(99, "^PUT .*objects", passing -> S3Meddler.reply(403, "AccessDenied"));
        TargetException denied = refusal(SftpCopies.bytes(100, 9));
        assertThat(denied.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(denied).hasMessageContaining("may the key do that on this bucket?");
    }

    @Test
    void aServerThatIsFullIsTriedLater() {
        for (byte[] said :
                List.of(
                        S3Meddler.reply(403, "QuotaExceeded"),
                        S3Meddler.reply(507, "InsufficientStorage"))) {
            between.meddle(99, "^PUT .*objects", passing -> said);

            TargetException refusal = refusal(SftpCopies.bytes(50_000, 12));

            assertThat(refusal.remedy()).isEqualTo(Remedy.WAIT);
            assertThat(refusal)
                    .hasMessageMatching(".*(403 QuotaExceeded|507 InsufficientStorage).*");
            between.stop();
        }
    }

    /// A server that takes no second object of a name says 412, as to one that was stored before.
    @Test
    void anotherObjectOfTheSameNameIsNotTakenForOurs() throws IOException {
        put(SftpCopies.bytes(50_000, 13));
        byte[] content = SftpCopies.bytes(50_000, 14);
        put(content);

        assertThat(prove(content).refused()).hasSize(1);
    }

    /// Eight blocks are all there are: what a failed upload keeps of them, no other gets.
    @Test
    void uploadsThatFailGiveTheirMemoryBack() throws IOException {
        byte[] content = SftpCopies.bytes(70_000_000, 10);
        between.meddle(
                Integer.MAX_VALUE,
                "^PUT .*partNumber",
                passing -> {
                    pause(); // so that others wait behind those that are sent
                    return S3Meddler.reply(403, "AccessDenied");
                });
        for (int attempt = 0; attempt < 3; attempt++) {
            assertThat(refusal(content)).hasMessageContaining("AccessDenied");
            assertThat(uploads.memory().free()).isEqualTo(S3Memory.BLOCKS);
        }
        between.stop();

        put(content);

        assertProvenOnce(prove(content), content);
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aServerThatRefusesChecksumsAsSuchIsReadBack() throws IOException {
        between.meddle(
                1,
                "^PUT .*checksums-are-ignored",
                passing -> S3Meddler.reply(400, "InvalidRequest"));
        S3Proof other = new S3Proof("s3", uploads, HOME, "caravan test", null, proof.identity());
        other.prepare();
        byte[] content = SftpCopies.bytes(50_000, 11);
        put(content);

        Proof.Proven proven = other.prove(List.of(SftpCopies.single(1, NAME, content)));

        assertThat(proven.evidence().level()).isEqualTo(Evidence.Level.V3);
        assertProvenOnce(proven, content);
    }

    @Test
    void aServerThatDoesNotAnswerAtAllIsAway() {
        between.meddle(99, ".", passing -> null);
        assertThatThrownBy(proof::prepare)
                .isInstanceOfSatisfying(
                        TargetException.class,
                        away -> assertThat(away.remedy()).isEqualTo(Remedy.WAIT))
                .hasMessageContaining("no answer: ");
    }

    private void put(Encryption.Sealed sealed, byte[] content) {
        uploads.putObject(
                PutObjectRequest.builder().bucket(bucket).key(NAME).build(),
                RequestBody.fromContentProvider(
                        () -> sealed.open(new ByteArrayInputStream(content)),
                        sealed.length(content.length),
                        "application/octet-stream"));
    }

    private List<String> parts() {
        return between.seen().stream().filter(line -> line.matches("PUT .*partNumber.*")).toList();
    }

    /// The line is cut behind the third of six parts. The file changes, unseen, before the next
    /// attempt: its key must not meet it, and with another key nothing of the first may be used.
    @Test
    void anEncryptedUploadThatBrokeOffNeverGoesOnWithAnotherContent() throws IOException {
        byte[] content = SftpCopies.bytes(45_000_000, 15);
        byte[] changed = content.clone();
        changed[44_000_000] ^= 1; // in a part that was not sent
        Encryption encryption = new Encryption(List.of(AgeIdentity.generate().recipient()));
        Version version = SftpCopies.version(1, "large", content.length);
        KeptUploads keys = new KeptUploads();
        Encryption.Sealed first = encryption.begin(true);
        between.meddle(Integer.MAX_VALUE, "^PUT .*partNumber=[4-6]", passing -> null);
        assertThatThrownBy(() -> put(first, content)).hasMessageContaining("no answer");
        between.stop();
        keys.keep(version, "a", first, Instant.now());
        int sent = parts().size();

        Encryption.Sealed again =
                Objects.requireNonNull(
                        Objects.requireNonNull(keys.take(version, encryption, Instant.now()))
                                .sealed());
        assertThatThrownBy(() -> put(again, changed))
                .hasMessageContaining("another than that which was sealed with the same key");

        assertThat(again.isSpent()).isTrue();
        assertThat(parts()).hasSize(sent);
        assertThat(keys.keep(version, "a", again, Instant.now())).isFalse();
        assertThat(keys.take(version, encryption, Instant.now())).isNull();
        put(encryption.begin(true), changed);
        assertThat(parts()).hasSize(sent + 6);
    }

    /// It is hashed as it was, and changes before it is sent, or while.
    @Test
    void whatChangesBeforeItIsSentIsNotSentEncrypted() throws IOException {
        byte[] content = SftpCopies.bytes(45_000_000, 16);
        Encryption.Sealed sealed =
                new Encryption(List.of(AgeIdentity.generate().recipient())).begin(true);
        AtomicInteger passes = new AtomicInteger();
        RequestBody body =
                RequestBody.fromContentProvider(
                        () -> {
                            if (passes.incrementAndGet() == 2) {
                                content[0] ^= 1;
                            }
                            return sealed.open(new ByteArrayInputStream(content));
                        },
                        sealed.length(content.length),
                        "application/octet-stream");

        assertThatThrownBy(() ->
                        uploads.putObject(
                                PutObjectRequest.builder().bucket(bucket).key(NAME).build(), body))
                .hasMessageContaining("another than that which was sealed with the same key");

        assertThat(passes).hasValue(2);
        assertThat(parts()).isEmpty();
    }
}
