package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
import org.junit.jupiter.params.provider.FieldSource;

/// A tree is backed up, changed in every way, and backed up again.
@TestInstance(Lifecycle.PER_CLASS)
final class ChangesIT {
    @SuppressWarnings("UnusedVariable") // by @FieldSource
    private static final List<String> TARGETS = Site.TARGETS;

    private Site site;
    private CaravanProcess.Outcome second;
    private JsonNode before;

    @BeforeAll
    void aTreeThatChanges() throws Exception {
        site = Site.create();
        make();
        site.demo().exits(0);
        site.assertInPolicy();
        before = site.status();
        change();
        second = site.backup();
    }

    @AfterAll
    void cleanUp() throws Exception {
        site.close();
    }

    private void make() throws Exception {
        for (String name :
                List.of(
                        "edited",
                        "deleted",
                        "old-name",
                        "touched",
                        "mode",
                        "file-then-folder",
                        "linked",
                        "kept",
                        "folder-then-file/inner",
                        "gone/deep/inner",
                        "link-changes-target",
                        "file-then-link",
                        "unlinked-1",
                        "to-be-moved/a",
                        "to-be-moved/b")) {
            write(name, "first " + name);
        }
        for (int i = 0; i < 40; i++) { // deleting a third of a source at once would be refused
            write("kept-" + i, "kept");
        }
        write("large", new byte[3_000_000]);
        Files.delete(at("link-changes-target"));
        Files.createSymbolicLink(at("link-changes-target"), Path.of("kept"));
        Files.createLink(at("unlinked-2"), at("unlinked-1"));
    }

    private void change() throws Exception {
        write("edited", "second edited, of another length");
        byte[] large = new byte[3_000_000];
        new Random(7).nextBytes(large);
        write("large", large);
        Files.delete(at("deleted"));
        Files.move(at("old-name"), at("new-name"));
        Files.move(at("to-be-moved"), at("moved"));
        Site.execute("touch", "-d", "2020-02-02 02:02:02.123456789", at("touched").toString());
        Site.execute("chmod", "4750", at("mode").toString());
        Files.delete(at("file-then-folder"));
        write("file-then-folder/inner", "second");
        Site.execute("rm", "-r", at("folder-then-file").toString(), at("gone").toString());
        write("folder-then-file", "second folder-then-file");
        Files.createLink(at("linked-too"), at("linked"));
        Files.delete(at("link-changes-target"));
        Files.createSymbolicLink(at("link-changes-target"), Path.of("edited"));
        Files.delete(at("file-then-link"));
        Files.createSymbolicLink(at("file-then-link"), Path.of("kept"));
        Files.delete(at("unlinked-2"));
        write("unlinked-2", "second unlinked-2");
        write("added/here", "new");
    }

    private Path at(String name) {
        return site.source.resolve(name);
    }

    private void write(String name, String text) throws Exception {
        write(name, text.getBytes(UTF_8));
    }

    private void write(String name, byte[] bytes) throws Exception {
        Files.createDirectories(at(name).getParent());
        Files.write(at(name), bytes);
    }

    @Test
    void everyItemIsInPolicyAgainAndDeletedOnesAreNoItems() throws Exception {
        second.exits(0);
        site.assertInPolicy();

        JsonNode status = site.status();
        assertThat(status.get("items").longValue())
                .isEqualTo(Site.listing(site.source).lines().count());
        // deleted, old-name, folder-then-file/inner, gone, gone/deep, gone/deep/inner, to-be-moved
        // and its two
        assertThat(status.get("deleted").longValue()).isEqualTo(9);
        assertThat(status.get("versions").longValue())
                .isGreaterThan(before.get("versions").longValue());
    }

    @Test
    void thePlainTreeOnTheNasEqualsTheSource() throws Exception {
        assertThat(Site.listing(site.nasTree())).isEqualTo(Site.listing(site.source));
        assertThat(
                        Site.execute(
                                        "rsync",
                                        "-aHXni",
                                        "--checksum",
                                        "--modify-window=-1",
                                        "--delete",
                                        site.source + "/",
                                        site.nasTree() + "/")
                                .lines())
                .filteredOn(
                        line -> !line.endsWith(" ./")) // the root is no item: its time is its own
                .isEmpty();
        Site.execute(
                "diff",
                "-r",
                "--no-dereference",
                site.source.toString(),
                site.nasTree().toString());
    }

    @ParameterizedTest
    @FieldSource("TARGETS")
    void eachTargetRestoresTheNewTree(String target) throws Exception {
        assertThat(Site.listing(site.restored(target))).isEqualTo(Site.listing(site.source));
    }

