package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The line to an OpenSSH server is cut in the middle of a large file.
class SftpResumeIT {
    private static final int LARGE = 60_000_000;
    private static final int CUT = 30_000_000;

    /// What is under way when the line is cut, and all that is no content.
    private static final int MARGIN = 15_000_000;

    private CutSite cut;
    private Site site;
    private CuttingLine line;
    private Path large;
    private Path offsite;

    @BeforeEach
    void serve() throws Exception {
        cut = CutSite.create();
        site = cut.site();
        line = cut.line();
        offsite = cut.offsite();
        byte[] content = new byte[LARGE];
        new Random(12).nextBytes(content);
        large = Files.write(site.source.resolve("large.bin"), content);
    }

    @AfterEach
    void clear() throws Exception {
        cut.close();
    }

    private List<Path> in(String folder) {
        try (Stream<Path> files = Files.walk(offsite.resolve(folder))) {
            return files.filter(file -> file.toFile().isFile() && file.toFile().length() > CUT / 2)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theNextAttemptSendsOnlyWhatIsMissing() throws Exception {
        line.cutAfter(CUT, () -> {});

        site.backup().exits(0);

        assertThat(line.sent()).isBetween((long) LARGE, (long) LARGE + MARGIN);
        assertThat(in("objects"))
                .singleElement()
                .satisfies(object -> assertThat(object).hasSameBinaryContentAs(large));
        assertThat(in(".caravan")).isEmpty();
        assertThat(Site.listing(site.restored("offsite"))).isEqualTo(Site.listing(site.source));
    }

    @Test
    void soItDoesEncrypted() throws Exception {
        site.run("key", "new", "main").exits(0);
        site.set("caravan.encrypt.offsite", "main");
        line.cutAfter(CUT, () -> {});

        site.backup().exits(0);

        assertThat(line.sent()).isBetween((long) LARGE, (long) LARGE + MARGIN);
        Path opened = site.root.resolve("opened");
        Site.execute(
                "age",
                "-d",
                "-i",
                site.home.resolve("data/keys/age/main.key").toString(),
                "-o",
                opened.toString(),
                in("objects").getFirst().toString());
        assertThat(opened).hasSameBinaryContentAs(large);
        assertThat(Site.listing(site.restored("offsite"))).isEqualTo(Site.listing(site.source));
    }

    /// The server lost power, say, and has other bytes where it had acknowledged ours.
    @Test
    void whatIsThereIsNotBelieved() throws Exception {
        AtomicInteger damaged = new AtomicInteger();
        line.cutAfter(
                CUT,
                () -> {
                    for (Path half : in(".caravan/incoming")) {
                        damage(half);
                        damaged.incrementAndGet();
                    }
                });

        site.backup();
        assertThat(damaged).hasPositiveValue();
        assertThat(line.sent()).as("it went on").isGreaterThan(LARGE);
        site.backup().exits(0);

        assertThat(site.status().get("belowPolicy").intValue()).isZero();
        assertThat(in("objects"))
                .singleElement()
                .satisfies(object -> assertThat(object).hasSameBinaryContentAs(large));
        assertThat(Site.listing(site.restored("offsite"))).isEqualTo(Site.listing(site.source));
    }

    private static void damage(Path file) {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(1000);
            int before = bytes.read();
            bytes.seek(1000);
            bytes.write(before ^ 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
