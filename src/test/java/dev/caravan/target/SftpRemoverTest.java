package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.ledger.Removals.Whole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Large files offsite: the line in the manifest goes before the object does.
class SftpRemoverTest {
    private static final String HOME = "0a1b2c3d-0000-0000-0000-000000000000";
    private static final byte[] CONTENT = SftpCopies.bytes(100_000, 1);

    @TempDir Path temp;
    private SftpSite site;
    private String identity = "";

    @BeforeEach
    void twoLargeFilesWithOneManifest() throws IOException {
        site =
                SftpSite.embedded(
                        Files.createDirectories(temp.resolve("keys")),
                        temp.resolve("served/caravan"));
        try (SftpProof proof = new SftpProof("offsite", site.address(), HOME, "test", null, null)) {
            proof.prepare();
            identity = proof.identity();
            Files.write(site.incoming("0a1b2c3d-o1"), CONTENT);
            Files.write(site.incoming("0a1b2c3d-o2"), CONTENT);
            proof.prove(
                    List.of(
                            SftpCopies.single(1, "0a1b2c3d-o1", CONTENT),
                            SftpCopies.single(2, "0a1b2c3d-o2", CONTENT)));
        }
    }

    @AfterEach
    void close() throws IOException {
        site.close();
    }

    private static Whole whole(long id) {
        return new Whole(
                "0a1b2c3d-o" + id,
                false,
                CONTENT.length,
                List.of(SftpCopies.version(id, "large-" + id, CONTENT.length)));
    }

    private Removed remove(Whole... objects) throws IOException {
        try (SftpRemover remover = new SftpRemover("offsite", site.address(), identity, HOME)) {
            return remover.remove(List.of(objects));
        }
    }

    private List<String> manifests() throws IOException {
        try (Stream<Path> files = Files.list(site.folder().resolve("manifests"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private Path manifest(String name) {
        return site.folder().resolve("manifests").resolve(name);
    }

    @Test
    void aManifestGetsANewNameAndKeepsItsTimeAndItsOtherLines() throws IOException {
        Path old = manifest(manifests().getFirst());
        List<String> lines = Files.readAllLines(old);
        FileTime written = FileTime.from(Instant.parse("2026-01-02T03:04:05Z"));
        Files.setLastModifiedTime(old, written);

        Removed removed = remove(whole(1));

        assertThat(removed.versions()).hasSize(1);
        assertThat(removed.bytes()).isEqualTo(CONTENT.length);
        assertThat(site.object("0a1b2c3d-o1")).doesNotExist();
        assertThat(site.object("0a1b2c3d-o2")).exists();
        assertThat(manifests()).containsExactly("0a1b2c3d-o1-r1.jsonl");
        Path fresh = manifest("0a1b2c3d-o1-r1.jsonl");
        assertThat(Files.readAllLines(fresh)).containsExactly(lines.get(1));
        assertThat(Files.getLastModifiedTime(fresh)).isEqualTo(written);
    }

    @Test
    void aManifestWithoutLinesGoes() throws IOException {
        remove(whole(1));
        remove(whole(2));

        assertThat(manifests()).isEmpty();
        assertThat(site.object("0a1b2c3d-o2")).doesNotExist();
    }

    @Test
    void aKillBetweenTheTwoManifestsDoesNoHarm() throws IOException {
        Path old = manifest(manifests().getFirst());
        byte[] both = Files.readAllBytes(old);
        remove(whole(1));
        Files.write(old, both); // as if the old one had not been removed yet

        Removed again = remove(whole(1));

        assertThat(again.versions()).hasSize(1);
        assertThat(again.bytes()).isZero();
        assertThat(manifests()).containsExactly("0a1b2c3d-o1-r1.jsonl");
    }

    @Test
    void anObjectOfAnotherLengthIsLeftAlone() throws IOException {
        Files.write(site.object("0a1b2c3d-o1"), new byte[7]);

        Removed removed = remove(whole(1));

        assertThat(removed.versions()).isEmpty();
        assertThat(removed.left()).singleElement().asString().contains("has 7 bytes");
        assertThat(site.object("0a1b2c3d-o1")).exists();
    }

    @Test
    void nothingIsRemovedFromAnotherFolder() throws IOException {
        Files.writeString(
                site.folder().resolve(".caravan/sentinel"),
                "11111111-1111-1111-1111-111111111111\n");

        assertThatThrownBy(() -> remove(whole(1))).isInstanceOf(TargetException.class);
        assertThat(site.object("0a1b2c3d-o1")).exists();
    }
}
