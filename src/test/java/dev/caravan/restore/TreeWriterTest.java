package dev.caravan.restore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Xattr;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeWriterTest {

    private static final Instant BEFORE_1970 = Instant.parse("1938-07-06T05:04:03.000000002Z");

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

    private Metadata metadata(Kind kind, long size, int mode) throws IOException {
        Stat own = root.stat(new byte[0]);
        return new Metadata(
                kind,
                size,
                BEFORE_1970,
                mode,
                own.uid(),
                own.gid(),
                Metadata.NO_TARGET,
                1,
                List.of());
    }

    private void write(TreeWriter writer, String path, String text) throws IOException {
        write(writer, path, text, metadata(Kind.FILE, text.length(), 0640));
    }

    private static void write(TreeWriter writer, String path, String text, Metadata metadata)
            throws IOException {
        try (Pending pending = writer.begin(ItemPath.of(path), metadata)) {
            pending.write(text.getBytes(UTF_8), 0, text.length());
            pending.publish();
        }
    }

    private void symlink(TreeWriter writer, String path, String target) throws IOException {
        Metadata link = metadata(Kind.SYMLINK, 0, 0777);
        writer.symlink(
                ItemPath.of(path),
                new Metadata(
                        link.kind(),
                        0,
                        link.modified(),
                        link.mode(),
                        link.uid(),
                        link.gid(),
                        target.getBytes(UTF_8),
                        1,
                        List.of()));
    }

    private Stat stat(String path) throws IOException {
        return root.stat(path.getBytes(UTF_8));
    }

    private List<String> tree() throws IOException {
        try (var paths = Files.walk(folder)) {
            return paths.skip(1).map(each -> folder.relativize(each).toString()).sorted().toList();
        }
    }

    private static void fails(int errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PosixException.class,
                        failed -> assertThat(failed.errnoName()).isEqualTo(Errno.name(errno)));
    }

    @Test
    void aTreeComesBackWithItsMetadata() throws IOException {
        TreeWriter writer = new TreeWriter(root, false);
        writer.folder(ItemPath.of("a"), metadata(Kind.FOLDER, 0, 0555));
        writer.folder(ItemPath.of("a/empty"), metadata(Kind.FOLDER, 0, 01777));
        write(writer, "a/file", "contents");
        symlink(writer, "a/link", "../nowhere");
        writer.hardLink(ItemPath.of("a/file"), ItemPath.of("a/second"));
        assertThat(stat("a").mode()).isEqualTo(0700);

        writer.finish();

        assertThat(tree()).containsExactly("a", "a/empty", "a/file", "a/link", "a/second");
        assertThat(Files.readString(folder.resolve("a/file"))).isEqualTo("contents");
        assertThat(stat("a").mode()).isEqualTo(0555);
        assertThat(stat("a/empty").mode()).isEqualTo(01777);
        assertThat(stat("a/file").mode()).isEqualTo(0640);
        assertThat(stat("a/file").links()).isEqualTo(2);
        assertThat(root.readLink("a/link".getBytes(UTF_8))).asString().isEqualTo("../nowhere");
        for (String path : tree()) {
            assertThat(stat(path).modified()).as(path).isEqualTo(BEFORE_1970);
        }
        assertThat(writer.shortfalls()).isZero();
    }

    @Test
    void foldersThatAreNoItemsHaveTheUsualModeInTheEnd() throws IOException {
        Path usual = Files.createDirectory(base.resolve("usual"));
        TreeWriter writer = new TreeWriter(root, false);
        write(writer, "x/y/file", "contents");
        assertThat(stat("x").mode()).isEqualTo(0700);
        assertThat(stat("x/y").mode()).isEqualTo(0700);

        writer.finish();

        assertThat(Files.getPosixFilePermissions(folder.resolve("x")))
                .isEqualTo(Files.getPosixFilePermissions(usual))
                .isEqualTo(Files.getPosixFilePermissions(folder.resolve("x/y")));
    }

    @Test
    void nothingIsUnderItsNameBeforeItIsPublished() throws IOException {
        TreeWriter writer = new TreeWriter(root, false);
        Metadata metadata = metadata(Kind.FILE, 4, 0600);

        try (Pending pending = writer.begin(ItemPath.of("file"), metadata)) {
            pending.write("half".getBytes(UTF_8), 0, 4);

            assertThat(tree()).singleElement().asString().startsWith(".caravan-");
        }
        assertThat(tree()).isEmpty();

        try (Pending pending = writer.begin(ItemPath.of("file"), metadata)) {
            pending.write("ha".getBytes(UTF_8), 0, 2);

            assertThatThrownBy(pending::publish)
                    .hasMessage("'file': 2 bytes were written, it has 4");
        }
        assertThat(tree()).isEmpty();
    }

    @Test
    void manyPendingFilesAreSyncedAtOnceAndThenPublished() throws IOException {
        TreeWriter writer = new TreeWriter(root, false);
        List<Pending> pending = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Pending file = writer.begin(ItemPath.of("a/" + i), metadata(Kind.FILE, 1, 0600));
            file.write(new byte[] {'x'}, 0, 1);
            pending.add(file);
        }

        writer.sync();
        for (Pending each : pending) {
            each.publish();
        }

        assertThat(folder.resolve("a").toFile().list())
                .hasSize(100)
                .noneMatch(name -> name.startsWith("."));
    }

    @Test
    void nothingIsReplacedUnlessThatWasAskedFor() throws IOException {
        Files.writeString(folder.resolve("file"), "mine");
        Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
        Files.createDirectory(folder.resolve("folder"));
        TreeWriter careful = new TreeWriter(root, false);
        write(careful, "new", "new");

        for (String name : List.of("file", "link", "folder")) {
            assertThatThrownBy(() -> write(careful, name, "other"))
                    .isInstanceOf(ExistsException.class)
                    .hasMessageStartingWith("'" + name + "' exists already");
            assertThatThrownBy(() -> symlink(careful, name, "other"))
                    .isInstanceOf(ExistsException.class);
            assertThatThrownBy(() -> careful.hardLink(ItemPath.of("new"), ItemPath.of(name)))
                    .isInstanceOf(ExistsException.class);
        }
        assertThatThrownBy(
                        () -> careful.folder(ItemPath.of("file"), metadata(Kind.FOLDER, 0, 0700)))
                .isInstanceOf(ExistsException.class);
        careful.finish();
        assertThat(Files.readString(folder.resolve("file"))).isEqualTo("mine");
        assertThat(tree()).containsExactly("file", "folder", "link", "new");
    }

    @Test
    void aNameTakenInTheMeantimeIsNotReplaced() throws IOException {
        TreeWriter writer = new TreeWriter(root, false);

        try (Pending pending = writer.begin(ItemPath.of("file"), metadata(Kind.FILE, 0, 0600))) {
            Files.writeString(folder.resolve("file"), "mine");

            assertThatThrownBy(pending::publish).isInstanceOf(ExistsException.class);
        }
        assertThat(Files.readString(folder.resolve("file"))).isEqualTo("mine");
        assertThat(tree()).containsExactly("file");
    }

    @Test
    void overwriteReplacesAllButFoldersInTheWay() throws IOException {
        Files.writeString(folder.resolve("file"), "mine");
        Path outside = Files.writeString(base.resolve("outside"), "untouched");
        Files.createSymbolicLink(folder.resolve("link"), outside);
        Files.createDirectory(folder.resolve("folder"));
        Files.writeString(folder.resolve("was-file"), "mine");
        TreeWriter writer = new TreeWriter(root, true);

        write(writer, "file", "restored");
        write(writer, "link", "restored");
        writer.folder(ItemPath.of("was-file"), metadata(Kind.FOLDER, 0, 0750));
        fails(Errno.EISDIR, () -> write(writer, "folder", "restored"));
        fails(Errno.EISDIR, () -> symlink(writer, "folder", "x"));
        writer.hardLink(ItemPath.of("file"), ItemPath.of("link"));
        writer.hardLink(ItemPath.of("file"), ItemPath.of("link"));
        writer.finish();

        assertThat(Files.readString(folder.resolve("file"))).isEqualTo("restored");
        assertThat(stat("link").inode()).isEqualTo(stat("file").inode());
        assertThat(stat("was-file").mode()).isEqualTo(0750);
        assertThat(Files.readString(outside)).isEqualTo("untouched");
        assertThat(tree()).containsExactly("file", "folder", "link", "was-file");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSymlinkInTheTargetLeadsNowhere(boolean overwrite) throws IOException {
        Path outside = Files.createDirectory(base.resolve("outside"));
        Files.createSymbolicLink(folder.resolve("a"), outside);
        TreeWriter writer = new TreeWriter(root, overwrite);

        fails(Errno.ELOOP, () -> write(writer, "a/file", "x"));
        fails(Errno.ELOOP, () -> write(writer, "a/b/file", "x"));
        fails(Errno.ELOOP, () -> symlink(writer, "a/link", "x"));
        fails(Errno.ELOOP, () -> writer.folder(ItemPath.of("a/b"), metadata(Kind.FOLDER, 0, 0700)));

        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aFolderSwappedForASymlinkBeforeTheEndLeavesTheOutsideAlone() throws IOException {
        Path outside = Files.createDirectory(base.resolve("outside"));
        Object before = Files.getPosixFilePermissions(outside);
        TreeWriter writer = new TreeWriter(root, false);
        writer.folder(ItemPath.of("a"), metadata(Kind.FOLDER, 0, 0777));
        Files.delete(folder.resolve("a"));
        Files.createSymbolicLink(folder.resolve("a"), outside);

        writer.finish();

        assertThat(Files.getPosixFilePermissions(outside)).isEqualTo(before);
        assertThat(writer.firstShortfalls()).singleElement().asString().contains("ELOOP");
    }

    @Test
    void theRightsOfAnotherOwnerAreNotLent() throws IOException {
        assumeTrue(Directory.effectiveUser() == 0, "only root can give files away");
        TreeWriter writer = new TreeWriter(root, false);
        Metadata own = metadata(Kind.FILE, 1, 06755);
        Metadata others =
                new Metadata(
                        Kind.FILE,
                        1,
                        BEFORE_1970,
                        06755,
                        1234,
                        2345,
                        own.linkTarget(),
                        1,
                        List.of());

        write(writer, "given", "x", others);

        assertThat(stat("given").uid()).isEqualTo(1234);
        assertThat(stat("given").gid()).isEqualTo(2345);
        assertThat(stat("given").mode()).isEqualTo(06755);
        Shortfalls shortfalls = new Shortfalls();
        ItemPath path = ItemPath.of("kept");
        assertThat(Pending.safeMode(path, own, stat("given"), shortfalls)).isEqualTo(0755);
        assertThat(Pending.safeMode(path, others, stat("given"), shortfalls)).isEqualTo(06755);
        assertThat(shortfalls.count()).isEqualTo(1);
    }

    @Test
    void attributesComeBack() throws IOException {
        List<Xattr> tag = List.of(new Xattr("user.tag", new byte[] {0, (byte) 0xFF}));
        TreeWriter writer = new TreeWriter(root, false);
        Metadata file = metadata(Kind.FILE, 1, 0444);
        Metadata sub = metadata(Kind.FOLDER, 0, 0555);

        writer.folder(ItemPath.of("sub"), with(sub, tag));
        write(writer, "sub/file", "x", with(file, tag));
        writer.finish();

        for (String path : List.of("sub", "sub/file")) {
            assertThat(root.xattrs(path.getBytes(UTF_8)))
                    .singleElement()
                    .satisfies(each -> assertThat(each.name()).isEqualTo("user.tag"))
                    .satisfies(each -> assertThat(each.value()).containsExactly(0, 0xFF));
            assertThat(stat(path).modified()).isEqualTo(BEFORE_1970);
        }
    }

    private static Metadata with(Metadata m, List<Xattr> xattrs) {
        return new Metadata(
                m.kind(),
                m.size(),
                m.modified(),
                m.mode(),
                m.uid(),
                m.gid(),
                m.linkTarget(),
                m.links(),
                xattrs);
    }

    @Test
    void anAttributeTheFileSystemRefusesIsAShortfall() throws IOException {
        TreeWriter writer = new TreeWriter(root, false);
        List<Xattr> strange = List.of(new Xattr("nonsense.tag", new byte[1]));

        write(writer, "file", "x", with(metadata(Kind.FILE, 1, 0600), strange));

        assertThat(writer.shortfalls()).isEqualTo(1);
        assertThat(writer.firstShortfalls().getFirst())
                .startsWith("file: set attribute nonsense.tag of")
                .endsWith("(EOPNOTSUPP)");
        assertThat(Files.readString(folder.resolve("file"))).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 12, 10_000, 1 << 16, 1 << 18, 1 << 20})
    void longRunsOfZerosBecomeHolesHoweverTheyArrive(int chunk) throws IOException {
        byte[] bytes = new byte[5_000_000];
        Random random = new Random(7);
        for (int[] data :
                new int[][] {{0, 5000}, {12_345, 30_000}, {2_000_000, 3}, {4_200_000, 9}}) {
            for (int i = 0; i < data[1]; i++) {
                bytes[data[0] + i] = (byte) (1 + random.nextInt(255));
            }
        }
        TreeWriter writer = new TreeWriter(root, false);

        try (Pending pending =
                writer.begin(ItemPath.of("file"), metadata(Kind.FILE, bytes.length, 0600))) {
            for (int at = 0; at < bytes.length; at += chunk) {
                pending.write(bytes, at, Math.min(chunk, bytes.length - at));
            }
            pending.publish();
        }

        assertThat(Arrays.equals(Files.readAllBytes(folder.resolve("file")), bytes)).isTrue();
        assertThat(stat("file").blocks512() * 512).isLessThan(100_000);
    }

    @Test
    void randomMixturesOfDataAndZerosAreWrittenExactly() throws IOException {
        Random random = new Random(11);
        TreeWriter writer = new TreeWriter(root, true);
        for (int round = 0; round < 200; round++) {
            byte[] bytes = new byte[random.nextInt(600_000)];
            for (int at = 0; at < bytes.length; ) {
                int run = Math.min(bytes.length - at, random.nextInt(150_000));
                if (random.nextBoolean()) {
                    Arrays.fill(bytes, at, at + run, (byte) 1);
                }
                at += run;
            }
            try (Pending pending =
                    writer.begin(ItemPath.of("file"), metadata(Kind.FILE, bytes.length, 0600))) {
                for (int at = 0; at < bytes.length; ) {
                    int length = Math.min(bytes.length - at, 1 + random.nextInt(100_000));
                    pending.write(bytes, at, length);
                    at += length;
                }
                pending.publish();
            }
            assertThat(Arrays.equals(Files.readAllBytes(folder.resolve("file")), bytes)).isTrue();
        }
    }

    @Test
    void aSparseFileOfThreeGibibytesStaysSparse() throws IOException {
        TreeWriter writer = new TreeWriter(root, false);
        long size = 3L << 30;

        try (Pending pending =
                writer.begin(ItemPath.of("sparse"), metadata(Kind.FILE, size, 0600))) {
            pending.skip(1L << 30);
            pending.write("data".getBytes(UTF_8), 0, 4);
            pending.skip(size - (1L << 30) - 4);
            pending.publish();
        }

        assertThat(stat("sparse").size()).isEqualTo(size);
        assertThat(stat("sparse").blocks512() * 512).isLessThan(1 << 16);
        try (OpenFile file = root.openFile("sparse".getBytes(UTF_8))) {
            assertThat(file.nextData(0)).isEqualTo(1L << 30);
        }
    }

    @Test
    void onlyOldUnlockedPartsOfOursAreSwept() throws IOException {
        TreeWriter living = new TreeWriter(root, false);
        Pending pending = living.begin(ItemPath.of("a/b"), metadata(Kind.FILE, 0, 0600));
        Files.createDirectory(folder.resolve("a/.caravan-0123456789abcdef.part"));
        Files.writeString(folder.resolve("a/.caravan-0123456789abcde0.part"), "dead");
        Files.createSymbolicLink(folder.resolve(".caravan-00000000000000aa.part"), folder);
        Files.writeString(folder.resolve("a/.caravan-mine.part"), "not ours");
        InstantSource hourLater = InstantSource.offset(InstantSource.system(), Duration.ofHours(1));

        int tooEarly = new TreeWriter(root, false).sweep();
        int removed = new TreeWriter(root, false, hourLater).sweep();

        assertThat(tooEarly).isZero();
        assertThat(removed).isEqualTo(2);
        pending.publish();
        assertThat(tree())
                .containsExactly(
                        "a", "a/.caravan-0123456789abcdef.part", "a/.caravan-mine.part", "a/b");
    }

    @Test
    void theRootAndOtherKindsAreRefused() throws IOException {
        TreeWriter writer = new TreeWriter(root, false);
        Metadata sub = metadata(Kind.FOLDER, 0, 0700);

        assertThatThrownBy(() -> writer.folder(ItemPath.ROOT, sub))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.begin(ItemPath.of("x"), sub))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
