package dev.caravan.scan;

import static dev.caravan.scan.SourceTree.name;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Xattr;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.scan.Sighting.FolderEnd;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.scan.Sighting.Skipped;
import dev.caravan.scan.Sighting.Why;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TreeWalkTest {

    private SourceTree tree;

    @BeforeEach
    void make() throws IOException {
        tree = new SourceTree();
    }

    @AfterEach
    void remove() throws IOException {
        tree.close();
    }

    private static List<String> seen(List<Sighting> sightings) {
        return sightings.stream()
                .filter(Seen.class::isInstance)
                .map(each -> each.path().toString())
                .toList();
    }

    private static List<Skipped> skipped(List<Sighting> sightings) {
        return sightings.stream()
                .filter(Skipped.class::isInstance)
                .map(Skipped.class::cast)
                .toList();
    }

    private static Seen seen(List<Sighting> sightings, String path) {
        return sightings.stream()
                .filter(Seen.class::isInstance)
                .map(Seen.class::cast)
                .filter(each -> each.path().equals(ItemPath.of(path)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aFolderIsSeenBeforeItsEntriesWhichEndTogether() throws IOException {
        tree.file("a/b/deep", "x");
        tree.file("a/file", "x");
        Files.createDirectory(tree.path.resolve("empty"));

        List<Sighting> sightings = tree.walk();

        assertThat(seen(sightings))
                .containsExactlyInAnyOrder("a", "a/b", "a/b/deep", "a/file", "empty");
        Set<ItemPath> open = new HashSet<>(Set.of(ItemPath.ROOT));
        ItemPath current = ItemPath.ROOT;
        for (Sighting sighting : sightings) {
            switch (sighting) {
                case FolderEnd(ItemPath path, boolean complete) -> {
                    assertThat(complete).isTrue();
                    assertThat(open.remove(path)).isTrue();
                    current = path;
                }
                case Seen(ItemPath path, Metadata metadata, var _) -> {
                    assertThat(open).contains(path.parent());
                    if (metadata.kind() == Kind.FOLDER) {
                        open.add(path);
                    }
                }
                default -> throw new AssertionError(sighting);
            }
        }
        assertThat(open).isEmpty();
        assertThat(current).isNotEqualTo(ItemPath.ROOT);
    }

    @Test
    void hostileNamesAreSeenByteForByte() throws IOException {
        List<byte[]> names =
                List.of(
                        name("new\nline"),
                        name("\u001b[31mred"),
                        new byte[] {'b', (byte) 0xC3, (byte) 0x28, (byte) 0xFF},
                        name("n".repeat(255)),
                        name("-rf"),
                        name("trailing "),
                        name("dot."),
                        name("\u00e9"),
                        name("e\u0301"),
                        name("*?[]\\"),
                        name("${date}"),
                        name("{{secret}}"),
                        name(".hidden"),
                        name("..."));
        for (byte[] each : names) {
            tree.root.makeDirectory(each, 0755);
            try (Directory folder = tree.root.openDirectory(each)) {
                folder.createFile(each, 0644).close();
            }
        }

        List<Sighting> sightings = tree.walk();

        assertThat(sightings.stream().filter(Seen.class::isInstance))
                .extracting(each -> new String(each.path().name(), ISO_8859_1))
                .hasSize(2 * names.size())
                .containsOnly(
                        names.stream()
                                .map(each -> new String(each, ISO_8859_1))
                                .toArray(String[]::new));
    }

    @Test
    void metadataIsExact() throws IOException {
        tree.file("file", "12345");
        tree.root.link(name("file"), tree.root, name("second"));
        tree.root.setMode(name("file"), 04750);
        Instant before1970 = Instant.parse("1955-11-05T06:15:00.000000001Z");
        tree.root.setTimes(name("file"), before1970);
        tree.root.symlink(new byte[] {'t', (byte) 0xFF}, name("dangling"));
        tree.root.makeDirectory(name("folder"), 0700);

        List<Sighting> sightings = tree.walk();

        Seen file = seen(sightings, "file");
        assertThat(file.metadata().size()).isEqualTo(5);
        assertThat(file.metadata().mode()).isEqualTo(04750);
        assertThat(file.metadata().modified()).isEqualTo(before1970);
        assertThat(file.metadata().hardLinked()).isTrue();
        assertThat(file.fingerprint()).isEqualTo(seen(sightings, "second").fingerprint());
        assertThat(file.fingerprint().size()).isEqualTo(5);
        assertThat(seen(sightings, "dangling").metadata().linkTarget()).containsExactly('t', 0xFF);
        assertThat(seen(sightings, "folder").metadata().size()).isZero();
        assertThat(seen(sightings, "folder").metadata().links()).isEqualTo(1);
    }

    @Test
    void specialFilesAreSkippedAndNamed() throws Exception {
        tree.run("mkfifo", "pipe");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(tree.path.resolve("socket")));

            assertThat(skipped(tree.walk()))
                    .containsExactlyInAnyOrder(
                            new Skipped(ItemPath.of("pipe"), "FIFO", Why.SPECIAL_FILE),
                            new Skipped(ItemPath.of("socket"), "socket", Why.SPECIAL_FILE));
        }
    }

    @Test
    void symlinksAreSeenAndNeverFollowed() throws IOException {
        tree.file("a/file", "x");
        Files.createSymbolicLink(tree.path.resolve("a/loop"), Path.of(".."));
        Files.createSymbolicLink(tree.path.resolve("etc"), Path.of("/etc"));
        Files.createSymbolicLink(tree.path.resolve("self"), Path.of("self"));

        assertThat(seen(tree.walk()))
                .containsExactlyInAnyOrder("a", "a/file", "a/loop", "etc", "self");
    }

    @Test
    void moreFoldersThanMayBeOpenAreReadAll() throws IOException {
        for (String path : List.of("a/b/c/d/e/f", "a/b/c/d2/e/f", "a/b2/c", "a2/b/c/d")) {
            tree.file(path, "x");
        }

        List<Sighting> sightings = tree.walk(Selection.ALL, Set.of(), new Limits(4000, 1, false));

        assertThat(seen(sightings)).hasSize(15).contains("a/b/c/d2/e/f", "a2/b/c/d");
    }

    private static long openDescriptors() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    @Test
    void aWalkLeavesNoDescriptorOpenHoweverItEnds() throws IOException {
        tree.file("a/b/c", "x");
        tree.file("a/b2/c", "x");
        tree.walk();
        long before = openDescriptors();

        TreeWalk walk = new TreeWalk(tree.root, Selection.ALL, Set.of(), Limits.DEFAULT);
        assertThatThrownBy(() ->
                        walk.walk(sighting -> {
                            if (sighting.path().length() == 5) {
                                throw new IOException("visitor");
                            }
                        }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("visitor");
        tree.walk();

        assertThat(openDescriptors()).isEqualTo(before);
    }

    @Test
    void aPosixExceptionOfTheVisitorEndsTheWalk() throws IOException {
        tree.file("a/b", "x");
        TreeWalk walk = new TreeWalk(tree.root, Selection.ALL, Set.of(), Limits.DEFAULT);

        assertThatThrownBy(() -> walk.walk(_ -> tree.root.stat(name("missing"))))
                .isInstanceOfSatisfying(
                        PosixException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue());
    }

    @Test
    void ownDataIsLeftOutWhateverItIsCalled() throws IOException {
        tree.file("nas/copy", "x");
        tree.file("file", "x");
        FileId nas = FileId.of(tree.root.stat(name("nas")));
        Files.move(tree.path.resolve("nas"), tree.path.resolve("renamed"));

        List<Sighting> sightings = tree.walk(Selection.ALL, Set.of(nas), Limits.DEFAULT);

        assertThat(seen(sightings)).containsExactly("file");
        assertThat(skipped(sightings)).extracting(Skipped::why).containsExactly(Why.OWN_DATA);
    }

    @Test
    void anExcludedFolderIsOneSkip() throws IOException {
        tree.file("src/target/a/b", "x");
        tree.file("src/main", "x");
        tree.file("note.tmp", "x");

        List<Sighting> sightings =
                tree.walk(
                        Selection.of(List.of(), List.of("target/", "*.tmp")),
                        Set.of(),
                        Limits.DEFAULT);

        assertThat(seen(sightings)).containsExactlyInAnyOrder("src", "src/main");
        assertThat(skipped(sightings))
                .containsExactlyInAnyOrder(
                        new Skipped(
                                ItemPath.of("src/target"), "excluded by 'target/'", Why.EXCLUDED),
                        new Skipped(ItemPath.of("note.tmp"), "excluded by '*.tmp'", Why.EXCLUDED));
    }

    @Test
    void whatVanishesOrTurnsIntoSomethingElseInMidWalkIsNoError() throws Exception {
        for (int i = 0; i < 50; i++) {
            tree.file("folder" + i + "/file", "x");
        }
        TreeWalk walk = new TreeWalk(tree.root, Selection.ALL, Set.of(), Limits.DEFAULT);

        walk.walk(sighting -> {
            if (sighting instanceof FolderEnd(ItemPath path, boolean complete)) {
                assertThat(complete).isEqualTo(path.isRoot());
                if (path.isRoot()) {
                    replaceFolders();
                }
            } else {
                assertThat(sighting.path().parent().isRoot()).isTrue();
                assertThat(sighting).isInstanceOf(Seen.class);
            }
        });
    }

    private void replaceFolders() throws IOException {
        for (int i = 0; i < 50; i++) {
            byte[] folder = name("folder" + i);
            tree.root.rename(folder, tree.root, name("gone" + i), false);
            if (i % 3 == 0) {
                tree.root.symlink(name("/etc"), folder);
            } else if (i % 3 == 1) {
                tree.root.createFile(folder, 0644).close();
            }
        }
    }

    @Test
    void attributesAreReadWhenAsked() throws IOException {
        try (OpenFile file = tree.root.createFile(name("file"), 0644)) {
            file.setXattr("user.tag", name("red"));
        }

        assertThat(TreeWalk.xattrs(tree.root, ItemPath.of("file")))
                .containsExactly(new Xattr("user.tag", name("red")));
    }

    @Test
    void aRootThatCanNotBeListedThrows() throws IOException {
        Directory closed = Directory.open(tree.path);
        closed.close();
        TreeWalk walk = new TreeWalk(closed, Selection.ALL, Set.of(), Limits.DEFAULT);

        assertThatThrownBy(() -> walk.walk(_ -> {})).isInstanceOf(PosixException.class);
    }
}
