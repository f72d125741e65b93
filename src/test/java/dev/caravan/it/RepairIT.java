package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// A copy that was found bad is made anew by the next backup, on each target, and counts only then.
@TestInstance(Lifecycle.PER_CLASS)
final class RepairIT {
    private static final String CONTENT = "what is right\n".repeat(1000);

    private Site whole;

    @BeforeAll
    void threeCopiesOfAFewFiles() throws Exception {
        whole = Site.create();
        Files.writeString(whole.source.resolve("letter"), CONTENT);
        Files.writeString(whole.source.resolve("other"), "other");
        Files.createLink(whole.source.resolve("linked"), whole.source.resolve("letter"));
        Files.writeString(whole.source.resolve("gone"), "deleted later");
        whole.demo().exits(0);
        Files.delete(whole.source.resolve("gone"));
        Files.writeString(whole.source.resolve("other"), "changed since");
        whole.run("backup", "--accept-deletions").exits(0);
        whole.assertInPolicy();
    }

    @AfterAll
    void cleanUp() throws Exception {
        whole.close();
    }

    /// As a verify leaves it that read other bytes.
    private static void suspect(Site site, String target, String path, int number)
            throws Exception {
        try (Connection ledger =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + site.home.resolve("data/ledger.db"));
                Statement sql = ledger.createStatement()) {
            int changed =
                    sql.executeUpdate(
                            ("UPDATE copy SET state = 'SUSPECT', last_error = 'other bytes' WHERE"
                                            + " target_id = (SELECT id FROM target WHERE name ="
                                            + " '%s') AND version_id = (SELECT v.id FROM version v"
                                            + " JOIN item i ON i.id = v.item_id WHERE i.path ="
                                            + " CAST('%s' AS BLOB) AND v.number = %d)")
                                    .formatted(target, path, number));
            assertThat(changed).as("rows, those of triggers too").isPositive();
        }
    }

    private static JsonNode copy(Site site, String path, int version, String target)
            throws Exception {
        for (JsonNode each : site.whereis(path).get("versions")) {
            if (each.get("version").intValue() == version) {
                for (JsonNode copy : each.get("copies")) {
                    if (copy.get("target").textValue().equals(target)) {
                        return copy;
                    }
                }
            }
        }
        throw new AssertionError("no copy of " + path + " on " + target);
    }

    private static void assertMadeAnew(Site site, String target, String before) throws Exception {
        JsonNode below = site.run("status", "--explain", "letter", "--json").exits(1).json();
        assertThat(below.get("inPolicy").booleanValue()).isFalse();
        assertThat(below.get("reached").get("errors").intValue()).isEqualTo(1);
        assertThat(below.get("reached").get("copies").intValue()).isEqualTo(3);
        assertThat(site.run("plan").exits(0).out())
                .contains("copy to " + target + " anew, from original, at the next pass");

        site.backup().exits(0);

        site.assertInPolicy();
        JsonNode copy = copy(site, "letter", 1, target);
        assertThat(copy.get("state").textValue()).isIn("DURABLE", "VERIFIED");
        assertThat(site.restored(target).resolve("letter")).hasContent(CONTENT);
        String run = site.run("log", "--json").json().get("runs").get(0).get("run").asText();
        assertThat(site.run("log", run).exits(0).out())
                .contains("1 copy on " + target + " to be made anew: 1 suspect, 0 missing");
        if (target.equals("nas")) {
            assertThat(copy.get("location").textValue()).isEqualTo(before);
        } else {
            assertThat(copy.get("location").textValue()).isNotEqualTo(before);
        }
    }

    @Test
    void onTheNasItIsReplacedInItsPlaceAndNotByALinkToTheBadBytes() throws Exception {
        Site site = whole.copy();
        Path letter = site.nasTree().resolve("letter");
        Path linked = site.nasTree().resolve("linked");
        String before = copy(site, "letter", 1, "nas").get("location").textValue();
        assertThat(Files.getAttribute(letter, "unix:ino"))
                .isEqualTo(Files.getAttribute(linked, "unix:ino"));
        var time = Files.getLastModifiedTime(letter);
        Files.writeString(letter, CONTENT.replace('r', 'w'));
        Files.setLastModifiedTime(letter, time);
        suspect(site, "nas", "letter", 1);

        assertMadeAnew(site, "nas", before);

        assertThat(letter).hasContent(CONTENT);
    }

    @Test
    void onTapeItGetsAnotherPlace() throws Exception {
        Site site = whole.copy();
        String before = copy(site, "letter", 1, "tape").get("location").textValue();
        suspect(site, "tape", "letter", 1);

        assertMadeAnew(site, "tape", before);
    }

    @Test
    void offsiteItIsANewObjectAndTheOldOneStays() throws Exception {
        Site site = whole.copy();
        String before = copy(site, "letter", 1, "offsite").get("location").textValue();
        long objects = objects(site);
        suspect(site, "offsite", "letter", 1);

        assertMadeAnew(site, "offsite", before);

        assertThat(objects(site)).as("and one with the ledger's new head").isEqualTo(objects + 2);
    }

    private static long objects(Site site) throws Exception {
        try (Stream<Path> files = Files.walk(site.offsite().resolve("objects"))) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void anOldVersionAndADeletedItemAreMadeAnewInTheHistoryFromAnotherCopy() throws Exception {
        Site site = whole.copy();
        for (Object[] each : new Object[][] {{"other", 1}, {"gone", 1}}) {
            String path = (String) each[0];
            int version = (Integer) each[1];
            Path kept = history(site, path, version);
            var time = Files.getLastModifiedTime(kept);
            Files.writeString(kept, "x".repeat((int) Files.size(kept)));
            Files.setLastModifiedTime(kept, time);
            suspect(site, "nas", path, version);
        }

        site.backup().exits(0);

        assertThat(copy(site, "other", 1, "nas").get("state").textValue()).isEqualTo("DURABLE");
        assertThat(copy(site, "gone", 1, "nas").get("state").textValue()).isEqualTo("DURABLE");
        assertThat(history(site, "other", 1)).hasContent("other");
        assertThat(history(site, "gone", 1)).hasContent("deleted later");
        assertThat(site.nasTree().resolve("gone")).doesNotExist();
        assertThat(site.nasTree().resolve("other")).hasContent("changed since");
    }

    /// Every file on the NAS is damaged and every copy offsite suspect; the backup that repairs
    /// them is killed, again and again.
    @Test
    void aKillWhileRepairingLosesNothingAndTheNextBackupEndsIt() throws Exception {
        long seed = Long.getLong("caravan.kill.seed", System.nanoTime() & 0xFFFFF);
        System.out.println("RepairIT: -Dcaravan.kill.seed=" + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        try (Site site = Site.create()) {
            for (int i = 0; i < 300; i++) {
                Files.writeString(site.source.resolve("file-" + i), CONTENT + i);
            }
            site.demo().exits(0);
            String source = Site.listing(site.source);
            long span = 4000;
            int hits = 0;
            for (int round = 0; round < 3; round++) {
                damageTheTree(site);
                suspectAll(site, "offsite");
                for (int kills = 0; kills < 2; kills++) {
                    CaravanProcess backup = site.start("backup");
                    boolean ended =
                            backup.process()
                                    .waitFor(
                                            random.nextLong(span / 4, span), TimeUnit.MILLISECONDS);
                    backup.process().destroyForcibly().waitFor();
                    hits += ended ? 0 : 1;
                }
                String when = "seed %d, round %d".formatted(seed, round);
                long started = System.nanoTime();
                assertThat(site.backup().exit()).as(when).isZero();
                span = (span + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started)) / 2;
                site.assertInPolicy();
                assertThat(Site.listing(site.nasTree())).as(when).isEqualTo(source);
                assertThat(site.run("verify").exit()).as(when).isZero();
            }
            assertThat(hits).as("seed %d: killed while they ran", seed).isPositive();
            for (String target : Site.TARGETS) {
                assertThat(Site.listing(site.restored(target)))
                        .as("%s, seed %d", target, seed)
                        .isEqualTo(source);
            }
        }
    }

    /// Other bytes of the same length and time, and the copies as a verify leaves them.
    private static void damageTheTree(Site site) throws Exception {
        try (Stream<Path> files = Files.list(site.nasTree())) {
            for (Path file : files.toList()) {
                var time = Files.getLastModifiedTime(file);
                Files.writeString(file, Files.readString(file).replace('r', 'w'));
                Files.setLastModifiedTime(file, time);
            }
        }
        suspectAll(site, "nas");
    }

    private static void suspectAll(Site site, String target) throws Exception {
        try (Connection ledger =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + site.home.resolve("data/ledger.db"));
                Statement sql = ledger.createStatement()) {
            int changed =
                    sql.executeUpdate(
                            ("UPDATE copy SET state = 'SUSPECT', last_error = 'other bytes' WHERE"
                                            + " state IN ('DURABLE', 'VERIFIED') AND target_id ="
                                            + " (SELECT id FROM target WHERE name = '%s') AND"
                                            + " version_id IN (SELECT v.id FROM version v JOIN item"
                                            + " i ON i.id = v.item_id WHERE CAST(i.path AS TEXT)"
                                            + " LIKE 'file-%%')")
                                    .formatted(target));
            assertThat(changed).as("rows, those of triggers too").isPositive();
        }
    }

    private static Path history(Site site, String path, int version) throws Exception {
        try (Connection ledger =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + site.home.resolve("data/ledger.db"));
                Statement sql = ledger.createStatement();
                var row =
                        sql.executeQuery(
                                "SELECT v.id FROM version v JOIN item i ON i.id = v.item_id WHERE"
                                        + " i.path = CAST('%s' AS BLOB) AND v.number = %d"
                                                .formatted(path, version))) {
            row.next();
            long id = row.getLong(1);
            return site.nas().resolve(".caravan/history/%02d/%d".formatted(id % 100, id));
        }
    }
}
