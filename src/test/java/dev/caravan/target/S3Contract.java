package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.item.Sha256;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Removals.Whole;
import dev.caravan.target.TargetException.Remedy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/// What holds on every S3 server. Objects are put as Camel's endpoint does it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class S3Contract {
    private static final String HOME = "0a1b2c3d-0000-4000-8000-000000000000";
    static final String NAME = "0a1b2c3d-";
    private static final int LARGE = 30_000_001;
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    @TempDir static Path shared;
    @TempDir Path temp;
    S3Server server;
    String name;
    S3Uploads uploads;
    S3Proof proof;

    abstract S3Server server(Path folder) throws IOException;

    abstract Evidence.Level level();

    @BeforeAll
    void startServer() throws IOException {
        server = server(shared.resolve(getClass().getSimpleName()));
    }

    @AfterAll
    void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void start() {
        name = "bucket-" + BUCKETS.incrementAndGet();
        server.makeBucket(name, false);
        uploads = uploads(server.address(name, null));
        proof = proof(uploads, null);
    }

    private S3Uploads uploads(S3Address address) {
        return new S3Uploads("s3", address, temp.resolve("uploads"));
    }

    private static S3Proof proof(S3Uploads by, @Nullable String identity) {
        return new S3Proof("s3", by, HOME, "caravan test", null, identity);
    }

    /// The target as another run of the program, or with other settings.
    void use(S3Address address, @Nullable String identity) {
        uploads.close();
        uploads = uploads(address);
        proof = proof(uploads, identity);
    }

    @AfterEach
    void stop() {
        uploads.close();
    }

    private void put(String copy, byte[] content) {
        put(copy, content.length, new Reread(content, Integer.MAX_VALUE));
    }

    private void put(String copy, long length, InputStream body) {
        uploads.putObject(
                PutObjectRequest.builder().bucket(name).key(copy).ifNoneMatch("*").build(),
                RequestBody.fromInputStream(body, length));
    }

    /// A body as the pipeline has them: it can be read again from the start. The pass `failing`
    /// fails in the middle.
    private static class Reread extends ByteArrayInputStream {
        private final int failing;
        private int pass = 1;

        Reread(byte[] content, int failing) {
            super(content);
            this.failing = failing;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (pass == failing && pos > buf.length * 2 / 3) {
                throw new java.io.UncheckedIOException(new IOException("the disk is gone"));
            }
            if (pass == 2 && pos > buf.length * 2 / 3) {
                farInSecond();
            }
            return super.read(into, offset, length);
        }

        @Override
        public void reset() {
            super.reset();
            pass++;
        }

        /// The pass that is sent is beyond two thirds.
        void farInSecond() {}
    }

    private List<String> keys() {
        try (S3Bucket bucket = server.bucket(name)) {
            List<String> keys = new ArrayList<>();
            bucket.client()
                    .listObjectsV2Paginator(request -> request.bucket(name))
                    .contents()
                    .forEach(object -> keys.add(object.key()));
            return keys;
        }
    }

    TargetException failure() {
        return Objects.requireNonNull(
                catchThrowableOfType(TargetException.class, () -> proof.prepare()));
    }

    @Test
    void provenObjectsAreWhereTheyBelongAndTheBucketDescribesItself() throws IOException {
        byte[] packed = SftpCopies.bytes(70_001, 1);
        byte[] plain = SftpCopies.bytes(LARGE, 2);
        proof.prepare();
        put(NAME + "s1", packed);
        put(NAME + "o1", plain);
        Carried.Single large = SftpCopies.single(9, NAME + "o1", plain);

        Proof.Proven proven =
                proof.prove(List.of(SftpCopies.packed(1, NAME + "s1", packed), large));

        assertThat(proven.refused()).isEmpty();
        assertThat(proven.evidence().level()).isEqualTo(level());
        assertThat(proven.proofs())
                .extracting(p -> p.version().id(), p -> object(p).name(), CopyProof::offset)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1L, NAME + "s1", 512L),
                        org.assertj.core.groups.Tuple.tuple(3L, NAME + "s1", 2560L),
                        org.assertj.core.groups.Tuple.tuple(9L, NAME + "o1", 0L));
        assertThat(keys())
                .contains(
                        "backups/one/objects/" + NAME + "s1",
                        "backups/one/objects/" + NAME + "o1",
                        "backups/one/manifests/" + NAME + "o1.jsonl",
                        "backups/one/README.txt",
                        "backups/one/.caravan/sentinel");
        for (String one : List.of("s1", "o1")) {
            var head = Objects.requireNonNull(uploads.bucket().head("objects/" + NAME + one, null));
            assertThat(head.metadata())
                    .containsEntry(
                            "sha256", SftpCopies.sha256(one.equals("s1") ? packed : plain).hex());
        }
        try (S3Reading reading = new S3Reading("s3", server.address(name, null), Decryption.NONE)) {
            List<String> strange = new ArrayList<>();
            List<String> names = new ArrayList<>();
            reading.objects(batch -> batch.forEach(there -> names.add(there.name())), strange);
            assertThat(names).containsExactlyInAnyOrder(NAME + "s1", NAME + "o1");
            assertThat(strange).isEmpty();
            List<String> described = new ArrayList<>();
            for (ObjectReading.Manifest manifest : reading.manifests(strange)) {
                reading.read(
                        manifest,
                        new ManifestReader.Lines() {
                            @Override
                            public void take(ManifestReader.Line line) {
                                described.add(reading.object(line.object()));
                            }

                            @Override
                            public void bad(long number, String why) {
                                described.add(why);
                            }
                        });
            }
            assertThat(described).containsExactly(NAME + "o1");
        }
    }

    private static dev.caravan.ledger.StoredObject object(CopyProof proof) {
        return Objects.requireNonNull(proof.object());
    }

    @Test
    void whatIsNotWhatWasSentIsRefusedAndRemovedAndTheRestCounts() throws IOException {
        proof.prepare();
        List<Carried> batch = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            byte[] content = SftpCopies.bytes(600_000, i);
            put(NAME + "o" + i, content);
            batch.add(SftpCopies.single(i, NAME + "o" + i, content));
        }
        try (S3Bucket others = server.bucket(name)) {
            byte[] flipped = SftpCopies.bytes(600_000, 1);
            flipped[599_999] ^= 1;
            others.remove("objects/" + NAME + "o1");
            others.put("objects/" + NAME + "o1", flipped, false);
            others.remove("objects/" + NAME + "o2");
            others.put("objects/" + NAME + "o2", Arrays.copyOf(flipped, 599_999), false);
            others.remove("objects/" + NAME + "o3");
        }

        Proof.Proven proven = proof.prove(batch);

        assertThat(proven.proofs()).extracting(p -> p.version().id()).containsExactly(4L);
        assertThat(proven.refused())
                .extracting(refused -> refused.version().id())
                .containsExactly(1L, 2L, 3L);
        assertThat(proven.refused())
                .extracting(refused -> refused.why().getMessage())
                .satisfiesExactly(
                        one -> assertThat(one).contains("sent was"),
                        two -> assertThat(two).contains("599999 bytes, 600000 were sent"),
                        three -> assertThat(three).contains("not there any more"));
        assertThat(keys())
                .doesNotContain(
                        "backups/one/objects/" + NAME + "o1", "backups/one/objects/" + NAME + "o2");
    }

    @Test
    void anUploadThatBrokeOffGoesOnWhenTheSameBytesComeAgain() throws IOException {
        byte[] content = SftpCopies.bytes(40_000_000, 3);
        proof.prepare();
        assertThatThrownBy(() -> put(NAME + "o1", content.length, new Reread(content, 2)))
                .hasMessageContaining("the disk is gone");
        assertThat(parts()).isPositive();
        assertThat(keys()).noneMatch(key -> key.contains("/objects/"));

        use(server.address(name, null), proof.identity());
        proof.prepare(); // another run of the program leaves it alone
        put(NAME + "o2", content);

        Proof.Proven proven = proof.prove(List.of(SftpCopies.single(9, NAME + "o2", content)));
        assertThat(proven.refused()).isEmpty();
        assertThat(proven.proofs()).extracting(p -> object(p).name()).containsExactly(NAME + "o1");
        assertThat(parts()).isZero();
        assertThat(temp.resolve("uploads")).isEmptyDirectory();
    }

    @Test
    void filesOfTheSameBytesAtTheSameTimeAreObjectsOfTheirOwn() throws Exception {
        proof.prepare();
        byte[] content = SftpCopies.bytes(LARGE, 12);
        CountDownLatch under = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Reread held =
                new Reread(content, Integer.MAX_VALUE) {
                    @Override
                    void farInSecond() {
                        under.countDown();
                        try {
                            goOn.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                };
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<?> first = thread.submit(() -> put(NAME + "o1", content.length, held));
            under.await();
            Awaitility.await().until(() -> parts() > 0); // there is something to go on with
            put(NAME + "o2", content);
            goOn.countDown();
            first.get();
        }

        Proof.Proven proven =
                proof.prove(
                        List.of(
                                SftpCopies.single(1, NAME + "o1", content),
                                SftpCopies.single(2, NAME + "o2", content)));
        assertThat(proven.refused()).isEmpty();
        assertThat(proven.proofs())
                .extracting(p -> object(p).name())
                .containsExactly(NAME + "o1", NAME + "o2");
    }

    /// Parts of uploads that are not complete.
    private int parts() {
        try (S3Bucket bucket = server.bucket(name)) {
            int parts = 0;
            for (var upload : bucket.client().listMultipartUploads(r -> r.bucket(name)).uploads()) {
                parts +=
                        bucket.client()
                                .listParts(r ->
                                        r.bucket(name)
                                                .key(upload.key())
                                                .uploadId(upload.uploadId()))
                                .parts()
                                .size();
            }
            return parts;
        }
    }

    @Test
    void uploadsOfThisHomeThatNobodyGoesOnWithAreEnded() throws IOException {
        proof.prepare();
        try (S3Bucket bucket = server.bucket(name)) {
            for (String key : List.of(NAME + "o7", "another1-o7")) {
                String id =
                        bucket.client()
                                .createMultipartUpload(
                                        r -> r.bucket(name).key("backups/one/objects/" + key))
                                .uploadId();
                bucket.client()
                        .uploadPart(
                                r ->
                                        r.bucket(name)
                                                .key("backups/one/objects/" + key)
                                                .uploadId(id)
                                                .partNumber(1),
                                RequestBody.fromBytes(new byte[6 << 20]));
            }
        }

        proof.prepare();

        assertThat(parts()).isEqualTo(1);
    }

    @Test
    void aBodyThatChangesBetweenHashingAndSendingIsNotStored() throws IOException {
        proof.prepare();
        byte[] content = SftpCopies.bytes(LARGE, 4);
        InputStream changing =
                new ByteArrayInputStream(content) {
                    @Override
                    public void reset() {
                        super.reset();
                        buf[LARGE / 2] ^= 1;
                    }
                };

        assertThatThrownBy(() -> put(NAME + "o1", LARGE, changing))
                .isInstanceOf(SdkClientException.class)
                .hasMessageContaining("changed between hashing and sending");
        assertThat(keys()).noneMatch(key -> key.contains("/objects/"));
    }

    @Test
    void itIsKnownByItsSentinel() throws IOException {
        proof.prepare();
        String identity = proof.identity();
        assertThat(proof.domain()).startsWith("account ");

        use(server.address(name, null), identity);
        proof.prepare();
        assertThat(proof.identity()).isEqualTo(identity);

        use(server.address(name, null), "elsewhere/bucket " + UUID.randomUUID());
        TargetException another = failure();
        assertThat(another.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(another).hasMessageContaining("is this the right bucket and prefix?");
    }

    @Test
    void whatIsWrongWithTheServerIsSaidInALine() {
        use(server.address("no-such-bucket", null), null);
        TargetException absent = failure();
        assertThat(absent.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(absent).hasMessageContaining("NoSuchBucket: is there no such bucket yet");

        use(S3Server.at(URI.create("http://127.0.0.1:9"), name, null, server.credentials()), null);
        TargetException away = failure();
        assertThat(away.remedy()).isEqualTo(Remedy.WAIT);
        assertThat(away).hasMessageContaining("no answer: ").hasMessageContaining("refused");
    }

    @Test
    void aKeyThatIsNotTakenStopsTheTarget() throws IOException {
        Path wrong = temp.resolve("wrong");
        java.nio.file.Files.writeString(
                wrong, "[default]\naws_access_key_id=nobody\naws_secret_access_key=nothing\n");
        use(S3Server.at(server.endpoint(), name, null, wrong), null);

        TargetException refused = failure();

        assertThat(refused.remedy()).isEqualTo(Remedy.PERSON);
        assertThat(refused).hasMessageContaining("403 InvalidAccessKeyId: is it the right key?");
    }

    @Test
    void aCopyIsReadFromAnyByteAndOverBrokenConnections() throws Exception {
        proof.prepare();
        byte[] content = SftpCopies.bytes(LARGE, 5);
        put(NAME + "o1", content);
        try (CuttingProxy between = new CuttingProxy(server.endpoint().getPort());
                S3Bucket bucket = new S3Bucket("s3", server.through(between.port(), name))) {
            String below = "objects/" + NAME + "o1";
            try (S3Input middle = S3Input.open(bucket, below, 20_000_000, 100)) {
                assertThat(middle.readAllBytes())
                        .isEqualTo(Arrays.copyOfRange(content, 20_000_000, LARGE));
            }
            assertThat(S3Input.open(bucket, below, LARGE - 1, 1).readAllBytes()).hasSize(1);
            between.cutAfter(22_000_000); // a reset throws away what was not read yet
            try (S3Input cut = S3Input.open(bucket, below, 0, LARGE)) {
                assertThat(cut.readNBytes(8_000_000)).hasSize(8_000_000);
                assertThatThrownBy(cut::readAllBytes)
                        .isInstanceOf(TargetException.class)
                        .hasMessageContaining("objects/" + NAME + "o1");
                assertThat(cut.lost()).isNotNull();
            }
            between.cutAfter(Long.MAX_VALUE);
            assertThatThrownBy(() -> S3Input.open(bucket, "objects/none", 0, 1))
                    .isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void copiesAreProvenAgain() throws IOException {
        proof.prepare();
        byte[] content = SftpCopies.bytes(100_000, 6);
        put(NAME + "o1", content);
        proof.prove(List.of(SftpCopies.single(1, NAME + "o1", content)));
        try (S3Reader reader = new S3Reader("s3", server.address(name, null))) {
            reader.check(proof.identity());
            assertThatThrownBy(() -> reader.check("s " + UUID.randomUUID()))
                    .isInstanceOf(TargetException.class);

            assertThat(reader.attest(NAME + "o1", 100_000))
                    .isEqualTo(
                            level() == Evidence.Level.V2
                                    ? java.util.Optional.of(SftpCopies.sha256(content))
                                    : java.util.Optional.empty());
            assertThat(reader.attest(NAME + "o1", 99_999)).isEmpty();
            try (ObjectReader.Opened opened = reader.open(NAME + "o1")) {
                assertThat(Sha256.of(Sha256.digest().digest(opened.readAllBytes())))
                        .isEqualTo(SftpCopies.sha256(content));
                assertThat(opened.lost()).isNull();
            }
            assertThatThrownBy(() -> reader.attest(NAME + "o9", 1))
                    .isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void whatIsRetiredIsRemovedAndTwiceDoesNoHarm() throws IOException {
        proof.prepare();
        byte[] content = SftpCopies.bytes(100_000, 7);
        for (String one : List.of("o1", "o2")) {
            put(NAME + one, content);
            proof.prove(List.of(SftpCopies.single(1, NAME + one, content)));
        }
        Whole wanted =
                new Whole(
                        NAME + "o1", false, 100_000, List.of(SftpCopies.version(1, "a", 100_000)));
        Whole other =
                new Whole(NAME + "o2", false, 99_999, List.of(SftpCopies.version(2, "b", 99_999)));
        try (S3Remover remover =
                new S3Remover("s3", server.address(name, null), proof.identity())) {
            Removed first = remover.remove(List.of(wanted, other));
            assertThat(first.versions()).extracting(v -> v.id()).containsExactly(1L);
            assertThat(first.bytes()).isEqualTo(100_000);
            assertThat(first.left()).singleElement().asString().contains("left alone");

            Removed again = remover.remove(List.of(wanted));
            assertThat(again.versions()).hasSize(1);
            assertThat(again.bytes()).isZero();
        }
        assertThat(keys())
                .contains("backups/one/objects/" + NAME + "o2")
                .noneMatch(key -> key.contains(NAME + "o1"));
    }
}
