package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// Drills of a home that really ran.
@TestInstance(Lifecycle.PER_CLASS)
final class DrillIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Site site;

    @BeforeAll
    void someFiles() throws Exception {
        site = Site.create();
        Files.createDirectory(site.source.resolve("sub"));
        for (int i = 0; i < 12; i++) {
            Files.writeString(site.source.resolve("sub/file-" + i), "content " + i);
        }
        Files.createLink(site.source.resolve("link"), site.source.resolve("sub/file-0"));
        Files.write(site.source.resolve("large"), new byte[3_000_000]);
        site.demo().exits(0);
        Files.writeString(site.source.resolve("sub/file-1"), "another content");
        site.backup().exits(0);
    }

    @AfterAll
    void cleanUp() throws Exception {
        site.close();
    }

    private static void assertNoScratch(Site site) throws Exception {
        try (Stream<Path> left = Files.list(site.home.resolve("data/drill"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whatComesBackIsProvenAtTheHighestLevelAndGivesARestoreItsTime() throws Exception {
        Site drilled = site.copy();
        assertThat(drilled.run("restore", ".", "--plan").exits(0).out())
                .contains("unknown: no drill yet");

        JsonNode all = drilled.run("drill", "--sample", "100", "--json").exits(0).json();

        assertThat(all.path("drills").findValuesAsText("target"))
                .containsExactly("nas", "tape", "offsite");
        assertThat(all.path("drills").findValuesAsText("items"))
                .as("all versions of all files: %s", all)
                .containsExactly("15", "15", "15");
        assertThat(all.path("drills").findValuesAsText("failures")).containsExactly("0", "0", "0");
        assertThat(all.at("/drills/0/originals").longValue()).isEqualTo(14);
        JsonNode copies = drilled.whereis("sub/file-3").at("/versions/0/copies");
        for (int target = 1; target <= 3; target++) {
            assertThat(copies.get(target).path("state").textValue()).isEqualTo("VERIFIED");
            assertThat(copies.get(target).at("/evidence/method").textValue())
                    .isEqualTo("restore+sha256+metadata");
            assertThat(copies.get(target).at("/evidence/level").textValue()).isEqualTo("V4");
        }
        assertNoScratch(drilled);
        assertThat(drilled.run("drill", "--list", "--json").exits(0).json().path("drills"))
                .hasSize(3);
        JsonNode plan = drilled.run("restore", ".", "--plan", "--json").exits(0).json();
        assertThat(plan.at("/targets/0/mostMillis").isNumber()).isTrue();
        assertThat(drilled.run("log").exits(0).out()).contains("drill, took", "45 copies drilled");
        assertThat(drilled.run("log", "3").exits(0).out())
                .contains("drilled offsite: 15 copies", "all right");
    }

    @Test
    void aCopyThatIsNotWhatItShouldBeCountsNoMore() throws Exception {
        Site damaged = site.copy();
        Path file = damaged.nasTree().resolve("sub/file-5");
        FileTime modified = Files.getLastModifiedTime(file);
        Files.writeString(file, "CONTENT 5");
        Files.setLastModifiedTime(file, modified);
        Files.delete(damaged.nasTree().resolve("sub/file-6"));

        CaravanProcess.Outcome told =
                damaged.run("drill", "--target", "nas", "--sample", "100").exits(1);

        told.complainsOnce("'sub/file-5'", "nas", "SHA-256");
        told.complainsOnce("'sub/file-6'", "nas");
        assertThat(told.out()).contains("2 did not come back right; ", "2 copies count no more");
        for (String path : new String[] {"sub/file-5", "sub/file-6"}) {
            assertThat(damaged.whereis(path).at("/versions/0/copies/1/state").textValue())
                    .isEqualTo("SUSPECT");
        }
        assertNoScratch(damaged);
        assertThat(damaged.run("log", "3").exits(0).out())
                .contains("2 copies on nas count no more");
    }

    @Test
    void aTargetThatIsAwayFailsTheDrillAndIsNotSuspected() throws Exception {
        Site away = site.copy();
        Files.move(away.nas(), away.home.resolve("nas-away"));

        away.run("drill", "--target", "nas", "--sample", "3").exits(1);

        assertThat(away.whereis("sub/file-5").at("/versions/0/copies/1/state").textValue())
                .isEqualTo("DURABLE");
    }

    /// What one copy is missing is told from a server that is no longer there, though both end with
    /// a copy that can not be read.
    @Test
    void aServerThatIsLostInTheMiddleSaysNothingOfTheCopiesOnIt() throws Exception {
        try (CutSite cut = CutSite.create()) {
            Site lost = cut.site();
            for (int i = 0; i < 10; i++) {
                Files.write(lost.source.resolve("file-" + i), new byte[2_000_000 + i]);
            }
            lost.backup().exits(0);
            cut.line().endAfter(9_000_000);

            CaravanProcess.Outcome told =
                    lost.run("drill", "--target", "offsite", "--sample", "100").exits(1);

            told.complainsOnce("offsite", "can not be read", "refused");
            assertThat(told.out()).doesNotContain("count no more");
            assertThat(lost.status().at("/belowPolicy").intValue()).isZero();
            JsonNode drill = lost.run("drill", "--list", "--json").exits(0).json().at("/drills/0");
            assertThat(drill.path("failures").intValue()).as("%s", drill).isBetween(1, 9);
        }
    }

    @Test
    void aCopyThatIsMissingOnAServerThatIsThereCountsNoMore() throws Exception {
        try (CutSite cut = CutSite.create()) {
            Site missing = cut.site();
            for (int i = 0; i < 4; i++) {
                Files.write(missing.source.resolve("file-" + i), new byte[2_000_000 + i]);
            }
            missing.backup().exits(0);
            try (Stream<Path> objects = Files.walk(cut.offsite().resolve("objects"))) {
                Path third =
                        objects.filter(object -> object.toFile().length() == 2_000_003)
                                .findFirst()
                                .orElseThrow();
                Files.delete(third);
            }

            missing.run("drill", "--target", "offsite", "--sample", "100")
                    .exits(1)
                    .complainsOnce("'file-3'", "offsite", "not there any more");

            assertThat(missing.whereis("file-3").at("/versions/0/copies").findValuesAsText("state"))
                    .contains("SUSPECT");
            assertThat(missing.whereis("file-2").at("/versions/0/copies").findValuesAsText("state"))
                    .doesNotContain("SUSPECT");
        }
    }

    @Test
    void wrongUseIsOneLine() throws Exception {
        site.run("drill", "--sample", "0").exits(2).complainsOnce("sample '0'");
        site.run("drill", "--sample", "many").exits(2).complainsOnce("sample 'many'");
        site.run("drill", "--target", "moon").exits(2).complainsOnce("moon", "nas");
        site.run("drill", "--to", "no/such").exits(2).complainsOnce("--to 'no/such'");
    }

    @Test
    void theServiceDrillsByItsSchedule() throws Exception {
        Site served = site.copy();
        served.set("caravan.drill.schedule", "1s");
        served.set("caravan.drill.sample", "2");
        served.set("caravan.schedule", "manual");
        CaravanProcess service = served.start("run");
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() ->
                            served.run("drill", "--list", "--json").json().path("drills").size()
                                    >= 3);
            served.run("drill").exits(1).complainsOnce("in use", "pid");
        } finally {
            service.process().destroy();
        }
        assertThat(service.await(Duration.ofSeconds(90)).exit()).isEqualTo(143);
        assertThat(served.run("drill", "--list", "--json").json().path("drills"))
                .allMatch(drill -> drill.path("failures").longValue() == 0);
    }
}
