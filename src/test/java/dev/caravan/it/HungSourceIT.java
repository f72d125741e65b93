package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.item.ItemPath;
import dev.caravan.posix.NoAnswerException;
import dev.caravan.posix.Patience;
import dev.caravan.scan.FolderRoot;
import dev.caravan.scan.Selection;
import dev.caravan.scan.SourceRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A source that is mounted from a server which is away: whoever looks at it waits. A stopped
/// process that serves a FUSE file system stands for it.
class HungSourceIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int LARGE = 24 << 20;
    private static final String HANGS = "has not answered for";

    private Site site;
    private Path far;
    private BoundFolder folder;

    @BeforeEach
    void mountAndBackUp() throws Exception {
        site = Site.create();
        folder = BoundFolder.mount(site.root, "--read-rate=6M");
        far = Files.createDirectory(folder.path().resolve("far"));
        Files.writeString(far.resolve("far-old"), "old");
        Files.createDirectory(far.resolve("folder"));
        for (int i = 0; i < 20; i++) {
            Files.writeString(far.resolve("folder/far-" + i), "far " + i);
        }
        Files.writeString(site.source.resolve("near-old"), "old");
        site.init();
        site.set("caravan.source.a-far.dir", far.toString());
        site.set("caravan.source.a-far.patience", "5s");
        site.backup().exits(0);
    }

    @AfterEach
    void unmount() throws Exception {
        if (folder != null) {
            folder.close();
        }
        if (site != null) {
            site.close();
        }
    }

    private CaravanProcess.Outcome ends(String... command) throws Exception {
        return site.start(command).await(SOON);
    }

    /// In this JVM, which is quicker.
    private CaravanProcess.Outcome reports(String... command) {
        return assertTimeoutPreemptively(SOON, () -> site.run(command));
    }

    private List<String> with(String path) {
        return assertTimeoutPreemptively(SOON, () -> site.targetsWith(path));
    }

    private void assertNothingDeleted(long items) throws Exception {
        JsonNode status = reports("status", "--json").json();
        assertThat(status.get("items").longValue())
                .as(status.toPrettyString())
                .isGreaterThanOrEqualTo(items);
        for (int i = 0; i < 20; i += 7) {
            assertThat(with("folder/far-" + i)).containsAll(Site.TARGETS);
        }
        assertThat(reports("ls", "--source=a-far", "folder").exits(0).out())
                .contains("far-0", "far-19");
    }

    @Test
    void aBackupGoesOnWithTheOtherSourcesAndDeletesNothing() throws Exception {
        long items = site.status().get("items").longValue();
        Files.writeString(site.source.resolve("near-new"), "new");
        Files.writeString(far.resolve("far-new"), "new");
        folder.signal("STOP");

        CaravanProcess.Outcome ended = ends("backup");

        ended.exits(1).complainsOnce("source 'a-far' at", HANGS);
        assertThat(ended.err()).doesNotContain("target '");
        assertThat(with("near-new")).containsAll(Site.TARGETS);
        assertNothingDeleted(items + 1);

        folder.signal("CONT");
        site.backup().exits(0);
        site.assertInPolicy();
        assertThat(with("far-new")).containsAll(Site.TARGETS);
    }

    @Test
    void whatLooksAtItSaysSo() throws Exception {
        folder.signal("STOP");

        ends("check").exits(1).complainsOnce("caravan.source.a-far.dir", "does not answer");
        CaravanProcess.Outcome list = reports("scan", "--list");
        assertThat(list.exit()).as(list.err()).isEqualTo(1);
        assertThat(list.out()).contains(HANGS, "near-old");
        CaravanProcess.Outcome dry = ends("backup", "--dry-run");
        assertThat(dry.exit()).as(dry.err()).isEqualTo(1);
        assertThat(dry.out()).contains(HANGS, "; 0 would be marked deleted");
        assertThat(reports("safe-to-delete", "far-old").exits(1).err()).contains("no:", HANGS);
        reports("status").exits(0);
        ends("verify").exits(0).complainsNot();
        ends("drill", "--sample=10").exits(0).complainsNot();
        ends("restore", ".", "--source=a-far", "--to", site.root.resolve("to").toString()).exits(0);
    }

    /// It hangs while its file is copied: nobody waits for it, and no target is blamed.
    @Test
    void aFileThatHangsWhileItIsCopiedIsUnreadable() throws Exception {
        byte[] large = new byte[LARGE];
        new Random(7).nextBytes(large);
        Files.write(far.resolve("large"), large);
        Files.writeString(site.source.resolve("near-new"), "new");
        CaravanProcess backup = site.start("backup");
        await().atMost(SOON)
                .until(() -> largest(site.nas().resolve(".caravan/incoming")) > 1 << 20);
        folder.signal("STOP");

        // in the middle of a request, which the server is still to answer
        await().atMost(SOON).until(backup::hasEnded);
        folder.signal("CONT");
        CaravanProcess.Outcome ended = backup.await(SOON);

        assertThat(ended.exit()).as(ended.err()).isEqualTo(1);
        assertThat(ended.out()).contains("Left out: 1 unreadable");
        assertThat(ended.err()).doesNotContain("target '");
        assertThat(with("near-new")).containsAll(Site.TARGETS);
        assertThat(with("large")).doesNotContainAnyElementsOf(Site.TARGETS);

        site.backup().exits(0);
        site.assertInPolicy();
    }

    private static long largest(Path below) {
        try (Stream<Path> files = Files.list(below)) {
            return files.mapToLong(file -> file.toFile().length()).max().orElse(0);
        } catch (IOException | RuntimeException vanished) {
            return 0;
        }
    }

    @Test
    void aServiceScansItAgainWhenItAnswersAndKeepsOneThreadMeanwhile() throws Exception {
        long items = site.status().get("items").longValue();
        site.set("caravan.schedule", "2s");
        CaravanProcess service = site.start("run");
        try {
            await().atMost(SOON).until(() -> service.said().contains("is at work"));
            folder.signal("STOP");
            await().atMost(SOON).until(() -> service.said().contains(HANGS));
            assertThat(service.said()).contains("source 'a-far' at");
            Files.writeString(site.source.resolve("near-0"), "near");
            await().atMost(SOON).until(() -> with("near-0").containsAll(Site.TARGETS));
            long threads = service.threads();
            for (int i = 1; i < 3; i++) {
                String more = "near-" + i;
                Files.writeString(site.source.resolve(more), "near");
                await().atMost(SOON).until(() -> with(more).containsAll(Site.TARGETS));
            }
            assertThat(service.said().split(HANGS).length).isGreaterThan(3);
            assertThat(service.threads()).isLessThan(threads + 8);
            assertThat(asking(service)).isEqualTo(1);
            assertNothingDeleted(items);

            folder.signal("CONT");
            Files.writeString(far.resolve("far-new"), "new");
            await().atMost(SOON).until(() -> with("far-new").containsAll(Site.TARGETS));
        } finally {
            service.process().destroy();
        }
        assertThat(service.await(SOON).exit()).isEqualTo(143);
        site.backup().exits(0);
        site.assertInPolicy();
    }

    /// Threads that ask this source something; the kernel cuts their names to 15 bytes.
    private static long asking(CaravanProcess service) throws Exception {
        try (Stream<Path> tasks =
                Files.list(Path.of("/proc", Long.toString(service.process().pid()), "task"))) {
            return tasks.filter(
                            task -> {
                                try {
                                    return Files.readString(task.resolve("comm"))
                                            .startsWith("ask source 'a-f");
                                } catch (IOException ended) {
                                    return false;
                                }
                            })
                    .count();
        }
    }

    /// With the default of three minutes; nothing but the end of the program ends the waiting.
    @Test
    void aServiceEndsWhileItWaits() throws Exception {
        site.set("caravan.source.a-far.patience", "3m");
        site.set("caravan.schedule", "2s");
        CaravanProcess service = site.start("run");
        try {
            await().atMost(SOON).until(() -> service.said().contains("source a-far:"));
            folder.signal("STOP");
            await().atMost(SOON).until(() -> asking(service) > 0);
            Thread.sleep(3000);
        } finally {
            service.process().destroy();
        }
        assertThat(service.await(SOON).exit()).isEqualTo(143);
    }

    @Test
    void aWalkThatHangsInTheMiddleIsNoWholeWalk() throws Exception {
        AtomicInteger seen = new AtomicInteger();
        Patience patience = new Patience("source 'far'", Duration.ofSeconds(2));
        try (SourceRoot root = FolderRoot.open(far, patience, Set.of())) {
            assertThatThrownBy(() ->
                            root.walk(
                                    ItemPath.ROOT,
                                    Selection.ALL,
                                    sighting -> {
                                        if (seen.incrementAndGet() == 2) {
                                            stop();
                                        }
                                    }))
                    .isInstanceOf(NoAnswerException.class);
            int before = seen.get();
            assertThatThrownBy(() -> FolderRoot.open(far, patience, Set.of()))
                    .isInstanceOf(NoAnswerException.class);

            folder.signal("CONT");
            await().ignoreExceptions()
                    .atMost(SOON)
                    .until(() -> root.look(ItemPath.of("far-old")) != null);
            assertThat(seen).as("told after it was given up").hasValue(before);
        }
    }

    private void stop() {
        try {
            folder.signal("STOP");
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