    @ParameterizedTest
    @FieldSource("TARGETS")
    void whatWasDeletedComesBackWhenItIsNamed(String target) throws Exception {
        Path to = site.root.resolve("deleted-from-" + target);

        site.run(
                        "restore",
                        "deleted",
                        "old-name",
                        "gone",
                        "folder-then-file/inner",
                        "to-be-moved/a",
                        "--to",
                        to.toString(),
                        "--from",
                        target)
                .exits(0);

        assertThat(to.resolve("deleted")).hasContent("first deleted");
        assertThat(to.resolve("old-name")).hasContent("first old-name");
        assertThat(to.resolve("gone/deep/inner")).hasContent("first gone/deep/inner");
        assertThat(to.resolve("folder-then-file/inner")).hasContent("first folder-then-file/inner");
        assertThat(to.resolve("to-be-moved/a")).hasContent("first to-be-moved/a");
        assertThat(to.resolve("to-be-moved/b")).doesNotExist();
    }

    @Test
    void anEditMakesAVersionWithItsOwnCopiesAndTheOldOneIsKept() throws Exception {
        JsonNode versions = site.whereis("edited").get("versions");

        assertThat(versions).extracting(v -> v.get("version").intValue()).containsExactly(2, 1);
        assertThat(versions)
                .extracting(v -> v.get("current").booleanValue())
                .containsExactly(true, false);
        assertThat(versions.get(0).get("sha256").textValue())
                .isEqualTo(Site.execute("sha256sum", at("edited").toString()).substring(0, 64));
        for (JsonNode version : versions) {
            assertThat(version.get("copies"))
                    .extracting(copy -> copy.get("target").textValue())
                    .containsExactly("original", "nas", "tape", "offsite");
            assertThat(version.get("copies"))
                    .filteredOn(copy -> !copy.get("target").textValue().equals("original"))
                    .extracting(copy -> copy.get("state").textValue())
                    .allMatch(List.of("DURABLE", "VERIFIED")::contains);
        }
        assertThat(versions.get(0).get("copies").get(0).get("state").textValue())
                .isEqualTo("DURABLE");
        assertThat(versions.get(1).get("copies").get(0).get("state").textValue()).isEqualTo("LOST");
        assertThat(Path.of(nasLocation(versions.get(0))))
                .hasContent("second edited, of another length");
        assertThat(Path.of(nasLocation(versions.get(1)))).hasContent("first edited");
    }

    @Test
    void theCopyOfADeletedFileIsInTheHistory() throws Exception {
        JsonNode versions = site.whereis("deleted").get("versions");

        assertThat(versions).hasSize(1);
        assertThat(versions.get(0).get("current").booleanValue()).isFalse();
        assertThat(Path.of(nasLocation(versions.get(0))))
                .hasContent("first deleted")
                .startsWith(site.nas().resolve(".caravan/history"));
    }

    @Test
    void aFileThatBecameAFolderHasAVersionOfEachKind() throws Exception {
        assertThat(site.whereis("file-then-folder").get("versions"))
                .extracting(v -> v.get("kind").textValue())
                .containsExactly("FOLDER", "FILE");
        assertThat(site.whereis("folder-then-file").get("versions"))
                .extracting(v -> v.get("kind").textValue())
                .containsExactly("FILE", "FOLDER");
        assertThat(site.whereis("file-then-link").get("versions"))
                .extracting(v -> v.get("kind").textValue())
                .containsExactly("SYMLINK", "FILE");
    }

    @Test
    void aBackupWithNothingChangedCopiesNothing() throws Exception {
        second.exits(0);
        String copies = copies();

        assertThat(site.backup().exits(0).out()).contains(" 0 new versions, 0 B copied");

        assertThat(copies()).isEqualTo(copies);
    }

    /// Every file of the three targets, with its size and time.
    private String copies() throws Exception {
        return Site.execute(
                "sh",
                "-c",
                "find \"$@\" -name '*.lock' -prune -o -type f -printf '%p %s %T@\\n' | sort",
                "find",
                site.nas().toString(),
                site.tapes().toString(),
                site.offsite().toString());
    }

    private static String nasLocation(JsonNode version) {
        for (JsonNode copy : version.get("copies")) {
            if (copy.get("target").textValue().equals("nas")) {
                return copy.get("location").textValue();
            }
        }
        throw new AssertionError("no copy on the NAS: " + version);
    }
}
