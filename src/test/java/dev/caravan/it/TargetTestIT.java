package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.target.S3Server;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Targets that are tried out by the user.
class TargetTestIT {
    private Site site;
    private S3Server server;

    @BeforeEach
    void home() throws Exception {
        site = Site.create();
        Files.writeString(site.source.resolve("a"), "a");
        server = S3Server.proxy(Files.createDirectory(site.root.resolve("server")));
        server.makeBucket("backup", false);
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--offsite=embedded",
                        "--s3=backup",
                        "--s3-endpoint=" + server.endpoint(),
                        "--s3-credentials=" + server.credentials())
                .exits(0);
        site.set("caravan.nas.simulated", "true");
    }

    @AfterEach
    void clear() throws Exception {
        server.close();
        site.close();
    }

    private CaravanProcess.Outcome test(String... arguments) throws Exception {
        List<String> all = new java.util.ArrayList<>(List.of("target", "test"));
        all.addAll(List.of(arguments));
        return site.run(all.toArray(String[]::new));
    }

    @Test
    void goodOnesPassAndKeepNothingOfIt() throws Exception {
        for (String target : List.of("offsite", "s3")) {
            CaravanProcess.Outcome passed = test(target).exits(0);
            assertThat(passed.out())
                    .as(target)
                    .doesNotContain("  NO ")
                    .contains(
                            "an upload that breaks off leaves nothing",
                            "it is not written over",
                            "Target '" + target + "' does what its copies rely on.");
        }
        assertThat(
                        Site.execute(
                                "bash",
                                "-ec",
                                "find %s/objects %s/manifests %s/data/backup/objects -type f 2>/dev/null || :"
                                        .formatted(
                                                site.offsite(),
                                                site.offsite(),
                                                site.root.resolve("server"))))
                .isEmpty();
        site.backup().exits(0);
    }

    @Test
    void oneThatIsAwayFailsAndSaysWhy() throws Exception {
        site.backup().exits(0);
        server.close();

        JsonNode failed = test("s3", "--json").exits(1).json();

        assertThat(failed.get("passed").booleanValue()).isFalse();
        assertThat(failed.get("steps")).hasSize(1);
        assertThat(failed.get("steps").get(0).get("found").textValue()).contains("no answer: ");
        assertThat(site.run("status").out()).contains("it failed its test");
    }

    @Test
    void whatKeepsNoObjectsAndWhatIsNoTargetIsSaid() throws Exception {
        test("nas").exits(2).complainsOnce("'nas' keeps no objects");
        test("s4").exits(2).complainsOnce("no copy route has target 's4'");
    }
}
