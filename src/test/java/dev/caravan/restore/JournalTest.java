package dev.caravan.restore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final String HOME = "0f7d5b34";
    private static final Instant OLD = Instant.parse("2001-02-03T04:05:06Z");

    @TempDir Path base;
    private Path folder;
    private Directory root;

    @BeforeEach
    void open() throws IOException {
        folder = Files.createDirectory(base.resolve("restored"));
        root = Directory.open(folder);
    }

    @AfterEach
    void close() {
        root.close();
    }

    private Stat stat(String path) throws IOException {
        return root.stat(path.getBytes(UTF_8));
    }

    @Test
    void aFileIsKnownAgainUntilSomebodyTouchesIt() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "whole");
        try (Journal dead = Journal.open(root, HOME)) {
            dead.published(Map.of(7L, stat("file")));
        }
        try (Journal next = Journal.open(root, HOME)) {
            assertThat(next.goesOn()).isTrue();
            assertThat(next.isUntouched(7, stat("file"))).isTrue();
            assertThat(next.isUntouched(8, stat("file"))).isFalse();

            FileTime modified = Files.getLastModifiedTime(file);
            Files.writeString(file, "WHOLE");
            Files.setLastModifiedTime(file, modified);

            assertThat(next.isUntouched(7, stat("file"))).isFalse();
        }
        try (Journal ofAnother = Journal.open(root, "another")) {
            assertThat(ofAnother.isUntouched(7, stat("file"))).isFalse();
        }
    }

    @Test
    void aLineThatWasCutOffAndGarbageAreAsGoodAsNone() throws IOException {
        Files.writeString(folder.resolve("file"), "whole");
        try (Journal dead = Journal.open(root, HOME)) {
            dead.published(Map.of(7L, stat("file")));
            dead.folder(ItemPath.of("a"), 0755);
        }
        Files.writeString(
                folder.resolve(".caravan-restore"),
                "D 755 !!\nD 755 Li4v\nF x 1 2 3\nF 9 1\nD 7",
                StandardOpenOption.APPEND);

        try (Journal next = Journal.open(root, HOME)) {
            assertThat(next.isUntouched(7, stat("file"))).isTrue();
            assertThat(next.folders()).containsOnlyKeys(ItemPath.of("a"));
        }
    }

    @Test
    void theFoldersOfADeadRestoreGetTheirTimesFromTheNext() throws IOException {
        Stat own = root.stat(new byte[0]);
        Metadata m =
                new Metadata(
                        Kind.FOLDER,
                        0,
                        OLD,
                        0555,
                        own.uid(),
                        own.gid(),
                        Metadata.NO_TARGET,
                        1,
                        List.of());
        try (Journal journal = Journal.open(root, HOME)) {
            TreeWriter dead = new TreeWriter(root, false, journal);
            dead.folder(ItemPath.of("made/item"), m);
        }
        assertThat(stat("made/item").mode()).isEqualTo(0700);

        try (Journal journal = Journal.open(root, HOME)) {
            TreeWriter next = new TreeWriter(root, false, journal);
            next.folder(ItemPath.of("made/item"), m);
            next.finish();
            journal.done();
        }

        assertThat(stat("made/item").mode()).isEqualTo(0555);
        assertThat(stat("made/item").modified()).isEqualTo(OLD);
        assertThat(stat("made").mode()).isNotEqualTo(0700);
        assertThat(folder.resolve(".caravan-restore")).doesNotExist();
    }

    @Test
    void aFolderThatWasThereBeforeKeepsWhatItHas() throws IOException {
        Files.createDirectory(folder.resolve("mine"));
        Stat before = stat("mine");
        Metadata m =
                new Metadata(
                        Kind.FOLDER,
                        0,
                        OLD,
                        0500,
                        before.uid(),
                        before.gid(),
                        Metadata.NO_TARGET,
                        1,
                        List.of());
        for (int time = 0; time < 2; time++) {
            try (Journal journal = Journal.open(root, HOME)) {
                TreeWriter writer = new TreeWriter(root, false, journal);
                writer.folder(ItemPath.of("mine"), m);
                writer.finish();
            }
        }

        assertThat(stat("mine").mode()).isEqualTo(before.mode());
        assertThat(stat("mine").modified()).isEqualTo(before.modified());
    }

    @Test
    void whileOneRestoreIsAtWorkAnotherIsRefused() throws IOException {
        try (Journal first = Journal.open(root, HOME)) {
            assertThat(first.goesOn()).isFalse();
            assertThatThrownBy(() -> Journal.open(root, HOME))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another restore is at work");
        }
    }

    @Test
    void aJournalThatIsASymlinkIsNotWrittenThrough() throws IOException {
        Path outside = Files.writeString(base.resolve("outside"), "mine");
        Files.createSymbolicLink(folder.resolve(".caravan-restore"), outside);

        try (Journal none = Journal.open(root, HOME)) {
            none.folder(ItemPath.of("a"), 0755);
        }

        assertThat(outside).hasContent("mine");
    }
}
