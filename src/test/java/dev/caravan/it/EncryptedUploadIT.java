package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.target.S3Meddler;
import dev.caravan.target.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/// The line to a bucket is cut in the middle of a large encrypted object.
class EncryptedUploadIT {
    private static final String FIRST_PARTS = "^PUT .*partNumber=[1-4]&";
    private static final String LAST_PARTS = "^PUT .*partNumber=[5-8]&";
    private static final int LARGE = 60_000_000;

    private Site site;
    private S3Server server;
    private S3Meddler between;
    private Path large;

    @BeforeEach
    void fill() throws Exception {
        site = Site.create();
        byte[] content = new byte[LARGE];
        new Random(11).nextBytes(content);
        large = Files.write(site.source.resolve("large.bin"), content);
        server = S3Server.proxy(Files.createDirectory(site.root.resolve("server")));
        server.makeBucket("backup", false);
        between = new S3Meddler(server.endpoint().getPort());
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--s3=backup",
                        "--s3-endpoint=http://127.0.0.1:" + between.port(),
                        "--s3-credentials=" + server.credentials())
                .exits(0);
        site.set("caravan.nas.simulated", "true");
        site.run("key", "new", "main").exits(0);
        site.set("caravan.encrypt.s3", "main");
    }

    @AfterEach
    void clear() throws Exception {
        between.close();
        server.close();
        site.close();
    }

    /// The line is there again when the next attempt asks what has arrived.
    @Test
    void theNextAttemptSendsOnlyWhatIsMissing() throws Exception {
        between.meddle(
                Integer.MAX_VALUE,
                "^GET .*uploadId=",
                passing -> {
                    between.stop();
                    return passing.pass();
                });
        between.meddle(Integer.MAX_VALUE, LAST_PARTS, passing -> null);

        site.backup().exits(0);

        for (int part = 1; part <= 4; part++) {
            assertThat(seen("^PUT .*partNumber=" + part + "&")).as("part %d", part).hasSize(1);
        }
        assertThat(seen(LAST_PARTS)).hasSizeGreaterThan(4);
        assertThat(seen("^POST .*[?]uploads")).as("uploads begun").hasSize(1);
        assertHasTheFile();
    }

    /// The key was in the memory of a process that is gone.
    @Test
    void anotherProcessBeginsAnew() throws Exception {
        between.meddle(Integer.MAX_VALUE, LAST_PARTS, passing -> null);
        site.backup().exits(1).complainsOnce("target 's3'", "1 copy not made", "no answer");
        assertThat(seen(FIRST_PARTS)).as("also when it was tried again").hasSize(4);
        between.stop();

        site.backup().exits(0);

        assertThat(seen(FIRST_PARTS)).hasSize(8);
        assertThat(seen("^POST .*[?]uploads")).as("uploads begun").hasSize(2);
        assertHasTheFile();
    }

    private List<String> seen(String request) {
        return between.seen().stream().filter(line -> line.matches(request + ".*")).toList();
    }

    /// One object, which `age` opens without us.
    private void assertHasTheFile() throws Exception {
        Path sealed = site.root.resolve("sealed");
        try (S3Client client = server.client()) {
            List<String> keys =
                    client.listObjectsV2(request -> request.bucket("backup")).contents().stream()
                            .filter(object -> object.size() > LARGE)
                            .map(S3Object::key)
                            .toList();
            assertThat(keys).hasSize(1);
            client.getObject(request -> request.bucket("backup").key(keys.getFirst()), sealed);
        }
        Path opened = site.root.resolve("opened");
        Site.execute(
                "age",
                "-d",
                "-i",
                site.home.resolve("data/keys/age/main.key").toString(),
                "-o",
                opened.toString(),
                sealed.toString());
        assertThat(opened).hasSameBinaryContentAs(large);
        assertThat(Site.listing(site.restored("s3"))).isEqualTo(Site.listing(site.source));
    }
}
