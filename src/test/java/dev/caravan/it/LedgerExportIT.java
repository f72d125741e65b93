package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/// The ledger is evidence: it lies on every target, and a ledger that was changed is found out.
@TestInstance(Lifecycle.PER_CLASS)
final class LedgerExportIT {
    private static final List<String> EXPORTED =
            List.of("README.txt", "head.json", "ledger-key.pem", "ledger.db.gz");

    private Site site;

    @BeforeAll
    void aHome() throws Exception {
        site = Site.create();
        Files.writeString(site.source.resolve("a"), "one");
        Files.createDirectory(site.source.resolve("d"));
        site.demo().exits(0).complainsNot();
    }

    @AfterAll
    void cleanUp() throws Exception {
        site.close();
    }

    @Test
    void afterABackupTheLedgerIsOnEveryTargetAndOpensWithoutCaravan() throws Exception {
        for (String target : Site.TARGETS) {
            Path to = Files.createTempDirectory(site.root, "ledger-from-" + target);
            site.run("restore", ".", "--source=caravan-ledger", "--to=" + to, "--from=" + target)
                    .exits(0);
            assertThat(to.toFile().list()).containsExactlyInAnyOrderElementsOf(EXPORTED);
            Site.execute("gunzip", to.resolve("ledger.db.gz").toString());
            try (Connection connection =
                            DriverManager.getConnection("jdbc:sqlite:" + to.resolve("ledger.db"));
                    Statement statement = connection.createStatement()) {
                assertThat(answer(statement, "PRAGMA integrity_check")).isEqualTo("ok");
                assertThat(answer(statement, "SELECT count(*) FROM copy WHERE state = 'DURABLE'"))
                        .isEqualTo("4");
                assertThat(answer(statement, "SELECT count(*) FROM head")).isEqualTo("1");
            }
        }
    }

