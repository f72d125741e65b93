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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

        try (Content content = root.open(version)) {
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

    /// Its time says the same of what is written to it within the same second.
    @Test
    void aFileThatWasWrittenJustNowIsInAStateOfItsOwn() throws IOException {
        file("log", random(3));
        root.close();
        root = root(Clock.fixed(WRITTEN.plusMillis(900), ZoneOffset.UTC));
        Version just = version("log");
        assertThat(just.fingerprint().changed()).isNotEqualTo(WRITTEN);
        root.open(just).close();
        root.close();
        root = root(Clock.fixed(WRITTEN.plusSeconds(900), ZoneOffset.UTC));

        assertThat(version("log").fingerprint().changed()).isEqualTo(WRITTEN);
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
