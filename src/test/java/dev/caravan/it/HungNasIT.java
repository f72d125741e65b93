package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A NAS whose server is away: whoever looks at its folder waits. A stopped process that serves a
/// FUSE file system stands for it.
class HungNasIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private Site site;
    private Path mount;
    private BoundFolder folder;

    @BeforeEach
    void mountAndBackUp() throws Exception {
        site = Site.create();
        folder = BoundFolder.mount(site.root);
        mount = folder.path();
        Files.createDirectory(mount.resolve("nas"));
        Files.writeString(site.source.resolve("old"), "old");
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + mount.resolve("nas"),
                        "--offsite=embedded")
                .exits(0);
        site.set("caravan.nas.simulated", "true");
        site.set("caravan.nas.patience", "5s");
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

    /// The targets that have a file now.
    private List<String> with(String path) {
        return assertTimeoutPreemptively(PATIENCE, () -> site.targetsWith(path));
    }

    @Test
    void aBackupSaysSoAndTheOthersHaveTheirCopies() throws Exception {
        Files.writeString(site.source.resolve("new"), "new");
        folder.signal("STOP");

        CaravanProcess.Outcome ended = site.start("backup").await(Duration.ofMinutes(3));

        assertThat(ended.exit()).as(ended.err()).isEqualTo(1);
        assertThat(ended.err()).contains("target 'nas'", "has not answered for");
        assertThat(with("new")).contains("tape", "offsite").doesNotContain("nas");
        CaravanProcess.Outcome check = site.start("check").await(PATIENCE);
        check.exits(1).complainsOnce("does not answer: is the server of this folder there?");
        JsonNode status = site.start("status", "--json").await(PATIENCE).json();
        assertThat(status.get("belowPolicy").longValue()).as(status.toPrettyString()).isZero();

        folder.signal("CONT");
        site.backup().exits(0);
        site.assertInPolicy(mount.resolve("nas"));
        assertThat(mount.resolve("nas/source/new")).hasContent("new");
    }

    @Test
    void aServiceGoesOnWithoutMoreThreadsAndFillsItWhenItAnswers() throws Exception {
        site.set("caravan.schedule", "2s");
        CaravanProcess service = site.start("run");
        try {
            await().atMost(PATIENCE).until(() -> service.said().contains("is at work"));
            folder.signal("STOP");
            Files.writeString(site.source.resolve("new"), "new");
            await().atMost(PATIENCE)
                    .until(() -> with("new").containsAll(List.of("tape", "offsite")));
            await().atMost(PATIENCE).until(() -> service.said().contains("has not answered for"));
            long threads = service.threads();
            for (int i = 0; i < 5; i++) {
                String more = "more-" + i;
                Files.writeString(site.source.resolve(more), "more");
                await().atMost(PATIENCE)
                        .until(() -> with(more).containsAll(List.of("tape", "offsite")));
            }
            assertThat(service.threads()).isLessThan(threads + 8);

            folder.signal("CONT");
            await().atMost(PATIENCE).until(() -> with("more-4").contains("nas"));
        } finally {
            service.process().destroy();
        }
        assertThat(service.await(PATIENCE).exit()).isEqualTo(143);
        site.backup().exits(0);
        site.assertInPolicy(mount.resolve("nas"));
    }

    /// With the default of three minutes nothing but the drain ends what is being copied.
    @Test
    void aServiceEndsWhileItWaits() throws Exception {
        site.set("caravan.nas.patience", "3m");
        site.set("caravan.schedule", "2s");
        folder.signal("STOP");
        CaravanProcess service = site.start("run");
        try {
            await().atMost(PATIENCE).until(() -> service.said().contains("is at work"));
            Files.writeString(site.source.resolve("new"), "new");
            await().atMost(PATIENCE).until(() -> with("new").contains("tape"));
        } finally {
            service.process().destroy();
        }
        assertThat(service.await(Duration.ofMinutes(2)).exit()).isEqualTo(143);
    }
}
