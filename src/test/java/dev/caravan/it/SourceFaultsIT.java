package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A source that does not hold still while it is backed up.
final class SourceFaultsIT {
    private static final int SIZE = 8_000_000;

    private Site site;

    @BeforeEach
    void aSource() throws Exception {
        site = Site.create();
        for (int i = 0; i < 20; i++) {
            Files.writeString(site.source.resolve("still-" + i), "still " + i);
        }
        site.init();
    }

    @AfterEach
    void cleanUp() throws Exception {
        site.close();
    }

    private interface Restless {
        void once(int round) throws Exception;
    }

    /// Backs up again and again while something goes on in the source, and once when it is over.
    private void backUpDuring(Restless deed) throws Exception {
        Thread restless =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 1; !Thread.currentThread().isInterrupted(); i++) {
                                try {
                                    deed.once(i);
                                } catch (InterruptedException stopped) {
                                    return;
                                } catch (Exception failed) {
                                    throw new IllegalStateException(failed);
                                }
                            }
                        });
        try {
            for (int i = 0; i < 2; i++) {
                assertThat(site.run("backup", "--accept-deletions").exit()).isBetween(0, 1);
                assertThat(restless.isAlive()).isTrue();
            }
        } finally {
            restless.interrupt();
            restless.join();
        }
    }

    /// Each state of the file is the same byte all over.
    @Test
    void aFileThatIsRewrittenAllTheTimeIsNeverCountedMixed() throws Exception {
        Path file = Files.write(site.source.resolve("restless"), new byte[SIZE]);
        Random random = new Random(5);

        backUpDuring(round -> {
            byte[] state = new byte[SIZE];
            Arrays.fill(state, (byte) round);
            Files.write(file, state, StandardOpenOption.WRITE);
            Thread.sleep(random.nextInt(400)); // at times it is whole for long enough
        });

        site.backup().exits(0);
        site.assertInPolicy();
        int read = 0;
        for (JsonNode version : site.whereis("restless").get("versions")) {
            for (String target : Site.TARGETS) {
                if (has(version, target)) {
                    read += assertUniform(version.get("version").asText(), target);
                }
            }
        }
        assertThat(read).isGreaterThanOrEqualTo(3);
        site.run("verify").exits(0);
    }

    private static boolean has(JsonNode version, String target) {
        return version.get("copies")
                .valueStream()
                .anyMatch(copy ->
                        copy.get("target").textValue().equals(target)
                                && copy.get("state").textValue().matches("DURABLE|VERIFIED"));
    }

    private int assertUniform(String version, String target) throws Exception {
        Path to = site.root.resolve(version + "-from-" + target);
        site.run(
                        "restore",
                        "restless",
                        "--version",
                        version,
                        "--from",
                        target,
                        "--to",
                        to.toString())
                .exits(0);
        byte[] state = Files.readAllBytes(to.resolve("restless"));
        byte[] uniform = new byte[SIZE];
        Arrays.fill(uniform, state[0]);
        assertThat(Arrays.equals(state, uniform)).as("version %s on %s", version, target).isTrue();
        return 1;
    }

    @Test
    void aFileThatKeepsTurningIntoASymlinkNeverLeadsOutside() throws Exception {
        Path outside = Files.createDirectory(site.root.resolve("outside"));
        Path secret = Files.writeString(outside.resolve("inner"), "nobody may copy this");
        Path file = Files.writeString(site.source.resolve("restless"), "the file itself");
        Path folder = Files.createDirectory(site.source.resolve("folder"));
        Files.writeString(folder.resolve("inner"), "what is in it");
        Path fileAway = site.root.resolve("file");
        Path folderAway = site.root.resolve("away");

        backUpDuring(round -> {
            Files.move(file, fileAway);
            Files.createSymbolicLink(file, secret);
            Files.move(folder, folderAway);
            Files.createSymbolicLink(folder, outside);
            Files.move(fileAway, file, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(folder);
            Files.move(folderAway, folder);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        });

        site.backup().exits(0);
        site.assertInPolicy();
        assertThat(
                        Site.execute(
                                "bash",
                                "-c",
                                "grep -rla 'nobody may copy this' %s || :".formatted(site.home)))
                .isEmpty();
    }
}
