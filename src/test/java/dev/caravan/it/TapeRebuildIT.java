package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// A tree of everything a file system allows on several small cartridges: all of it comes back from
/// nothing but the cartridges, and what is wrong with a cartridge is found.
@TestInstance(Lifecycle.PER_CLASS)
final class TapeRebuildIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Read often here; that sizes need more than 31 bits is seen by `MainJobIT`.
    private static final int SPARSE = 48 << 20;

    private static final String LARGE = "size-5000000";

    /// Comes to be on two cartridges.
    private static final String TWICE = "last-07";

    private static final int FLIPPED = 30_000;

    private Site whole;
    private String original;

    @BeforeAll
    void threeBackupsOntoSeveralCartridges() throws Exception {
        whole = Site.create();
        Site.python("hostile.py", whole.source.toString(), Integer.toString(SPARSE));
        Files.writeString(whole.source.resolve("changing"), "first state");
        Files.writeString(whole.source.resolve("gone"), "was deleted");
        Files.writeString(whole.source.resolve("was-a-folder-before"), "soon a folder");
        whole.init();
        whole.set("caravan.tape.cartridges", "6");
        whole.set("caravan.tape.capacity", "6MiB");
        whole.set("caravan.tape.segment", "2MiB");
        whole.backup();
        Files.writeString(whole.source.resolve("changing"), "second, longer state");
        Files.delete(whole.source.resolve("gone"));
        Files.delete(whole.source.resolve("was-a-folder-before"));
        Files.createDirectory(whole.source.resolve("was-a-folder-before"));
        Files.writeString(whole.source.resolve("was-a-folder-before/inside"), "in it");
        whole.backup();
        for (int i = 0; i < 20; i++) {
            Files.writeString(
                    whole.source.resolve("last-%02d".formatted(i)),
                    "x%d\n".formatted(i).repeat(20_000));
        }
        byte[] random = new byte[60_000];
        new java.util.Random(7).nextBytes(random);
        Files.write(whole.source.resolve(TWICE), random);
        whole.backup();
        original = Site.listing(whole.source);
        assertThat(cartridges(whole)).as("cartridges written").hasSizeGreaterThan(2);
    }

    @AfterAll
    void cleanUp() throws Exception {
        whole.close();
    }

    @Test
    void allComesBackFromNothingButTheCartridges() throws Exception {
        Site lost = lost();

        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--json").exits(0).json();

        assertThat(rebuilt.get("versions").longValue()).isGreaterThan(100);
        assertThat(rebuilt.get("copies")).isEqualTo(rebuilt.get("versions"));
        assertThat(rebuilt.get("verified").longValue()).isZero();
        assertThat(onTape(lost.status()).get("copies").longValue())
                .as("an index proves no content")
                .isZero();
        Path back = lost.restored("tape");
        assertThat(back.resolve("gone")).hasContent("was deleted");
        Files.delete(back.resolve("gone"));
        assertThat(Site.listing(back)).isEqualTo(original);
        Path old = Files.createTempDirectory(lost.root, "old");
        lost.run("restore", "changing", "--version", "1", "--to", old.toString()).exits(0);
        assertThat(old.resolve("changing")).hasContent("first state");

        JsonNode again = tape(lost, "rebuild", "--all", "--json").exits(0).json();

        assertThat(again.get("versions").longValue()).isZero();
        assertThat(again.get("copies").longValue()).isZero();

        JsonNode verified = tape(lost, "rebuild", "--all", "--verify", "--json").exits(0).json();

        assertThat(verified.get("versions").longValue()).isZero();
        assertThat(verified.get("verified")).isEqualTo(rebuilt.get("versions"));
        JsonNode status = lost.status(); // of the user's items; the ledger's own are there too
        assertThat(onTape(status).get("copies")).isEqualTo(status.get("versions"));
        assertThat(
                        tape(lost, "rebuild", "--all", "--verify", "--json")
                                .exits(0)
                                .json()
                                .get("verified")
                                .longValue())
                .as("what counts is not read again")
                .isZero();

        // the source is still there: nothing of it has to go to tape again
        CaravanProcess.Outcome next = lost.backup();

        assertThat(next.out()).contains(" 0 new versions");
        assertThat(Site.listing(lost.restored("nas"))).isEqualTo(original);
    }

    @Test
    void aLedgerThatKnowsAllOfItLearnsNothing() throws Exception {
        Site same = whole.copy();
        JsonNode before = onTape(same.status());

        JsonNode rebuilt = tape(same, "rebuild", "--all", "--json").exits(0).json();

        assertThat(rebuilt.get("versions").longValue()).isZero();
        assertThat(rebuilt.get("copies").longValue()).isZero();
        assertThat(rebuilt.get("cartridges"))
                .allSatisfy(each -> assertThat(each.get("conflicts").longValue()).isZero());
        assertThat(onTape(same.status())).isEqualTo(before);
    }

    @Test
    void aLedgerOfAnotherLifeIsNotOverwritten() throws Exception {
        Site lost = lost();
        Path other = Files.createTempDirectory(lost.root, "other").resolve("source");
        Files.createDirectories(other);
        Files.writeString(other.resolve("changing"), "of another life");
        lost.set("caravan.source.source.dir", other.toString());
        Path tapes =
                Files.move(lost.tapes(), lost.root.resolve("aside-" + lost.home.getFileName()));
        lost.backup().exits(0);
        Site.execute("rm", "-rf", lost.tapes().toString());
        Files.move(tapes, lost.tapes());

        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--json").exits(1).json();

        assertThat(rebuilt.toString())
                .contains("'changing' of 'source', version 1: the ledger has another");
        Path back = Files.createTempDirectory(lost.root, "back");
        lost.run("restore", "changing", "--to", back.toString(), "--version", "1").exits(0);
        assertThat(back.resolve("changing")).hasContent("of another life");
        lost.run("restore", "last-07", "--to", back.toString()).exits(0);
        assertThat(back.resolve("last-07")).hasSameBinaryContentAs(whole.source.resolve("last-07"));
    }

    @Test
    void whatIsWholeInATornSegmentComesBack() throws Exception {
        Site lost = lost();
        String last = cartridgeOf(whole, "last-19");
        try (RandomAccessFile image = new RandomAccessFile(image(lost, last).toFile(), "rw")) {
            image.setLength(image.length() - 700_000);
        }

        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--json").exits(0).json();

        JsonNode torn = cartridge(rebuilt, last);
        assertThat(torn.get("cutOff").longValue()).as(rebuilt.toString()).isOne();
        assertThat(torn.get("recovered").longValue()).isBetween(5L, 19L);
        Path back = Files.createTempDirectory(lost.root, "back");
        lost.run("restore", "last-00", "--to", back.toString()).exits(0);
        assertThat(back.resolve("last-00")).hasSameBinaryContentAs(whole.source.resolve("last-00"));
        lost.run("restore", "last-19", "--to", back.toString()).exits(1).complainsOnce("last-19");

        JsonNode again = tape(lost, "rebuild", "--all", "--verify", "--json").json();

        assertThat(again.get("versions").longValue()).isZero();
        assertThat(lost.whereis("last-00").findValuesAsText("state"))
                .as("what nothing but itself vouches for does not count")
                .contains("ACKED");
    }

    @Test
    void aMissingCartridgeIsMissedAndTheRestComesBack() throws Exception {
        Site lost = lost();
        String missing = cartridgeOf(whole, LARGE);
        take(lost, missing);

        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--json").exits(0).json();

        assertThat(rebuilt.get("unknownVersions").longValue()).isPositive();
        Path back = Files.createTempDirectory(lost.root, "back");
        lost.run("restore", LARGE, "--to", back.toString()).exits(1).complainsOnce(LARGE);
        lost.run("restore", "changing", "--to", back.toString()).exits(0);

        Site known = whole.copy();
        take(known, missing);
        Path all = Files.createTempDirectory(known.root, "all");
        CaravanProcess.Outcome partly =
                known.run("restore", ".", "--from", "tape", "--to", all.toString()).exits(1);
        assertThat(partly.err()).contains(missing, "bring it back");
        CaravanProcess.Outcome large =
                known.run("restore", LARGE, "--from", "tape", "--to", all + "-large").exits(1);
        assertThat(large.err()).contains("'" + LARGE + "'", missing, "bring it back");
        assertThat(all.resolve("last-07")).hasSameBinaryContentAs(whole.source.resolve("last-07"));
        tape(known, "verify", missing).exits(1).complainsOnce(missing, "bring it back");
        assertThat(known.status().get("belowPolicy"))
                .as("a cartridge elsewhere is not a damaged one")
                .isEqualTo(whole.status().get("belowPolicy"));
    }

    @Test
    void aFlippedByteIsFoundAndTheCopyCountsNoMore() throws Exception {
        Site flipped = whole.copy();
        String damaged = cartridgeOf(whole, LARGE);
        flip(image(flipped, damaged), Files.readAllBytes(whole.source.resolve(LARGE)));
        long before = onTape(flipped.status()).get("copies").longValue();

        JsonNode verified = tape(flipped, "verify", damaged, "--json").exits(1).json();

        assertThat(verified.get("good").booleanValue()).isFalse();
        assertThat(verified.get("files"))
                .filteredOn(file -> file.get("result").textValue().equals("DAMAGED"))
                .singleElement()
                .satisfies(file -> {
                    assertThat(file.get("suspect").longValue()).isOne();
                    assertThat(file.get("countNoMore").longValue()).isOne();
                    assertThat(file.get("details").toString()).contains(LARGE, "SHA-256");
                });
        assertThat(onTape(flipped.status()).get("copies").longValue()).isEqualTo(before - 1);
        assertThat(flipped.whereis(LARGE).findValuesAsText("state")).contains("SUSPECT");
        String file = Integer.toString(fileOf(whole, "changing"));
        JsonNode one =
                tape(flipped, "verify", cartridgeOf(whole, "changing"), "--segment", file, "--json")
                        .exits(0)
                        .json();
        assertThat(one.get("files")).hasSize(1);
        assertThat(flipped.whereis("changing").toString())
                .contains("unload+load+readback+sha256", "\"V3\"");
        Path back = Files.createTempDirectory(flipped.root, "back");
        flipped.run("restore", LARGE, "--to", back.toString()).exits(0);
        assertThat(back.resolve(LARGE)).hasSameBinaryContentAs(whole.source.resolve(LARGE));
        assertThat(flipped.run("log").exits(0).err()).isEmpty();
    }

    @Test
    void aWrongCartridgeIsNotTakenForTheRightOne() throws Exception {
        Site swapped = whole.copy();
        List<String> names = List.copyOf(cartridges(whole));
        String first = names.get(0);
        String second = names.get(1);
        Path aside = swapped.tapes().resolve("aside");
        Files.move(image(swapped, first), aside);
        Files.move(image(swapped, second), image(swapped, first));
        Files.write(image(swapped, second), foreign());
        Files.delete(aside);
        for (String name : List.of(first, second)) {
            Files.deleteIfExists(swapped.tapes().resolve(name).resolve("p0.idx"));
        }
        long before = onTape(swapped.status()).get("copies").longValue();

        tape(swapped, "verify", first).exits(1).complainsOnce("label says", second);
        tape(swapped, "verify", second).exits(1).complainsOnce("another program");
        CaravanProcess.Outcome rebuilt = tape(swapped, "rebuild", first, second).exits(1);

        assertThat(rebuilt.out()).contains(first + ": not read", second + ": not read");
        assertThat(onTape(swapped.status()).get("copies").longValue()).isLessThan(before);
        Path back = Files.createTempDirectory(swapped.root, "back");
        swapped.run("restore", ".", "--to", back.toString()).exits(0);
        assertThat(Site.listing(back)).isEqualTo(original);
    }

    /// It was found bad, made anew on another cartridge, and then the home was lost.
    @Test
    void ofTwoCopiesTheOneThatWasMadeAnewIsTaken() throws Exception {
        Site twice = whole.copy();
        String first = cartridgeOf(twice, TWICE);
        String second = madeAnew(twice);

        Site lost = lost(twice);
        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--json").exits(0).json();

        assertThat(rebuilt.get("spares").longValue()).isPositive();
        assertThat(cartridgeOf(lost, TWICE)).isEqualTo(second);
        assertThat(lost.whereis(TWICE).findValuesAsText("state")).contains("ACKED");
        restoresTwice(lost).complainsNot();

        JsonNode verified = tape(lost, "rebuild", "--all", "--verify", "--json").exits(1).json();

        assertThat(verified.get("spares").longValue()).isZero();
        assertThat(cartridgeOf(lost, TWICE)).isEqualTo(second);
        assertThat(lost.whereis(TWICE).findValuesAsText("state")).contains("VERIFIED");
        assertThat(cartridge(verified, first).toString()).contains("DAMAGED", TWICE);
    }

    /// And in the meantime the old one could be read again, and the new one no more.
    @Test
    void aCopyThatIsFoundBadGivesWayToTheOneTheRebuildPassedOver() throws Exception {
        Site twice = whole.copy();
        String first = cartridgeOf(twice, TWICE);
        String second = madeAnew(twice);
        flip(image(twice, first), contentTwice(), FLIPPED);
        flip(image(twice, second), contentTwice(), FLIPPED);

        Site lost = lost(twice);
        JsonNode rebuilt = tape(lost, "rebuild", "--all", "--json").exits(0).json();

        assertThat(rebuilt.get("spares").longValue()).isPositive();
        assertThat(cartridgeOf(lost, TWICE)).isEqualTo(second);
        restoresTwice(lost);
        tape(lost, "export", second).exits(0);
        tape(lost, "vault", "out", second, "--to", "safe").exits(0);
        assertThat(tape(lost, "needed", TWICE).exits(0).out())
                .contains(first)
                .doesNotContain(second);
        restoresTwice(lost).complainsNot();
        tape(lost, "vault", "in", second).exits(0);
        tape(lost, "import", second).exits(0);
        assertThat(tape(lost, "rebuild", "--all").exits(0).out())
                .contains("there is a further copy, kept until one was read back");

        JsonNode verified = tape(lost, "rebuild", "--all", "--verify", "--json").exits(1).json();

        assertThat(cartridge(verified, second).toString()).contains("DAMAGED", TWICE);
        assertThat(cartridge(verified, first).get("good").booleanValue()).isTrue();
        assertThat(verified.get("spares").longValue()).isZero();
        assertThat(verified.get("verified")).as("each once").isEqualTo(rebuilt.get("versions"));
        assertThat(cartridgeOf(lost, TWICE)).isEqualTo(first);
        assertThat(lost.whereis(TWICE).findValuesAsText("state")).contains("VERIFIED");
        restoresTwice(lost).complainsNot();
        JsonNode status = lost.status();
        assertThat(onTape(status).get("copies")).isEqualTo(status.get("versions"));
        JsonNode again = tape(lost, "rebuild", "--all", "--verify", "--json").exits(0).json();
        assertThat(again.get("copies").longValue()).isZero();
        assertThat(again.get("verified").longValue()).isZero();
        assertThat(lost.run("log").exits(0).err()).isEmpty();
    }

    private CaravanProcess.Outcome restoresTwice(Site site) throws Exception {
        Path back = Files.createTempDirectory(site.root, "back");
        CaravanProcess.Outcome restored =
                site.run("restore", TWICE, "--from", "tape", "--to", back.toString()).exits(0);
        assertThat(back.resolve(TWICE)).hasSameBinaryContentAs(whole.source.resolve(TWICE));
        return restored;
    }

    private byte[] contentTwice() throws IOException {
        return Files.readAllBytes(whole.source.resolve(TWICE));
    }

    /// Has a copy that is bad made anew on another cartridge.
    ///
    /// @return that cartridge
    private String madeAnew(Site site) throws Exception {
        site.set("caravan.nas.dir", site.nas().toString()); // not that of the whole home
        String first = cartridgeOf(site, TWICE);
        flip(image(site, first), contentTwice(), FLIPPED);
        tape(site, "verify", first).exits(1);
        tape(site, "retire", first).exits(0);
        site.backup();
        String second = cartridgeOf(site, TWICE);
        assertThat(second).isNotEqualTo(first);
        assertThat(site.whereis(TWICE).findValuesAsText("state")).doesNotContain("SUSPECT");
        return second;
    }

    @Test
    void wrongUsageIsSaidInOneLine() throws Exception {
        tape(whole, "rebuild").exits(2).complainsOnce("--all");
        tape(whole, "rebuild", "--all", "VT0001L8").exits(2).complainsOnce("--all");
        tape(whole, "verify", "no").exits(2).complainsOnce("barcode 'no'");
        tape(whole, "verify", "VT0001L8", "--segment", "0").exits(2).complainsOnce("--segment");
        tape(whole, "rebuild", "--all", "--target", "nas").exits(2).complainsOnce("'nas'", "tape");
        tape(whole, "verify", "VT0001L8", "--segment", "9999").exits(1);
    }

    /// The whole home is gone, and all that there is are the cartridges in a library.
    private Site lost() throws Exception {
        return lost(whole);
    }

    private static Site lost(Site of) throws Exception {
        Site site = of.copy();
        Path tapes =
                Files.move(site.tapes(), site.root.resolve("tapes-" + site.home.getFileName()));
        Site.execute("rm", "-rf", site.home.toString());
        site.init();
        site.set("caravan.tape.cartridges", "6");
        site.set("caravan.tape.capacity", "6MiB");
        site.set("caravan.tape.segment", "2MiB");
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

    private static TreeSet<String> cartridges(Site site) throws Exception {
        TreeSet<String> written = new TreeSet<>();
        for (JsonNode each : tape(site, "list", "--json").exits(0).json().get("cartridges")) {
            if (each.get("files").intValue() > 1) {
                written.add(each.get("barcode").textValue());
            }
        }
        return written;
    }

    private static JsonNode onTape(JsonNode status) {
        for (JsonNode target : status.get("targets")) {
            if (target.get("name").textValue().equals("tape")) {
                return target;
            }
        }
        // a target without any copy that counts is not listed
        return JSON.createObjectNode().put("copies", 0L);
    }

    private static String location(Site site, String path) throws Exception {
        for (JsonNode copy : site.whereis(path).findValues("copies").getFirst()) {
            if (copy.get("target").textValue().equals("tape")) {
                return copy.get("location").textValue();
            }
        }
        throw new AssertionError(path + " is not on tape");
    }

    private static String cartridgeOf(Site site, String path) throws Exception {
        return location(site, path).split(" ")[0];
    }

    private static int fileOf(Site site, String path) throws Exception {
        return Integer.parseInt(location(site, path).split(" ")[2]);
    }

    private static JsonNode cartridge(JsonNode report, String barcode) {
        for (JsonNode each : report.get("cartridges")) {
            if (each.get("barcode").textValue().equals(barcode)) {
                return each;
            }
        }
        throw new AssertionError(barcode + " is not in " + report);
    }

    private static Path image(Site site, String barcode) {
        return site.tapes().resolve(barcode).resolve("p0.tap");
    }

    /// A person takes a cartridge out of its slot.
    private static void take(Site site, String barcode) throws IOException {
        Path file = site.tapes().resolve("library.json");
        JsonNode library = JSON.readTree(Files.readString(file));
        for (String place : List.of("slots", "drives")) {
            for (JsonNode each : library.get(place)) {
                if (each.path("barcode").asText().equals(barcode)) {
                    ((ObjectNode) each).remove(List.of("barcode", "homeSlot"));
                }
            }
        }
        Files.writeString(file, library.toString());
        Files.move(
                site.tapes().resolve(barcode),
                site.root.resolve("shelf-" + site.home.getFileName()));
    }

    private static void flip(Path image, byte[] content) throws IOException {
        flip(image, content, 1_000_000);
    }

    /// Changes one byte; done twice it is as it was.
    private static void flip(Path image, byte[] content, int from) throws IOException {
        byte[] all = Files.readAllBytes(image);
        byte[] needle = java.util.Arrays.copyOfRange(content, from, from + 32);
        int at = indexOf(all, needle);
        assertThat(at).as("the content is in the image").isPositive();
        all[at + needle.length] ^= 1;
        Files.write(image, all);
    }

    private static int indexOf(byte[] all, byte[] needle) {
        for (int at = 0; at <= all.length - needle.length; at++) {
            if (java.util.Arrays.equals(all, at, at + needle.length, needle, 0, needle.length)) {
                return at;
            }
        }
        return -1;
    }

    /// One record of something else and a filemark, as a SIMH image has them.
    private static byte[] foreign() {
        byte[] text = "DUMP OF ANOTHER PROGRAM.".getBytes(StandardCharsets.US_ASCII);
        byte[] image = new byte[4 + text.length + 4 + 4];
        image[0] = (byte) text.length;
        System.arraycopy(text, 0, image, 4, text.length);
        image[4 + text.length] = (byte) text.length;
        return image;
    }
}
