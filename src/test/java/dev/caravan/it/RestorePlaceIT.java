package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// A restore into a place that is taken, full or somebody else's: it gives nothing a name that is
/// not whole, replaces nothing, and brings back all that it can.
@TestInstance(Lifecycle.PER_CLASS)
final class RestorePlaceIT {
    private static final int SMALL_FILES = 40;

    private Site site;

    @BeforeAll
    void aSource() throws Exception {
        site = Site.create();
        for (String path :
                List.of("a-file", "folder/deep/below", "last", "linked/below", "other/well")) {
            Path file = site.source.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, path);
        }
        Files.createSymbolicLink(site.source.resolve("a-link"), Path.of("a-file"));
        Files.createDirectory(site.source.resolve("small"));
        for (int i = 0; i < SMALL_FILES; i++) {
            random("small/file-" + i, 10_000 + i);
        }
        random("the-large-one", 6_000_000);
        site.demo().exits(0);
    }

    @AfterAll
    void cleanUp() throws Exception {
        site.close();
    }

    @Test
    void whatIsInTheWayIsKeptAndAllElseComesBack() throws Exception {
        Path to = Files.createDirectory(site.root.resolve("taken"));
        Path elsewhere = Files.createDirectory(site.root.resolve("elsewhere"));
        Files.writeString(to.resolve("a-file"), "mine");
        Files.writeString(to.resolve("a-link"), "mine");
        Files.writeString(to.resolve("folder"), "mine");
        Files.createSymbolicLink(to.resolve("linked"), elsewhere);

        CaravanProcess.Outcome told = site.run("restore", ".", "--to", to.toString()).exits(1);

        for (String kept : List.of("a-file", "a-link", "folder")) {
            told.complainsOnce("'" + kept + "' not restored", "--overwrite");
            assertThat(to.resolve(kept)).hasContent("mine");
        }
        told.complainsOnce("'linked' not restored", "--overwrite");
        told.complainsOnce("'folder/deep/below' not restored");
        told.complainsOnce("'linked/below' not restored");
        assertThat(elsewhere).isEmptyDirectory();
        assertThat(to.resolve("last")).hasContent("last");
        assertThat(to.resolve("other/well")).hasContent("other/well");
        assertNoHalfFile(to);
    }

    @Test
    void aFolderOfSomebodyElseHoldsUpNothingElse() throws Exception {
        assumeTrue(Site.isRoot(), "takes away root's right to write anywhere");
        Path to = Files.createDirectory(site.root.resolve("shared"));
        Path theirs = Files.createDirectory(to.resolve("folder"));
        Site.execute("chown", "65534", theirs.toString());

        restoreWithoutRights(to)
                .complainsOnce("'folder/deep' not restored", "Permission denied")
                .complainsOnce("'folder/deep/below' not restored", "Permission denied");

        assertThat(theirs).isEmptyDirectory();
        assertThat(to.resolve("last")).hasContent("last");
        assertThat(to.resolve("other/well")).hasContent("other/well");
    }

    @Test
    void aPlaceThatMayNotBeWrittenIsOneLine() throws Exception {
        assumeTrue(Site.isRoot(), "takes away root's right to write anywhere");
        Path to = Files.createDirectory(site.root.resolve("not-mine"));
        Site.execute("chown", "65534", to.toString());

        String told = restoreWithoutRights(to).err();

        assertThat(told).hasLineCount(1).contains("--to '" + to + "'", "Permission denied");
        assertThat(to).isEmptyDirectory();
    }

    @Test
    void aFullDiskTakesWhatFitsAndTheRestOnceThereIsRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(site.root.resolve("disk"), "4m")) {
            Path to = disk.path().resolve("to");

            String told = site.run("restore", ".", "--to", to.toString()).exits(1).err();

            assertThat(told)
                    .hasLineCount(1)
                    .contains("--to '" + to + "'", "No space left", "items came back before");
            assertThat(to.resolve("the-large-one")).doesNotExist();
            assertNoHalfFile(to);
            // how many, is a race of the reader of the large one with those of the small ones
            Files.createDirectories(to.resolve("small"));
            assertThat(Site.listing(site.source.resolve("small")).lines())
                    .as("what was checked before the disk was full")
                    .containsAll(Site.listing(to.resolve("small")).lines().toList());
            long items = Long.parseLong(told.replaceFirst("(?s).*; (\\d+) items came.*", "$1"));
            try (Stream<Path> all = Files.walk(to)) {
                List<Path> there = all.filter(item -> !item.equals(to)).toList();
                long files = there.stream().filter(item -> !item.toFile().isDirectory()).count();
                assertThat(items).as("told as back").isBetween(files, (long) there.size());
            }

            disk.resize("40m");
            site.run("restore", ".", "--to", to.toString(), "--overwrite").exits(0).complainsNot();

            assertThat(Site.listing(to)).isEqualTo(Site.listing(site.source));
        }
    }

    @Test
    void aDiskWithNoRoomForAFolderIsOneLine() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(site.root.resolve("no-inodes"), "4m,nr_inodes=2")) {
            Path to = Files.createDirectory(disk.path().resolve("to"));

            String told = site.run("restore", ".", "--to", to.toString()).exits(1).err();

            assertThat(told).hasLineCount(1).contains("--to '" + to + "'", "No space left");
            assertThat(to).isEmptyDirectory();
        }
    }

    private CaravanProcess.Outcome restoreWithoutRights(Path to) throws Exception {
        return CaravanProcess.start(
                        site.root,
                        List.of("setpriv", "--bounding-set=-dac_override"),
                        "restore",
                        ".",
                        "--home=" + site.home,
                        "--to=" + to)
                .await()
                .exits(1);
    }

    private void random(String path, int size) throws Exception {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        Files.write(site.source.resolve(path), bytes);
    }

    private static void assertNoHalfFile(Path folder) throws Exception {
        try (Stream<Path> found = Files.walk(folder)) {
            assertThat(found.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.endsWith(".part"));
        }
    }
}
