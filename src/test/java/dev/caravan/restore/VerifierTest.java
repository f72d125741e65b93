package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.DueCopies.At;
import dev.caravan.ledger.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Verifying what lies on a real folder and on a real SFTP server.
class VerifierTest {
    @TempDir Path folder;
    private VerifiedSite site;

    @BeforeEach
    void backup() throws IOException {
        site = new VerifiedSite(folder);
        site.backup(
                VerifiedSite.folder("f", 1),
                site.file("f/a", "the letter a", 1),
                site.file("f/b", "the letter b", 1),
                site.file("empty", "", 1),
                VerifiedSite.symlink("link", "f/a", 1));
    }

    @AfterEach
    void close() throws IOException {
        site.close();
    }

    @Test
    void cleanCopiesGetEvidenceThatSaysHowAndWhereAndHowMuch() {
        for (String target : new String[] {"nas", "offsite"}) {
            Verified verified = site.verify(target);

            assertThat(verified.good()).as("%s", verified).isTrue();
            assertThat(verified.verified()).as(target).isEqualTo(5);
            assertThat(verified.details()).as(target).isEmpty();
            assertThat(verified.differing()).as(target).isZero();
            assertThat(verified.left()).as(target).isZero();
        }
        Catalog.Copy nas = site.copy(site.version("f/a"), "nas");
        assertThat(nas.state()).isEqualTo(CopyState.VERIFIED);
        assertThat(nas.evidence())
                .satisfies(evidence -> {
                    assertThat(evidence.level()).isEqualTo(Evidence.Level.V3);
                    assertThat(evidence.method()).matches("(direct|dontneed)\\+readback\\+sha256");
                    assertThat(evidence.bytesRead()).isEqualTo(24);
                    assertThat(evidence.place()).isEqualTo(site.nas.toString());
                    assertThat(evidence.program()).isEqualTo(VerifiedSite.PROGRAM);
                });
        assertThat(site.copy(site.version("link"), "offsite").evidence())
                .satisfies(evidence -> {
                    assertThat(evidence.method()).isEqualTo("newconnection+readback+sha256");
                    assertThat(evidence.place())
                            .startsWith("sftp://")
                            .contains("/objects/se/segment-");
                    assertThat(evidence.bytesRead()).isGreaterThan(1024);
                });
    }

    @Test
    void aServerThatHashesAttestsWholeObjects() throws IOException {
        Verified verified = site.verify("offsite", Evidence.Level.V2);

        assertThat(verified.verified()).isEqualTo(5);
        assertThat(verified.bytesRead()).isZero();
        assertThat(site.copy(site.version("f/a"), "offsite").evidence())
                .satisfies(evidence -> {
                    assertThat(evidence.level()).isEqualTo(Evidence.Level.V2);
                    assertThat(evidence.method()).isEqualTo("checkfile");
                });

        flip(site.object(), Files.size(site.object()) - 1);
        Verified after = site.verify("offsite", Evidence.Level.V2);

        assertThat(after.bad()).as("padding is covered by the hash of the whole").isEqualTo(5);
        assertThat(after.bytesRead()).as("then it is read").isPositive();
    }

    @Test
    void whatIsGoneIsLostAndWhatIsBackCountsAgain() throws IOException {
        Path a = site.nas.resolve("docs/f/a");
        Path aside = Files.move(a, folder.resolve("aside"));
        Path object = site.object();
        Path objectAside = Files.move(object, folder.resolve("object"));

        Verified nas = site.verify("nas");
        Verified offsite = site.verify("offsite");

        assertThat(nas.bad()).isOne();
        assertThat(nas.fell()).isOne();
        assertThat(site.state("f/a", "nas")).isEqualTo(CopyState.LOST);
        assertThat(site.state("f/b", "nas")).isEqualTo(CopyState.VERIFIED);
        assertThat(offsite.fell()).isEqualTo(5);
        assertThat(site.state("f/b", "offsite")).isEqualTo(CopyState.LOST);

        Files.move(aside, a);
        Files.move(objectAside, object);

        assertThat(site.verify("nas").good()).isTrue();
        assertThat(site.verify("offsite").verified()).isEqualTo(5);
        assertThat(site.state("f/a", "nas")).isEqualTo(CopyState.VERIFIED);
    }

