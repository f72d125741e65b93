package dev.caravan.posix;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryTest {

    @TempDir Path folder;
    private Directory root;

    @BeforeEach
    void open() throws IOException {
        root = Directory.open(folder);
    }

    @AfterEach
    void close() {
        root.close();
    }

    private static byte[] name(String text) {
        return text.getBytes(UTF_8);
    }

    private static void fails(int errno, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PosixException.class,
                        failed -> assertThat(failed.errnoName()).isEqualTo(Errno.name(errno)));
    }

    private void write(String path, String text) throws IOException {
        Files.createDirectories(folder.resolve(path).getParent());
        Files.writeString(folder.resolve(path), text);
    }

    private String read(Directory directory, String path) throws IOException {
        try (OpenFile file = directory.openFile(name(path))) {
            byte[] bytes = new byte[1000];
            int length = file.read(bytes, 0, bytes.length);
            return new String(bytes, 0, Math.max(length, 0), UTF_8);
        }
    }

    @Test
    void aStatSaysWhatJavaSays() throws IOException {
        write("a/b", "hello");
        Path file = folder.resolve("a/b");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-x--x"));

        Stat stat = root.stat(name("a/b"));

        assertThat(stat.isFile()).isTrue();
        assertThat(stat.size()).isEqualTo(5);
        assertThat(stat.mode()).isEqualTo(0651);
        assertThat(stat.links()).isEqualTo(1);
        assertThat(stat.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
        assertThat(stat.device()).isEqualTo(Files.getAttribute(file, "unix:dev"));
        assertThat(stat.uid()).isEqualTo(Files.getAttribute(file, "unix:uid"));
        assertThat(stat.gid()).isEqualTo(Files.getAttribute(file, "unix:gid"));
        assertThat(stat.modified()).isEqualTo(Files.getLastModifiedTime(file).toInstant());
        assertThat(stat.sparse()).isFalse();
        assertThat(root.device()).isEqualTo(stat.device());
        assertThat(root.stat(new byte[0]).isFolder()).isTrue();
    }

    @Test
    void aSymlinkIsNotFollowedAsTheLastPart() throws IOException {
        write("file", "x");
        root.symlink(name("file"), name("link"));

        assertThat(root.stat(name("link")).isSymlink()).isTrue();
        assertThat(root.readLink(name("link"))).isEqualTo(name("file"));
        fails(Errno.ELOOP, () -> root.openFile(name("link")));
        fails(Errno.EINVAL, () -> root.readLink(name("file")));
        fails(Errno.EOPNOTSUPP, () -> root.setMode(name("link"), 0600));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSymlinkAmongTheParentsIsRefusedByEveryCall(boolean byKernel) throws IOException {
        write("real/file", "x");
        Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));
        byte[] path = name("link/file");

        try (Directory way =
                Directory.open(folder, byKernel ? Resolution.BY_KERNEL : Resolution.BY_PARTS)) {
            assertThat(read(way, "real/file")).isEqualTo("x");
            fails(Errno.ELOOP, () -> way.openFile(path));
            fails(Errno.ELOOP, () -> way.openDirectory(name("link")));
            fails(Errno.ELOOP, () -> way.createFile(name("link/new"), 0600));
            fails(Errno.ELOOP, () -> way.stat(path));
            fails(Errno.ELOOP, () -> way.readable(path));
            fails(Errno.ELOOP, () -> way.makeDirectory(name("link/new"), 0700));
            fails(Errno.ELOOP, () -> way.removeFile(path));
            fails(Errno.ELOOP, () -> way.rename(path, way, name("new"), true));
            fails(Errno.ELOOP, () -> way.rename(name("real"), way, name("link/new"), true));
            fails(Errno.ELOOP, () -> way.link(path, way, name("new")));
            fails(Errno.ELOOP, () -> way.symlink(name("t"), name("link/new")));
            fails(Errno.ELOOP, () -> way.setMode(path, 0600));
            fails(Errno.ELOOP, () -> way.setOwner(path, 0, 0));
            fails(Errno.ELOOP, () -> way.setTimes(path, Instant.EPOCH));
            fails(Errno.ELOOP, () -> way.xattrs(path));
        }
        assertThat(folder.resolve("real")).isDirectoryContaining("glob:**/file");
        assertThat(folder.resolve("real").toFile().list()).containsExactly("file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"..", "../x", "a/..", "a/../b", ".", "a/./b", "/etc", "a//b", "a/", "a\0b"})
    void aNameThatIsNotBelowIsRefused(String hostile) throws IOException {
        write("a/b", "x");

        fails(Errno.EINVAL, () -> root.openFile(name(hostile)));
        fails(Errno.EINVAL, () -> root.stat(name(hostile)));
        fails(Errno.EINVAL, () -> root.removeFile(name(hostile)));
        fails(Errno.EINVAL, () -> root.rename(name("a"), root, name(hostile), true));
    }

    @Test
    void namesAreBytes() throws IOException {
        List<byte[]> names =
                List.of(
                        new byte[] {(byte) 0xFF, (byte) 0xFE, 'x'},
                        name("line\nbreak\u001b[31m"),
                        name("-rf *?[]\\ ."),
                        name("\u00e9"),
                        name("e\u0301"),
                        name("n".repeat(255)));
        for (byte[] name : names) {
            root.createFile(name, 0600).close();
        }

        root.makeDirectory(name("sub"), 0700);
        List<String> listed = new ArrayList<>();
        root.list((name, isFolder) -> {
            String text = new String(name, ISO_8859_1);
            assertThat(isFolder).isEqualTo(text.equals("sub"));
            if (!isFolder) {
                listed.add(text);
            }
        });

        assertThat(listed)
                .containsExactlyInAnyOrderElementsOf(
                        names.stream().map(name -> new String(name, ISO_8859_1)).toList());
        assertThatThrownBy(() -> root.createFile(names.get(0), 0600))
                .hasMessage("create '\\xFF\\xFEx': File exists (EEXIST)");
        fails(Errno.ENAMETOOLONG, () -> root.createFile(name("n".repeat(256)), 0600));
        fails(Errno.ENAMETOOLONG, () -> root.createFile(name("n".repeat(5000)), 0600));
    }

    @Test
    @Timeout(60)
    void aFifoNeverBlocks() throws Exception {
        mkfifo("fifo");

        try (OpenFile fifo = root.openFile(name("fifo"))) {
            assertThat(fifo.stat().isFile()).isFalse();
            assertThat(fifo.stat().typeName()).isEqualTo("FIFO");
        }
    }

    private void mkfifo(String name) throws IOException, InterruptedException {
        Process mkfifo = new ProcessBuilder("mkfifo", folder.resolve(name).toString()).start();
        assertThat(mkfifo.waitFor()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1969-12-31T23:59:59.999999999Z",
                "1901-12-14T00:00:00.000000001Z",
                "2150-06-07T08:09:10.123456789Z"
            })
    void timesAreExactToTheNanosecond(String time) throws IOException {
        Instant modified = Instant.parse(time);
        write("file", "x");
        root.makeDirectory(name("sub"), 0700);
        root.symlink(name("nowhere"), name("link"));

        for (String each : List.of("file", "sub", "link", "")) {
            root.setTimes(name(each), modified);

            assertThat(root.stat(name(each)).modified()).isEqualTo(modified);
        }
    }

    @Test
    void modeAndOwnerAreSet() throws IOException {
        write("file", "x");
        root.makeDirectory(name("sub"), 0700);

        root.setMode(name("file"), 04751);
        root.setMode(name("sub"), 03775);
        root.setMode(new byte[0], 0711);

        assertThat(root.stat(name("file")).mode()).isEqualTo(04751);
        assertThat(root.stat(name("sub")).mode()).isEqualTo(03775);
        assertThat(root.stat(new byte[0]).mode()).isEqualTo(0711);
        Stat before = root.stat(name("file"));
        root.setOwner(name("file"), before.uid(), before.gid());
        assertThat(root.stat(name("file")).uid()).isEqualTo(before.uid());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRenameReplacesOnlyWhenItIsTold(boolean byKernel) throws IOException {
        write("new", "new");
        write("old", "old");
        try (Directory way =
                Directory.open(folder, byKernel ? Resolution.BY_KERNEL : Resolution.BY_PARTS)) {
            assertThatThrownBy(() -> way.rename(name("new"), way, name("old"), false))
                    .hasMessage("rename 'new' to 'old': File exists (EEXIST)");
            way.rename(name("new"), way, name("other"), false);
            assertThat(read(way, "old")).isEqualTo("old");

            way.rename(name("other"), way, name("old"), true);

            assertThat(read(way, "old")).isEqualTo("new");
            assertThat(folder.toFile().list()).containsExactly("old");
        }
    }

    @Test
    void linksFoldersAndRemovalWork() throws IOException {
        root.makeDirectory(name("a"), 0700);
        root.createFile(name("a/file"), 0600).close();
        try (Directory a = root.openDirectory(name("a"))) {
            a.link(name("file"), root, name("second"));
        }

        assertThat(root.stat(name("second")).links()).isEqualTo(2);
        fails(Errno.ENOTEMPTY, () -> root.removeDirectory(name("a")));
        fails(Errno.EISDIR, () -> root.removeFile(name("a")));
        root.removeFile(name("a/file"));
        root.removeDirectory(name("a"));
        root.sync();
        root.syncFileSystem();
        assertThat(folder.toFile().list()).containsExactly("second");
        fails(Errno.ENOENT, () -> root.stat(name("a")));
        fails(Errno.ENOTDIR, () -> root.stat(name("second/x")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPathLongerThanTheKernelTakesIsWalked(boolean byKernel) throws IOException {
        StringBuilder path = new StringBuilder();
        try (Directory way =
                Directory.open(folder, byKernel ? Resolution.BY_KERNEL : Resolution.BY_PARTS)) {
            for (int depth = 0; depth < 25; depth++) {
                path.append(depth == 0 ? "" : "/").append(("d" + depth).repeat(100), 0, 200);
                way.makeDirectory(name(path.toString()), 0700);
            }
            assertThat(path.length()).isGreaterThan(5000);
            way.createFile(name(path + "/file"), 0600).close();

            assertThat(way.stat(name(path + "/file")).isFile()).isTrue();
            assertThat(way.xattrs(name(path + "/file"))).isEmpty();
            way.removeFile(name(path + "/file"));
            while (path.length() > 0) {
                way.removeDirectory(name(path.toString()));
                path.setLength(Math.max(path.lastIndexOf("/"), 0));
            }
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void userAttributesOfFilesAndFoldersAreRead() throws IOException {
        byte[] binary = {0, 1, (byte) 0xFF};
        root.makeDirectory(name("sub"), 0700);
        try (OpenFile file = root.createFile(name("file"), 0600)) {
            file.setXattr("user.empty", new byte[0]);
            file.setXattr("user.binär", binary);

            assertThat(file.xattrs())
                    .extracting(ExtendedAttribute::name)
                    .containsExactlyInAnyOrder("user.empty", "user.binär");
        }

        assertThat(root.xattrs(name("file")))
                .filteredOn(each -> each.name().equals("user.binär"))
                .allSatisfy(each -> assertThat(each.value()).isEqualTo(binary))
                .hasSize(1);
        assertThat(root.xattrs(name("sub"))).isEmpty();
        assertThat(root.xattrs(new byte[0])).isEmpty();
    }

    @Test
    void accessControlListsAreReadAndSetWhereTheFileSystemHasThem() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "listed");
        Process setfacl =
                new ProcessBuilder("setfacl", "-m", "u:12345:rw", file.toString()).start();
        assumeTrue(setfacl.waitFor() == 0, "this file system has access control lists");

        ExtendedAttribute list =
                root.xattrs(name("file")).stream()
                        .filter(each -> each.name().equals("system.posix_acl_access"))
                        .findFirst()
                        .orElseThrow();
        try (OpenFile other = root.createFile(name("other"), 0600)) {
            other.setXattr(list.name(), list.value());
        }

        Process getfacl = new ProcessBuilder("getfacl", "-n", folder + "/other").start();
        assertThat(new String(getfacl.getInputStream().readAllBytes(), UTF_8))
                .contains("user:12345:rw-");
    }

    @Test
    void aVisitorsOwnExceptionEndsTheListing() throws IOException {
        write("a", "");
        write("b", "");

        assertThatThrownBy(() ->
                        root.list((each, isFolder) -> {
                            throw new IOException("enough");
                        }))
                .hasMessage("enough");
    }

    @Test
    void aClosedDirectoryDoesNothing() throws IOException {
        Directory closed = Directory.open(folder);
        closed.close();
        closed.close();

        fails(Errno.EBADF, () -> closed.stat(name("x")));
        fails(Errno.EBADF, () -> closed.createFile(name("x"), 0600));
    }
}
