package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
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

    /// In three parts, whose names another file has taken.
    private static final String HIDDEN = "hidden";

    private static final int IN_THE_SECOND = (1 << 20) + 500_000;

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
        Files.write(whole.source.resolve(HIDDEN), bytes(HIDDEN, 3 << 20));
        Files.writeString(whole.source.resolve(HIDDEN + ".part-00001-of-00003"), "no part");
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

    @Test
    void aPartWithAHiddenNameIsKnownByTheNameOfItsFile() throws Exception {
        JsonNode parts = partsOf(whole, HIDDEN);
        assertThat(parts).hasSize(3);
        String one = parts.get(2).get("medium").textValue();
        byte[] image = Files.readAllBytes(image(whole, one));
        indexOf(
                image,
                "part-00003-of-00003".getBytes(UTF_8),
                indexOf(image, ".caravan/parts/".getBytes(UTF_8), 0));
        Site lost = lost();
        List<String> others = new ArrayList<>(written(whole));
        others.remove(one);
        others.addFirst("rebuild");
        others.add("--json");

        JsonNode some = tape(lost, others.toArray(String[]::new)).exits(0).json();

        assertThat(incomplete(some)).contains(HIDDEN);
        assertThat(some.get("incomplete").toString()).doesNotContain("part-0000");

        JsonNode rest = tape(lost, "rebuild", one, "--verify", "--json").exits(0).json();

        assertThat(incomplete(rest)).doesNotContain(HIDDEN);
        assertThat(tapeCopy(lost, HIDDEN).get("state").textValue())
                .as("the hash of the whole is proven by all its parts, one after the other")
                .isEqualTo("ACKED");
        tape(lost, "rebuild", "--all", "--verify").exits(0);
        assertThat(tapeCopy(lost, HIDDEN).get("state").textValue()).isEqualTo("VERIFIED");
        assertThat(Site.listing(lost.restored("tape"))).isEqualTo(original);
    }

    @Test
    void aFlippedByteInAPartWithAHiddenNameIsFoundByTheRebuild() throws Exception {
        Site lost = lost();
        String damaged = partsOf(whole, HIDDEN).get(1).get("medium").textValue();
        Path image = image(lost, damaged);
        byte[] all = Files.readAllBytes(image);
        all[indexOf(all, content(HIDDEN, (2 << 20) - 5000), 0)] ^= 1;
        Files.write(image, all);

        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--verify", "--json").exits(1).json();

        assertThat(rebuilt.toString()).contains("part 2 of 3", "SHA-256");
        assertThat(tapeCopy(lost, HIDDEN).get("state").textValue()).isEqualTo("SUSPECT");
        assertThat(tapeCopy(lost, "large").get("state").textValue()).isEqualTo("VERIFIED");
    }

    @Test
    void aPartThatIsTornIsMissedAndIsNoFile() throws Exception {
        Site lost = lost();
        int last = 1; // of its cartridge: what follows would be torn off with it
        while (mediumOf("large", last + 1).equals(mediumOf("large", last))) {
            last++;
        }
        Path image = image(lost, mediumOf("large", last));
        byte[] all = Files.readAllBytes(image);
        int inThePart = indexOf(all, content("large", (last << 20) - 400_000), 0);
        Files.write(image, Arrays.copyOf(all, inThePart));

        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--json").exits(0).json();

        assertThat(part(rebuilt, "large")).isEqualTo("5 of 6");
        assertNoFile(lost, "large");
        tape(lost, "rebuild", "--all", "--verify", "--json").exits(0);
        assertNoFile(lost, "large");
    }

    /// All bytes of the part are there. But what it is a part of only the index says, and which
    /// file has its name.
    @Test
    void aPartWhoseIndexIsGoneIsNotTakenForAFileOfItsName() throws Exception {
        Site lost = lost();
        loseIndex(image(lost, mediumOf("large", 3)), content("large", (3 << 20) - 32));

        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--verify", "--json").exits(0).json();

        assertThat(rebuilt.toString())
                .contains(
                        "'large.part-00003-of-00006' of 'source' is a part of a file, and its index is cut off: it is no file by itself");
        assertThat(part(rebuilt, "large")).isEqualTo("5 of 6");
        assertNoFile(lost, "large");
    }

    @Test
    void aPartWithAHiddenNameWhoseIndexIsGoneIsNoFileEither() throws Exception {
        Site lost = lost();
        loseIndex(image(lost, mediumOf(HIDDEN, 2)), content(HIDDEN, (2 << 20) - 32));

        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--verify", "--json").exits(0).json();

        assertThat(part(rebuilt, HIDDEN)).isEqualTo("2 of 3");
        assertThat(rebuilt.toString()).as("no name of ours is shown").doesNotContain(".caravan");
        assertNoFile(lost, HIDDEN);
    }

    /// A part was found bad and written again on another cartridge. Then the home was lost, the old
    /// one could be read again, and the new one no more.
    @Test
    void aPartThatIsFoundBadGivesWayToTheOneTheRebuildPassedOver() throws Exception {
        Site twice = whole.copy();
        String first = mediumOf(HIDDEN, 2);
        String second = writtenAgain(twice);
        flip(image(twice, first), content(HIDDEN, IN_THE_SECOND));
        flip(image(twice, second), content(HIDDEN, IN_THE_SECOND));

        Site lost = lost(twice);
        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--json").exits(0).json();

        assertThat(rebuilt.get("spares").longValue()).isPositive();
        assertThat(partsOf(lost, HIDDEN).get(1).get("medium").textValue()).isEqualTo(second);
        assertThat(Site.listing(lost.restored("tape"))).isEqualTo(original);

        JsonNode verified = tape(lost, "rebuild", "--all", "--verify", "--json").exits(1).json();

        assertThat(verified.toString()).contains("part 2 of 3", "SHA-256");
        assertThat(verified.get("spares").longValue()).isZero();
        assertThat(partsOf(lost, HIDDEN).get(1).get("medium").textValue()).isEqualTo(first);
        assertThat(tapeCopy(lost, HIDDEN).get("state").textValue()).isEqualTo("VERIFIED");
        assertThat(Site.listing(lost.restored("tape"))).isEqualTo(original);
        tape(lost, "rebuild", "--all", "--verify").exits(0);
    }

    /// It lies behind the part that follows it.
    @Test
    void aFileOfWhichAPartWasWrittenAgainCounts() throws Exception {
        Site twice = whole.copy();
        String second = writtenAgain(twice);

        Site lost = lost(twice);
        JsonNode verified = tape(lost, "rebuild", "--all", "--verify", "--json").exits(0).json();

        assertThat(verified.get("verified").longValue())
                .as("each once")
                .isEqualTo(verified.get("versions").longValue());
        assertThat(partsOf(lost, HIDDEN).get(1).get("medium").textValue()).isEqualTo(second);
        assertThat(tapeCopy(lost, HIDDEN).get("state").textValue()).isEqualTo("VERIFIED");
        assertThat(Site.listing(lost.restored("tape"))).isEqualTo(original);
    }

    /// Has a part that is bad written again, on another cartridge.
    ///
    /// @return that cartridge
    private String writtenAgain(Site site) throws Exception {
        site.set("caravan.nas.dir", site.nas().toString()); // not that of the whole home
        String first = mediumOf(HIDDEN, 2);
        flip(image(site, first), content(HIDDEN, IN_THE_SECOND));
        tape(site, "verify", first).exits(1);
        tape(site, "retire", first).exits(0);
        site.backup();
        JsonNode again = partsOf(site, HIDDEN);
        String second = again.get(1).get("medium").textValue();
        assertThat(second).isNotEqualTo(first);
        assertThat(again.get(0))
                .as("good parts are used again")
                .isEqualTo(partsOf(whole, HIDDEN).get(0));
        return second;
    }

    /// Changes the byte behind these; done twice it is as it was.
    private static void flip(Path image, byte[] before) throws Exception {
        byte[] all = Files.readAllBytes(image);
        all[indexOf(all, before) + before.length] ^= 1;
        Files.write(image, all);
    }

    /// Nothing of a file that lacks a part comes back, under its name or another; all others do.
    private void assertNoFile(Site lost, String file) throws Exception {
        Path to = lost.restored("tape");
        assertThat(to.resolve(file)).doesNotExist();
        try (Stream<Path> all = Files.list(to)) {
            assertThat(all.map(each -> each.getFileName().toString()))
                    .containsOnlyOnceElementsOf(others(file))
                    .hasSameSizeAs(others(file));
        }
    }

    private List<String> others(String file) throws Exception {
        try (Stream<Path> all = Files.list(whole.source)) {
            return all.map(each -> each.getFileName().toString())
                    .filter(name -> !name.equals(file))
                    .toList();
        }
    }

    private String mediumOf(String path, int number) throws Exception {
        return partsOf(whole, path).get(number - 1).get("medium").textValue();
    }

    private static Path image(Site site, String barcode) {
        return site.tapes().resolve(barcode).resolve("p0.tap");
    }

    /// Nothing can be found by the header of the index behind this.
    private static void loseIndex(Path image, byte[] behind) throws Exception {
        byte[] all = Files.readAllBytes(image);
        all[indexOf(all, ".caravan/index.jsonl".getBytes(UTF_8), indexOf(all, behind, 0))] = 'x';
        Files.write(image, all);
    }

    private static List<String> incomplete(JsonNode rebuilt) {
        return rebuilt.get("incomplete").findValuesAsText("path");
    }

    private static String part(JsonNode rebuilt, String path) {
        for (JsonNode each : rebuilt.get("incomplete")) {
            if (each.get("path").textValue().equals(path)) {
                return each.get("found") + " of " + each.get("parts");
            }
        }
        throw new AssertionError(path + " lacks nothing: " + rebuilt);
    }

    private static List<String> written(Site site) throws Exception {
        List<String> written = new ArrayList<>();
        for (JsonNode each : tape(site, "list", "--json").exits(0).json().get("cartridges")) {
            if (each.get("files").intValue() > 1) {
                written.add(each.get("barcode").textValue());
            }
        }
        return written;
    }

    /// 32 bytes of a file.
    private byte[] content(String path, int from) throws Exception {
        return Arrays.copyOfRange(Files.readAllBytes(whole.source.resolve(path)), from, from + 32);
    }

    private static void init(Site site) throws Exception {
        site.init();
        site.set("caravan.tape.cartridges", "6");
        site.set("caravan.tape.capacity", "4MiB");
        site.set("caravan.tape.segment", "1MiB");
    }

    /// The home is gone; what is left are the cartridges in their library.
    private Site lost() throws Exception {
        return lost(whole);
    }

    private static Site lost(Site of) throws Exception {
        Site site = of.copy();
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
        return indexOf(all, needle, 0);
    }

    private static int indexOf(byte[] all, byte[] needle, int from) {
        for (int at = from; at <= all.length - needle.length; at++) {
            if (Arrays.equals(all, at, at + needle.length, needle, 0, needle.length)) {
                return at;
            }
        }
        throw new AssertionError("the content is not in the image");
    }
}
