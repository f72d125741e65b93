package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.it.FaultySftpServer.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An SFTP server that lies, fails or breaks off: what it does not have is not counted, or does not
/// stay counted; the others have their copies, one line says why, and the next backup after the
/// fault ends in policy. The small file goes in a segment, the large one as an object of its own.
final class SftpFaultsIT {
    private Site site;
    private FaultySftpServer server;

    @BeforeEach
    void aServer() throws Exception {
        site = Site.create();
        Path folder = Files.createDirectory(site.root.resolve("served"));
        Files.createDirectory(folder.resolve("caravan"));
        server = FaultySftpServer.start(site.root.resolve("keys"), folder);
        List<String> init = new ArrayList<>(List.of("init"));
        init.add("--source=" + site.source);
        init.add("--nas=" + site.nas());
        init.addAll(server.options("caravan"));
        site.run(init.toArray(String[]::new)).exits(0);
        site.set("caravan.nas.simulated", "true");
        site.set("caravan.offsite.simulated", "true");
        Files.createSymbolicLink(site.home.resolve("data/offsite"), folder);
        random("small", 100_000);
        random("large", 1_500_000);
    }

    private void random(String name, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Files.write(site.source.resolve(name), content);
    }

    @AfterEach
    void cleanUp() throws Exception {
        if (server != null) {
            server.close();
        }
        site.close();
    }

    @Test
    void oneThatStoresLessThanItWasSentHasNoCopy() throws Exception {
        server.does(Fault.STORES_LESS);

        assertThat(site.backup().exits(1).err())
                .containsPattern("target 'offsite'.* has \\d+ bytes, \\d+ were sent");

        assertOnlyOffsiteIsMissing();
        assertGoesOn();
    }

    @Test
    void oneThatStoresOtherBytesHasNoCopy() throws Exception {
        server.does(Fault.STORES_OTHER_BYTES);

        assertThat(site.backup().exits(1).err()).contains("target 'offsite'", "has SHA-256");

        assertOnlyOffsiteIsMissing();
        assertGoesOn();
    }

    /// As one that computes hashes of what it was sent and stores something else.
    @Test
    void oneThatSaysTheRightHashAndHasOtherBytesIsFoundAndRepaired() throws Exception {
        server.does(Fault.CHANGES_LATER);
        site.backup().exits(0).complainsNot();
        assertThat(server.hits()).isPositive();
        server.does(Fault.NONE);

        site.run("verify", "--target", "offsite").exits(1);

        assertCopies("offsite", 0);
        assertGoesOn();
    }

    /// No client can tell that a server's fsync does nothing, until it has lost something.
    @Test
    void oneThatDidNotSyncAndLostPowerIsFoundAndRepaired() throws Exception {
        server.does(Fault.DOES_NOT_SYNC);
        site.backup().exits(0).complainsNot();
        assertThat(server.hits()).isPositive();
        List<Path> objects = objects();
        Files.write(objects.getFirst(), new byte[0]);
        for (Path lost : objects.subList(1, objects.size())) {
            Files.delete(lost);
        }
        server.does(Fault.NONE);

        site.run("verify", "--target", "offsite").exits(1);

        assertCopies("offsite", 0);
        assertThat(site.status().get("belowPolicy").longValue()).isEqualTo(2);
        assertGoesOn();
    }

