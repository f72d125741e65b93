package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.item.Content.Extent;
import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A segment is restored by the tar programs people have, without Caravan.
class TarRestoreIT {

    /// The programs, and what each cannot do (`segment-format.md`, "What the tar programs do").
    enum Tar {
        GNU(List.of("tar", "--version"), List.of("tar", "--xattrs", "-xpf", "SEGMENT")),
        BSD(List.of("bsdtar", "--version"), List.of("bsdtar", "-xpf", "SEGMENT")),
        PYTHON(
                List.of("python3", "--version"),
                List.of(
                        "python3",
                        "-c",
                        """
                        import sys, tarfile
                        tarfile.TarFile.extraction_filter = staticmethod(lambda member, path: member)
                        tarfile.open(sys.argv[1]).extractall('.')
                        """,
                        "SEGMENT"));

        private final List<String> probe;
        private final List<String> extract;

        Tar(List<String> probe, List<String> extract) {
            this.probe = probe;
            this.extract = extract;
        }

        boolean keepsXattrs() {
            return this != PYTHON;
        }

        Instant restored(Instant modified) {
            boolean cutTowardsZero = this == BSD && modified.getEpochSecond() < 0;
            return cutTowardsZero && modified.getNano() != 0
                    ? Instant.ofEpochSecond(
                            modified.getEpochSecond() + 1, 1_000_000_000 - modified.getNano())
                    : modified;
        }

        Duration tolerance() {
            return this == PYTHON ? Duration.ofNanos(1000) : Duration.ZERO;
        }
    }

    @TempDir Path dir;

    private final FakeContents contents = new FakeContents();
    private final Versions versions = new Versions();

    @ParameterizedTest
    @EnumSource
    void hostileNamesTimesModesAndLinksComeBack(Tar tar) throws Exception {
        assumePresent(tar);
        hostileTree();
        Path segment = write(versions.body(contents));

        Path restored = extract(tar, segment);

        for (Version version : versions.all) {
            check(tar, restored, version);
        }
        assertThat(attribute(place(restored, versions.all.getLast()), "ino"))
                .isEqualTo(
                        attribute(
                                place(restored, versions.all.get(versions.all.size() - 2)), "ino"));
    }

    private void hostileTree() {
        versions.mode = 0755;
        versions.folder("");
        versions.folder("empty");
        versions.mode = 0600;
        for (String name :
                List.of(
                        "plain",
                        "new\nline",
                        "esc\u001B[31m",
                        "-rf",
                        "trailing ",
                        "dot.",
                        "*?[]\\",
                        "${x}",
                        "{{x}}",
                        "\u00e9",
                        "e\u0301",
                        "\u00e9".repeat(60),
                        "e\u0301".repeat(60),
                        "x".repeat(255),
                        "d".repeat(90) + "/" + "n".repeat(90),
                        "=equals",
                        " 7 path=x\n")) {
            versions.file(name, name.length() * 100L);
        }
        versions.file(Versions.raw("bad\u00ff\u00fe"), 10, 1, 0);
        versions.file(Versions.raw("bad\u00ff".repeat(60)), 10, 1, 0);
        versions.modified = Instant.parse("1938-04-24T22:13:20.876543211Z");
        versions.file("before 1970", 10);
        versions.modified = Instant.parse("1969-12-31T23:59:59Z");
        versions.file("a second before 1970", 10);
        versions.modified = Instant.parse("2150-01-01T00:00:00.000000001Z");
        versions.mode = 04755;
        versions.file("setuid", 10);
        versions.mode = 0644;
        versions.file("four MiB", Format.SMALL);
        versions.file("more", Format.SMALL + 1);
        versions.xattrs =
                List.of(
                        new Xattr("user.text", Versions.raw("a\nb=c")),
                        new Xattr("user.raw", new byte[] {0, -1, 10, 0}));
        versions.file("attributes", 10);
        versions.xattrs = List.of();
        versions.symlink("link", Versions.raw("no where\n"));
        versions.symlink("loop", Versions.raw("loop"));
        versions.symlink("long link", Versions.raw("\u00ff".repeat(300)));
        versions.linked("one", 5000, 2, 9);
        versions.linked("x".repeat(101) + "two", 5000, 2, 9);
    }

