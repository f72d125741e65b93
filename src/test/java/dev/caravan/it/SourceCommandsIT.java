package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Commands before and after a scan. The snapshot is a copy of a live folder that is there while it
/// is backed up and at no other time; beside it is a source without commands.
final class SourceCommandsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// Fails or hangs in the middle of it, if a file says so.
    private static final String SNAPSHOT =
            """
            #!/bin/sh
            set -eu
            cd "$CARAVAN_HOME/.."
            case $1 in
            make)
                mkdir snapshot
                echo made >>did
                if [ -e fail ]; then echo "no room for a snapshot"; exit 3; fi
                if [ -e hang ]; then echo $$ >pid; exec sleep 300; fi
                cp -a live/. snapshot/
                ;;
            remove)
                rm -rf snapshot
                echo undone >>did
                ;;
            esac
            """;

    private Site site;
    private Path live;
    private Path snapshot;

    @BeforeEach
    void aHomeWithASnapshot() throws Exception {
        site = Site.create();
        live = Files.createDirectory(site.root.resolve("live"));
        snapshot = site.root.resolve("snapshot");
        Files.writeString(live.resolve("rows"), "1");
        Files.writeString(live.resolve("index"), "1");
        Files.writeString(site.source.resolve("letter"), "letter");
        Files.writeString(site.root.resolve("did"), "");
        Path script = Files.writeString(site.root.resolve("command"), SNAPSHOT);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        site.init();
        site.set("caravan.source.shop.dir", snapshot.toString());
        site.set("caravan.source.shop.before", script + " make");
        site.set("caravan.source.shop.after", script + " remove");
    }

    @AfterEach
    void removeSite() throws IOException {
        site.close();
    }

    @Test
    void aSnapshotIsThereWhileItIsCopiedAndGoneAfterwards() throws Exception {
        site.run("check").exits(0);
        site.backup().exits(0).complainsNot();

        assertThat(did()).containsExactly("made", "undone");
        assertThat(snapshot).doesNotExist();
        assertThat(site.nas().resolve("shop/rows")).hasContent("1");
        assertThat(site.status().get("items").longValue()).isEqualTo(3);

        Files.writeString(live.resolve("rows"), "2");
        Files.delete(live.resolve("index"));
        site.backup().exits(0).complainsNot();

        Path to = Files.createDirectory(site.root.resolve("to"));
        site.run("restore", "rows", "--source=shop", "--to=" + to, "--from=offsite").exits(0);
        assertThat(to.resolve("rows")).hasContent("2");
        assertThat(site.status().get("items").longValue()).isEqualTo(2);
        assertThat(did()).containsExactly("made", "undone", "made", "undone");
        site.assertInPolicy();
    }

    @Test
    void looksAndDryRunsRunNoCommand() throws Exception {
        assertThat(site.run("backup", "--dry-run").exits(0).out())
                .contains("source 'shop': its command before is not run");
        site.run("scan", "--list")
                .exits(1)
                .complainsOnce("source 'shop': its command before is not run");

        assertThat(did()).isEmpty();
    }

    @Test
    void aBeforeThatFailsLeavesItsSourceAsItWasAndOthersGoOn() throws Exception {
        site.backup().exits(0);
        Files.createFile(site.root.resolve("fail"));
        Files.writeString(site.source.resolve("new"), "new");

        site.backup()
                .exits(1)
                .complainsOnce(
                        "source 'shop': its command before failed with exit code 3: no room for a snapshot; nothing of it was picked up");

        assertThat(did()).containsExactly("made", "undone", "made", "undone");
        assertThat(site.nasTree().resolve("new")).hasContent("new");
        assertThat(site.nas().resolve("shop/rows")).hasContent("1");
        assertThat(site.status().get("items").longValue()).isEqualTo(4);
    }

    @Test
    void aBeforeThatHangsIsEndedAndUndone() throws Exception {
        Files.createFile(site.root.resolve("hang"));
        site.set("caravan.source.shop.command-timeout", "2s");

        site.backup()
                .exits(1)
                .complainsOnce("source 'shop': its command before took longer than 2s");

        assertThat(did()).containsExactly("made", "undone");
        assertThat(snapshot).doesNotExist();
        assertThat(ProcessHandle.of(pid())).isEmpty();
        assertThat(site.nasTree().resolve("letter")).hasContent("letter");
    }

    @Test
    void afterAKillTheNextBackupUndoesFirst() throws Exception {
        Files.createFile(site.root.resolve("hang"));
        CaravanProcess killed = site.start("backup");
        await().atMost(PATIENCE).until(() -> Files.exists(site.root.resolve("pid")));
        killed.process().destroyForcibly().waitFor();
        long orphan = pid();
        assertThat(snapshot).exists();
        Files.delete(site.root.resolve("hang"));

        site.backup().exits(0).complainsNot();

        assertThat(did()).containsExactly("made", "undone", "made", "undone");
        assertThat(ProcessHandle.of(orphan).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(snapshot).doesNotExist();
        site.assertInPolicy();
    }

    @Test
    void anAfterThatFailsIsToldAndEndsWithOne() throws Exception {
        site.set("caravan.source.shop.after", "/bin/sh -c 'echo target is busy; exit 32'");

        site.backup()
                .exits(1)
                .complainsOnce(
                        "source 'shop': its command after failed with exit code 32: target is busy");

        assertThat(site.nas().resolve("shop/rows")).hasContent("1");
    }

    @Test
    void aServiceUndoesWhenNothingMoreIsCopiedAndWhenItEnds() throws Exception {
        site.set("caravan.schedule", "1s");
        CaravanProcess service = site.start("run");
        try {
            await().atMost(PATIENCE).until(() -> did().size() >= 4);
            assertThat(site.nas().resolve("shop/rows")).hasContent("1");
            Files.createFile(site.root.resolve("hang"));
            await().atMost(PATIENCE).until(() -> Files.exists(site.root.resolve("pid")));
        } finally {
            service.process().destroy(); // SIGTERM
        }

        assertThat(service.await(Duration.ofSeconds(90)).exit()).isEqualTo(143);
        List<String> did = did();
        for (int i = 0; i < did.size(); i++) {
            assertThat(did.get(i)).as("%s", did).isEqualTo(i % 2 == 0 ? "made" : "undone");
        }
        assertThat(did).last().isEqualTo("undone");
        assertThat(snapshot).doesNotExist();
    }

    private List<String> did() throws IOException {
        return Files.readAllLines(site.root.resolve("did"));
    }

    private long pid() throws IOException {
        return Long.parseLong(Files.readString(site.root.resolve("pid")).strip());
    }
}
