package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// Files in parts on several cartridges come back from the cartridges alone, count when they were
/// read back, and no more when one part is bad.
@TestInstance(Lifecycle.PER_CLASS)
final class TapePartsRebuildIT {
    private static final int LARGE = 6 << 20;

    private Site whole;
    private String original;
    private List<String> cartridges;

    @BeforeAll
    void aBackup() throws Exception {
        whole = Site.create();
        Files.write(whole.source.resolve("large"), bytes("large", LARGE));
        for (int i = 0; i < 12; i++) {
            Files.write(whole.source.resolve("small-" + i), bytes("small-" + i, 30_000));
        }
        try (RandomAccessFile sparse =
                new RandomAccessFile(whole.source.resolve("sparse").toFile(), "rw")) {
            sparse.setLength(40L << 20);
            sparse.seek(10L << 20);
            sparse.write(bytes("sparse", 2 << 20));
        }
        init(whole);
        whole.backup().exits(0);
        original = Site.listing(whole.source);
        TreeSet<String> media = new TreeSet<>();
        partsOf(whole, "large").forEach(part -> media.add(part.get("medium").textValue()));
        cartridges = List.copyOf(media);
        assertThat(cartridges).hasSizeGreaterThan(1);
    }

    @AfterAll
    void cleanUp() throws Exception {
        whole.close();
    }

    @Test
    void theyComeBackFromTheCartridgesAlone() throws Exception {
        tape(whole, "verify", cartridges.get(0)).exits(0);
        Site lost = lost();
        String last = cartridges.getLast();

        JsonNode some = tape(lost, "rebuild", last, "--json").exits(0).json();

        assertThat(some.get("incomplete").toString()).contains("\"large\"");
        lost.run("restore", "large", "--to", Files.createTempDirectory(lost.root, "x").toString())
                .exits(1);

        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--json").exits(0).json();

        assertThat(rebuilt.get("incomplete")).isEmpty();
        assertThat(tapeCopy(lost, "large").get("state").textValue()).isEqualTo("ACKED");
        assertThat(Site.listing(lost.restored("tape"))).isEqualTo(original);
        JsonNode needed = tape(lost, "needed", "large", "--json").exits(0).json();
        long bytes = 0;
        for (JsonNode each : needed.get("cartridges")) {
            bytes += each.get("bytes").longValue();
        }
        assertThat(needed.get("cartridges"))
                .extracting(each -> each.get("barcode").textValue())
                .containsExactlyElementsOf(cartridges);
        assertThat(bytes).isEqualTo(LARGE);

        JsonNode verified = tape(lost, "rebuild", "--all", "--verify", "--json").exits(0).json();

        assertThat(verified.get("copies").longValue()).isZero();
        assertThat(tapeCopy(lost, "large").get("state").textValue()).isEqualTo("VERIFIED");
        assertThat(tapeCopy(lost, "sparse").get("state").textValue()).isEqualTo("VERIFIED");
        assertThat(Site.listing(lost.restored("tape"))).isEqualTo(original);
    }

    @Test
    void aFlippedByteInAPartIsFound() throws Exception {
        Site flipped = whole.copy();
        String damaged = cartridges.getLast();
        byte[] content = Files.readAllBytes(whole.source.resolve("large"));
        Path image = flipped.tapes().resolve(damaged).resolve("p0.tap");
        byte[] all = Files.readAllBytes(image);
        byte[] needle = Arrays.copyOfRange(content, LARGE - 5000, LARGE - 4968);
        int at = indexOf(all, needle);
        all[at] ^= 1;
        Files.write(image, all);

        JsonNode verified = tape(flipped, "verify", damaged, "--json").exits(1).json();

        assertThat(verified.toString()).contains("DAMAGED", "part 6 of 6", "SHA-256");
        JsonNode copy = tapeCopy(flipped, "large");
        assertThat(copy.get("state").textValue()).isEqualTo("SUSPECT");
        String shown = tape(flipped, "show", damaged).exits(0).out();
        assertThat(shown).contains("to be verified");
    }

    private static void init(Site site) throws Exception {
        site.init();
        site.set("caravan.tape.cartridges", "6");
        site.set("caravan.tape.capacity", "4MiB");
        site.set("caravan.tape.segment", "1MiB");
    }

    /// The home is gone; what is left are the cartridges in their library.
    private Site lost() throws Exception {
        Site site = whole.copy();
        Path tapes =
                Files.move(site.tapes(), site.root.resolve("tapes-" + site.home.getFileName()));
        Site.execute("rm", "-rf", site.home.toString());
        init(site);
        Files.createDirectories(site.home.resolve("data"));
        Files.move(tapes, site.tapes());
        Files.delete(site.tapes().resolve("inventory.json"));
        try (Stream<Path> all = Files.walk(site.tapes())) {
            for (Path index : all.filter(path -> path.endsWith("p0.idx")).toList()) {
                Files.delete(index);
            }
        }
        return site;
    }

    private static CaravanProcess.Outcome tape(Site site, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("tape"));
        all.addAll(List.of(arguments));
        return site.run(all.toArray(String[]::new));
    }

    private static JsonNode tapeCopy(Site site, String path) throws Exception {
        for (JsonNode copy : site.whereis(path).get("versions").get(0).get("copies")) {
            if (copy.get("target").textValue().equals("tape")) {
                return copy;
            }
        }
        throw new AssertionError("no copy of " + path + " on tape");
    }

    private static JsonNode partsOf(Site site, String path) throws Exception {
        return tapeCopy(site, path).get("parts");
    }

    private static byte[] bytes(String name, int size) {
        byte[] bytes = new byte[size];
        new Random(name.hashCode()).nextBytes(bytes);
        return bytes;
    }

    private static int indexOf(byte[] all, byte[] needle) {
        for (int at = 0; at <= all.length - needle.length; at++) {
            if (Arrays.equals(all, at, at + needle.length, needle, 0, needle.length)) {
                return at;
            }
        }
        throw new AssertionError("the content is not in the image");
    }
}