    private void check(Tar tar, Path restored, Version version) throws IOException {
        Path path = place(restored, version);
        Kind kind = version.metadata().kind();
        if (kind == Kind.SYMLINK) {
            assertThat(bytesOf(Files.readSymbolicLink(path)))
                    .isEqualTo(version.metadata().linkTarget());
            return;
        }
        assertThat((int) attribute(path, "mode") & 07777)
                .as("%s", version)
                .isEqualTo(version.metadata().mode());
        Instant modified = ((FileTime) attribute(path, "lastModifiedTime")).toInstant();
        Duration off = Duration.between(tar.restored(version.metadata().modified()), modified);
        assertThat(off.abs()).as("%s", version).isLessThanOrEqualTo(tar.tolerance());
        if (kind == Kind.FILE) {
            boolean linked = version.metadata().hardLinked();
            long id = linked ? versions.all.size() - 1L : version.id();
            assertThat(Files.readAllBytes(path))
                    .isEqualTo(contents.bytes(versions.all.get((int) id - 1)));
        }
        if (tar.keepsXattrs()) {
            for (Xattr xattr : version.metadata().xattrs()) {
                String name = xattr.name().replaceFirst("user\\.", "user:");
                assertThat((byte[]) Files.getAttribute(path, name)).isEqualTo(xattr.value());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSparseFileOfThreeGibibytesStaysSparse(Tar tar) throws Exception {
        assumePresent(tar);
        Version version = versions.file(Versions.raw("sp\u00ffarse"), 3L << 30, 1, 0);
        contents.fate(version).extents =
                List.of(new Extent(1 << 20, 70_000), new Extent(2L << 30, 4096));

        SegmentBody body = versions.body(contents);
        Path restored = extract(tar, write(body));

        assertThat(body.length()).isLessThan(100_000);
        Path path = place(restored, version);
        assertThat(Files.size(path)).isEqualTo(3L << 30);
        assertThat(blocks(restored)).isLessThan(400);
        try (InputStream in = Files.newInputStream(path)) {
            in.skipNBytes(1 << 20);
            byte[] data = in.readNBytes(70_000);
            assertThat(SegmentBodyTest.hash(data))
                    .isEqualTo(SegmentBodyTest.hash(expected(version, 1 << 20, 70_000)));
            in.skipNBytes((2L << 30) - (1 << 20) - 70_000);
            assertThat(in.readNBytes(4096)).isEqualTo(expected(version, 2L << 30, 4096));
        }
    }

    private byte[] expected(Version version, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        try (var content = (FakeContents.Fake) contents.open(version)) {
            content.fill(offset, bytes, 0, length);
        }
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void readingMayStartAtAnyMember(Tar tar) throws Exception {
        assumePresent(tar);
        versions.file("first", 1000);
        Version long_ = versions.file("x".repeat(200), 5_000_000);
        Version bad = versions.file(Versions.raw("bad\u00ff"), 1000, 1, 0);
        SegmentBody body = versions.body(contents);
        byte[] segment = Files.readAllBytes(write(body));

        for (Version start : List.of(long_, bad)) {
            MemberResult member = body.result().orElseThrow().members().get((int) start.id() - 1);
            Path rest = dir.resolve("rest.tar");
            Files.write(rest, Arrays.copyOfRange(segment, (int) member.offset(), segment.length));
            Path restored = extract(tar, rest);

            assertThat(Files.readAllBytes(place(restored, start))).isEqualTo(contents.bytes(start));
            assertThat(restored.resolve("docs/first")).doesNotExist();
            assertThat(restored.resolve(Format.INDEX)).exists();
        }
    }

    private Path write(SegmentBody body) throws IOException {
        Path segment = dir.resolve("segment.tar");
        try (InputStream in = body.open()) {
            Files.copy(in, segment, StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(Files.size(segment)).isEqualTo(body.length());
        return segment;
    }

    private static void assumePresent(Tar tar) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(tar.probe).start();
            assumeTrue(process.waitFor() == 0, tar.probe.getFirst() + " does not run here");
        } catch (IOException e) {
            assumeTrue(false, tar.probe.getFirst() + " is not installed");
        }
    }

    private Path extract(Tar tar, Path segment) throws Exception {
        Path into = Files.createTempDirectory(dir, "restored");
        List<String> command = new ArrayList<>(tar.extract);
        command.set(command.indexOf("SEGMENT"), segment.toString());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(into.toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return into;
    }

    /// `Path.of(URI)` takes any bytes, `Path.of(String)` only what is UTF-8.
    private static Path place(Path restored, Version version) {
        StringBuilder uri = new StringBuilder(restored.toUri().toString());
        for (byte b : Member.name(version)) {
            uri.append(b == '/' ? "/" : "%%%02X".formatted(b & 0xFF));
        }
        return Path.of(URI.create(uri.toString()));
    }

    private static byte[] bytesOf(Path relative) {
        String uri = relative.toUri().getRawPath();
        String base = Path.of("").toAbsolutePath().toUri().getRawPath();
        assertThat(uri).startsWith(base);
        byte[] ascii = Versions.raw(uri.substring(base.length()));
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < ascii.length; i++) {
            if (ascii[i] == '%') {
                out.write(
                        Integer.parseInt(
                                new String(ascii, i + 1, 2, StandardCharsets.US_ASCII), 16));
                i += 2;
            } else {
                out.write(ascii[i]);
            }
        }
        return out.toByteArray();
    }

    private static Object attribute(Path path, String name) throws IOException {
        Map<String, Object> all =
                Files.readAttributes(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
        return Objects.requireNonNull(all.get(name));
    }

    /// Of all of a folder: a name that is not UTF-8 cannot be an argument.
    private static long blocks(Path folder) throws Exception {
        Process process =
                new ProcessBuilder("du", "-s", "--block-size=512", folder.toString()).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return Long.parseLong(said.split("\t", 2)[0]);
    }
}
