package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.target.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.S3Object;

/// A bucket as a target, with the program as a user starts it.
class S3TargetIT {
    private Site site;
    private @Nullable S3Server running;

    @BeforeEach
    void fill() throws Exception {
        site = Site.create();
        Random random = new Random(5);
        for (int i = 0; i < 40; i++) {
            byte[] content = new byte[random.nextInt(40_000)];
            random.nextBytes(content);
            Path file = site.source.resolve("d" + i % 4 + "/file " + i);
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        }
        byte[] large = new byte[30_000_000];
        random.nextBytes(large);
        Files.write(site.source.resolve("large.bin"), large);
        Files.createSymbolicLink(site.source.resolve("link"), Path.of("large.bin"));
    }

    @AfterEach
    void clear() throws Exception {
        if (running != null) {
            running.close();
        }
        site.close();
    }

    private S3Server serve(S3Server started, boolean locks) {
        running = started;
        started.makeBucket("backup", locks);
        return started;
    }

    @Test
    void aBucketInsteadOfAServerIsFilledVerifiedRestoredAndRebuiltFrom() throws Exception {
        S3Server server =
                serve(S3Server.proxy(Files.createDirectory(site.root.resolve("server"))), false);
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--s3=backup",
                        "--s3-endpoint=" + server.endpoint(),
                        "--s3-credentials=" + server.credentials())
                .exits(0)
                .complainsNot();
        site.set("caravan.nas.simulated", "true");
        site.run("check").exits(0);

        site.backup().exits(0).complainsNot();

        JsonNode reached = site.status().get("reached").get(0);
        assertThat(reached.get("copies").intValue()).isEqualTo(4);
        assertThat(reached.get("mediaKinds").intValue()).isEqualTo(3);
        assertThat(reached.get("offsite").intValue()).isEqualTo(1);
        assertThat(site.run("whereis", "large.bin").exits(0).out())
                .contains("s3://backup/objects/")
                .contains("head+checksum (V2)");
        String source = Site.listing(site.source);
        assertThat(Site.listing(site.restored("s3"))).isEqualTo(source);
        assertThat(site.run("verify", "--target", "s3").exits(0).out()).contains("none bad");

        // what no retention keeps goes
        for (String text : List.of("small now", "and another one")) {
            Files.writeString(site.source.resolve("large.bin"), text);
            site.backup().exits(0);
        }
        for (String target : List.of("nas", "tape", "s3")) {
            site.set("caravan.retention." + target + ".last", "1");
        }
        site.set("caravan.retention.grace", "0s");
        site.run("forget", "--allow-many").exits(0);
        Path bucket = site.root.resolve("server/data/backup/objects");
        try (Stream<Path> objects = Files.list(bucket)) {
            assertThat(objects.filter(file -> file.toFile().length() > 20_000_000)).isEmpty();
        }
        source = Site.listing(site.source);
        assertThat(Site.listing(site.restored("s3"))).isEqualTo(source);