    @Test
    void aNasThatIsNotMountedSaysNothingOfItsCopies() throws IOException {
        Path away = Files.move(site.nas, folder.resolve("unmounted"));
        Files.createDirectory(site.nas);

        Verified verified = site.verify("nas");

        assertThat(verified.trouble()).contains("is it mounted?");
        assertThat(verified.bad()).isZero();
        assertThat(verified.good()).isFalse();
        assertThat(verified.left()).isEqualTo(5);
        assertThat(site.state("f/a", "nas")).isEqualTo(CopyState.DURABLE);

        Files.delete(site.nas);
        Files.move(away, site.nas);
        Path sentinel = site.nas.resolve(".caravan/sentinel");
        Files.writeString(sentinel, "{\"caravan\":\"nas\",\"id\":\"of another NAS\"}\n");

        assertThat(site.verify("nas").trouble()).contains("of another NAS");
        assertThat(site.state("f/a", "nas")).isEqualTo(CopyState.DURABLE);
    }

    @Test
    void aServerThatIsAwaySaysNothingOfItsCopies() throws IOException {
        site.serverIsDown();

        Verified verified = site.verify("offsite");

        assertThat(verified.trouble()).contains("cannot be reached");
        assertThat(verified.bad()).isZero();
        assertThat(site.state("f/a", "offsite").counts()).isTrue();
        site.serverIsUp();
        assertThat(site.verify("offsite").verified()).isEqualTo(5);
    }

    @Test
    void foldersAndSymlinksOnTheNasAreCompared() throws IOException {
        Files.delete(site.nas.resolve("docs/link"));
        Files.createSymbolicLink(site.nas.resolve("docs/link"), Path.of("elsewhere"));
        Files.delete(site.nas.resolve("docs/empty"));
        Files.createDirectory(site.nas.resolve("docs/empty"));

        Verified verified = site.verify("nas");

        assertThat(verified.bad()).isEqualTo(2);
        assertThat(site.state("link", "nas")).isEqualTo(CopyState.SUSPECT);
        assertThat(site.copy(site.version("link"), "nas").lastError())
                .contains("points to 'elsewhere', want 'f/a'");
        assertThat(site.copy(site.version("empty"), "nas").lastError()).contains("is a folder");
        assertThat(site.state("f", "nas")).isEqualTo(CopyState.VERIFIED);
    }

