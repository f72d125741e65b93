package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.target.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/// Kill -9 at random moments; the next backup puts everything right. `bench/kill` does it more
/// often.
final class KillIT {
    private static final int ROUNDS = 8;
    private static final int FILES = 1500;
    private static final int BUCKET_ROUNDS = 3;

    /// Of a whole run in milliseconds; learnt as runs go by.
    private long span = 5000;

    @Test
    void afterAKillTheNextBackupEndsInPolicyWithNothingHalfDone() throws Exception {
        long seed = Long.getLong("caravan.kill.seed", System.nanoTime() & 0xFFFFF);
        System.out.println("KillIT: -Dcaravan.kill.seed=" + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        try (Site site = Site.create()) {
            tree("mixed", site, FILES);
            int hits = 0;
            for (int round = 1; round <= ROUNDS || hits < ROUNDS / 2; round++) {
                if (round > 1) {
                    tree("change", site, seed + round);
                }
                // the first command makes the home, which may be cut off as well
                String[] command =
                        round == 1
                                ? new String[] {"demo", site.source.toString()}
                                : new String[] {"backup"};
                hits += kill(site.start(command), random.nextLong(span)) ? 1 : 0;

                long started = System.nanoTime();
                CaravanProcess.Outcome next = site.run(command);
                span = (span + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started)) / 2;

                String when = "seed %d, round %d: %s".formatted(seed, round, next);
                assertThat(next.exit()).as(when).isZero();
                site.assertInPolicy();
                assertThat(Site.listing(site.nasTree()))
                        .as(when)
                        .isEqualTo(Site.listing(site.source));
                assertRestores(site, Site.TARGETS.get(round % 3), when);
            }
            for (String target : Site.TARGETS) {
                assertRestores(site, target, "seed " + seed);
            }
        }
    }

    /// Large files, so that most kills come while parts of one are on their way.
    @Test
    void afterAKillWhileABucketIsFilledEveryObjectIsThereOnceAndWhole() throws Exception {
        long seed = Long.getLong("caravan.kill.seed", System.nanoTime() & 0xFFFFF);
        System.out.println("KillIT, bucket: -Dcaravan.kill.seed=" + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        try (Site site = Site.create();
                S3Server server =
                        S3Server.proxy(Files.createDirectory(site.root.resolve("server")))) {
            server.makeBucket("backup", false);
            tree("mixed", site, 100);
            site.run(
                            "init",
                            "--source=" + site.source,
                            "--nas=" + site.nas(),
                            "--s3=backup",
                            "--s3-endpoint=" + server.endpoint(),
                            "--s3-credentials=" + server.credentials())
                    .exits(0);
            site.set("caravan.nas.simulated", "true");
            int hits = 0;
            for (int round = 1; round <= BUCKET_ROUNDS; round++) {
                byte[] large = new byte[60_000_000];
                new Random(seed + round).nextBytes(large);
                Files.write(site.source.resolve("large-" + round % 2), large);
                hits += kill(site.start("backup"), 1_000 + random.nextLong(2_000)) ? 1 : 0;

                CaravanProcess.Outcome next = site.run("backup");

                String when = "seed %d, round %d: %s".formatted(seed, round, next);
                assertThat(next.exit()).as(when).isZero();
                JsonNode status = site.status();
                assertThat(status.get("reached")).as(when).hasSize(1);
                assertThat(status.get("reached").get(0).get("copies").intValue())
                        .as(when)
                        .isEqualTo(4);
                assertRestores(site, "s3", when);
            }
            assertThat(hits).as("kills, seed %d", seed).isPositive();
            site.run("verify", "--target=s3").exits(0);
        }
    }

    private static boolean kill(CaravanProcess run, long afterMillis) throws Exception {
        boolean ended = run.process().waitFor(afterMillis, TimeUnit.MILLISECONDS);
        run.process().destroyForcibly().waitFor();
        return !ended;
    }

    private static void assertRestores(Site site, String target, String when) throws Exception {
        Path restored = site.restored(target);
        assertThat(Site.listing(restored)).as(when).isEqualTo(Site.listing(site.source));
        Site.execute("rm", "-rf", restored.toString());
    }

    private static void tree(String what, Site site, long number) throws Exception {
        Site.execute(
                "python3", "bench/tree.py", what, site.source.toString(), Long.toString(number));
    }
}