    private static String answer(Statement statement, String sql) throws Exception {
        try (var rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    @Test
    void onTheNasItIsAPlainFolderWhoseSignatureOpensslChecks() throws Exception {
        Path exported = site.nas().resolve("caravan-ledger");
        List<String> recipe =
                Files.readAllLines(exported.resolve("README.txt")).stream()
                        .map(String::strip)
                        .dropWhile(line -> !line.startsWith("python3"))
                        .toList();
        assertThat(recipe).hasSize(5);
        Path work = Files.createTempDirectory(site.root, "openssl");
        Site.execute("cp", "-a", exported + "/.", work.toString());

        String said = Site.execute("bash", "-ec", "cd " + work + "\n" + String.join("\n", recipe));

        assertThat(said).contains("Signature Verified Successfully");
    }

    @Test
    void itIsNoneOfTheUsersItems() throws Exception {
        JsonNode status = site.status();
        assertThat(status.get("items").longValue()).isEqualTo(2);
        assertThat(status.get("versions").longValue()).isEqualTo(2);
        assertThat(status.get("targets"))
                .allSatisfy(target -> assertThat(target.get("copies").longValue()).isEqualTo(2));
        JsonNode runs = site.run("log", "--json").exits(0).json().get("runs");
        JsonNode run = runs.get(runs.size() - 1);
        assertThat(run.get("copies").longValue()).isEqualTo(6);
        assertThat(run.get("versions").longValue()).isEqualTo(2);

        JsonNode ledger = status.get("ledger");
        assertThat(ledger.get("wanted").longValue()).isZero();
        assertThat(ledger.get("targets")).hasSize(3);
        assertThat(ledger.get("targets"))
                .allSatisfy(target -> {
                    assertThat(target.get("snapshot").isNull()).isFalse();
                    assertThat(target.get("head").isNull()).isFalse();
                });
        assertThat(site.run("status").exits(0).out())
                .containsPattern("Ledger: snapshot of .* on nas\\*, tape\\*, offsite\\*");
    }

    @Test
    void aBackupWithNothingToDoExportsNothing() throws Exception {
        String before = head(site);

        site.backup().exits(0).complainsNot();

        assertThat(head(site)).isEqualTo(before);
        JsonNode run = site.run("log", "--json").exits(0).json().get("runs").get(0);
        JsonNode events =
                site.run("log", run.get("run").asText(), "--json").exits(0).json().get("events");
        assertThat(events).extracting(event -> event.get("kind").asText()).containsOnly("scanned");
    }

    private static String head(Site site) throws Exception {
        return Files.readString(site.home.resolve("data/export/head.json"));
    }

    @Test
    void theReportSaysWhatTheStatusSays() throws Exception {
        ObjectNode status = (ObjectNode) site.status();
        JsonNode report = site.run("report", "--json").exits(0).json();

        JsonNode own = status.remove("ledger");
        status.remove("operatorTasks");
        status.remove("oldestProofs"); // in a report by level
        assertThat(report.get("status")).isEqualTo(status);
        assertThat(report.get("ledger")).isEqualTo(own);
        assertThat(report.get("cartridges")).hasSize(1);
    }

    @Test
    void anAuditComparesTheHeadsOfAllTargetsAndNamesTheFirstBadEvent() throws Exception {
        JsonNode good = site.run("audit", "verify", "--json").exits(0).json();
        assertThat(good.get("compared")).hasSize(4);
        assertThat(good.get("notRead")).isEmpty();

        Site tampered = site.copy();
        sql(
                tampered,
                "DROP TRIGGER event_is_not_changed",
                "UPDATE event SET detail = replace(detail, '2', '3') WHERE seq = 2");
        CaravanProcess.Outcome told = tampered.run("audit", "verify").exits(1);
        assertThat(told.out()).contains("event 2 is the first bad one");
    }

    @Test
    void aRewrittenLogIsFoundByTheHeadOffsiteAndOnTape() throws Exception {
        Site rewritten = site.copy();
        sql(
                rewritten,
                "DROP TRIGGER event_is_not_changed",
                "DROP TRIGGER head_is_not_changed",
                "UPDATE event SET hash = randomblob(32)",
                "UPDATE head SET hash = (SELECT hash FROM event WHERE event.seq = head.seq)");
        for (String target : List.of("tape", "offsite")) {
            CaravanProcess.Outcome told =
                    rewritten.run("audit", "verify", "--head=" + target).exits(1);
            assertThat(told.out()).contains(target + ": head of event").contains("another hash");
        }
    }

    private static void sql(Site site, String... statements) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + site.home.resolve("data/ledger.db"));
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /// Also when the whole home was put back: the NAS remembers.
    @Test
    void aLedgerOfYesterdayIsRefusedUntilAPersonAcceptsIt() throws Exception {
        Site today = site.copy();
        Path kept = Files.createDirectory(today.root.resolve("yesterday"));
        Path data = today.home.resolve("data");
        Site.execute("cp", "-a", data.resolve("export").toString(), kept.toString());
        try (Stream<Path> files = Files.list(data)) {
            for (Path file : files.filter(f -> f.toString().contains("ledger.db")).toList()) {
                Site.execute("cp", "-a", file.toString(), kept.toString());
            }
        }
        Files.writeString(today.source.resolve("later"), "two");
        today.backup().exits(0);

        Site.execute("bash", "-c", "rm -rf " + data + "/ledger.db* " + data + "/export");
        Site.execute("cp", "-a", kept + "/.", data.toString());
        Files.delete(today.source.resolve("later"));

        CaravanProcess.Outcome refused = today.backup().exits(1);
        assertThat(refused.err().lines()).hasSize(1);
        assertThat(refused.err())
                .contains("an older ledger was put in its place")
                .contains("caravan audit accept");
        assertThat(today.run("audit", "verify").exits(1).out()).contains("is ahead of the ledger");
        today.run("tape", "label", "VT0002L8").exits(1);

        assertThat(today.run("audit", "accept").exits(0).out())
                .contains("1 exported head is not in this ledger")
                .contains("to be verified");
        assertThat(today.run("audit", "verify").exits(0).out()).contains("ACCEPTED");
        assertThat(today.run("audit", "accept").exits(0).out()).contains("nothing to accept");
    }

    @Test
    void aDamagedLedgerIsToldByTheAudit() throws Exception {
        Site damaged = site.copy();
        Path file = damaged.home.resolve("data/ledger.db");
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 8192; i < bytes.length; i++) {
            bytes[i] = (byte) 0xA5;
        }
        Files.write(file, bytes);

        CaravanProcess.Outcome told = damaged.run("audit", "verify").exits(1);

        assertThat(told.err().lines()).hasSize(1);
        assertThat(told.err()).contains("is damaged").contains("newest snapshot");
    }
}
