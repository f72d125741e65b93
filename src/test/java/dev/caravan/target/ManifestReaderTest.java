package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import dev.caravan.ledger.Rebuild.Found;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is written into manifests is read again, and nothing else is taken for it.
class ManifestReaderTest {
    private static final Instant MODIFIED = Instant.parse("1969-02-28T01:02:03.000000004Z");
    private static final Instant CHANGED = Instant.parse("2026-01-01T00:00:00.999999999Z");
    private static final String GOOD =
            "{\"source\":\"docs\",\"path\":\"a\",\"id\":7,\"version\":2,\"kind\":\"FILE\",\"size\":3,"
                    + "\"modified\":\"2024-02-29T01:02:03.000000004Z\",\"mode\":\"644\",\"uid\":1,\"gid\":2,"
                    + "\"sha256\":\""
                    + "ab".repeat(32)
                    + "\"}";

    private final List<ManifestReader.Line> lines = new ArrayList<>();
    private final List<String> bad = new ArrayList<>();

    private void read(byte[] text) throws IOException {
        ManifestReader.read(
                new ByteArrayInputStream(text),
                new ManifestReader.Lines() {
                    @Override
                    public void take(ManifestReader.Line line) {
                        lines.add(line);
                    }

                    @Override
                    public void bad(long number, String why) {
                        bad.add(number + ": " + why);
                    }
                });
    }

    private void read(String text) throws IOException {
        read(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Version version(long id, byte[] path, Kind kind, int links, long inode) {
        byte[] target =
                kind == Kind.SYMLINK
                        ? new byte[] {'.', '.', '/', (byte) 0xfe, '\n'}
                        : Metadata.NO_TARGET;
        List<Xattr> xattrs =
                kind == Kind.FILE
                        ? List.of(new Xattr("user.a", new byte[] {0, 1}), new Xattr("user.b", path))
                        : List.of();
        long size = kind == Kind.FILE ? 1L << 50 : 0;
        return new Version(
                id,
                "docs",
                ItemPath.of(path),
                3,
                new Metadata(kind, size, MODIFIED, 04755, -2, 1000, target, links, xattrs),
                new Fingerprint(-7, inode, size, MODIFIED, CHANGED),
                kind == Kind.FILE ? Sha256.OF_NOTHING : null);
    }

    private static Found found(Version v) {
        return new Found(
                v.source(),
                v.path(),
                v.number(),
                v.id(),
                v.metadata(),
                v.fingerprint(),
                v.sha256(),
                0);
    }

    @Test
    void everyVersionComesBackByteForByte() throws IOException {
        byte[] hostile = {'a', '\n', '/', (byte) 0xff, '\\', 'x', '4', '1', '"', 27};
        List<Version> versions =
                List.of(
                        version(1, hostile, Kind.FILE, 1, 5),
                        version(2, new byte[] {'b'}, Kind.FILE, 70_000, -1),
                        version(3, "ü/é".getBytes(StandardCharsets.UTF_8), Kind.SYMLINK, 1, 6),
                        version(4, new byte[] {'.', '.', '.'}, Kind.FOLDER, 1, 7));
        Manifest manifest = new Manifest();
        for (Version version : versions) {
            manifest.add(version, version.sha256(), version.id() == 2 ? "objects/ab/abc" : null);
        }

        read(manifest.bytes());

        assertThat(bad).isEmpty();
        assertThat(lines)
                .extracting(ManifestReader.Line::found)
                .containsExactlyElementsOf(versions.stream().map(v -> found(v)).toList());
        assertThat(lines)
                .extracting(ManifestReader.Line::object)
                .containsExactly(null, "objects/ab/abc", null, null);
    }

    @Test
    void manifestsOfOlderProgramsAreRead() throws IOException {
        read(GOOD + "\n" + GOOD.replace("\"uid\"", "\"hardLink\":\"9:11\",\"uid\"") + "\n");

        assertThat(bad).isEmpty();
        assertThat(lines.get(0).found().fingerprint()).isNull();
        assertThat(lines.get(1).found().metadata().links()).isEqualTo(2);
        assertThat(lines.get(1).found().fingerprint())
                .extracting(Fingerprint::device, Fingerprint::inode)
                .containsExactly(9L, 11L);
    }

    @Test
    void aLineThatIsNoneIsToldAndTheNextOneIsRead() throws IOException {
        read("garbage\u001b[2J\n" + GOOD + "\n\n[]\n{\"a\":{}}\n" + GOOD + "\n");

        assertThat(lines).hasSize(2);
        assertThat(bad).hasSize(4).allMatch(line -> line.chars().noneMatch(c -> c == 27));
    }

    @Test
    void aLastLineThatWasCutOffIsTold() throws IOException {
        read(GOOD + "\n" + GOOD.substring(0, GOOD.length() - 20));

        assertThat(lines).hasSize(1);
        assertThat(bad).singleElement().asString().startsWith("2: cut off");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"path\":\"../../etc/passwd\"",
                "\"path\":\"/etc/passwd\"",
                "\"path\":\"a/./b\"",
                "\"path\":\"a\\u0000b\"",
                "\"path\":7",
                "\"pathBytes\":\"****\"",
                "\"id\":0",
                "\"id\":9223372036854775808",
                "\"id\":1.5",
                "\"version\":-1",
                "\"size\":-1",
                "\"size\":99999999999999999999",
                "\"kind\":\"FIFO\"",
                "\"mode\":\"999\"",
                "\"modified\":\"yesterday\"",
                "\"sha256\":\"ab\"",
                "\"hardLink\":\"1\""
            })
    void whatCannotBeIsRefused(String field) throws IOException {
        String name = field.substring(0, field.indexOf(':'));
        String line = GOOD.replaceFirst(name + ":(\"[^\"]*\"|[0-9]+),?", "");
        read(line.replaceFirst(",?}$", "," + field.replace("\\", "\\\\") + "}") + "\n");

        assertThat(lines).isEmpty();
        assertThat(bad).hasSize(1);
    }

    @Test
    void aLineWithoutEndTakesNoMoreMemoryThanALineMay() throws IOException {
        byte[] endless = new byte[40 << 20];
        java.util.Arrays.fill(endless, (byte) 'x');
        endless[endless.length - 1] = '\n';
        byte[] good = (GOOD + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] all = java.util.Arrays.copyOf(endless, endless.length + good.length);
        System.arraycopy(good, 0, all, endless.length, good.length);

        read(all);

        assertThat(bad).singleElement().asString().contains("longer than");
        assertThat(lines).hasSize(1);
    }

    @Test
    void anObjectIsANameThatCaravanMade() {
        assertThat(SftpReading.named("objects/0a/0a1b2c3d-o1")).isEqualTo("0a1b2c3d-o1");
        assertThat(SftpReading.named("objects/0a/../../etc/passwd")).isNull();
        assertThat(SftpReading.named("objects/0a/0b1b2c3d-o1")).isNull();
        assertThat(SftpReading.named("../objects/0a/0a1b")).isNull();
        assertThat(SftpReading.named(null)).isNull();
    }
}