    @Test
    void aFullOneTakesTheCopiesOnceThereIsRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(site.root.resolve("served/disk"), "64k")) {
            moveTo(disk.path());

            site.backup().exits(1).complainsOnce("target 'offsite'", "is it full?");

            assertOnlyOffsiteIsMissing();
            disk.resize("40m");
            assertGoesOn();
        }
    }

    @Test
    void oneThatBecameReadOnlySaysSo() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(site.root.resolve("served/disk"), "40m")) {
            moveTo(disk.path());
            disk.readOnly();

            site.backup().exits(1).complainsOnce("target 'offsite'", "the server said");

            assertOnlyOffsiteIsMissing();
            disk.writable();
            assertGoesOn();
        }
    }

    /// The folder that is served is on another disk from here on.
    private void moveTo(Path disk) throws IOException {
        site.set("caravan.offsite.dir", "disk/caravan");
        Files.createDirectory(disk.resolve("caravan"));
        Path shown = site.home.resolve("data/offsite");
        Files.delete(shown);
        Files.createSymbolicLink(shown, disk);
    }

    @Test
    void oneOverItsQuotaIsWaitedFor() throws Exception {
        server.does(Fault.QUOTA_EXCEEDED);

        site.backup().exits(1).complainsOnce("target 'offsite'", "is it full?");

        assertOnlyOffsiteIsMissing();
        assertGoesOn();
    }

    @Test
    void aKeyThatIsRevokedInTheMiddleStopsTheTargetAfterFewLogins() throws Exception {
        server.does(Fault.REVOKES_THE_KEY);

        site.backup().exits(1).complainsOnce("target 'offsite'", "authorized_keys");

        assertThat(server.logins()).isLessThan(20);
        assertOnlyOffsiteIsMissing();
        assertGoesOn();
    }

    @Test
    void oneThatTakesASingleConnectionSaysSo() throws Exception {
        server.takesAtMost(1);

        site.backup().exits(1).complainsOnce("target 'offsite'", "Too many concurrent connections");

        assertOnlyOffsiteIsMissing();
        server.takesAtMost(100);
        assertGoesOn();
    }

    @Test
    void aConnectionThatIsCutAtTheCloseOfAFileCountsNothing() throws Exception {
        server.does(Fault.CUTS_AT_CLOSE);

        assertThat(site.backup().exits(1).err()).contains("target 'offsite'", "Cannot store file");

        assertOnlyOffsiteIsMissing();
        assertGoesOn();
    }

    @Test
    void aConnectionThatIsCutAfterARenameCountsNothingTwice() throws Exception {
        server.does(Fault.CUTS_AFTER_RENAME);

        site.backup().exits(1).complainsOnce("target 'offsite'", "connection lost");

        assertOnlyOffsiteIsMissing();
        assertThat(objects()).as("renamed, and no copies").isNotEmpty();
        assertGoesOn();
    }

    /// Half of it is there, and can not be gone on with: it is sent anew under another name.
    @Test
    void oneThatAppendsNothingGetsTheWholeFileAgain() throws Exception {
        random("huge", 12_000_000);
        server.does(Fault.CUTS_AND_DOES_NOT_APPEND);
        CaravanProcess service = site.start("run");
        try {
            await().atMost(Duration.ofMinutes(3)) // it waits for 30 s before its third try
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> server.hits() >= 2 && hasCopies("offsite", 3));
        } finally {
            service.process().destroy();
        }
        assertThat(service.await(Duration.ofSeconds(90)).exit()).isEqualTo(143);
        assertThat(Site.listing(site.restored("offsite"))).isEqualTo(Site.listing(site.source));
    }

    private boolean hasCopies(String target, long copies) throws Exception {
        return site.status()
                .get("targets")
                .valueStream()
                .anyMatch(each ->
                        each.get("name").textValue().equals(target)
                                && each.get("copies").longValue() == copies);
    }

    private void assertOnlyOffsiteIsMissing() throws Exception {
        assertThat(server.hits() + server.logins()).isPositive();
        assertCopies("nas", 2);
        assertCopies("tape", 2);
        assertCopies("offsite", 0);
        JsonNode status = site.status();
        JsonNode reached = status.get("reached");
        assertThat(reached).as(status.toPrettyString()).hasSize(1);
        assertThat(reached.get(0).get("copies").intValue()).isEqualTo(3);
        assertThat(reached.get(0).get("offsite").intValue()).isZero();
        assertThat(status.get("belowPolicy").longValue()).isEqualTo(2);
    }

    private void assertGoesOn() throws Exception {
        server.does(Fault.NONE);
        site.backup().exits(0).complainsNot();
        site.assertInPolicy();
        assertCopies("offsite", 2);
        site.run("verify", "--target", "offsite").exits(0);
        assertThat(Site.listing(site.restored("offsite"))).isEqualTo(Site.listing(site.source));
    }

    private List<Path> objects() throws IOException {
        try (Stream<Path> files = Files.walk(site.offsite().resolve("objects"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private void assertCopies(String target, long copies) throws Exception {
        JsonNode found =
                site.status()
                        .get("targets")
                        .valueStream()
                        .filter(each -> each.get("name").textValue().equals(target))
                        .findFirst()
                        .orElseThrow();
        assertThat(found.get("copies").longValue()).as(target).isEqualTo(copies);
    }
}
