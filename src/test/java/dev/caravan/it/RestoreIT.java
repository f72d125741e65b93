package dev.caravan.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// What `restore` may never do: give damaged bytes a name, take another copy than it was told,
/// overwrite, or guess.
@TestInstance(Lifecycle.PER_CLASS)
final class RestoreIT {
    @SuppressWarnings("UnusedVariable") // by @FieldSource
    private static final List<String> TARGETS = Site.TARGETS;

    private static final String SMALL = "the content of a small file\n";
    private static final String LARGE = "the content of a large file\n".repeat(60_000);

    private Site site;

    @BeforeAll
    void twoFiles() throws Exception {
        site = Site.create();
        Files.writeString(site.source.resolve("small"), SMALL);
        Files.writeString(site.source.resolve("large"), LARGE);
        site.demo().exits(0);
    }

    @AfterAll
    void cleanUp() throws Exception {
        site.close();
    }

    @Test
    void allComesBackWhileTheSourceIsLost() throws Exception {
        String before = Site.listing(site.source);
        Path away = site.root.resolve("away");
        Files.move(site.source, away);
        try {
            assertThat(Site.listing(site.restored("tape"))).isEqualTo(before);
            assertThat(site.whereis("small").get("versions")).hasSize(1);
            site.run("status").exits(0).complainsNot();
            site.run("log").exits(0).complainsNot();
        } finally {
            Files.move(away, site.source);
        }
    }

    @ParameterizedTest
    @FieldSource("TARGETS")
    void aDamagedCopyIsRefusedAndWithoutFromTheNextOneIsTaken(String target) throws Exception {
        Site damaged = site.copy();
        damage(damaged, target);
        Path strict = damaged.home.resolve("strict");
        Path free = damaged.home.resolve("free");

        CaravanProcess.Outcome refused =
                damaged.run(
                                "restore",
                                "small",
                                "large",
                                "--to",
                                strict.toString(),
                                "--from",
                                target)
                        .exits(1);

        for (String name : List.of("small", "large")) {
            assertThat(refused.err()).contains("'" + name + "' not restored");
            assertThat(strict.resolve(name)).doesNotExist();
        }
        try (Stream<Path> left = Files.list(strict)) {
            assertThat(left).as("half files").isEmpty();
        }

        if (!target.equals("nas")) {
            damage(damaged, "nas"); // it is the nearest, and would be good
        }
        CaravanProcess.Outcome told =
                damaged.run("restore", "small", "large", "--to", free.toString()).exits(0);

        assertThat(told.err())
                .contains("'small': copy on nas failed")
                .contains("taking the next copy");
        assertThat(free.resolve("small")).hasContent(SMALL);
        assertThat(free.resolve("large")).hasContent(LARGE);
    }

    @Test
    void nothingIsOverwrittenUnlessTold() throws Exception {
        Path to = Files.createDirectory(site.root.resolve("taken"));
        Files.writeString(to.resolve("small"), "mine");

        CaravanProcess.Outcome kept =
                site.run("restore", ".", "--to", to.toString()).exits(1).complainsOnce("small");

        assertThat(kept.err()).contains("--overwrite");
        assertThat(to.resolve("small")).hasContent("mine");
        assertThat(to.resolve("large")).hasContent(LARGE);

        site.run("restore", "small", "--to", to.toString(), "--overwrite").exits(0);

        assertThat(to.resolve("small")).hasContent(SMALL);
    }

    @Test
    void aPathInTwoSourcesIsAskedBack() throws Exception {
        Path other = Files.createDirectory(site.root.resolve("other"));
        Files.writeString(other.resolve("small"), "the other one");
        Site two = site.copy();
        two.run("demo", other.toString()).exits(0);
        Path to = two.home.resolve("to");

        two.run("restore", "small", "--to", to.toString())
                .exits(2)
                .complainsOnce("small", "other", "source", "--source");
        two.run("restore", ".", "--to", to.toString()).exits(2).complainsOnce("--source");
        two.run("whereis", "small").exits(2).complainsOnce("--source");
        assertThat(to).doesNotExist();

        two.run("restore", "small", "--source", "other", "--to", to.toString()).exits(0);

        assertThat(to.resolve("small")).hasContent("the other one");
    }

    @Test
    void anUnknownPathOrTargetIsOneLine() throws Exception {
        Path to = site.root.resolve("unknown");

        site.run("restore", "no/such", "--to", to.toString()).exits(1).complainsOnce("no/such");
        site.run("restore", "small", "--to", to.toString(), "--from", "moon")
                .exits(2)
                .complainsOnce("moon", "nas");
        site.run("whereis", "no/such").exits(1).complainsOnce("no/such");
        assertThat(site.run("whereis", "no/such", "--json").exits(1).json().has("error")).isTrue();
        assertThat(to).doesNotExist();
    }

    @Test
    void aFileWhereTheFolderShouldBeIsWrongUsage() throws Exception {
        Path file = Files.writeString(site.root.resolve("a-file"), "no folder");
        Path link = Files.createSymbolicLink(site.root.resolve("a-link"), Path.of("nowhere"));

        for (Path to : List.of(file, file.resolve("below/it"), link)) {
            Path inTheWay = to.equals(link) ? link : file;
            site.run("restore", "small", "--to", to.toString())
                    .exits(2)
                    .complainsOnce(
                            "--to '" + to + "'", "'" + inTheWay + "' is there and is no folder");
        }

        assertThat(file).hasContent("no folder");
        assertThat(site.root.resolve("nowhere")).doesNotExist();
    }

    @Test
    void aFolderThatCannotBeWrittenIsOneLine() throws Exception {
        Path to = site.root.resolve("read-only");
        try (AutoCloseable readOnly = readOnly(to)) {
            for (Path each : List.of(to, to.resolve("below"))) {
                CaravanProcess.Outcome told = site.run("restore", ".", "--to", each.toString());

                assertThat(told.exits(1).err()).hasLineCount(1).contains(to.toString());
            }

            try (Stream<Path> found = Files.list(to)) {
                assertThat(found).isEmpty();
            }
        }
    }

    /// A folder nothing can be made in: root may write wherever the file system lets it.
    private static AutoCloseable readOnly(Path folder) throws Exception {
        if (Site.isRoot()) {
            SmallDisk disk = SmallDisk.mount(folder, "64k");
            disk.readOnly();
            return disk;
        }
        Files.createDirectory(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-xr-xr-x")));
        return () -> {};
    }

    /// Turns one byte in the middle of each of the two contents, wherever the target keeps them.
    private static void damage(Site site, String target) throws Exception {
        Path place =
                switch (target) {
                    case "nas" -> site.nasTree();
                    case "tape" -> site.tapes();
                    default -> site.offsite();
                };
        int damaged = 0;
        List<Path> files;
        try (Stream<Path> all = Files.walk(place)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            String bytes = Files.readString(file, ISO_8859_1);
            FileTime modified = Files.getLastModifiedTime(file);
            for (String content : List.of(SMALL, LARGE.substring(0, 1000))) {
                int at = bytes.indexOf(content);
                if (at >= 0) {
                    bytes = bytes.substring(0, at + 5) + '#' + bytes.substring(at + 6);
                    damaged++;
                }
            }
            Files.writeString(file, bytes, ISO_8859_1);
            Files.setLastModifiedTime(file, modified);
        }
        assertThat(damaged).as("contents found on " + target).isEqualTo(2);
    }
}
