package dev.caravan.scan;

import static dev.caravan.scan.SourceTree.name;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.Content;
import dev.caravan.item.Content.Extent;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Version;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.Patience;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SourceContentsTest {

    private SourceTree tree;
    private SourceRoot root;
    private SourceContents contents;

    @BeforeEach
    void make() throws IOException {
        tree = new SourceTree();
        root =
                FolderRoot.open(
                        tree.path, new Patience("a source", Duration.ofMinutes(3)), Set.of());
        contents = new SourceContents(_ -> root);
    }

    @AfterEach
    void remove() throws IOException {
        root.close();
        tree.close();
    }

    private static void fails(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ContentUnavailableException.class,
                        failed -> assertThat(failed.reason()).isEqualTo(reason));
    }

    private static byte[] all(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[100_000];
        for (int n; (n = content.read(buffer, 7, 90_000)) >= 0; ) {
            bytes.write(buffer, 7, n);
        }
        return bytes.toByteArray();
    }

    @Test
    void aFileIsReadToItsEnd() throws IOException {
        tree.file("a/file", "contents".repeat(50_000));
        Version version = tree.version("a/file");

        try (Content content = contents.open(version)) {
            assertThat(content.extents()).containsExactly(new Extent(0, 400_000));
            assertThat(new String(all(content), UTF_8)).isEqualTo("contents".repeat(50_000));
            content.verifyUnchanged();
        }
    }

    @Test
    void anEmptyFileHasNoExtents() throws IOException {
        tree.file("empty", "");

        try (Content content = contents.open(tree.version("empty"))) {
            assertThat(content.extents()).isEmpty();
            assertThat(all(content)).isEmpty();
            content.verifyUnchanged();
        }
    }

    @Test
    void holesAreReadAsZerosWithoutReadingThem() throws IOException {
        byte[] data = "x".repeat(1 << 16).getBytes(UTF_8);
        try (OpenFile file = tree.root.createFile(name("sparse"), 0644)) {
            file.truncate(4 << 20);
            file.writeAt(1 << 20, data, 0, data.length);
            file.writeAt((4 << 20) - data.length, data, 0, data.length);
        }
        byte[] expected = Files.readAllBytes(tree.path.resolve("sparse"));

        try (Content content = contents.open(tree.version("sparse"))) {
            assertThat(content.extents())
                    .containsExactly(
                            new Extent(1 << 20, data.length),
                            new Extent((4 << 20) - data.length, data.length));
            assertThat(all(content)).isEqualTo(expected);
        }
    }

    @Test
    void aFileThatIsOnlyAHoleIsReadInNoTime() throws IOException {
        try (OpenFile file = tree.root.createFile(name("hole"), 0644)) {
            file.truncate(3L << 30);
        }

        try (Content content = contents.open(tree.version("hole"))) {
            byte[] buffer = new byte[1 << 20];
            long length = 0;
            for (int n; (n = content.read(buffer, 0, buffer.length)) >= 0; length += n) {
                assertThat(n).isPositive();
            }
            assertThat(content.extents()).isEmpty();
            assertThat(length).isEqualTo(3L << 30);
        }
    }

    @Test
    void aFileThatGrewIsChanged() throws IOException {
        tree.file("file", "short");
        Version version = tree.version("file");
        Files.writeString(tree.path.resolve("file"), "er", StandardOpenOption.APPEND);

        fails(Reason.CHANGED, () -> contents.open(version));
    }

    @Test
    void aFileThatGrowsWhileItIsReadIsFoundOutAtTheEnd() throws IOException {
        tree.file("file", "short");

        try (Content content = contents.open(tree.version("file"))) {
            Files.writeString(tree.path.resolve("file"), "er", StandardOpenOption.APPEND);

            assertThat(new String(all(content), UTF_8)).isEqualTo("short");
            fails(Reason.CHANGED, content::verifyUnchanged);
        }
    }

    @Test
    void aFileThatShrinksWhileItIsReadIsChanged() throws IOException {
        tree.file("file", "long".repeat(1000));

        try (Content content = contents.open(tree.version("file"))) {
            Files.writeString(tree.path.resolve("file"), "");

            fails(Reason.CHANGED, () -> all(content));
        }
    }

    @Test
    void aRewriteThatPutsTheTimeBackIsFoundOutByTheInode() throws IOException {
        tree.file("file", "before");
        Version version = tree.version("file");
        Files.writeString(tree.path.resolve("file"), "after!");
        tree.root.setTimes(name("file"), version.metadata().modified());

        fails(Reason.CHANGED, () -> contents.open(version));
    }

    @Test
    void aFileThatIsGoneHasVanished() throws IOException {
        tree.file("a/file", "x");
        tree.file("b/file", "x");
        Version removed = tree.version("a/file");
        Version parentIsLink = tree.version("b/file");
        Files.delete(tree.path.resolve("a/file"));
        Files.move(tree.path.resolve("b"), tree.path.resolve("c"));
        Files.createSymbolicLink(tree.path.resolve("b"), Path.of("c"));

        fails(Reason.VANISHED, () -> contents.open(removed));
        fails(Reason.VANISHED, () -> contents.open(parentIsLink));
    }

    @Test
    void whatIsNoFileAnyMoreIsChangedAndNeverWaitedFor() throws Exception {
        for (String each : List.of("fifo", "link", "folder")) {
            tree.file(each, "x");
        }
        Version fifo = tree.version("fifo");
        Version link = tree.version("link");
        Version folder = tree.version("folder");
        tree.run("rm", "fifo", "link", "folder");
        tree.run("mkfifo", "fifo");
        tree.run("ln", "-s", "/etc/hostname", "link");
        tree.run("mkdir", "folder");

        fails(Reason.CHANGED, () -> contents.open(fifo));
        fails(Reason.CHANGED, () -> contents.open(link));
        fails(Reason.CHANGED, () -> contents.open(folder));
    }
}