        // everything else is lost
        Site.remove(site.home.resolve("data"));
        Site.remove(site.nas());
        site.run("rebuild", "--from", "s3", "--verify").exits(0);
        assertThat(Site.listing(site.restored("s3"))).isEqualTo(source);
    }

    /// By hand, with the key of the bucket's owner: a version is removed only if nothing holds it.
    @Test
    void aHoldIsOnTheObjectsInTheBucketTooAndGoesWithIt() throws Exception {
        S3Server server = serve(S3Server.ceph(site.root.resolve("server")), true);
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--s3=backup",
                        "--s3-endpoint=" + server.endpoint(),
                        "--s3-credentials=" + server.credentials(),
                        "--s3-lock=governance")
                .exits(0);
        site.set("caravan.nas.simulated", "true");
        site.backup().exits(0);
        assertThat(held(server)).isEmpty();

        site.run("hold", "add", "case-7", "large.bin").exits(0).complainsNot();

        assertThat(held(server)).hasSize(2).anyMatch(key -> key.startsWith("manifests/"));
        assertThat(site.run("hold", "release", "case-7").exits(0).out()).contains("released");
        assertThat(held(server)).isEmpty();

        // while the server is away the hold is in force here, and there with the next verify
        site.run("hold", "add", "case-8").exits(0);
        assertThat(held(server)).hasSizeGreaterThan(2);
        site.set("caravan.s3.endpoint", "http://127.0.0.1:9");
        site.run("hold", "release", "case-8")
                .exits(0)
                .complainsOnce("the legal holds of target 's3' wait for its next verify");
        site.set("caravan.s3.endpoint", server.endpoint().toString());
        assertThat(held(server)).isNotEmpty();
        site.run("verify", "--target", "s3", "link").exits(0);
        assertThat(held(server)).isEmpty();

        // in a home that nothing could start in, a hold is a hold all the same
        Files.writeString(site.home.resolve("routes/32-copy-more.camel.yaml"), "- nonsense: {}\n");
        assertThat(site.run("hold", "add", "case-9").exits(0).err())
                .contains("the legal holds in the bucket wait for its next verify");
        assertThat(site.run("hold", "list").exits(0).out()).contains("case-9");
    }

    /// Ceph has one key of SSE-KMS and none of its own: it passes over what asks for its own.
    @Test
    void whatTheServerIsToEncryptIsEncryptedOrNotSent() throws Exception {
        Path ceph = site.root.resolve("server");
        S3Server server = serve(S3Server.ceph(ceph), false);
        Files.writeString(site.source.resolve("words.txt"), "only for us: ".repeat(2_500_000));
        Files.writeString(site.source.resolve("few words.txt"), "only for us: ".repeat(25_000));
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--offsite=embedded",
                        "--s3=backup",
                        "--s3-endpoint=" + server.endpoint(),
                        "--s3-credentials=" + server.credentials())
                .exits(0);
        site.set("caravan.nas.simulated", "true");

        site.set("caravan.s3.server-encryption", "s3");
        site.backup()
                .exits(1)
                .complainsOnce(
                        "was to be encrypted by the server with AES256, the server says with"
                                + " nothing: set caravan.s3.server-encryption");
        site.set("caravan.s3.server-encryption", "kms:another-key");
        site.backup()
                .exits(1)
                .complainsOnce(
                        "kms-keyid: another-key: does the server know that KMS key"
                                + " (caravan.s3.server-encryption)");
        assertThat(heads(server)).as("what is stored").noneMatch(S3TargetIT::isStored);

        site.set("caravan.s3.server-encryption", "kms:" + S3Server.KMS_KEY);
        site.backup().exits(0).complainsNot();

        assertThat(heads(server))
                .filteredOn(S3TargetIT::isStored)
                .hasSizeGreaterThan(3)
                .allSatisfy(stored -> {
                    assertThat(stored.said().serverSideEncryptionAsString()).isEqualTo("aws:kms");
                    assertThat(stored.said().ssekmsKeyId()).isEqualTo(S3Server.KMS_KEY);
                });
        assertThat(heads(server)).anyMatch(stored -> stored.said().contentLength() > 24 << 20);
        assertThat(inTheStore(ceph, "only for us")).isZero();
        assertThat(Site.listing(site.restored("s3"))).isEqualTo(Site.listing(site.source));
        site.run("verify", "--target", "s3").exits(0);

        // as it is where the server keeps what it was sent
        server.makeBucket("plain", false);
        try (S3Client client = server.client()) {
            client.putObject(
                    request -> request.bucket("plain").key("a"),
                    RequestBody.fromString("only for us"));
        }
        assertThat(inTheStore(ceph, "only for us")).isPositive();
    }

    private record Stored(String key, HeadObjectResponse said) {}

    private static boolean isStored(Stored one) {
        return one.key.startsWith("objects/") || one.key.startsWith("manifests/");
    }

    private static List<Stored> heads(S3Server server) {
        try (S3Client client = server.client()) {
            return client.listObjectsV2(request -> request.bucket("backup")).contents().stream()
                    .map(object ->
                            new Stored(
                                    object.key(),
                                    client.headObject(
                                            request -> request.bucket("backup").key(object.key()))))
                    .toList();
        }
    }

    /// How many of the objects that Ceph itself has in its store hold a text.
    private static long inTheStore(Path ceph, String text) throws Exception {
        return Long.parseLong(
                Site.execute(
                                "bash",
                                "-ec",
                                ("R='rados -c %s/ceph.conf -p default.rgw.buckets.data'; $R ls |"
                                                + " while read -r one; do $R get \"$one\" - | grep -a -q"
                                                + " '%s' && echo \"$one\"; done | wc -l")
                                        .formatted(ceph, text))
                        .strip());
    }

    private static List<String> held(S3Server server) {
        try (S3Client client = server.client()) {
            return client.listObjectsV2(request -> request.bucket("backup")).contents().stream()
                    .map(S3Object::key)
                    .filter(key ->
                            client.headObject(request -> request.bucket("backup").key(key))
                                            .objectLockLegalHoldStatus()
                                    == ObjectLockLegalHoldStatus.ON)
                    .toList();
        }
    }

    @Test
    void aBucketThatIsAddedLaterIsFilledLockedAndCountsAsImmutable() throws Exception {
        S3Server server = serve(S3Server.ceph(site.root.resolve("server")), true);
        site.init();
        site.backup().exits(0);
        site.set("caravan.policy.offline", "1");
        assertThat(site.status().get("belowPolicy").longValue()).isPositive();

        Files.move(
                site.home.resolve("routes/optional/33-copy-s3.camel.yaml"),
                site.home.resolve("routes/33-copy-s3.camel.yaml"));
        site.set("caravan.s3.bucket", "backup");
        site.set("caravan.s3.endpoint", server.endpoint().toString());
        site.set("caravan.s3.credentials", server.credentials().toString());
        site.set("caravan.s3.simulated", "true");
        site.set("caravan.s3.lock", "compliance");
        site.set("caravan.s3.lock-period", "2d");

        site.backup().exits(0).complainsNot();

        JsonNode status = site.status();
        assertThat(status.get("belowPolicy").longValue()).as(status.toPrettyString()).isZero();
        assertThat(status.get("reached").get(0).get("offline").intValue()).isEqualTo(1);
        assertThat(Site.listing(site.restored("s3"))).isEqualTo(Site.listing(site.source));
        site.set("caravan.s3.lock-period", "9d");
        site.run("verify", "--target", "s3", "large.bin").exits(0); // renews what ends before half
        assertThat(
                        Site.execute(
                                        "sqlite3",
                                        site.home.resolve("data/ledger.db").toString(),
                                        "SELECT count(*) FROM object WHERE locked_until / 1000000000 < unixepoch() + 8 * 86400"
                                                + " AND target_id = (SELECT id FROM target WHERE name = 's3')")
                                .strip())
                .isEqualTo("0");
    }

    @Test
    void aServerThatIsAwayHoldsUpNoOtherTarget() throws Exception {
        S3Server server =
                serve(S3Server.proxy(Files.createDirectory(site.root.resolve("server"))), false);
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--offsite=embedded",
                        "--s3=backup",
                        "--s3-endpoint=" + server.endpoint(),
                        "--s3-credentials=" + server.credentials())
                .exits(0);
        site.set("caravan.nas.simulated", "true");
        server.close();

        CaravanProcess.Outcome away = site.backup().exits(1);

        assertThat(away.err()).contains("target 's3'").contains("no answer: ");
        assertThat(site.status().get("belowPolicy").longValue()).isZero();
        S3Server again =
                serve(S3Server.proxy(Files.createDirectory(site.root.resolve("again"))), false);
        site.set("caravan.s3.endpoint", again.endpoint().toString());
        site.set("caravan.s3.credentials", again.credentials().toString());
        site.backup().exits(0);
        assertThat(Site.listing(site.restored("s3"))).isEqualTo(Site.listing(site.source));
    }
}
