package dev.caravan.target;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.posix.Directory;
import dev.caravan.posix.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkingFolderTest {
    @TempDir Path root;

    private static byte[] bytes(String path) {
        return path.getBytes(UTF_8);
    }

    @Test
    void theFolderStaysOpenFromOneItemToTheNextInIt() throws IOException {
        Files.createDirectories(root.resolve("a/b"));
        try (Directory top = Directory.open(root);
                WorkingFolder folder = new WorkingFolder(top)) {
            Directory first = folder.of(bytes("a/b/one"));

            assertThat(folder.of(bytes("a/b/two"))).isSameAs(first);
            assertThat(folder.of(bytes("a/b"))).isNotSameAs(first);
            assertThat(folder.of(bytes("a/bb"))).as("also in a").isNotSameAs(first);
            assertThat(new String(WorkingFolder.name(bytes("a/b/two")), UTF_8)).isEqualTo("two");
        }
    }

    @Test
    void afterCloseTheNameIsLookedUpAgain() throws IOException {
        Files.createDirectories(root.resolve("a"));
        try (Directory top = Directory.open(root);
                WorkingFolder folder = new WorkingFolder(top)) {
            assertThat(folder.of(bytes("a/x")).statIfAny(bytes("x"))).isNull();
            Files.move(root.resolve("a"), root.resolve("old"));
            Files.createDirectories(root.resolve("a"));
            Files.createFile(root.resolve("a/x"));

            folder.close();

            assertThat(folder.of(bytes("a/x")).statIfAny(bytes("x"))).isNotNull();
        }
    }

    @Test
    void aSymlinkOnTheWayIsRefused() throws IOException {
        Files.createDirectories(root.resolve("elsewhere"));
        Files.createSymbolicLink(root.resolve("a"), Path.of("elsewhere"));
        try (Directory top = Directory.open(root);
                WorkingFolder folder = new WorkingFolder(top)) {
            assertThatThrownBy(() -> folder.of(bytes("a/x"))).isInstanceOf(PosixException.class);
        }
    }
}
