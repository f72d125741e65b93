package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An endpoint of a kind that Caravan knows nothing of, added by a file of routes: nginx that takes
/// PUT, by the example in `routes/optional`.
class EndpointIT {
    private static final String ROUTES = "34-copy-web.camel.yaml";

    private Site site;
    private WebServer server;

    @BeforeEach
    void fill() throws Exception {
        site = Site.create();
        Random random = new Random(7);
        for (int i = 0; i < 40; i++) {
            byte[] content = new byte[random.nextInt(40_000)];
            random.nextBytes(content);
            Path file = site.source.resolve("d" + i % 4 + "/file " + i);
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        }
        byte[] large = new byte[20_000_000];
        random.nextBytes(large);
        Files.write(site.source.resolve("large.bin"), large);
        Files.createSymbolicLink(site.source.resolve("link"), Path.of("large.bin"));
        site.init();
        serve("PUT DELETE");
    }

    @AfterEach
    void clear() throws Exception {
        server.close();
        site.close();
    }

    /// Starts a server, and puts its address into the routes.
    private void serve(String methods, String... more) throws Exception {
        server = WebServer.start(Files.createTempDirectory(site.root, "web"), methods, more);
        address("http:127.0.0.1:" + server.port + "/");
    }

    private void address(String uri) throws Exception {
        String routes =
                Files.readString(site.home.resolve("routes/optional").resolve(ROUTES))
                        .replace("https:backup.example.com/caravan/", uri)
                        .replace("site: elsewhere", "site: elsewhere\n        simulated: true");
        Files.writeString(site.home.resolve("routes").resolve(ROUTES), routes);
        site.set("caravan.routes.allow", "http");
    }

    private CaravanProcess.Outcome test() throws Exception {
        return site.run("target", "test", "web");
    }

    @Test
    void isTriedFilledVerifiedRestoredAndRebuiltFrom() throws Exception {
        site.run("check").exits(0).complainsNot();
        CaravanProcess.Outcome untried = site.backup().exits(1);
        assertThat(untried.err()).contains("it was never tested", "caravan target test web");
        assertThat(site.status().get("belowPolicy").longValue()).isZero();

        assertThat(test().exits(0).out())
                .doesNotContain("  NO ")
                .contains(
                        "an upload that breaks off leaves nothing",
                        "it is not written over: refused",
                        "Target 'web' does what its copies rely on.");
        site.backup().exits(0).complainsNot();

        JsonNode status = site.status();
        JsonNode reached = status.get("reached").get(0);
        assertThat(reached.get("copies").intValue()).as(status.toPrettyString()).isEqualTo(5);
        assertThat(reached.get("offsite").intValue()).isEqualTo(2);
        assertThat(site.run("whereis", "large.bin").exits(0).out())
                .contains("http://127.0.0.1:" + server.port + "/")
                .contains("get+sha256 (V3)");
        String source = Site.listing(site.source);
        assertThat(Site.listing(site.restored("web"))).isEqualTo(source);
        assertThat(site.run("verify", "--target", "web").exits(0).out()).contains("none bad");
        site.run("drill", "--sample", "5").exits(0);

        // everything else is lost
        Site.remove(site.home.resolve("data"));
        Site.remove(site.nas());
        site.run("rebuild", "--from", "web", "--verify").exits(0);
        assertThat(Site.listing(site.restored("web"))).isEqualTo(source);
    }

