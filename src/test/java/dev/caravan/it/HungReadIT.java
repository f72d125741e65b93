package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// What reads a NAS whose server is away gives it up, and says nothing of its copies. A stopped
/// process that serves a FUSE file system stands for it; it reads slowly, so that it can be stopped
/// in the middle of a file.
@TestInstance(Lifecycle.PER_CLASS)
class HungReadIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int LARGE = 24 << 20;
    private static final String HANGS = "has not answered for";

    private Site backedUp;
    private BoundFolder folder;

    /// With a home of its own for each test; none of them changes what is on the NAS.
    private Site site;

    @BeforeAll
    void mountAndBackUp() throws Exception {
        backedUp = Site.create();
        site = backedUp;
        folder = BoundFolder.mount(site.root, "--read-rate=6M");
        Path nas = Files.createDirectory(folder.path().resolve("nas"));
        Files.writeString(site.source.resolve("a"), "a");
        Files.createDirectory(site.source.resolve("folder"));
        for (int i = 0; i < 40; i++) {
            Files.writeString(site.source.resolve("folder/small-" + i), "small " + i);
        }
        byte[] large = new byte[LARGE];
        new Random(7).nextBytes(large);
        Files.write(site.source.resolve("large"), large);
        site.run("init", "--source=" + site.source, "--nas=" + nas, "--offsite=embedded").exits(0);
        site.set("caravan.nas.simulated", "true");
        site.set("caravan.nas.patience", "5s");
        site.backup().exits(0);
    }

    @AfterAll
    void unmount() throws Exception {
        if (folder != null) {
            folder.close();
        }
        if (backedUp != null) {
            backedUp.close();
        }
    }

    @BeforeEach
    void copyTheHome() throws Exception {
        site = backedUp.copy();
    }

    @AfterEach
    void letItAnswer() throws Exception {
        folder.signal("CONT");
    }

    private CaravanProcess.Outcome ends(String... command) throws Exception {
        return site.start(command).await(SOON);
    }

    /// In this JVM, which is quicker.
    private CaravanProcess.Outcome reports(String... command) {
        return assertTimeoutPreemptively(SOON, () -> site.run(command));
    }

    /// Stopped in the middle of a request, the server is still to answer that.
    private CaravanProcess.Outcome endsWhileItHangs(CaravanProcess reader) throws Exception {
        await().atMost(SOON).until(reader::hasEnded);
        folder.signal("CONT");
        return reader.await(SOON);
    }

    /// Waits until something below a folder has more than so many bytes.
    private static void awaitBytes(Path below, long bytes) {
        await().atMost(SOON).until(() -> largest(below) > bytes);
    }

    private static long largest(Path below) {
        try (Stream<Path> files = Files.walk(below)) {
            return files.mapToLong(file -> file.toFile().length()).max().orElse(0);
        } catch (IOException | RuntimeException vanished) {
            return 0;
        }
    }

    /// The states of some copies on the NAS.
    private List<String> states() {
        return assertTimeoutPreemptively(
                SOON,
                () -> {
                    List<String> states = new ArrayList<>();
                    for (String path : List.of("a", "large", "folder/small-7")) {
                        site.whereis(path)
                                .at("/versions/0/copies")
                                .valueStream()
                                .filter(copy -> copy.get("target").asText().equals("nas"))
                                .forEach(copy -> states.add(copy.get("state").asText()));
                    }
                    return states;
                });
    }

    private void assertSameTree(Path restored) throws Exception {
        assertThat(Site.listing(restored)).isEqualTo(Site.listing(site.source));
    }

    @Test
    void aRestoreTakesTheNextCopiesAndSaysSoOnce() throws Exception {
        folder.signal("STOP");
        Path to = site.home.resolve("to");

        CaravanProcess.Outcome ended = ends("restore", ".", "--to", to.toString());

        ended.exits(0).complainsOnce("copies on nas can not be read", HANGS, "taking the next");
        assertSameTree(to);
    }

    @Test
    void aRestoreThatIsUnderWayWhenItHangsTakesTheNextCopyOfWhatIsLeft() throws Exception {
        Path to = Files.createDirectory(site.home.resolve("to"));
        CaravanProcess restore = site.start("restore", ".", "--to", to.toString());
        awaitBytes(to, LARGE / 8);
        folder.signal("STOP");

        CaravanProcess.Outcome ended = endsWhileItHangs(restore);

        ended.exits(0).complainsOnce("copies on nas can not be read", HANGS, "taking the next");
        assertSameTree(to);
    }

    @Test
    void aRestoreFromItAloneEndsAndGoesOnWhenItAnswers() throws Exception {
        folder.signal("STOP");
        String to = site.home.resolve("to").toString();

        CaravanProcess.Outcome ended = ends("restore", ".", "--to", to, "--from", "nas");

        ended.exits(1).complainsOnce("copies on nas can not be read", HANGS);
        assertThat(ended.err()).doesNotContain("taking the next");

        folder.signal("CONT");
        ends("restore", ".", "--to", to, "--from", "nas").exits(0);
        assertThat(Path.of(to, "large")).hasSameBinaryContentAs(site.source.resolve("large"));
        assertThat(Path.of(to, "folder/small-39")).hasContent("small 39");
    }

    @Test
    void aVerifySaysNothingOfItsCopiesAndReadsTheOthers() throws Exception {
        List<String> before = states();
        folder.signal("STOP");

        CaravanProcess.Outcome ended = ends("verify", "--json");

        assertThat(ended.exit()).as(ended.err()).isEqualTo(1);
        assertThat(ended.json().get("targets").valueStream())
                .as(ended.out())
                .hasSize(3)
                .allSatisfy(target -> {
                    boolean hangs = target.get("target").asText().equals("nas");
                    assertThat(target.get("bad").longValue()).isZero();
                    assertThat(target.get("verified").longValue() > 0).isEqualTo(!hangs);
                    assertThat(target.path("trouble").asText()).contains(hangs ? HANGS : "");
                });
        assertThat(states()).isEqualTo(before);

        folder.signal("CONT");
        ends("verify", "--target", "nas").exits(0).complainsNot();
        assertThat(states()).containsOnly("VERIFIED");
    }

    @Test
    void aVerifyThatIsUnderWayWhenItHangsSaysNothingOfItsCopies() throws Exception {
        List<String> before = states();
        CaravanProcess verify = site.start("verify", "--target", "nas");
        // it reads at 6 MiB/s: in the middle of the large file
        await().pollDelay(Duration.ofMillis(500)).atMost(SOON).until(() -> opensLarge(verify));
        folder.signal("STOP");

        CaravanProcess.Outcome ended = endsWhileItHangs(verify);

        ended.exits(1).complainsOnce(HANGS);
        assertThat(states()).isEqualTo(before);
    }

    private static boolean opensLarge(CaravanProcess reader) throws IOException {
        try (Stream<Path> open =
                Files.list(Path.of("/proc", Long.toString(reader.process().pid()), "fd"))) {
            return open.anyMatch(fd -> {
                try {
                    return Files.readSymbolicLink(fd).endsWith("large");
                } catch (IOException closed) {
                    return false;
                }
            });
        }
    }

    @Test
    void aDrillSaysNothingOfItsCopiesAndDoesTheOthers() throws Exception {
        List<String> before = states();
        folder.signal("STOP");

        CaravanProcess.Outcome ended = ends("drill", "--sample=10", "--json");

        ended.exits(1).complainsOnce("copies on nas can not be read", HANGS);
        assertThat(ended.json().get("drills").valueStream())
                .as(ended.out())
                .hasSize(3)
                .allSatisfy(drill -> {
                    boolean hangs = drill.get("target").asText().equals("nas");
                    assertThat(drill.get("countNoMore").longValue()).isZero();
                    assertThat(drill.get("failures").longValue() > 0).isEqualTo(hangs);
                });
        assertThat(states()).isEqualTo(before);
    }

    /// One that came back right first is no reason to call the others missing.
    @Test
    void aDrillThatIsUnderWayWhenItHangsSaysNothingOfItsCopies() throws Exception {
        List<String> before = states();
        CaravanProcess drill = site.start("drill", "--target=nas", "--sample=42");
        awaitBytes(site.home.resolve("data/drill"), LARGE / 8);
        folder.signal("STOP");

        CaravanProcess.Outcome ended = endsWhileItHangs(drill);

        ended.exits(1).complainsOnce("copies on nas can not be read", HANGS);
        assertThat(states()).doesNotContain("SUSPECT", "LOST").hasSameSizeAs(before);
    }

    @Test
    void theScrubOfAServiceGoesOnWithTheOthersAndTheServiceEnds() throws Exception {
        List<String> before = states();
        site.set("caravan.schedule", "manual");
        site.set("caravan.scrub.schedule", "3s");
        ServiceIT.makeProofsOlder(site, Duration.ofDays(400));
        folder.signal("STOP");
        CaravanProcess service = site.start("run");
        try {
            await().atMost(SOON)
                    .until(() ->
                            service.said().contains("scrub of nas ended early")
                                    && service.said().contains("scrubbed tape")
                                    && service.said().contains("scrubbed offsite"));
            assertThat(service.said()).contains(HANGS);
            long threads = service.threads();
            await().atMost(SOON)
                    .until(() -> service.said().split("scrub of nas ended early").length > 4);
            assertThat(service.threads()).isLessThan(threads + 8);
        } finally {
            service.process().destroy();
        }
        assertThat(service.await(SOON).exit()).isEqualTo(143);
        assertThat(states()).hasSameSizeAs(before).doesNotContain("SUSPECT", "LOST");
    }

    @Test
    void whatOnlyReportsDoesNotWaitForIt() throws Exception {
        folder.signal("STOP");

        reports("status").exits(0);
        reports("whereis", "large").exits(0);
        reports("ls").exits(0);
        reports("find", "small*").exits(0);
        reports("plan").exits(0);
        reports("log").exits(0);
        reports("restore", ".", "--plan").exits(0);
        ends("check").exits(1).complainsOnce("does not answer");
        ends("audit", "verify");
    }

    @Test
    void aRebuildFromItEnds() throws Exception {
        Files.delete(site.home.resolve("data/ledger.db"));
        folder.signal("STOP");

        CaravanProcess.Outcome ended = ends("rebuild", "--from", "nas");

        assertThat(ended.exit()).as(ended.err()).isEqualTo(1);
        assertThat(ended.out()).contains("nas: not read", HANGS);
    }
}
