package dev.caravan.cli;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.audit.HeadDocument;
import dev.caravan.audit.SigningKey;
import dev.caravan.ledger.Drills;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Runs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
    private static final String HOSTILE = "<img src=x onerror=alert(1)>\u202e\n&\"'";

    @TempDir Path folder;
    private TestHome home;

    @BeforeEach
    void aHomeWithAnItemBelowPolicy() throws IOException {
        home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            long run = fixture.ledger().runs().begin("backup");
            fixture.scan("docs", file("good", 10, 1));
            fixture.copyAll();
            fixture.scan("docs", file("good", 10, 1), file(HOSTILE, 10, 1));
            fixture.copyAll("nas");
            fixture.ledger().runs().end(run, "done", new Runs.Numbers(2, 2, 4, 40, 0));
            SigningKey key = SigningKey.readOrMake(home.root.resolve("data/keys"));
            fixture.ledger().heads().sign(key.publicKey(), key::sign, false);
        }
    }

    @Test
    void itsJsonAgreesWithStatus() throws IOException {
        TestHome.Ended report = home.run("report", "--json");
        ObjectNode status = (ObjectNode) home.run("status", "--json").json();

        assertThat(report.code()).isEqualTo(1);
        JsonNode json = report.json();
        JsonNode own = status.remove("ledger");
        status.remove("operatorTasks");
        status.remove("oldestProofs"); // in a report by level
        for (JsonNode target : status.path("targets")) {
            ((ObjectNode) target).remove("oldestWantedSeconds");
        }
        for (JsonNode target : json.path("status").path("targets")) {
            ((ObjectNode) target).remove("oldestWantedSeconds");
        }
        assertThat(json.path("status")).isEqualTo(status);
        assertThat(json.path("ledger")).isEqualTo(own);
        assertThat(json.path("policy").toString())
                .isEqualTo(
                        "[{\"rule\":\"copies\",\"wanted\":3,\"met\":1,\"items\":2},"
                                + "{\"rule\":\"media kinds\",\"wanted\":2,\"met\":1,\"items\":2},"
                                + "{\"rule\":\"offsite\",\"wanted\":1,\"met\":1,\"items\":2},"
                                + "{\"rule\":\"offline or immutable\",\"wanted\":0,\"met\":2,\"items\":2},"
                                + "{\"rule\":\"errors\",\"wanted\":0,\"met\":2,\"items\":2}]");
        assertThat(json.path("evidence"))
                .extracting(each -> each.path("target").textValue() + each.path("copies"))
                .containsExactly("nas2", "tape1", "offsite1");
    }

    @Test
    void theDrillsAreInAllThreeForms() throws IOException {
        assertThat(home.run("report").out()).contains("Restore drills: none is recorded");
        try (LedgerFixture fixture = home.ledger()) {
            Instant began = fixture.now();
            fixture.ledger()
                    .drills()
                    .record(
                            new Drills.Outcome(
                                    new Drills.Drill(
                                            "tape",
                                            began,
                                            began.plusSeconds(9),
                                            7,
                                            7_340_032,
                                            2,
                                            Duration.ofSeconds(8)),
                                    fixture.evidence(Evidence.Level.V4),
                                    List.of(),
                                    Map.of()));
        }
        Path page = folder.resolve("drills.html");

        JsonNode drills = home.run("report", "--json").json().path("drills");
        home.run("report", "--html", page.toString());

        assertThat(drills).hasSize(1);
        assertThat(drills.path(0).path("target").textValue()).isEqualTo("tape");
        assertThat(drills.path(0).path("failures").longValue()).isEqualTo(2);
        assertThat(home.run("report").out())
                .doesNotContain("none is recorded")
                .containsPattern("DRILL OF +STARTED +ITEMS +BYTES +WRONG +RESTORED IN")
                .containsPattern("tape\\* .* 7 +7.0 MiB +2 +8 s");
        assertThat(Files.readString(page))
                .contains("Restore drills")
                .contains("<span class=\"missed\">2</span>")
                .doesNotContain("None is recorded");
    }

    @Test
    void itIsSealedWithTheSignedHeadOfTheLog() throws IOException {
        JsonNode head = home.run("report", "--json").json().path("head");

        var signed = HeadDocument.read(head.toString().getBytes(StandardCharsets.UTF_8));

        assertThat(HeadDocument.isGenuine(signed)).isTrue();
        assertThat(head.path("key").textValue())
                .isEqualTo(SigningKey.read(home.root.resolve("data/keys")).orElseThrow().id());
    }

    @Test
    void thePageShowsHostileNamesAsTextAndRunsNothing() throws IOException {
        Path page = folder.resolve("report.html");

        assertThat(home.run("report", "--html", page.toString()).out()).isEmpty();

        String html = Files.readString(page);
        assertThat(html)
                .contains("1 of 2 items is below policy")
                .contains("&lt;img src=x onerror=alert(1)&gt;")
                .contains("Simulated: tape, offsite.")
                .contains("default-src 'none'")
                .doesNotContain("<img", "<script", "javascript:", "http:", "https:", "\u202e");
    }

    /// The browser applies the style only if its hash is the one the policy names.
    @Test
    void itsContentSecurityPolicyAllowsItsOwnStyle() throws Exception {
        Path page = folder.resolve("report.html");
        home.run("report", "--html", page.toString());
        String html = Files.readString(page);

        Matcher style = Pattern.compile("<style>(.*)</style>", Pattern.DOTALL).matcher(html);
        Matcher policy = Pattern.compile("'sha256-([^']+)'").matcher(html);

        assertThat(style.find()).isTrue();
        assertThat(policy.find()).isTrue();
        assertThat(policy.group(1))
                .isEqualTo(
                        Base64.getEncoder()
                                .encodeToString(
                                        java.security.MessageDigest.getInstance("SHA-256")
                                                .digest(
                                                        style.group(1)
                                                                .getBytes(
                                                                        StandardCharsets.UTF_8))));
    }

    @Test
    void asTextItSaysWhatIsSimulatedAndWhereToCheck() {
        TestHome.Ended ended = home.run("report");

        assertThat(ended.out())
                .contains("1 of 2 items is below policy")
                .contains("SIMULATED  tape, offsite")
                .contains("3 copies: 1 of 2 items")
                .contains("caravan audit verify")
                .doesNotContain("\u202e");
    }

    @Test
    void bothFilesAreWrittenInOneRun() throws IOException {
        Path html = folder.resolve("r.html");
        Path json = folder.resolve("r.json");

        TestHome.Ended ended =
                home.run("report", "--html", html.toString(), "--json", json.toString());

        assertThat(ended.out()).isEmpty();
        assertThat(html).exists();
        assertThat(new ObjectMapper().readTree(json.toFile()).path("verdict").textValue())
                .isEqualTo("1 of 2 items is below policy");
    }

    @Test
    void aFolderThatIsNotThereIsOneLine() {
        TestHome.Ended ended =
                home.run("report", "--html", folder.resolve("none/r.html").toString());

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("unable to write the report").contains("no such folder");
        assertThat(ended.err().lines()).hasSize(1);
    }
}
