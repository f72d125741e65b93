package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files larger than a segment, and one larger than a cartridge: backed up once, then all that must
/// hold.
@TestInstance(Lifecycle.PER_CLASS)
final class PartsIT {
    private static final Path UNTAP =
            Path.of("src/main/resources/dev/caravan/tape/pool/untap.py").toAbsolutePath();

    private Site site;
    private CaravanProcess.Outcome backup;
    private String original;

    @BeforeAll
    void aBackupOfLargeFiles() throws Exception {
        site = Site.create();
        random("large", 20 << 20);
        random("just-fits", 1 << 20);
        random("one-more", (1 << 20) + 1);
        random("small", 1000);
        random("n".repeat(255), 3 << 20);
        random("bad-\u00e9\nname", 2_500_000);
        try (RandomAccessFile sparse =
                new RandomAccessFile(site.source.resolve("sparse").toFile(), "rw")) {
            sparse.setLength(300L << 20);
            sparse.seek(100L << 20);
            sparse.write(bytes("sparse", 3 << 20));
        }
        Files.setPosixFilePermissions(
                site.source.resolve("large"),
                java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-x---"));
        site.init();
        site.set("caravan.tape.cartridges", "20");
        site.set("caravan.tape.capacity", "4MiB");
        site.set("caravan.tape.segment", "1MiB");
        backup = site.backup();
        original = Site.listing(site.source);
    }

    @AfterAll
    void cleanUp() throws Exception {
        site.close();
    }

    @Test
    void everythingIsInPolicy() throws Exception {
        backup.exits(0).complainsNot();
        site.assertInPolicy();
    }

    @Test
    void theyComeBackFromTape() throws Exception {
        Path restored = site.restored("tape");

        assertThat(Site.listing(restored)).isEqualTo(original);
        assertThat(usedBlocks(restored.resolve("sparse")))
                .isLessThanOrEqualTo(usedBlocks(site.source.resolve("sparse")));
    }

    @Test
    void whereisNamesEveryPartAndEveryCartridge() throws Exception {
        JsonNode tape = tapeCopy("large");
        String location = tape.get("location").textValue();
        JsonNode parts = tape.get("parts");

        assertThat(parts).hasSize(20);
        long offset = 0;
        for (int i = 0; i < parts.size(); i++) {
            JsonNode part = parts.get(i);
            assertThat(part.get("part").intValue()).isEqualTo(i + 1);
            assertThat(part.get("offset").longValue()).isEqualTo(offset);
            assertThat(part.get("location").textValue()).startsWith(part.get("medium").textValue());
            assertThat(part.get("sha256").textValue()).hasSize(64);
            assertThat(location).contains(part.get("medium").textValue());
            assertThat(tape.get("medium").textValue()).contains(part.get("medium").textValue());
            offset += part.get("size").longValue();
        }
        assertThat(offset).isEqualTo(20 << 20);
        assertThat(parts)
                .extracting(part -> part.get("medium").textValue())
                .as("cartridges")
                .satisfies(media ->
                        assertThat(List.copyOf(new java.util.HashSet<>(media)))
                                .hasSizeGreaterThan(5));
        assertThat(tape.get("state").textValue()).isEqualTo("DURABLE");
        assertThat(tape.get("evidence").get("bytesRead").longValue()).isEqualTo(20 << 20);
        assertThat(site.run("whereis", "large").exits(0).out())
                .contains(location)
                .contains("part 1 of 20: VT", "part 20 of 20: VT");
        assertThat(tapeCopy("just-fits").has("parts")).isFalse();
        assertThat(tapeCopy("one-more").get("parts")).hasSize(2);
        assertThat(tapeCopy("sparse").get("parts")).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "bsdtar", "python"})
    void theyComeBackWithoutCaravan(String program) throws Exception {
        assumeTrue(
                program.equals("python") || Files.isExecutable(Path.of("/usr/bin", program)),
                "no " + program + " here");
        Path to = Files.createDirectory(site.root.resolve("by-" + program));

        Site.shell(
                "from_parts.sh", UNTAP.toString(), site.tapes().toString(), to.toString(), program);

        for (String name :
                List.of("large", "just-fits", "one-more", "small", "sparse", "n".repeat(255))) {
            assertThat(to.resolve("source").resolve(name))
                    .hasSameBinaryContentAs(site.source.resolve(name));
        }
        assertThat(to.resolve("source/bad-\u00e9\nname"))
                .hasSameBinaryContentAs(site.source.resolve("bad-\u00e9\nname"));
        assertThat(Files.getPosixFilePermissions(to.resolve("source/large")))
                .isEqualTo(Files.getPosixFilePermissions(site.source.resolve("large")));
        assertThat(Files.getLastModifiedTime(to.resolve("source/large")).toMillis())
                .isEqualTo(Files.getLastModifiedTime(site.source.resolve("large")).toMillis());
        assertThat(usedBlocks(to.resolve("source/sparse"))).isLessThan(20_000);
    }

    @Test
    void noSegmentIsLargerThanItsSizeAndItsOverhead() throws Exception {
        String sizes =
                Site.execute(
                        "sqlite3",
                        site.home.resolve("data/ledger.db").toString(),
                        "SELECT max(bytes), count(*) FROM object o JOIN target t ON t.id = o.target_id WHERE t.name = 'tape'");

        assertThat(Long.parseLong(sizes.split("\\|")[0])).isLessThan((1 << 20) + (16 << 10));
    }

    private JsonNode tapeCopy(String path) throws Exception {
        for (JsonNode copy : site.whereis(path).get("versions").get(0).get("copies")) {
            if (copy.get("target").textValue().equals("tape")) {
                return copy;
            }
        }
        throw new AssertionError("no copy of " + path + " on tape");
    }

    private static long usedBlocks(Path file) throws Exception {
        return Long.parseLong(Site.execute("stat", "-c", "%b", file.toString()).strip());
    }

    private void random(String name, int size) throws Exception {
        Files.write(site.source.resolve(name), bytes(name, size));
    }

    private static byte[] bytes(String name, int size) {
        byte[] bytes = new byte[size];
        new Random(name.hashCode()).nextBytes(bytes);
        return bytes;
    }
}
