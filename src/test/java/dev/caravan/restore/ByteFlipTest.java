package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyFinding;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.DueCopies.Scope;
import dev.caravan.ledger.TapeFiles.Held;
import dev.caravan.posix.Patience;
import dev.caravan.target.NasReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No byte can change unseen, wherever it is. A segment offsite and a tape file are the same bytes
/// and are compared by the same code; what a drive makes of a changed tape is in TapeReadBackTest.
class ByteFlipTest {
    @TempDir Path folder;
    private VerifiedSite site;

    @BeforeEach
    void backup() throws IOException {
        site = new VerifiedSite(folder);
        site.backup(
                site.file("a", "x".repeat(300), 1),
                site.file("b", "y".repeat(300), 1),
                VerifiedSite.folder("f", 1));
    }

    @AfterEach
    void close() throws IOException {
        site.close();
    }

    @Test
    void everyFlippedByteOfAFileOnTheNasIsFound() throws IOException {
        Path file = site.nas.resolve("docs/a");
        byte[] good = Files.readAllBytes(file);
        Version version = site.version("a");
        try (NasReader reader =
                new NasReader(site.nas, new Patience("NAS", Duration.ofMinutes(3)))) {
            reader.begin(null);
            for (int at = 0; at < good.length; at++) {
                Files.write(file, flipped(good, at));
                assertThat(reader.look(version, true))
                        .as("byte %d", at)
                        .isInstanceOf(CopyFinding.Wrong.class);
            }
            for (int length = 0; length < good.length; length++) {
                Files.write(file, Arrays.copyOf(good, length));
                assertThat(reader.look(version, true))
                        .as("cut to %d", length)
                        .isInstanceOf(CopyFinding.Wrong.class);
            }
            Files.write(file, good);
            assertThat(reader.look(version, true)).isInstanceOf(CopyFinding.Good.class);
        }
    }

    private Held held() {
        return site.fixture
                .ledger()
                .dueCopies()
                .objects(
                        "offsite",
                        new Scope(List.of(), Instant.parse("2100-01-01T00:00:00Z"), true))
                .getFirst()
                .held();
    }

    private ObjectCheck check(Held held, byte[] bytes) {
        ObjectCheck check =
                new ObjectCheck(
                        site.fixture.ledger(),
                        new WholeHashes(),
                        dev.caravan.target.Decryption.NONE,
                        held);
        check.read(new ByteArrayInputStream(bytes), null);
        return check;
    }

    @Test
    void everyFlippedByteOfASegmentIsFoundItsPaddingToo() throws IOException {
        byte[] good = Files.readAllBytes(site.object());
        Held held = held();
        assertThat(held.sha256()).as("taken when it was written").isNotNull();
        assertThat(check(held, good).right()).isTrue();

        List<Integer> unseen = new ArrayList<>();
        List<Integer> countedOn = new ArrayList<>();
        for (int at = 0; at < good.length; at++) {
            ObjectCheck check = check(held, flipped(good, at));
            if (check.right()) {
                unseen.add(at);
            }
            if (check.bad() == 0) {
                countedOn.add(at);
            }
        }

        assertThat(good.length).isGreaterThan(4096);
        assertThat(unseen).isEmpty();
        assertThat(countedOn).as("damage that takes no copy out of the count").isEmpty();
    }

    @Test
    void aCutZeroedOrStaleSegmentIsFound() throws IOException {
        byte[] good = Files.readAllBytes(site.object());
        Held held = held();
        for (int length = 0; length < good.length; length += 7) {
            ObjectCheck cut = check(held, Arrays.copyOf(good, length));
            assertThat(cut.right()).as("cut to %d", length).isFalse();
            assertThat(cut.bad()).as("cut to %d", length).isPositive();
        }
        for (int block = 0; block < good.length; block += 512) {
            byte[] zeroed = good.clone();
            Arrays.fill(zeroed, block, Math.min(block + 512, good.length), (byte) 0);
            if (!Arrays.equals(zeroed, good)) {
                assertThat(check(held, zeroed).right()).as("block at %d", block).isFalse();
            }
        }
        byte[] swapped = good.clone();
        int x = indexOf(good, 'x');
        int y = indexOf(good, 'y');
        System.arraycopy(good, y, swapped, x, 300);
        System.arraycopy(good, x, swapped, y, 300);
        assertThat(check(held, swapped).bad()).as("two contents swapped").isEqualTo(2);

        byte[] old = new byte[0];
        List<Version> versions = new ArrayList<>();
        for (String path : List.of("a", "b", "f")) {
            versions.add(site.version(path));
        }
        site.contents.put("a@1", "z".repeat(300).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        try (var in = site.segment("stale", versions).open()) {
            old = in.readAllBytes();
        }
        assertThat(check(held, old).bad()).as("another segment in its place").isPositive();
    }

    private static int indexOf(byte[] bytes, char first) {
        for (int at = 0; at < bytes.length - 300; at++) {
            int run = 0;
            while (run < 300 && bytes[at + run] == first) {
                run++;
            }
            if (run == 300) {
                return at;
            }
        }
        throw new AssertionError("no content of " + first);
    }

    /// Bytes that nothing vouched for when it was written are vouched for from the first time that
    /// all of it was read and found right.
    @Test
    void anObjectThatWasNotHashedAtItsWritingIsFromItsFirstVerifyOn() throws IOException {
        byte[] good = Files.readAllBytes(site.object());
        Held known = held();
        Held unhashed =
                new Held(
                        known.target(),
                        known.name(),
                        known.volume(),
                        known.uuid(),
                        known.file(),
                        known.block(),
                        known.bytes(),
                        true,
                        null,
                        known.copies(),
                        known.unproven(),
                        known.firstVersion(),
                        known.lastVersion(),
                        List.of());
        byte[] padding = flipped(good, indexOf(good, 'x') + 300);

        assertThat(check(unhashed, padding).right()).as("nobody knows better").isTrue();
        assertThat(check(known, padding).right()).isFalse();
    }

    @Test
    void aFlippedByteOffsiteIsFoundOverTheWireAndTheStoryIsInTheEvents() throws IOException {
        Path object = site.object();
        byte[] good = Files.readAllBytes(object);
        Files.write(object, flipped(good, indexOf(good, 'x') + 17));
        long run = site.fixture.ledger().runs().begin("verify");

        Verified verified = site.verify("offsite");

        assertThat(verified.fell()).isOne();
        assertThat(verified.verified()).isEqualTo(2);
        assertThat(site.state("a", "offsite")).isEqualTo(CopyState.SUSPECT);
        assertThat(site.state("b", "offsite")).isEqualTo(CopyState.VERIFIED);
        assertThat(site.fixture.ledger().events().ofRun(run))
                .anyMatch(e -> e.kind().equals("suspect") && e.detail().contains("SHA-256"));
        assertThat(site.fixture.ledger().catalog().versions("docs", ItemPath.of("a"))).hasSize(1);

        Files.write(object, good);
        assertThat(site.verify("offsite").verified()).isEqualTo(3);
    }

    private static byte[] flipped(byte[] good, int at) {
        byte[] bytes = good.clone();
        bytes[at] ^= 0x10;
        return bytes;
    }
}
