package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// `ls`, `find` and `restore` of an earlier time, on a home that really ran.
@TestInstance(Lifecycle.PER_CLASS)
final class PointInTimeIT {
    @SuppressWarnings("UnusedVariable") // by @FieldSource
    private static final List<String> TARGETS = Site.TARGETS;

    private Site site;
    private String first;
    private String firstTree;
    private String second;
    private String secondTree;

    @BeforeAll
    void threeBackups() throws Exception {
        site = Site.create();
        for (int i = 0; i < 20; i++) {
            Files.writeString(site.source.resolve("kept-" + i), "kept");
        }
        Path letters = Files.createDirectory(site.source.resolve("letters"));
        Files.writeString(letters.resolve("spring.txt"), "first");
        Files.writeString(letters.resolve("winter.txt"), "cold");
        Files.writeString(site.source.resolve("star*.txt"), "a name that looks like a pattern");
        site.demo().exits(0);
        first = Instant.now().toString();
        firstTree = Site.listing(site.source);
        Files.writeString(letters.resolve("spring.txt"), "the second");
        Files.delete(letters.resolve("winter.txt"));
        site.backup().exits(0);
        second = Instant.now().toString();
        secondTree = Site.listing(site.source);
        Files.writeString(letters.resolve("winter.txt"), "colder");
        Files.delete(letters.resolve("spring.txt"));
        site.backup().exits(0);
    }

    @AfterAll
    void cleanUp() throws Exception {
        site.close();
    }

    @ParameterizedTest
    @FieldSource("TARGETS")
    void theTreeComesBackAsItWas(String target) throws Exception {
        for (String at : List.of(first, second)) {
            Path to = Files.createTempDirectory(site.root, "at-" + target);

            site.run("restore", ".", "--at", at, "--to", to.toString(), "--from", target)
                    .exits(0)
                    .complainsNot();

            assertThat(Site.listing(to)).isEqualTo(at.equals(first) ? firstTree : secondTree);
        }
    }

    @Test
    void whatWasThereIsListedAndFound() throws Exception {
        assertThat(site.run("ls", "letters").exits(0).out())
                .contains("winter.txt")
                .doesNotContain("spring.txt");
        assertThat(site.run("ls", "letters", "--at", second).exits(0).out())
                .contains("spring.txt")
                .doesNotContain("winter.txt");
        assertThat(site.run("find", "letters/*", "--at", first).exits(0).out())
                .isEqualTo("letters/spring.txt\nletters/winter.txt\n");
        JsonNode deleted = site.run("ls", "letters", "--deleted", "--json").exits(0).json();
        assertThat(deleted.path("items").findValuesAsText("deleted"))
                .containsExactly("true", "false");
    }

    @Test
    void aPatternBringsBackWhatItMatchesUnlessAnItemHasThatName() throws Exception {
        Path to = site.root.resolve("pattern");

        site.run("restore", "letters/*.txt", "--at", first, "--to", to + "/1").exits(0);
        site.run("restore", "star*.txt", "--to", to + "/2").exits(0);
        site.run("restore", "lett*", "--to", to + "/3").exits(0);

        assertThat(to.resolve("1/letters/spring.txt")).hasContent("first");
        assertThat(to.resolve("1/letters/winter.txt")).hasContent("cold");
        assertThat(to.resolve("1/kept-1")).doesNotExist();
        assertThat(to.resolve("2/star*.txt")).exists();
        assertThat(to.resolve("2/letters")).doesNotExist();
        assertThat(to.resolve("3/letters/winter.txt")).hasContent("colder");
        site.run("restore", "no*such", "--to", to + "/4")
                .exits(1)
                .complainsOnce("nothing matches 'no*such'");
        assertThat(to.resolve("4")).doesNotExist();
    }

    @Test
    void whatWasNotThereThenIsOneLine() throws Exception {
        Path to = site.root.resolve("not-then");

        site.run("restore", "letters/winter.txt", "--at", second, "--to", to.toString())
                .exits(1)
                .complainsOnce("'letters/winter.txt' was not there at");
        site.run("restore", ".", "--at", "2001-01-01", "--to", to.toString())
                .exits(1)
                .complainsOnce("nothing of source 'source' was known");
        site.run("restore", ".", "--at", "soon", "--to", to.toString())
                .exits(2)
                .complainsOnce("--at 'soon'");
        assertThat(to).doesNotExist();
    }

    @Test
    void thePlanSaysWhereTheBytesWouldComeFromAndWritesNothing() throws Exception {
        JsonNode nearest = site.run("restore", ".", "--plan", "--json").exits(0).json();
        CaravanProcess.Outcome tape = site.run("restore", ".", "--plan", "--from", "tape").exits(0);

        assertThat(nearest.at("/targets/0/target").textValue()).isEqualTo("nas");
        assertThat(nearest.path("cartridges")).isEmpty();
        assertThat(nearest.at("/targets/0/items").longValue())
                .isEqualTo(nearest.path("items").longValue());
        assertThat(nearest.path("complete").booleanValue()).isTrue();
        assertThat(tape.out()).contains("tape*").containsPattern("VT0001L8 +(drive|slot) \\d");

        Site vaulted = site.copy();
        takeOut(vaulted.tapes().resolve("library.json"), "VT0001L8");
        CaravanProcess.run(
                        "tape", "vault", "out", "VT0001L8", "--to=BANK", "--home=" + vaulted.home)
                .exits(0);
        CaravanProcess.Outcome away =
                vaulted.run("restore", ".", "--plan", "--from", "tape").exits(1);
        assertThat(away.out()).contains("vault BANK", "bring it back and import it");
        assertThat(
                        vaulted.run("restore", ".", "--plan", "--json")
                                .exits(0)
                                .json()
                                .at("/targets/0/target")
                                .textValue())
                .isEqualTo("nas");
    }

    /// Takes the cartridge out of whatever slot or drive it is in, as a person at the door does.
    private static void takeOut(Path library, String barcode) throws Exception {
        String text = Files.readString(library);
        String name = "\"barcode\":\\s*\"" + barcode + "\"";
        Files.writeString(
                library,
                text.replaceAll(name + ",\\s*\"homeSlot\":\\s*\\d+", "\"was\":0")
                        .replaceAll("\"homeSlot\":\\s*\\d+,\\s*" + name, "\"was\":0")
                        .replaceAll(name, "\"was\":0"));
    }
}
