package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.ledger.LedgerDump;
import dev.caravan.ledger.LedgerFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which home a NAS belongs to after a rebuild, and what the command says.
class RebuildCommandTest {
    private static final String OLD = "8c21b0a6-0000-4000-8000-000000000001";

    @TempDir Path folder;
    private Path root;

    @BeforeEach
    void aHomeAndTheNasOfAnother() throws IOException {
        root = folder.resolve("home");
        Path nas = folder.resolve("nas");
        Path docs = Files.createDirectory(folder.resolve("docs"));
        TestHome.Ended made =
                TestHome.program(
                        "init",
                        "--home=" + root,
                        "--source=" + docs,
                        "--nas=" + nas,
                        "--offsite=embedded");
        assertThat(made.code()).as(made.toString()).isZero();
        Path sentinel = nas.resolve(".caravan/sentinel");
        Files.writeString(
                sentinel,
                "{\"caravan\":\"nas\",\"id\":\"11111111-0000-4000-8000-000000000000\",\"home\":\"%s\"}\n"
                        .formatted(OLD));
        Files.writeString(
                nas.resolve(".caravan/manifests/8c21b0a6-1700000000000-1.jsonl"),
                """
                {"source":"docs","path":"d","id":7,"version":1,"kind":"FOLDER","size":0,\
                "modified":"2024-02-29T01:02:03.000000004Z","mode":"755","uid":1,"gid":2}
                """);
        Files.createDirectories(nas.resolve("docs/d"));
    }

    private TestHome.Ended rebuild(String... more) {
        List<String> all = new ArrayList<>(List.of("rebuild", "--home=" + root, "--from"));
        all.addAll(List.of(more));
        return TestHome.program(all.toArray(String[]::new));
    }

    private LedgerFixture ledger() {
        return new LedgerFixture(root.resolve("data/ledger.db")).usual();
    }

    private String homeId() throws Exception {
        return LedgerDump.homeId(root.resolve("data/ledger.db"));
    }

    @Test
    void anEmptyHomeGoesOnAsTheOneTheNasBelongsTo() throws Exception {
        TestHome.Ended ended = rebuild("nas", "--json");

        assertThat(ended.code()).as(ended.toString()).isZero();
        JsonNode json = ended.json();
        assertThat(json.get("adoptedHome").textValue()).isEqualTo(OLD);
        assertThat(json.get("versions").longValue()).isOne();
        assertThat(homeId()).isEqualTo(OLD);

        TestHome.Ended again = rebuild("nas");
        assertThat(again.code()).isZero();
        assertThat(again.out()).contains("0 versions and 0 copies new to the ledger, 1 known");
    }

    @Test
    void aHomeThatHasMadeBackupsTakesTheNasOfAnotherOnlyWhenTold() throws Exception {
        try (LedgerFixture used = ledger()) {
            used.scan("docs", LedgerFixture.file("own", 5, 1));
        }
        String before = homeId();

        TestHome.Ended refused = rebuild("nas");

        assertThat(refused.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(refused.out()).contains("belongs to another home (" + OLD, "--adopt-home");
        assertThat(homeId()).isEqualTo(before);

        TestHome.Ended told = rebuild("nas", "--adopt-home");

        assertThat(told.code()).as(told.toString()).isZero();
        assertThat(told.out()).contains("this home is " + OLD + " from now on");
        assertThat(homeId()).isEqualTo(OLD);
    }

    @Test
    void anotherNasThanTheLedgerKnowsIsNotRead() throws Exception {
        try (LedgerFixture used = ledger()) {
            used.ledger().targets().identify("nas", "22222222-0000-4000-8000-000000000000");
        }

        TestHome.Ended refused = rebuild("nas");

        assertThat(refused.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(refused.out()).contains("another sentinel", "nas: not read");
    }

    @Test
    void aTargetThatNoRouteHasIsWrongUsage() {
        TestHome.Ended ended = rebuild("nas,attic");

        assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
        assertThat(ended.err()).contains("--from 'attic'", "nas");
        assertThat(ended.out()).isEmpty();
    }
}
