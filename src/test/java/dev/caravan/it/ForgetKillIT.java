package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Kill -9 of `forget` at random moments: what counts is there, and the next one does the rest.
final class ForgetKillIT {
    private static final int KILLS = 3;
    private static final long STEP_MILLIS = 700;
    private static final int FILES = 100;
    private static final int STATES = 3;

    @Test
    void afterAKillWhatCountsIsThereAndTheNextForgetDoesTheRest() throws Exception {
        long seed = Long.getLong("caravan.kill.seed", System.nanoTime() & 0xFFFFF);
        System.out.println("ForgetKillIT: -Dcaravan.kill.seed=" + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        try (Site site = Site.create()) {
            for (int state = 1; state <= STATES; state++) {
                for (int i = 0; i < FILES; i++) {
                    Files.writeString(site.source.resolve("f" + i), "state " + state + " of " + i);
                }
                (state == 1 ? site.demo() : site.backup()).exits(0);
            }
            for (String target : Site.TARGETS) {
                site.set("caravan.retention." + target + ".last", "1");
            }
            site.set("caravan.retention.grace", "0s");
            long history = historyFiles(site);
            int hits = 0;
            for (int round = 0; round < KILLS; round++) {
                CaravanProcess forget = site.start("forget", "--allow-many");
                // the first comes while there is all to do, on a quick machine too
                long after = STEP_MILLIS * (round + 1) + random.nextLong(STEP_MILLIS);
                hits += forget.process().waitFor(after, TimeUnit.MILLISECONDS) ? 0 : 1;
                forget.process().destroyForcibly().waitFor();
            }
            String when = "seed %d, %d of %d killed".formatted(seed, hits, KILLS);
            // before anything is finished: every copy that counts can be read
            assertThat(site.run("verify").exit()).as(when).isZero();
            site.run("forget", "--allow-many").exits(0);

            assertThat(hits).as(when).isPositive();
            assertThat(historyFiles(site)).as(when).isEqualTo(history - FILES * (STATES - 2));
            assertDone(site, when);
            assertThat(site.run("verify").exit()).as(when).isZero();
            site.backup().exits(0); // sweeps what a kill left in `incoming`
            site.assertInPolicy();
        }
    }

    /// Of each file what is there and its newest old version are left, everywhere.
    private static void assertDone(Site site, String when) throws Exception {
        JsonNode versions = site.whereis("f7").get("versions");
        assertThat(versions).as(when).hasSize(STATES);
        for (int i = 0; i < STATES; i++) {
            for (JsonNode copy : versions.get(i).get("copies")) {
                boolean retired = copy.get("state").asText().equals("RETIRED");
                if (!copy.get("target").asText().equals("original")) {
                    assertThat(retired).as("%s: version %d, %s", when, i, copy).isEqualTo(i > 1);
                }
            }
        }
        JsonNode plan = site.run("forget", "--dry-run", "--json").exits(0).json();
        for (JsonNode target : plan.get("targets")) {
            assertThat(target.get("retires").longValue()).as("%s: %s", when, target).isZero();
        }
    }

    private static long historyFiles(Site site) throws IOException {
        try (Stream<Path> files = Files.walk(site.nas().resolve(".caravan/history"))) {
            return files.filter(Files::isRegularFile).count();
        }
    }
}
