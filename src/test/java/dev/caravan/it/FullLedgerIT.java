package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The disk the ledger is on is full, and no other.
final class FullLedgerIT {
    private static final int FILES = 300;
    private static final Duration NO_HANG = Duration.ofMinutes(2);

    private Site site;

    @BeforeEach
    void aHomeWithItsCopiesElsewhere() throws Exception {
        site = Site.create();
        for (int i = 0; i < FILES; i++) {
            Files.writeString(site.source.resolve("file-with-a-long-name-" + i), "file " + i);
        }
        site.init();
        site.set("caravan.tape.library", site.root.resolve("tapes").toString());
    }

    @AfterEach
    void cleanUp() throws Exception {
        site.close();
    }

    @Test
    void aFullLedgerEndsTheBackupAndNothingCountsTwiceOnceThereIsRoom() throws Exception {
        try (SmallDisk disk = ledgerOn("580k")) {
            assertFull(site.start("backup").await(NO_HANG)); // the scan does not fit
            disk.resize("850k");
            assertFull(site.start("backup").await(NO_HANG)); // some of the copies do not

            disk.resize("40m");
            site.backup().exits(0).complainsNot();

            assertAllIsThereOnce();
            String source = Site.listing(site.source);
            assertThat(Site.listing(site.restored("tape"))).isEqualTo(source);
            assertThat(Site.listing(site.restored("offsite"))).isEqualTo(source);
        }
    }

    @Test
    void aScanThatDoesNotFitIsLoggedOnce() throws Exception {
        try (SmallDisk _ = ledgerOn("580k")) {
            site.set("caravan.schedule", "1h");
            CaravanProcess service = site.start("run");
            await().atMost(NO_HANG).until(() -> service.said().contains("scan failed"));
            service.process().destroy();

            assertThat(service.await(NO_HANG).exits(143).err().lines())
                    .filteredOn(line -> line.contains("ERROR") && line.contains("unable to write"))
                    .singleElement()
                    .asString()
                    .contains("ScanConsumer scan failed: unable to write ledger");
        }
    }

    @Test
    void aServiceOutlivesAFullLedger() throws Exception {
        site.set("caravan.schedule", "2s");
        try (SmallDisk disk = ledgerOn("850k")) {
            CaravanProcess service = site.start("run");
            try {
                await().atMost(NO_HANG)
                        .until(() ->
                                !service.process().isAlive()
                                        || service.said().contains("the log of runs waits"));
            } finally {
                service.process().destroy();
            }
            service.await(NO_HANG).exits(143);

            disk.resize("40m");
            site.backup().exits(0).complainsNot();

            assertAllIsThereOnce();
        }
    }

    /// A segment's copies are recorded 1000 to a transaction: those of the first count, and the
    /// segment must stay where it is.
    @Test
    void whatWasRecordedOfASegmentBeforeTheLedgerFailedIsStillThere() throws Exception {
        site.backup().exits(0);
        for (int i = 0; i < 1500; i++) {
            Files.writeString(site.source.resolve("more-" + i), "more " + i);
        }
        sql(
                "CREATE TRIGGER fails BEFORE UPDATE ON copy WHEN NEW.state IN ('DURABLE',"
                        + " 'VERIFIED') AND NEW.target_id > 1 AND NEW.version_id > 1700 BEGIN SELECT"
                        + " raise(ABORT, 'no'); END");

        site.start("backup").await(NO_HANG);

        for (JsonNode target : site.status().get("targets")) {
            boolean nas = target.get("name").asText().equals("nas");
            assertThat(target.get("copies").longValue()) // a few more: it is probed with one
                    .as("%s", target)
                    .isBetween(FILES + (nas ? 1500L : 1000L), FILES + (nas ? 1500L : 1100L));
        }
        sql("DROP TRIGGER fails");
        site.backup().exits(0).complainsNot();
        assertThat(site.start("verify").await(NO_HANG).exits(0).out()).contains("none bad");
        String source = Site.listing(site.source);
        assertThat(Site.listing(site.restored("tape"))).isEqualTo(source);
        assertThat(Site.listing(site.restored("offsite"))).isEqualTo(source);
    }

    private void sql(String statement) throws SQLException {
        try (var ledger =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + site.home + "/data/ledger.db");
                var change = ledger.createStatement()) {
            change.execute(statement);
        }
    }

    private SmallDisk ledgerOn(String size) throws Exception {
        Path data = site.home.resolve("data");
        Path moved = Files.move(data, site.root.resolve("moved"));
        SmallDisk disk = SmallDisk.mount(data, size);
        Site.execute("cp", "-a", moved.resolve("keys").toString(), data.toString());
        Files.createSymbolicLink(data.resolve("offsite"), moved.resolve("offsite"));
        return disk;
    }

    private static void assertFull(CaravanProcess.Outcome told) {
        assertThat(told.exits(1).err().lines())
                .doesNotHaveDuplicates()
                .noneMatch(line -> line.contains("ERROR") || line.stripLeading().startsWith("at "))
                .anyMatch(line -> line.contains("unable to write ledger") && line.contains("full"));
    }

    private void assertAllIsThereOnce() throws Exception {
        site.assertInPolicy();
        JsonNode status = site.status();
        assertThat(status.get("versions").longValue()).isEqualTo(FILES);
        for (JsonNode target : status.get("targets")) {
            assertThat(target.get("copies").longValue()).as("%s", target).isEqualTo(FILES);
        }
        assertThat(Site.listing(site.nasTree())).isEqualTo(Site.listing(site.source));
        try (Stream<Path> old = Files.walk(site.nas().resolve(".caravan/history"))) {
            assertThat(old.filter(Files::isRegularFile)).as("old versions").isEmpty();
        }
    }
}