    @Test
    void damageIsFoundAndMadeGoodAndRetiredCopiesGo() throws Exception {
        test().exits(0);
        site.backup().exits(0);
        Path large;
        try (Stream<Path> files = Files.list(server.files)) {
            large =
                    files.filter(file -> !file.toString().endsWith(".jsonl"))
                            .filter(file -> file.toFile().length() == 20_000_000)
                            .findFirst()
                            .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(large);
        bytes[12_345_678] ^= 1;
        Files.write(large, bytes);

        assertThat(site.run("verify", "--target", "web").exits(1).out()).contains("SHA-256");
        site.backup().exits(0);
        assertThat(Site.listing(site.restored("web"))).isEqualTo(Site.listing(site.source));
        site.run("verify", "--target", "web").exits(0);

        for (String text : List.of("small now", "and another one")) {
            Files.writeString(site.source.resolve("large.bin"), text);
            site.backup().exits(0);
        }
        site.set("caravan.retention.web.last", "1");
        site.set("caravan.retention.grace", "0s");
        site.run("forget", "--allow-many").exits(0);
        try (Stream<Path> files = Files.list(server.files)) {
            assertThat(files.filter(file -> file.toFile().length() > 10_000_000))
                    .as("what was damaged is left for a person to look at, what was good is gone")
                    .containsExactly(large);
        }
        assertThat(Site.listing(site.restored("web"))).isEqualTo(Site.listing(site.source));
    }

    @Test
    void oneThatDoesNotDeleteOrIsAwayTakesNoCopiesAndHoldsUpNoOther() throws Exception {
        server.close();
        serve("PUT");
        assertThat(test().exits(1).out()).contains("  NO ", "statusCode: 405");
        assertThat(site.backup().exits(1).err()).contains("target 'web'", "it failed its test");
        assertThat(site.status().get("belowPolicy").longValue()).isZero();
        assertThat(site.run("status").out()).contains("it failed its test: ", "statusCode: 405");

        server.close();
        assertThat(test().exits(1).out())
                .contains("NO   it is there, and the right one", "refused");
        serve("PUT DELETE");
        test().exits(0);
        site.backup().exits(0);
        Files.writeString(site.source.resolve("new"), "new");
        int port = server.port;
        server.close();
        site.backup().exits(1).complainsOnce("target 'web'", "refused");
        server = WebServer.start(Files.createTempDirectory(site.root, "web"), port, "PUT DELETE");
        assertThat(site.backup().exits(1).err()).contains("is not what target 'web' is known by");
    }

    @Test
    void aMiddleThatServesNoRangesIsReadFromTheStart() throws Exception {
        server.close();
        serve("PUT DELETE", "max_ranges 0;");
        test().exits(0);
        site.backup().exits(0);
        assertThat(Site.listing(site.restored("web"))).isEqualTo(Site.listing(site.source));
    }

    /// Camel keeps the body of every step of a route, if it is not told otherwise. In a process of
    /// its own, with the memory that the program gives itself.
    @Test
    void aFileLargerThanTheMemoryGoesThereAndBack() throws Exception {
        Path large = site.source.resolve("larger.bin");
        Site.execute("truncate", "-s", "400M", large.toString());
        test().exits(0);

        CaravanProcess.Outcome ended = site.start("backup").await();

        assertThat(ended.exit()).as(ended.toString()).isZero();
        site.start("verify", "--target", "web", "larger.bin").await().exits(0);
        Path to = site.root.resolve("to");
        site.start("restore", "larger.bin", "--from", "web", "--to", to.toString())
                .await()
                .exits(0);
        Site.execute("cmp", large.toString(), to.resolve("larger.bin").toString());
    }

    @Test
    void copiesAreEncryptedWhereAsked() throws Exception {
        site.run("key", "new", "main").exits(0);
        site.set("caravan.encrypt.web", "main");
        test().exits(0);
        site.backup().exits(0);
        Site.execute(
                "bash",
                "-ec",
                "cd %s; for f in *-*-*; do head -c 21 $f | grep -q age-encryption.org; done"
                        .formatted(server.files));
        assertThat(Site.listing(site.restored("web"))).isEqualTo(Site.listing(site.source));
        site.run("verify", "--target", "web").exits(0);
    }

    @Test
    void whatItsRoutesLackIsSaidByCheck() throws Exception {
        Path file = site.home.resolve("routes").resolve(ROUTES);
        String good = Files.readString(file);
        Files.writeString(file, good.replace("direct:web-list", "direct:web-lost"));
        site.run("check").exits(78).complainsOnce("needs a route from direct:web-list");
        Files.writeString(file, good.replace("        segment: 16MiB\n", ""));
        assertThat(site.run("check").exits(78).err()).contains("needs the option 'segment'");
        Files.writeString(file, good.replace("simulated: true", "simulated: false"));
        site.run("check")
                .exits(78)
                .complainsOnce("is this machine and cannot be at site 'elsewhere'");
        site.run("backup").exits(78);
        Files.writeString(file, good);
        site.set("caravan.routes.allow", "");
        assertThat(site.run("check").exits(78).err()).contains("component 'http' is not allowed");
    }
}