    @Test
    void otherMetadataOnTheNasIsToldAndTakesNothingOutOfTheCount() throws IOException {
        Path a = site.nas.resolve("docs/f/a");
        Files.setPosixFilePermissions(a, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setLastModifiedTime(site.nas.resolve("docs/f"), FileTime.fromMillis(0));

        Verified verified = site.verify("nas");

        assertThat(verified.good()).isTrue();
        assertThat(verified.verified()).isEqualTo(5);
        assertThat(verified.differing()).isEqualTo(2);
        assertThat(verified.details()).anyMatch(d -> d.contains("mode 0777, want 0644"));
        assertThat(verified.details()).anyMatch(d -> d.contains("time 1970-01-01"));
    }

    @Test
    void oldVersionsAreFoundInTheHistoryAndOldFoldersInTheManifests() throws IOException {
        Version old = site.version("f/a");
        Version oldFolder = site.version("f");
        site.backup(
                VerifiedSite.folder("f", 2),
                site.file("f/a", "another letter", 2),
                site.file("f/b", "the letter b", 1),
                VerifiedSite.symlink("link", "f/b", 2));

        Verified verified = site.verify("nas");

        assertThat(verified.good()).as("%s", verified).isTrue();
        assertThat(verified.verified()).isEqualTo(8);
        assertThat(site.copy(oldFolder, "nas").evidence())
                .satisfies(evidence -> assertThat(evidence.method()).isEqualTo("manifest"));

        try (var manifests = Files.list(site.nas.resolve(".caravan/manifests"))) {
            for (Path manifest : manifests.toList()) {
                Files.delete(manifest);
            }
        }
        Files.delete(
                site.nas.resolve(".caravan/history/%02d/%d".formatted(old.id() % 100, old.id())));

        assertThat(site.verify("nas").fell()).isEqualTo(3);
        assertThat(site.copy(old, "nas").state()).isEqualTo(CopyState.LOST);
        assertThat(site.copy(oldFolder, "nas").state()).isEqualTo(CopyState.LOST);
        assertThat(site.state("f/a", "nas")).isEqualTo(CopyState.VERIFIED);
    }

    @Test
    void aCopyThatIsAboutToBeReplacedIsNotCalledWrong() throws IOException {
        site.fixture.scan(
                "docs",
                VerifiedSite.folder("f", 1),
                site.file("f/a", "the letter a", 1),
                site.file("f/b", "the letter b", 1),
                site.file("empty", "", 1),
                VerifiedSite.symlink("link", "f/b", 2));
        // as a crash between publishing and recording leaves it
        Files.delete(site.nas.resolve("docs/link"));
        Files.createSymbolicLink(site.nas.resolve("docs/link"), Path.of("f/b"));

        Verified verified = site.verify("nas");

        assertThat(verified.bad()).isZero();
        assertThat(verified.untold()).isOne();
        site.copyToNas();
        assertThat(site.verify("nas").good()).isTrue();
    }

    @Test
    void onlyWhatIsAskedForIsLookedAt() {
        Verified verified = site.verify("nas", Evidence.Level.V3, new At("docs", ItemPath.of("f")));

        assertThat(verified.verified()).isEqualTo(3);
        assertThat(site.state("empty", "nas")).isEqualTo(CopyState.DURABLE);
        assertThat(site.state("f/b", "nas")).isEqualTo(CopyState.VERIFIED);
    }

    @Test
    void swappedStaleZeroedAndCutFilesAreFoundAndThrownOutOfTheCountAtOnce() throws IOException {
        Path a = site.nas.resolve("docs/f/a");
        Path b = site.nas.resolve("docs/f/b");
        byte[] good = Files.readAllBytes(a);
        Files.move(a, folder.resolve("swap"));
        Files.move(b, a);
        Files.move(folder.resolve("swap"), b);
        assertThat(site.verify("nas").fell()).as("swapped").isEqualTo(2);
        assertThat(site.state("f/a", "nas")).isEqualTo(CopyState.SUSPECT);
        Files.move(a, folder.resolve("swap"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(b, a);
        Files.move(folder.resolve("swap"), b);
        assertThat(site.verify("nas").good()).as("put back").isTrue();

        Files.write(a, new byte[good.length]);
        assertThat(site.verify("nas").fell()).as("zeroed").isOne();
        Files.write(a, java.util.Arrays.copyOf(good, good.length - 1));
        assertThat(site.verify("nas").bad()).as("cut").isOne();
        assertThat(site.copy(site.version("f/a"), "nas").lastError())
                .contains("has 11 bytes, want 12");
        Files.write(a, good);
        assertThat(site.verify("nas").bad()).as("put back").isZero();

        site.backup(site.file("f/a", "newer letter", 2), site.file("f/b", "the letter b", 1));
        assertThat(Files.readString(a)).isEqualTo("newer letter");
        Files.write(a, good);
        assertThat(site.verify("nas").fell()).as("a stale version in its place").isOne();
        assertThat(site.state("f/a", "nas")).isEqualTo(CopyState.SUSPECT);
    }

    static void flip(Path file, long at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) at] ^= 0x20;
        Files.write(file, bytes);
    }
}
