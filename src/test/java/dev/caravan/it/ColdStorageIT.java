package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.target.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Copies in a cold storage class, with the program as a user starts it: a real S3 server behind a
/// front that makes its objects cold.
class ColdStorageIT {
    private Site site;
    private S3Server server;
    private ColdFront front;

    @BeforeEach
    void fill() throws Exception {
        site = Site.create();
        for (int i = 0; i < 12; i++) {
            Files.writeString(site.source.resolve("file " + i), "content " + i);
        }
        byte[] large = new byte[9_000_000];
        new Random(1).nextBytes(large);
        Files.write(site.source.resolve("large.bin"), large);
        Files.createLink(site.source.resolve("large too.bin"), site.source.resolve("large.bin"));
        server = S3Server.proxy(Files.createDirectory(site.root.resolve("server")));
        server.makeBucket("backup", false);
        front = new ColdFront(server.endpoint());
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--s3=backup",
                        "--s3-endpoint=" + front.endpoint(),
                        "--s3-credentials=" + server.credentials())
                .exits(0);
        site.set("caravan.nas.simulated", "true");
        site.backup().exits(0).complainsNot();
        front.freeze();
    }

    @AfterEach
    void clear() throws Exception {
        front.close();
        server.close();
        site.close();
    }

    private JsonNode plan() throws Exception {
        return site.run("restore", ".", "--from", "s3", "--plan", "--json").exits(1).json();
    }

    @Test
    void thePlanSaysWhatMustBeThawedAndTheRestoreAsksForItOnce() throws Exception {
        assertThat(site.run("restore", ".", "--from", "s3", "--plan").exits(1).out())
                .containsPattern(
                        "s3 +GLACIER +2 +\\S+ MiB +thaw, about 5 hours: 'restore' asks for it");
        JsonNode cold = plan().get("cold").get(0);
        assertThat(cold.get("objects").intValue()).isEqualTo(2);
        assertThat(cold.get("underWay").booleanValue()).isFalse();
        assertThat(cold.get("bytes").longValue()).isGreaterThan(9_000_000);
        assertThat(front.asked()).as("a plan asks for nothing").isEmpty();

        Path to = Files.createDirectory(site.root.resolve("to"));
        var refused = site.run("restore", ".", "--to", to.toString(), "--from", "s3").exits(1);
        assertThat(refused.err())
                .contains("is in storage class GLACIER and is being thawed (Standard)")
                .contains("14 items are in cold storage: run this again when it can be read");
        assertThat(front.asked()).hasSize(2);
        assertThat(plan().get("cold").get(0).get("underWay").booleanValue()).isTrue();

        front.thaw();
        site.run("restore", ".", "--from", "s3", "--plan").exits(0);
        site.run("restore", ".", "--to", to.toString(), "--from", "s3").exits(0);
        assertThat(Site.listing(to)).isEqualTo(Site.listing(site.source));
        assertThat(front.asked()).hasSize(2);
    }

    @Test
    void aRestoreThatIsToWaitBringsAllBack() throws Exception {
        front.thawAfter(Duration.ofSeconds(7)); // not there yet when it looks the first time
        Path to = Files.createDirectory(site.root.resolve("to"));
        var restored =
                site.run("restore", ".", "--to", to.toString(), "--from", "s3", "--wait").exits(0);
        assertThat(restored.err()).contains("is being thawed").contains("; waiting for it");
        assertThat(Site.listing(to)).isEqualTo(Site.listing(site.source));
        assertThat(front.asked()).hasSize(2);
    }

    @Test
    void whereThereIsAnotherCopyNothingIsThawed() throws Exception {
        site.set("caravan.s3.storage-class", "GLACIER");
        Site.remove(site.nas()); // the nearest
        Path to = Files.createDirectory(site.root.resolve("to"));
        var restored = site.run("restore", ".", "--to", to.toString()).exits(0);
        assertThat(restored.out()).contains("tape=13");
        assertThat(Site.listing(to)).isEqualTo(Site.listing(site.source));
        assertThat(front.asked()).isEmpty();
    }

    /// Some are warm: on a medium that is there, one that can not be read is bad, but for this.
    @Test
    void aDrillThawsNothingAndCallsNothingColdBad() throws Exception {
        Files.writeString(site.source.resolve("warm"), "warm");
        site.backup().exits(0).complainsNot();
        var drilled = site.run("drill", "--target", "s3").exits(1);
        assertThat(drilled.out() + drilled.err()).contains("must be thawed first");
        assertThat(front.asked()).isEmpty();
        assertThat(site.whereis("large.bin").get("versions").get(0).get("copies").toString())
                .doesNotContain("SUSPECT");
        assertThat(site.run("verify", "--target", "s3").out()).doesNotContain("bad copies");
        assertThat(front.asked()).isEmpty();
    }
}
