package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// The main job on a tree of everything a file system allows: one `demo`, then all that must hold.
@TestInstance(Lifecycle.PER_CLASS)
final class MainJobIT {
    @SuppressWarnings("UnusedVariable") // by @FieldSource
    private static final List<String> TARGETS = Site.TARGETS;

    private static final Path UNTAP =
            Path.of("src/main/resources/dev/caravan/tape/pool/untap.py").toAbsolutePath();

    private Site site;
    private CaravanProcess.Outcome demo;
    private String original;

    @BeforeAll
    void theDemoOfAHostileTree() throws Exception {
        site = Site.create();
        Site.python("hostile.py", site.source.toString());
        demo = site.start("demo", site.source.toString()).await(); // as a user starts it
        original = Site.listing(site.source);
    }

    @AfterAll
    void cleanUp() throws Exception {
        site.close();
    }

    @Test
    void everyItemHasFourCopiesOnTwoKindsOfMediaOneOfThemOffsite() throws Exception {
        site.assertInPolicy();

        JsonNode status = site.status();
        assertThat(status.get("items").longValue())
                .isEqualTo(itemsBySystemTools())
                .isEqualTo(original.lines().count());
        assertThat(status.get("simulated").booleanValue()).isTrue();
        assertThat(status.get("targets"))
                .extracting(target -> target.get("copies").longValue())
                .containsOnly(status.get("items").longValue());
    }

    /// Nothing is wrong with the copies, but a path that cannot be protected is no success.
    @Test
    void whatIsLeftOutIsCountedAndSaidWithItsReason() throws Exception {
        demo.exits(1);
        assertThat(demo.out()).contains("1 over-long");
        assertThat(site.status().get("skipped").longValue()).isEqualTo(2);
        assertThat(site.status().get("overLong").longValue()).isEqualTo(1);

        String list = site.run("status", "--list").exits(1).out();

        assertThat(list).containsPattern("(?m)^SKIPPED source: fifo: .*FIFO");
        assertThat(list).containsPattern("(?m)^SKIPPED source: socket: .*socket");
        assertThat(list).containsPattern("(?m)^OVER-LONG source: l{200}/");
    }

    @ParameterizedTest
    @FieldSource("TARGETS")
    void eachTargetAloneGivesTheSameTreeBack(String target) throws Exception {
        Path restored = site.restored(target);

        assertThat(Site.listing(restored)).isEqualTo(original);
    }

    @Test
    void theNasIsRestoredByCp() throws Exception {
        Path to = site.root.resolve("by-cp");

        Site.execute("cp", "-a", site.nasTree().toString(), to.toString());

        assertThat(Site.listing(to)).isEqualTo(original);
    }

    @Test
    void theTapesAreRestoredByPythonAndTar() throws Exception {
        Path to = Files.createDirectory(site.root.resolve("by-tar"));

        Site.shell("from_tape.sh", UNTAP.toString(), site.tapes().toString(), to.toString());

        assertThat(withoutFolderTimes(Site.listing(to.resolve("source"))))
                .isEqualTo(withoutFolderTimes(original));
    }

    @Test
    void theOffsiteObjectsAreRestoredByTarAndTheirManifests() throws Exception {
        Path to = Files.createDirectory(site.root.resolve("by-manifest"));

        Site.python("from_offsite.py", site.offsite().toString(), to.toString());

        assertThat(withoutFolderTimes(Site.listing(to.resolve("source"))))
                .isEqualTo(withoutFolderTimes(original));
    }

    @Test
    void aNameThatIsNoTextIsFoundByItsEscapes() throws Exception {
        JsonNode found = site.whereis("bad-utf8-\\xff\\xfe");

        assertThat(found.get("path").textValue()).isEqualTo("bad-utf8-\\xFF\\xFE");
        assertThat(Base64.getDecoder().decode(found.get("pathBytes").textValue()))
                .endsWith(0xff, 0xfe);
        assertThat(found.get("versions")).hasSize(1);
        assertThat(found.get("versions").get(0).get("copies"))
                .extracting(copy -> copy.get("target").textValue())
                .containsExactly("original", "nas", "tape", "offsite");
        // a file may really be called so, and is then meant
        assertThat(site.whereis("\\xff").has("pathBytes")).isFalse();
        assertThat(site.whereis("new\nline").get("path").textValue()).isEqualTo("new\nline");
    }

    @Test
    void anUnreadableFileIsCountedAndHoldsUpNothingElse() throws Exception {
        assumeTrue(
                Site.isRoot(),
                "only root can make a file that its own owner's programs may not read");
        try (Site other = Site.create()) {
            Path secret = Files.writeString(other.source.resolve("secret"), "not for us");
            Files.writeString(other.source.resolve("plain"), "for us");
            Site.execute("chown", "65534", secret.toString());
            Site.execute("chmod", "0", secret.toString());

            CaravanProcess.Outcome ended =
                    CaravanProcess.start(
                                    other.root,
                                    List.of(
                                            "setpriv",
                                            "--bounding-set=-dac_override,-dac_read_search"),
                                    "demo",
                                    "--home=" + other.home,
                                    other.source.toString())
                            .await()
                            .exits(1);

            assertThat(ended.out()).contains("1 unreadable");
            JsonNode status = other.status();
            assertThat(status.get("unreadable").longValue()).isEqualTo(1);
            assertThat(status.get("inPolicy").longValue()).isEqualTo(1);
            assertThat(other.nasTree().resolve("plain")).hasContent("for us");

            Site.execute("chmod", "644", secret.toString());
            other.backup().exits(0);
            other.assertInPolicy();
            assertThat(other.status().get("items").longValue()).isEqualTo(2);
        }
    }

    private long itemsBySystemTools() throws Exception {
        String script =
                "cd \"$0\" && find . -mindepth 1 \\( -type f -o -type d -o -type l \\) -printf '%P\\0'"
                        + " | tr '\\n\\0' '?\\n' | LC_ALL=C awk 'length <= 4000' | wc -l";
        return Long.parseLong(Site.execute("sh", "-c", script, site.source.toString()).strip());
    }

    /// tar sets a folder's time when it has left it; a later archive may write into it again.
    private static String withoutFolderTimes(String listing) {
        return listing.replaceAll("(?m)( folder \\d+:\\d+ 0o\\d+) -?\\d+", "$1");
    }
}
