package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `run`: picks up by itself, lets itself be looked at, and ends when told.
final class ServiceIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /// What is under way gets 40 s, and a slow machine some more to stop the rest.
    private static final Duration DRAIN = Duration.ofSeconds(90);

    @ParameterizedTest
    @ValueSource(strings = {"2s", "0/2 * * * * ?"})
    void aNewFileIsPickedUpByTheScheduleAndSigtermDrains(String schedule) throws Exception {
        try (Site site = Site.create()) {
            Files.writeString(site.source.resolve("old"), "old");
            site.demo().exits(0);
            site.set("caravan.schedule", schedule);
            CaravanProcess service = site.start("run");
            try {
                await().atMost(PATIENCE).until(() -> service.said().contains("is at work"));

                Files.writeString(site.source.resolve("new"), "new");

                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> {
                            CaravanProcess.Outcome status = site.run("status", "--json");
                            return status.exit() == 0
                                    && status.json().get("items").longValue() == 2;
                        });
                assertThat(site.nasTree().resolve("new")).hasContent("new");
                site.run("whereis", "new").exits(0);
                site.run("restore", ".", "--to", site.root.resolve("to").toString()).exits(0);
                site.backup().exits(1).complainsOnce("in use", "pid " + service.process().pid());
            } finally {
                service.process().destroy(); // SIGTERM
            }

            CaravanProcess.Outcome ended = service.await(DRAIN);

            assertThat(ended.exit()).isEqualTo(143);
            site.backup().exits(0);
            site.assertInPolicy();
        }
    }

    /// Nobody asks for it: the damage is found by the scrub, and what is bad is made anew.
    @Test
    void damageIsFoundAndRepairedByItself() throws Exception {
        try (Site site = Site.create()) {
            Files.writeString(site.source.resolve("letter"), "what is right");
            Files.writeString(site.source.resolve("other"), "other");
            site.demo().exits(0);
            site.set("caravan.scrub.schedule", "2s");
            makeProofsOlder(site, Duration.ofDays(40));
            Path copy = site.nasTree().resolve("letter");
            var time = Files.getLastModifiedTime(copy);
            Files.writeString(copy, "what is wrong");
            Files.setLastModifiedTime(copy, time);
            CaravanProcess service = site.start("run");
            try {
                await().atMost(PATIENCE.multipliedBy(2))
                        .pollInterval(Duration.ofSeconds(1))
                        .until(() -> Files.readString(copy).equals("what is right"));
            } finally {
                service.process().destroy();
            }
            assertThat(service.await(DRAIN).exit()).isEqualTo(143);

            assertThat(site.run("log").exits(0).out())
                    .containsPattern("scrub, .* 1 bad, of which 1 counted until now");
        }
    }

    /// The numbers in the settings are enough; and a hold is respected from when it is set.
    @Test
    void whatNoRetentionKeepsGoesByItselfAndAHoldIsSetBesideIt() throws Exception {
        try (Site site = Site.create()) {
            for (int i = 0; i < 10; i++) {
                Files.writeString(site.source.resolve("steady-" + i), "steady");
            }
            for (int state = 1; state <= 3; state++) {
                Files.writeString(site.source.resolve("letter"), "state " + state);
                Files.writeString(site.source.resolve("held"), "state " + state);
                (state == 1 ? site.demo() : site.backup()).exits(0);
            }
            for (String target : Site.TARGETS) {
                site.set("caravan.retention." + target + ".last", "1");
            }
            site.set("caravan.retention.grace", "0s");
            site.set("caravan.forget.schedule", "30s");
            CaravanProcess service = site.start("run");
            try {
                await().atMost(PATIENCE).until(() -> service.said().contains("is at work"));

                CaravanProcess.run("hold", "add", "case-7", "held", "--home=" + site.home).exits(0);
                site.run("forget").exits(1).complainsOnce("in use");

                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofSeconds(1))
                        .until(() -> retired(site, "letter") == 3);
            } finally {
                service.process().destroy();
            }
            assertThat(service.await(DRAIN).exit()).isEqualTo(143);

            assertThat(retired(site, "held")).isZero();
            assertThat(site.run("log").exits(0).out())
                    .containsPattern("forget, .* 3 copies retired, data of");
            site.assertInPolicy();
            site.run("verify").exits(0);
        }
    }

    private static int retired(Site site, String path) throws Exception {
        int retired = 0;
        for (var version : site.whereis(path).get("versions")) {
            for (var copy : version.get("copies")) {
                retired += copy.get("state").asText().equals("RETIRED") ? 1 : 0;
            }
        }
        return retired;
    }

    static void makeProofsOlder(Site site, Duration by) throws Exception {
        try (Connection ledger =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + site.home.resolve("data/ledger.db"));
                Statement sql = ledger.createStatement()) {
            sql.executeUpdate(
                    "UPDATE copy SET recorded_at = recorded_at - %1$d, verified_at = verified_at - %1$d"
                            .formatted(by.toNanos()));
        }
    }

    /// A large file is on its way when the end comes: it is carried to its end or given back whole.
    @Test
    void sigtermInTheMiddleOfACopyLosesNothing() throws Exception {
        try (Site site = Site.create()) {
            Files.writeString(site.source.resolve("old"), "old");
            site.demo().exits(0);
            site.set("caravan.schedule", "1s");
            CaravanProcess service = site.start("run");
            await().atMost(PATIENCE).until(() -> service.said().contains("is at work"));
            Site.execute(
                    "sh",
                    "-c",
                    "head -c 300000000 /dev/urandom > \"$0/large.new\" && mv \"$0/large.new\" \"$0/large\"",
                    site.source.toString());
            await().atMost(PATIENCE).until(() -> site.status().get("versions").longValue() >= 2);

            service.process().destroy();

            assertThat(service.await(DRAIN).exit()).isEqualTo(143);
            site.backup().exits(0);
            site.assertInPolicy();
            assertThat(Site.listing(site.restored("offsite"))).isEqualTo(Site.listing(site.source));
        }
    }
}
