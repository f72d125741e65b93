package dev.caravan.cli;

import static dev.caravan.ledger.LedgerFixture.file;
import static dev.caravan.ledger.LedgerFixture.folder;
import static dev.caravan.ledger.LedgerFixture.path;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.ledger.LedgerFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LsAndFindTest {
    @TempDir Path folder;
    private TestHome home;
    private Instant first;

    @BeforeEach
    void twoScans() throws IOException {
        home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan(
                    "docs",
                    folder("sub"),
                    file("sub/Deep.TXT", 2048, 1),
                    file(path((byte) 'b', (byte) 0xFF, (byte) 27), 7, 1),
                    file("old", 1, 1));
            fixture.copyAll();
            first = fixture.now();
            fixture.pass(Duration.ofHours(1));
            fixture.scan(
                    "docs",
                    folder("sub"),
                    file("sub/Deep.TXT", 4096, 2),
                    file(path((byte) 'b', (byte) 0xFF, (byte) 27), 7, 1));
            fixture.copyAll();
        }
    }

    @Test
    void aFolderIsListedInTheFormOfLs() {
        TestHome.Ended root = home.run("ls");
        TestHome.Ended sub = home.run("ls", "sub/");

        assertThat(root.code()).isZero();
        assertThat(root.out().lines().toList())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("-rw-r--r--")
                .endsWith("b\\xFF\\x1B");
        assertThat(root.out()).contains("drw-r--r--", "  sub/");
        assertThat(sub.out()).hasLineCount(1).contains("4,096").contains("  Deep.TXT");
        assertThat(home.run("ls", "sub/Deep.TXT").out()).contains("  sub/Deep.TXT");
    }

    @Test
    void itIsListedAsItWasAtATime() throws IOException {
        String at = first.toString();

        assertThat(home.run("ls", "--at", at).out()).hasLineCount(3).contains("  old");
        assertThat(home.run("ls", "sub", "--at", at).out()).contains("2,048");
        assertThat(home.run("ls", "--deleted").out()).contains("old  (deleted ");
        assertThat(home.run("ls", "--at", "2001-01-01").out()).isEmpty();
        JsonNode json = home.run("ls", "sub", "--at", at, "--json").json();
        assertThat(json.path("source").textValue()).isEqualTo("docs");
        assertThat(json.path("at").textValue()).isEqualTo("2026-11-22T10:00:00.123456789Z");
        assertThat(json.at("/items/0/path").textValue()).isEqualTo("sub/Deep.TXT");
        assertThat(json.at("/items/0/size").longValue()).isEqualTo(2048);
        assertThat(json.at("/items/0/mode").textValue()).isEqualTo("0644");
        assertThat(json.at("/items/0/version").intValue()).isEqualTo(1);
        assertThat(json.at("/items/0/deleted").booleanValue()).isFalse();
    }

    @Test
    void whatIsNotThereAndWhatIsNoTimeAreOneLine() {
        TestHome.Ended deleted = home.run("ls", "old");
        TestHome.Ended unknown = home.run("ls", "no/such");
        TestHome.Ended noTime = home.run("ls", "--at", "soon");

        assertThat(deleted.code()).isEqualTo(1);
        assertThat(deleted.err()).hasLineCount(1).contains("'old' is not there now");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.err()).hasLineCount(1).contains("no/such");
        assertThat(noTime.code()).isEqualTo(2);
        assertThat(noTime.err()).hasLineCount(1).contains("--at 'soon'");
    }

    @Test
    void itemsAreFoundByTheFormOfTheirPaths() throws IOException {
        assertThat(home.run("find", "*.TXT").out()).isEqualTo("sub/Deep.TXT\n");
        assertThat(home.run("find", "*.txt").code()).isEqualTo(1);
        assertThat(home.run("find", "*.txt", "--ignore-case").out()).isEqualTo("sub/Deep.TXT\n");
        assertThat(home.run("find", "sub/*").out()).isEqualTo("sub/Deep.TXT\n");
        assertThat(home.run("find", "*/").out()).isEqualTo("sub\n");
        assertThat(home.run("find", "old").code()).isEqualTo(1);
        assertThat(home.run("find", "old", "--at", first.toString()).out()).isEqualTo("old\n");
        assertThat(home.run("find", "o*", "b*", "--deleted").out())
                .contains("old  (deleted ", "b\\xFF\\x1B\n");
        assertThat(home.run("find", "*", "--size=+1KiB").out()).isEqualTo("sub/Deep.TXT\n");
        assertThat(home.run("find", "*", "--size=-1KiB").out()).isEqualTo("b\\xFF\\x1B\n");
        assertThat(home.run("find", "*", "--older", "2020-01-01").code()).isEqualTo(1);
        assertThat(home.run("find", "*.TXT", "--newer", "2020-01-01", "-l").out())
                .contains("4,096", "sub/Deep.TXT");
        assertThat(home.run("find", "*", "--json").json().path("items")).hasSize(3);
        assertThat(home.run("find", "[a", "--json").code()).isEqualTo(2);
        assertThat(home.run("find", "*", "--size=big").code()).isEqualTo(2);
        assertThat(home.run("find", "*", "--source", "nope").code()).isEqualTo(2);
    }
}
