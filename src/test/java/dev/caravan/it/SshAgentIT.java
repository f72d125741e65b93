package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.target.SftpAddress;
import dev.caravan.target.SftpSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Keys that are in a real ssh-agent(1) and in no file, for a target and for a source on OpenSSH.
final class SshAgentIT {
    private Site site;
    private SftpSite server;
    private Process agent;
    private Path socket;

    @BeforeEach
    void serve() throws Exception {
        site = Site.create();
        Files.writeString(site.source.resolve("letter"), "letter");
        for (int i = 0; i < 4; i++) { // objects of their own: two threads log in at once
            Files.write(site.source.resolve("large" + i), new byte[(1 << 20) + i]);
        }
        Path www = Files.createDirectories(site.root.resolve("served/www"));
        Files.writeString(www.resolve("page"), "page");
        Files.setLastModifiedTime(
                www.resolve("page"), FileTime.from(Instant.parse("2020-05-06T07:08:09Z")));
        Path offsite = Files.createDirectory(site.root.resolve("served/offsite"));
        server = SftpSite.openSsh(Files.createDirectory(site.root.resolve("keys")), offsite);
        socket = site.root.resolve("agent");
        agent =
                new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        Awaitility.await().until(() -> Files.exists(socket));
        SftpAddress address = server.address();
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--offsite=%s@127.0.0.1:%d/offsite"
                                .formatted(address.user(), server.port()),
                        "--offsite-key=agent",
                        "--known-hosts=" + address.knownHosts())
                .exits(0);
        site.set("caravan.nas.simulated", "true");
        site.set(
                "caravan.source.web.dir",
                "sftp://%s@127.0.0.1:%d%s".formatted(address.user(), server.port(), www));
        site.set("caravan.source.web.key", "agent");
        site.set("caravan.source.web.known-hosts", address.knownHosts().toString());
    }

    @AfterEach
    void clear() throws Exception {
        agent.destroy();
        agent.waitFor(10, TimeUnit.SECONDS);
        server.close();
        site.close();
    }

    /// Adds the key that the server lets in, and then hides its file.
    private void addKey() throws Exception {
        Path key = server.address().privateKey();
        ProcessBuilder adding = new ProcessBuilder("ssh-add", "-q", key.toString());
        adding.environment().put("SSH_AUTH_SOCK", socket.toString());
        assertThat(adding.inheritIO().start().waitFor()).isZero();
        Files.delete(key);
    }

    private CaravanProcess.Outcome run(List<String> before, String... arguments)
            throws IOException, InterruptedException {
        return CaravanProcess.start(
                        site.root,
                        before,
                        Stream.concat(Stream.of("--home=" + site.home), Stream.of(arguments))
                                .toArray(String[]::new))
                .await();
    }

    private List<String> withAgent() {
        return List.of("env", "SSH_AUTH_SOCK=" + socket);
    }

    @Test
    void aTargetAndASourceAreReachedWithAKeyThatIsInNoFile() throws Exception {
        addKey();

        assertThat(run(withAgent(), "check").exits(0).err()).doesNotContain("agent");
        // the source on that server and its offsite copy would be lost together
        assertThat(run(withAgent(), "backup").exits(1).out()).contains("1 below policy");

        JsonNode page = site.whereis("page").get("versions").get(0);
        assertThat(page.get("copies").findValuesAsText("target")).contains("offsite");
        run(withAgent(), "verify", "--target=offsite").exits(0);
        run(withAgent(), "target", "test", "offsite").exits(0);
        Path to = site.root.resolve("to");
        run(withAgent(), "restore", "page", "--from=offsite", "--to=" + to).exits(0);
        assertThat(to.resolve("page")).hasContent("page");
    }

    @Test
    void anAgentThatIsNotThereOrHasNoKeyIsSaid() throws Exception {
        List<String> without = List.of("env", "--unset=SSH_AUTH_SOCK");
        run(without, "check")
                .complainsOnce(
                        "caravan.offsite", "there is no SSH agent: SSH_AUTH_SOCK is not set");
        run(withAgent(), "check").complainsOnce("caravan.offsite", "has no key: ssh-add one");

        CaravanProcess.Outcome backup = run(without, "backup").exits(1);

        assertThat(backup.err()).contains("there is no SSH agent");
        assertThat(site.whereis("letter").get("versions").get(0).get("copies"))
                .anyMatch(copy -> copy.get("target").asText().equals("nas"));
    }
}
