package dev.caravan.cli;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Runs;
import dev.caravan.tape.TapeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// `log`, `tape list` and `scan --list`.
class ReportCommandsTest {
    @TempDir Path folder;

    @Test
    void runsAreToldNewestFirstAndInWords() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            Runs runs = fixture.ledger().runs();
            long first = runs.begin("demo");
            fixture.scan("docs", file("a", 2048, 1));
            fixture.copyAll("nas");
            fixture.pass(Duration.ofSeconds(125));
            runs.end(first, "done", new Runs.Numbers(1, 1, 1, 2048, 2));
            runs.begin("backup");
        }

        String all = home.run("log").out();
        String one = home.run("log", "1").out();
        JsonNode json = home.run("log", "--json").json();
        JsonNode events = home.run("log", "1", "--json").json().path("events");

        assertThat(all.indexOf("Run 2")).isLessThan(all.indexOf("Run 1")).isNotNegative();
        assertThat(all)
                .contains("demo, took 2 min, done")
                .contains("1 item seen, 1 new version, 1 copy made, 2.0 KiB written, 2 failures")
                .contains("backup, not ended");
        assertThat(one)
                .contains("registered 1 new version of source docs")
                .contains("scanned source docs: 1 item, 0 deleted")
                .contains("recorded 1 copy on nas, 2.0 KiB, proof test-proof");
        assertThat(json.path("runs").findValuesAsText("run")).containsExactly("2", "1");
        assertThat(json.path("runs").get(0).path("ended").isNull()).isTrue();
        assertThat(json.path("runs").get(1).path("ended").textValue())
                .isEqualTo("2026-11-22T10:02:05.123456789Z");
        assertThat(events.findValuesAsText("kind"))
                .containsExactly("registered", "scanned", "recorded");
        assertThat(events.get(2).path("detail").path("bytes").intValue()).isEqualTo(2048);
    }

    @Test
    void theLogHasALimitAndKnowsWhichRunsThereAre() throws IOException {
        TestHome home = new TestHome(folder);
        assertThat(home.run("log").code()).isZero();
        try (LedgerFixture fixture = home.ledger()) {
            fixture.ledger().runs().begin("backup");
            fixture.ledger().runs().begin("backup");
        }

        assertThat(home.run("log", "--limit", "1", "--json").json().path("runs")).hasSize(1);
        assertThat(home.run("log", "--limit", "0").code()).isEqualTo(2);
        assertThat(home.run("log", "7").code()).isEqualTo(1);
        assertThat(home.run("log", "last").code()).isEqualTo(2);
    }

    @Test
    void cartridgesAreListedWithTheirSum() throws IOException {
        TestHome home = new TestHome(folder);
        String before = home.run("tape", "list").out();
        TapeLibrary.create(home.root.resolve("data/tapes"), 2, 1 << 20);

        String text = home.run("tape", "list").out();
        JsonNode json = home.run("tape", "list", "--json").json();

        assertThat(before).contains("No tape library yet");
        assertThat(text)
                .contains("SIMULATED")
                .contains("VT0001L8  blank")
                .contains("2 cartridges, 2 blank; 0 B used of 2.0 MiB");
        assertThat(json.path("simulated").booleanValue()).isTrue();
        assertThat(json.path("cartridges").get(1).toString())
                .isEqualTo(
                        "{\"barcode\":\"VT0002L8\",\"status\":\"BLANK\",\"pool\":null,\"bytes\":0,"
                                + "\"capacityBytes\":1048576,\"files\":0,\"place\":\"slot 2\","
                                + "\"labelled\":null,\"mediaSet\":0,\"vault\":null,"
                                + "\"since\":null}");
    }

    @Test
    void aScanIsListedWithWhatIsLeftOutAndWhyBeforeTheFirstBackup() throws Exception {
        TestHome home = new TestHome(folder, "caravan.source.docs.exclude=*.tmp");
        Files.createDirectory(home.docs.resolve("sub"));
        Files.writeString(home.docs.resolve("sub/a"), "hello");
        Files.writeString(home.docs.resolve("x.tmp"), "");
        Files.writeString(home.docs.resolve("esc\u001b[31m"), "");
        Files.createSymbolicLink(home.docs.resolve("link"), Path.of("nowhere"));
        Process mkfifo =
                new ProcessBuilder("mkfifo", home.docs.resolve("pipe").toString())
                        .inheritIO()
                        .start();
        assertThat(mkfifo.waitFor()).isZero();

        TestHome.Ended text = home.run("scan", "--list");
        TestHome.Ended ended = home.run("scan", "--list", "--source", "docs", "--json");
        JsonNode json = ended.json();

        assertThat(text.code()).isZero();
        assertThat(text.out().lines())
                .contains(
                        "+ folder sub",
                        "+ file sub/a",
                        "+ file esc\\x1B[31m",
                        "+ symlink link -> nowhere",
                        "- FIFO pipe",
                        "- skipped x.tmp: excluded by '*.tmp'",
                        "4 items would be picked up: 2 files, 1 folder, 1 symlink; 5 B",
                        "2 skipped, 0 over-long, 0 unreadable");
        assertThat(ended.code()).isZero();
        assertThat(
                        StreamSupport.stream(json.path("entries").spliterator(), false)
                                .filter(entry -> !entry.path("pickedUp").booleanValue())
                                .map(entry -> entry.path("reason").textValue()))
                .containsExactlyInAnyOrder("FIFO", "skipped: excluded by '*.tmp'");
        assertThat(json.path("items").intValue()).isEqualTo(4);
        assertThat(Files.exists(home.root.resolve("data/ledger.db"))).isFalse();
    }

    @Test
    void theHomesOwnDataIsLeftOutOfAScan() throws IOException {
        Path source = Files.createDirectory(folder.resolve("all"));
        TestHome home = new TestHome(source);
        Files.writeString(
                home.root.resolve("config/caravan.properties"),
                "caravan.source.docs.dir=%s%ncaravan.tape.simulated=true%n".formatted(source));

        TestHome.Ended ended = home.run("scan", "--list");

        assertThat(ended.out()).contains("- skipped home: home or target of Caravan");
        assertThat(ended.out()).doesNotContain("caravan.properties");
    }

    @Test
    void aScanOfAnUnknownSourceIsWrongUsage() throws IOException {
        TestHome home = new TestHome(folder);

        assertThat(home.run("scan", "--list", "--source", "music").code()).isEqualTo(2);
        assertThat(home.run("scan").code()).isEqualTo(2);
    }

    @Test
    void everyHelpEndsWithTheExitStatus() {
        for (Class<?> command :
                List.of(
                        StatusCommand.class,
                        WhereisCommand.class,
                        LogCommand.class,
                        TapeCommand.class,
                        TapeListCommand.class,
                        ScanCommand.class)) {
            String help = new CommandLine(command).getUsageMessage();

            assertThat(help).contains("Exit status:");
            assertThat(help.substring(help.indexOf("Exit status:"))).contains("  2").contains("78");
        }
    }
}
