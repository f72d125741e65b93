package dev.caravan.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.target.CuttingProxy;
import dev.caravan.target.SftpAddress;
import dev.caravan.target.SftpSite;
import dev.caravan.target.TargetException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.sftp.server.SftpSubsystem;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against Apache MINA's server, and somebody in between who cuts the line.
@Timeout(120)
class SftpRootTest {
    private static final Instant WRITTEN = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir Path folder;
    private SftpSite site;
    private CuttingProxy line;
    private SftpRoot root;
    private Path files;

    @BeforeEach
    void serve() throws IOException {
        files = folder.resolve("files");
        site = SftpSite.embedded(Files.createDirectory(folder.resolve("keys")), files);
        line = new CuttingProxy(site.port());
        root = root(Clock.systemUTC());
    }

    private SftpRoot root(Clock clock) throws IOException {
        return new SftpRoot(site.through(line.port()), clock);
    }

    @AfterEach
    void close() throws IOException {
        root.close();
        line.close();
        site.close();
    }

    private Path file(String name, byte[] content) throws IOException {
        Path file = files.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        return Files.setLastModifiedTime(file, FileTime.from(WRITTEN));
    }

    private Version version(String name) throws IOException {
        if (root.look(ItemPath.of(name)) instanceof Seen(var path, var metadata, var fingerprint)) {
            return new Version(1, "web", path, 1, metadata, fingerprint, null);
        }
        throw new IOException(name + " is not there");
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[] all(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[100_000];
        for (int n; (n = content.read(buffer, 7, 90_000)) >= 0; ) {
            bytes.write(buffer, 7, n);
        }
        content.verifyUnchanged();
        return bytes.toByteArray();
    }

    private static void fails(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ContentUnavailableException.class,
                        failed -> assertThat(failed.reason()).isEqualTo(reason));
    }

    private List<Sighting> walk() throws IOException {
        List<Sighting> seen = new ArrayList<>();
        root.walk(ItemPath.ROOT, Selection.ALL, seen::add);
        return seen;
    }

    @Test
    void aFileIsReadToItsEnd() throws IOException {
        byte[] large = random(5_000_000);
        file("large", large);
        file("empty", new byte[0]);

        try (Content content = root.open(version("large"))) {
            assertThat(all(content)).isEqualTo(large);
        }
        try (Content content = root.open(version("empty"))) {
            assertThat(all(content)).isEmpty();
        }
    }

    @Test
    void aFileThatIsAnotherOneNowIsNotRead() throws IOException {
        file("grown", random(10));
        file("later", random(10));
        file("gone", random(10));
        file("folder", random(10));
        List<Version> versions = new ArrayList<>();
        for (String name : List.of("grown", "later", "gone", "folder")) {
            versions.add(version(name));
        }
        file("grown", random(11));
        Files.setLastModifiedTime(files.resolve("later"), FileTime.from(WRITTEN.plusSeconds(1)));
        Files.delete(files.resolve("gone"));
        Files.delete(files.resolve("folder"));
        Files.createDirectory(files.resolve("folder"));

        fails(Reason.CHANGED, () -> root.open(versions.get(0)));
        fails(Reason.CHANGED, () -> root.open(versions.get(1)));
        fails(Reason.VANISHED, () -> root.open(versions.get(2)));
        assertThatThrownBy(() -> root.open(versions.get(3)))
                .isInstanceOf(ContentUnavailableException.class);
    }

    @Test
    void aFileThatChangesWhileItIsReadIsFoundOut() throws IOException {
        file("changing", random(3_000_000));
        try (Content content = root.open(version("changing"))) {
            file("changing", random(3_000_001));
            fails(Reason.CHANGED, () -> all(content));
        }
        file("shrinking", random(30_000_000));
        try (Content content = root.open(version("shrinking"))) {
            file("shrinking", random(100));
            fails(Reason.CHANGED, () -> all(content));
        }
    }

    @Test
    void aLineThatIsCutConcernsTheFileAndTheNextOneIsRead() throws IOException {
        byte[] large = random(30_000_000);
        file("large", large);
        Version version = version("large");
        line.cutAfter(3_000_000);
        try (Content content = root.open(version)) {
            fails(Reason.UNREADABLE, () -> all(content));
        }
        line.cutAfter(Long.MAX_VALUE);

        try (SftpRoot later = root(Clock.systemUTC());
                Content content = later.open(version)) {
            assertThat(all(content)).isEqualTo(large);
        }
    }

    @Test
    void aWalkThatIsCutOffIsNoWholeWalk() throws IOException {
        for (int i = 0; i < 300; i++) {
            file("folder " + i + "/file", random(3));
        }
        line.cutAfter(60_000);

        assertThatThrownBy(this::walk).isInstanceOf(TargetException.class);

        line.cutAfter(Long.MAX_VALUE);
        assertThat(walk()).filteredOn(Seen.class::isInstance).hasSize(600);
    }

    /// The next thousand files need not wait for it one by one.
    @Test
    void aServerThatIsAwayIsNotAskedAgainAtOnce() throws IOException {
        file("one", random(3));
        Version version = version("one");
        site.close();
        line.close();
        root.close();
        root = root(Clock.systemUTC());
        fails(Reason.UNREADABLE, () -> root.open(version));

        long began = System.nanoTime();
        for (int i = 0; i < 1000; i++) {
            fails(Reason.UNREADABLE, () -> root.open(version));
        }

        assertThat(System.nanoTime() - began).isLessThan(10_000_000_000L);
    }

