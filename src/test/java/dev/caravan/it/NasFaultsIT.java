package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A NAS that fails: what it did not take is not counted, the others have their copies, one line
/// says why, and the next backup after the fault ends in policy.
final class NasFaultsIT {
    private static final int NEW = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private Site site;

    @BeforeEach
    void aSource() throws Exception {
        site = Site.create();
        Files.writeString(site.source.resolve("first"), "first");
    }

    @AfterEach
    void cleanUp() throws Exception {
        site.close();
    }

    @Test
    void aNasWithoutInodesTakesWhatFitsOnceThereAreMore() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(at("disk"), "40m")) {
            Path nas = backedUpTo(disk.path());
            someNewFiles();
            disk.inodes(disk.inodesUsed() + 6);

            site.backup().exits(1).complainsOnce("target 'nas'", "No space left");

            assertNothingIsWrong(nas);
            disk.inodes(1000);
            assertGoesOn(nas);
        }
    }

    @Test
    void aNasThatBecameReadOnlySaysSo() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(at("disk"), "40m")) {
            Path nas = backedUpTo(disk.path());
            someNewFiles();
            disk.readOnly();

            site.backup().exits(1).complainsOnce("target 'nas'", "Read-only file system");

            assertNothingIsWrong(nas);
            assertCopies("nas", 1);
            disk.writable();
            assertGoesOn(nas);
        }
    }

    @Test
    void aNasThatIsUnmountedInTheMiddleLeavesTheMountPointEmpty() throws Exception {
        Path mount = at("disk");
        Path share = at("share");
        try (SmallDisk disk = SmallDisk.mount(share, "40m")) {
            Files.createDirectory(mount);
            Site.execute("mount", "--bind", disk.path().toString(), mount.toString());
            Path nas;
            try {
                nas = backedUpTo(mount);
                someNewFiles();
                CaravanProcess backup = inTheMiddleOfABackup(nas);
                Site.execute("umount", "-l", mount.toString());

                backup.await(PATIENCE).exits(1).complainsOnce("target 'nas'", "is it mounted?");

                assertThat(mount).isEmptyDirectory();
            } catch (Throwable failed) {
                Site.execute("bash", "-c", "umount -l %s 2>/dev/null || :".formatted(mount));
                throw failed;
            }
            Site.execute("mount", "--bind", disk.path().toString(), mount.toString());
            try {
                assertNothingIsWrong(nas);
                assertGoesOn(nas);
            } finally {
                Site.execute("umount", "-l", mount.toString());
            }
        }
    }

    @Test
    void anotherShareInItsPlaceInTheMiddleIsNotFilled() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(at("disk"), "40m");
                Site other = Site.create();
                SmallDisk wrong = SmallDisk.mount(other.root.resolve("disk"), "40m")) {
            Path nas = backedUpTo(disk.path());
            Files.writeString(other.source.resolve("others"), "others");
            init(other, wrong.path().resolve("nas"));
            other.backup().exits(0);
            String before = files(wrong.path());
            someNewFiles();
            CaravanProcess backup = inTheMiddleOfABackup(nas);
            Site.execute("mount", "--bind", wrong.path().toString(), disk.path().toString());
            try {
                backup.await(PATIENCE).exits(1).complainsOnce("target 'nas'", "became another one");

                assertThat(files(wrong.path())).isEqualTo(before);
                site.backup()
                        .exits(1)
                        .complainsOnce("target 'nas'", "sentinel of another", "right share");
                assertThat(files(wrong.path())).isEqualTo(before);
            } finally {
                Site.execute("umount", disk.path().toString());
            }
            assertNothingIsWrong(nas);
            assertGoesOn(nas);
        }
    }

    @Test
    void aNasThatCannotWriteIsSuspendedAndTheOthersGoOn() throws Exception {
        try (BoundFolder folder = BoundFolder.mount(site.root)) {
            Path nas = backedUpTo(folder.path());
            someNewFiles();
            try (Tracer tracer = folder.failing("pwrite64", "EIO")) {
                site.backup().exits(1).complainsOnce("target 'nas'", "Input/output error");

                assertThat(tracer.injected()).isPositive();
            }
            assertNothingIsWrong(nas);
            assertGoesOn(nas);
        }
    }

    /// A disk that has lost what it was given says so when it is asked to keep it, and only once:
    /// what was sent before is not asked about again.
    @Test
    void whatANasCouldNotKeepIsSentAnew() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(at("disk"), "40m")) {
            Path nas = backedUpTo(disk.path());
            someNewFiles();

            CaravanProcess.Outcome told =
                    CaravanProcess.start(
                                    site.root,
                                    Tracer.before("syncfs", "EIO", "when=1+"),
                                    "--home=" + site.home,
                                    "backup")
                            .await();

            told.exits(1).complainsOnce("target 'nas'", "Input/output error");
            assertNothingIsWrong(nas);
            assertCopies("nas", 1);
            assertGoesOn(nas);
        }
    }

    @Test
    void aNasThatCannotReadSaysNothingOfItsCopies() throws Exception {
        try (BoundFolder folder = BoundFolder.mount(site.root)) {
            Path nas = backedUpTo(folder.path());
            try (Tracer tracer = folder.failing("pread64", "EIO")) {
                site.run("verify", "--target", "nas")
                        .exits(1)
                        .complainsOnce("nas", "Input/output error");

                assertThat(tracer.injected()).isPositive();
                assertCopies("nas", 1);
            }
            assertGoesOn(nas);
        }
    }

    @Test
    void aNasThatMayNotBeWrittenSaysSo() throws Exception {
        assumeTrue(Site.isRoot(), "only root can take a folder away from itself");
        Path nas = backedUpTo(site.root);
        someNewFiles();
        Path incoming = nas.resolve(".caravan/incoming");
        Site.execute("chown", "65534", incoming.toString());
        Site.execute("chmod", "555", incoming.toString());

        CaravanProcess.start(
                        site.root,
                        List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"),
                        "--home=" + site.home,
                        "backup")
                .await()
                .exits(1)
                .complainsOnce("target 'nas'", "Permission denied");

        assertNothingIsWrong(nas);
        assertCopies("nas", 1);
        Site.execute("chown", "0", incoming.toString());
        Site.execute("chmod", "755", incoming.toString());
        assertGoesOn(nas);
    }

    private static String files(Path folder) throws Exception {
        return Site.execute(
                "bash",
                "-c",
                "cd %s && find -type f -printf '%%p %%s %%T@\\n' | sort".formatted(folder));
    }

    private Path backedUpTo(Path mount) throws Exception {
        Path nas = mount.resolve("nas");
        init(site, nas);
        site.backup().exits(0).complainsNot();
        return nas;
    }

    private static void init(Site site, Path nas) throws Exception {
        site.run("init", "--source=" + site.source, "--nas=" + nas, "--offsite=embedded").exits(0);
        site.set("caravan.nas.simulated", "true");
    }

    private void someNewFiles() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < NEW; i++) {
            byte[] content = new byte[100_000];
            random.nextBytes(content);
            Files.write(site.source.resolve("new-" + i), content);
        }
    }

    /// One whose NAS has got some of what is new and has long to go.
    private CaravanProcess inTheMiddleOfABackup(Path nas) throws Exception {
        site.set("caravan.nas.rate", "200KiB");
        CaravanProcess backup = site.start("backup");
        await().atMost(PATIENCE)
                .until(() -> {
                    try (Stream<Path> arriving = Files.list(nas.resolve(".caravan/incoming"))) {
                        return arriving.findAny().isPresent();
                    }
                });
        site.set("caravan.nas.rate", "unlimited");
        return backup;
    }

    /// The others are complete, the original counts, and every copy that the NAS is said to have is
    /// there and right.
    private void assertNothingIsWrong(Path nas) throws Exception {
        assertCopies("tape", NEW + 1);
        assertCopies("offsite", NEW + 1);
        JsonNode status = site.status();
        String all = status.toPrettyString();
        long counted = target("nas").get("copies").longValue();
        assertThat(counted).as(all).isLessThan(NEW + 1);
        long with4 = 0;
        for (JsonNode reached : status.get("reached")) {
            assertThat(reached.get("copies").intValue()).as(all).isBetween(3, 4);
            if (reached.get("copies").intValue() == 4) {
                with4 += reached.get("items").longValue();
            }
        }
        assertThat(with4).as(all).isEqualTo(counted);
        site.run("verify", "--target", "nas").exits(0);
    }

    private void assertGoesOn(Path nas) throws Exception {
        site.backup().exits(0).complainsNot();
        site.assertInPolicy(nas);
        Site.execute("diff", "-r", site.source.toString(), nas.resolve("source").toString());
        site.run("verify", "--target", "nas").exits(0);
    }

    private JsonNode target(String name) throws Exception {
        return site.status()
                .get("targets")
                .valueStream()
                .filter(target -> target.get("name").textValue().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void assertCopies(String target, long copies) throws Exception {
        assertThat(target(target).get("copies").longValue()).as(target).isEqualTo(copies);
    }

    private Path at(String name) {
        return site.root.resolve(name);
    }
}
