package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The command `verify`, in processes of its own, on all three kinds of targets.
final class VerifyIT {
    /// The files that the ledger itself has on every target.
    private static final int LEDGER = 4;

    private static final String MARK = "only this item holds these words";

    @Test
    void damageOnEveryTargetIsFoundAndNothingElse() throws Exception {
        try (Site site = Site.create()) {
            Files.writeString(site.source.resolve("letter"), MARK);
            Files.writeString(site.source.resolve("other"), "another letter");
            Files.createDirectory(site.source.resolve("folder"));
            site.demo().exits(0);

            JsonNode clean = site.run("verify", "--json").exits(0).json();

            assertThat(clean.get("good").booleanValue()).isTrue();
            for (JsonNode target : clean.get("targets")) {
                assertThat(target.get("verified").longValue())
                        .as("%s", target)
                        .isEqualTo(3 + LEDGER);
                assertThat(target.get("details")).as("%s", target).isEmpty();
            }
            for (String target : Site.TARGETS) {
                assertThat(copy(site, "letter", target).get("state").textValue())
                        .isEqualTo("VERIFIED");
            }

            flip(site.nasTree().resolve("letter"));
            flip(fileWith(site.offsite().resolve("objects")));
            flip(fileWith(site.tapes()));

            CaravanProcess.Outcome found = site.run("verify").exits(1);

            assertThat(found.out()).contains("3 bad, of which 3 counted until now");
            for (String target : Site.TARGETS) {
                assertThat(copy(site, "letter", target).get("state").textValue())
                        .as(target)
                        .isEqualTo("SUSPECT");
                assertThat(copy(site, "other", target).get("state").textValue())
                        .as(target)
                        .isEqualTo("VERIFIED");
            }
            String run = site.run("log", "--json").json().get("runs").get(0).get("run").asText();
            assertThat(site.run("log", run).out())
                    .contains("1 copy on nas counts no more")
                    .contains("1 copy on offsite counts no more")
                    .contains("counts no more: ");
            assertThat(site.run("status").out()).contains("Oldest proof on nas: ");
        }
    }

    private static JsonNode copy(Site site, String path, String target) throws Exception {
        for (JsonNode copy : site.whereis(path).findValue("copies")) {
            if (copy.get("target").asText().equals(target)
                    || copy.path("target").path("name").asText().equals(target)) {
                return copy;
            }
        }
        throw new AssertionError("no copy of '" + path + "' on " + target);
    }

    private static Path fileWith(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> at(file) >= 0)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static int at(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(MARK);
        } catch (IOException unreadable) {
            return -1;
        }
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[at(file)] ^= 0x20;
        Files.write(file, bytes);
    }

    @Test
    void aKillWhileVerifyingChangesNothingWrongly() throws Exception {
        long seed = Long.getLong("caravan.kill.seed", System.nanoTime() & 0xFFFFF);
        System.out.println("VerifyIT: -Dcaravan.kill.seed=" + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        try (Site site = Site.create()) {
            for (int i = 0; i < 400; i++) {
                Files.writeString(site.source.resolve("file-" + i), "content " + i + " " + seed);
            }
            site.demo().exits(0);
            long started = System.nanoTime();
            site.run("verify").exits(0);
            long span = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
            for (int round = 0; round < 5; round++) {
                CaravanProcess verify = site.start("verify");
                verify.process().waitFor(random.nextLong(span), TimeUnit.MILLISECONDS);
                verify.process().destroyForcibly().waitFor();
                site.assertInPolicy();
            }

            JsonNode after = site.run("verify", "--json").exits(0).json();

            for (JsonNode target : after.get("targets")) {
                assertThat(target.get("verified").longValue())
                        .as("seed %d: %s", seed, target)
                        .isEqualTo(400 + LEDGER);
            }
        }
    }
}