    /// Its time says the same of all that is written to it within one second.
    @Test
    void aFileIsReadOnceItsSecondIsOver() throws IOException {
        file("log", random(3));
        Version version = version("log");
        Map<Instant, List<Duration>> waits = new LinkedHashMap<>();
        for (Instant now :
                List.of(
                        WRITTEN.plusMillis(900),
                        WRITTEN.plusSeconds(5),
                        WRITTEN.minusSeconds(3),
                        WRITTEN.minusSeconds(3600))) {
            List<Duration> waited = new ArrayList<>();
            try (SftpRoot at = new SftpRoot(site.through(line.port()), () -> now, waited::add)) {
                at.open(version).close();
            }
            waits.put(now, waited);
        }

        assertThat(waits.values())
                .containsExactly(
                        List.of(Duration.ofMillis(4100)),
                        List.of(),
                        List.of(Duration.ofSeconds(8)),
                        List.of());
    }

    /// It has the same size and, if it is quick, the same second: only that it is not read so soon
    /// keeps old bytes from being read with new ones.
    @Test
    void whatIsWrittenOverWithinItsSecondIsReadAsItIsAfterwards() throws Exception {
        Path file = Files.write(file("busy", new byte[0]), filled('A'));
        Version version = version("busy");
        Thread writer =
                Thread.startVirtualThread(() -> {
                    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                        for (int i = 0; i < 30; i++) {
                            out.write(filled('B'), 0, 100_000);
                            Thread.sleep(5);
                        }
                    } catch (IOException | InterruptedException failed) {
                        throw new IllegalStateException(failed);
                    }
                });
        try (Content content = root.open(version)) {
            assertThat(all(content)).isEqualTo(filled('B'));
        } catch (ContentUnavailableException laterThanItsSecond) {
            assertThat(laterThanItsSecond.reason()).isEqualTo(Reason.CHANGED);
        } finally {
            writer.join();
        }
    }

    private static byte[] filled(char with) {
        byte[] bytes = new byte[3_000_000];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }

    @Test
    void aLineThatBreaksIsTakenUpWhereItWas() throws IOException {
        byte[] large = random(30_000_000);
        file("large", large);
        try (Content content = root.open(version("large"))) {
            byte[] some = new byte[1_000_000];
            int count = content.read(some, 0, some.length);
            line.cutNow();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(some, 0, count);
            bytes.write(all(content));

            assertThat(bytes.toByteArray()).isEqualTo(large);
        }
    }

    @Test
    void aFileThatIsAnotherOneOnceTheLineIsBackIsNotReadOn() throws IOException {
        file("large", random(30_000_000));
        try (Content content = root.open(version("large"))) {
            content.read(new byte[1000], 0, 1000);
            line.cutNow();
            file("large", random(30_000_001));

            fails(Reason.CHANGED, () -> all(content));
        }
    }

    @Test
    void whatTheServerDoesNotTellIsNotGuessed() throws IOException {
        SftpSite silent =
                SftpSite.embedded(
                        Files.createDirectory(folder.resolve("silent-keys")),
                        folder.resolve("silent"),
                        new SizelessFiles());
        Files.writeString(folder.resolve("silent/one"), "four");
        Files.createDirectory(folder.resolve("silent/sub"));
        List<Sighting> seen = new ArrayList<>();
        try (SftpRoot quiet = new SftpRoot(silent.address(), Clock.systemUTC())) {
            quiet.walk(ItemPath.ROOT, Selection.ALL, seen::add);
        } finally {
            silent.close();
        }

        assertThat(seen)
                .contains(
                        new Sighting.Unreadable(
                                ItemPath.of("one"),
                                "the server does not tell its kind, its time or its size"))
                .anyMatch(each -> each instanceof Seen && each.path().equals(ItemPath.of("sub")));
    }

    /// Leaves out the sizes of files.
    private static final class SizelessFiles extends SftpSubsystemFactory {
        @Override
        public Command createSubsystem(ChannelSession channel) throws IOException {
            return new SftpSubsystem(channel, this) {
                @Override
                protected void writeAttrs(Buffer buffer, Map<String, ?> attributes) {
                    Map<String, Object> some = new HashMap<>(attributes);
                    some.remove("size");
                    super.writeAttrs(buffer, some);
                }
            };
        }
    }

    @Test
    void anotherHostKeyIsRefusedBeforeAnythingIsAsked() throws IOException {
        file("one", random(3));
        SftpSite other =
                SftpSite.embedded(
                        Files.createDirectory(folder.resolve("other-keys")),
                        folder.resolve("other"));
        SftpAddress address =
                new SftpAddress(
                        "127.0.0.1",
                        site.port(),
                        "root",
                        "files",
                        site.address().privateKey(),
                        other.address().knownHosts());
        other.close();
        assertThat(site.address().sharesHostKey(site.through(line.port()))).isTrue();
        assertThat(site.address().sharesHostKey(other.address())).isFalse();
        try (SftpRoot refused = new SftpRoot(address, Clock.systemUTC())) {
            assertThatThrownBy(() -> refused.walk(ItemPath.ROOT, Selection.ALL, _ -> {}))
                    .isInstanceOfSatisfying(
                            TargetException.class,
                            failed ->
                                    assertThat(failed.remedy())
                                            .isEqualTo(TargetException.Remedy.PERSON));
        }
    }
}
