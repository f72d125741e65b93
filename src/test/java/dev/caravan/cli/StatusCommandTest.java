package dev.caravan.cli;

import static dev.caravan.ledger.LedgerFixture.file;
import static dev.caravan.ledger.LedgerFixture.folder;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.item.ItemPath;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Problem;
import dev.caravan.ledger.Runs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {
    @TempDir Path folder;

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void whereThereIsNoHomeTheExitIs78AndTheLineSaysHowToMakeOne() {
        TestHome.Ended ended =
                TestHome.program("status", "--home", folder.resolve("none").toString());

        assertThat(ended.code()).isEqualTo(78);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err().lines()).hasSize(1);
        assertThat(ended.err()).contains("no home at").contains("caravan init").contains("demo");
    }

    @Test
    void beforeTheFirstBackupEverythingIsZeroAndTheExitIs1() throws IOException {
        TestHome home = new TestHome(folder);

        TestHome.Ended text = home.run("status");
        TestHome.Ended json = home.run("status", "--json");

        assertThat(text.code()).isEqualTo(1);
        assertThat(text.out()).contains("No backup has run yet.").doesNotContain("SIMULATED");
        assertThat(json.code()).isEqualTo(1);
        assertThat(json.json().path("items").isInt()).isTrue();
        assertThat(json.json().path("items").asInt()).isZero();
        assertThat(json.json().path("lastScan").isNull()).isTrue();
        assertThat(json.json().path("targets")).isEmpty();
    }

    @Test
    void allInPolicyIsExit0AndEveryFieldIsThere() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            long run = fixture.ledger().runs().begin("backup");
            fixture.scan("docs", folder("d"), file("d/a", 1000, 1), file("b", 24, 1));
            fixture.copyAll();
            fixture.ledger().runs().end(run, "done", new Runs.Numbers(3, 3, 9, 3072, 0));
        }

        TestHome.Ended ended = home.run("status", "--json");
        JsonNode json = ended.json();

        assertThat(ended.code()).isZero();
        assertThat(names(json))
                .containsExactly(
                        "items",
                        "versions",
                        "bytes",
                        "inPolicy",
                        "belowPolicy",
                        "belowPolicyPaths",
                        "worst",
                        "unstable",
                        "unreadable",
                        "overLong",
                        "skipped",
                        "deleted",
                        "simulated",
                        "lastScan",
                        "lastBackup",
                        "targets",
                        "reached",
                        "goals",
                        "sources",
                        "oldestProofs",
                        "operatorTasks",
                        "ledger");
        assertThat(json.path("items").longValue()).isEqualTo(3);
        assertThat(json.path("versions").longValue()).isEqualTo(3);
        assertThat(json.path("bytes").longValue()).isEqualTo(1024);
        assertThat(json.path("inPolicy").longValue()).isEqualTo(3);
        assertThat(json.path("belowPolicy").longValue()).isZero();
        assertThat(json.path("simulated").booleanValue()).isTrue();
        assertThat(json.path("lastScan").textValue()).isEqualTo("2026-11-22T10:00:00.123456789Z");
        assertThat(json.path("lastBackup").textValue()).isEqualTo("2026-11-22T10:00:00.123456789Z");
        assertThat(json.path("reached").toString())
                .isEqualTo(
                        "[{\"copies\":4,\"mediaKinds\":2,\"offsite\":1,\"offline\":0,\"errors\":0,"
                                + "\"items\":3}]");
        assertThat(json.path("goals").path("copies").toString())
                .isEqualTo("{\"wanted\":3,\"worst\":4,\"reaching\":3}");
        assertThat(json.path("sources").get(0).path("policy").path("verifiedSeconds").toString())
                .isEqualTo("{\"disk\":null,\"tape\":null,\"object-store\":null,\"optical\":null}");
        assertThat(json.path("targets").get(2).toString())
                .isEqualTo(
                        "{\"name\":\"offsite\",\"mediaKind\":\"disk\",\"site\":\"bunker\","
                                + "\"offsite\":true,\"simulated\":true,\"state\":\"READY\","
                                + "\"copies\":3,\"wanted\":0,\"failed\":0,\"suspect\":0,\"bytes\":1024,"
                                + "\"oldestWantedSeconds\":null,\"tries\":0,\"nextTry\":null,"
                                + "\"lastError\":null,\"limits\":{\"bytesPerSecond\":null,"
                                + "\"window\":\"always\",\"closedUntil\":null}}");
    }

    @Test
    void belowPolicyIsExit1AndWorstComesFirst() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("old", 10, 1));
            fixture.copyAll();
            fixture.scan("docs", file("old", 10, 1), file("esc\u001b[31m\n", 10, 1));
            fixture.copyAll("nas");
            fixture.ledger()
                    .targets()
                    .suspend("offsite", "unable to reach\u001b[2J bunker:22", Duration.ofDays(9));
        }

        TestHome.Ended text = home.run("status");
        JsonNode json = home.run("status", "--json").json();

        assertThat(text.code()).isEqualTo(1);
        assertThat(text.out())
                .doesNotContain("\u001b")
                .contains("1 of 2 items in policy, 1 below")
                .contains("1 item:  2 copies, 1 media kind, 0 offsite, below policy")
                .contains("1 item:  4 copies, 2 media kinds, 1 offsite")
                .contains("esc\\x1B[31m\\x0A")
                .contains("unable to reach\\x1B[2J bunker:22")
                .contains("Suspended after 1 try, the next ")
                .containsPattern("offsite\\* .* suspended ")
                .contains("SIMULATED  tape, offsite: counted as the real thing")
                .contains("  tape*     tape   here ");
        assertThat(text.out().indexOf("2 copies")).isLessThan(text.out().indexOf("4 copies"));
        assertThat(text.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(json.path("belowPolicyPaths").get(0).textValue()).isEqualTo("esc\u001b[31m\n");
        assertThat(json.path("reached")).hasSize(2);
        assertThat(json.path("reached").get(0).path("copies").intValue()).isEqualTo(2);
        assertThat(json.path("targets").get(2).path("state").textValue()).isEqualTo("WAITING");
        assertThat(json.path("targets").get(2).path("tries").intValue()).isEqualTo(1);
        assertThat(json.path("targets").get(2).path("nextTry").textValue())
                .isEqualTo("2026-12-01T10:00:00.123456789Z");
        assertThat(json.path("targets").get(1).path("oldestWantedSeconds").isIntegralNumber())
                .isTrue();
    }

    @Test
    void whatIsNotProtectedIsCountedListedAndExit1() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("a", 1, 1), file("gone", 1, 1));
            fixture.copyAll();
            fixture.scan("docs", file("a", 1, 1));
            for (Problem.Kind kind : Problem.Kind.values()) {
                fixture.ledger()
                        .scans()
                        .problem(
                                new Problem(
                                        "docs", ItemPath.of("p" + kind.ordinal()), kind, "why"));
            }
        }

        TestHome.Ended text = home.run("status", "--list");
        JsonNode json = home.run("status", "--json").json();

        assertThat(text.code()).isEqualTo(1);
        assertThat(text.out())
                .contains("1 unreadable · 1 unstable · 1 over-long · 1 skipped · 1 deleted")
                .contains("OVER-LONG docs: p3: why")
                .contains("DELETED docs: gone");
        assertThat(json.path("unreadable").intValue()).isEqualTo(1);
        assertThat(json.path("unstable").intValue()).isEqualTo(1);
        assertThat(json.path("overLong").intValue()).isEqualTo(1);
        assertThat(json.path("skipped").intValue()).isEqualTo(1);
        assertThat(json.path("deleted").intValue()).isEqualTo(1);
        assertThat(json.path("belowPolicy").intValue()).isZero();
    }
}
