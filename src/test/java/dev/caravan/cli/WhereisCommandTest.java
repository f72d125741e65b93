package dev.caravan.cli;

import static dev.caravan.ledger.LedgerFixture.file;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Problem;
import dev.caravan.ledger.Scan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WhereisCommandTest {
    private static final byte[] HOSTILE = {'b', (byte) 0xFF, '\n', (byte) 0xC3, (byte) 0xA9};

    @TempDir Path folder;

    @Test
    void everyCopyOfEveryVersionIsToldNewestFirst() throws IOException {
        TestHome home = new TestHome(folder);
        Version old;
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("a/x", 5, 1));
            fixture.copyAll();
            old = fixture.ledger().catalog().versions("docs", ItemPath.of("a/x")).getFirst();
            fixture.pass(Duration.ofMinutes(1));
            fixture.scan("docs", file("a/x", 7, 2));
            fixture.copyAll("nas");
        }

        TestHome.Ended ended = home.run("whereis", "./a/x", "--json");
        JsonNode json = ended.json();
        JsonNode current = json.path("versions").get(0);
        JsonNode before = json.path("versions").get(1);

        assertThat(ended.code()).isZero();
        assertThat(json.path("path").textValue()).isEqualTo("a/x");
        assertThat(json.has("pathBytes")).isFalse();
        assertThat(json.path("source").textValue()).isEqualTo("docs");
        assertThat(current.path("version").intValue()).isEqualTo(2);
        assertThat(current.path("current").booleanValue()).isTrue();
        assertThat(current.path("kind").textValue()).isEqualTo("FILE");
        assertThat(current.path("size").longValue()).isEqualTo(7);
        assertThat(current.path("modified").textValue())
                .isEqualTo("2020-02-29T01:02:05.000000004Z");
        assertThat(current.path("copies").findValuesAsText("target"))
                .containsExactly("original", "nas", "tape", "offsite");
        assertThat(current.path("copies").findValuesAsText("state"))
                .containsExactly("DURABLE", "DURABLE", "WANTED", "WANTED");
        JsonNode original = current.path("copies").get(0);
        assertThat(original.path("location").textValue()).isEqualTo("/srv/docs/a/x");
        assertThat(original.path("evidence").path("method").textValue())
                .isEqualTo("seen-unchanged");
        assertThat(original.path("evidence").path("at").textValue())
                .isEqualTo("2026-11-22T10:01:00.123456789Z");
        assertThat(current.path("copies").get(1).path("location").textValue())
                .isEqualTo(home.nas + "/docs/a/x");
        assertThat(current.path("copies").get(2).path("location").isNull()).isTrue();
        assertThat(current.path("copies").get(2).path("evidence").isNull()).isTrue();

        assertThat(before.path("current").booleanValue()).isFalse();
        assertThat(before.path("sha256").textValue()).isEqualTo(LedgerFixture.hash(old).hex());
        assertThat(before.path("copies").findValuesAsText("state"))
                .containsExactly("LOST", "DURABLE", "DURABLE", "DURABLE");
        JsonNode tape = before.path("copies").get(2);
        assertThat(tape.path("medium").textValue()).isEqualTo("VT0001L8");
        assertThat(tape.path("location").textValue())
                .isEqualTo("VT0001L8 file 3 block 1024 offset 1024");
        assertThat(tape.path("mediaKind").textValue()).isEqualTo("tape");
        assertThat(tape.path("recordedAt").textValue()).isEqualTo("2026-11-22T10:00:00.123456789Z");
        assertThat(tape.path("verifiedAt").isNull()).isTrue();
        assertThat(tape.path("evidence").toString())
                .isEqualTo(
                        "{\"method\":\"test-proof\",\"level\":\"V1\",\"hash\":\"%s\",\"bytesRead\":5,\"at\":\"2026-11-22T10:00:00.123456789Z\",\"program\":\"caravan test\"}"
                                .formatted(LedgerFixture.hash(old).hex()));
        assertThat(before.path("copies").get(1).path("location").textValue())
                .isEqualTo(home.nas + "/.caravan/history/01/" + old.id());
        assertThat(before.path("copies").get(3).path("location").textValue())
                .isEqualTo("objects/ob/object-1#1024");
    }

    @Test
    void aDeletedItemIsFoundAndItsOriginalIsLost() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("a", 5, 1), file("b", 5, 1));
            fixture.copyAll();
            fixture.scan("docs", file("a", 5, 1));
        }

        JsonNode version = home.run("whereis", "b", "--json").json().path("versions").get(0);

        assertThat(version.path("current").booleanValue()).isFalse();
        assertThat(version.path("copies").get(0).path("state").textValue()).isEqualTo("LOST");
        assertThat(version.path("copies").get(1).path("state").textValue()).isEqualTo("DURABLE");
    }

    @Test
    void anOriginalThatTheLastScanDidNotLookAtIsSuspect() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("a", 5, 1), file("closed/b", 5, 1));
            fixture.copyAll();
            Scan scan = fixture.ledger().scans().begin("docs");
            scan.changed(List.of(file("a", 5, 1)));
            scan.unseen(ItemPath.of("closed"));
            scan.finish(false);
        }

        JsonNode version = home.run("whereis", "closed/b", "--json").json().at("/versions/0");
        String text = home.run("whereis", "closed/b").out();

        assertThat(version.path("current").booleanValue()).isTrue();
        assertThat(version.at("/copies/0/state").textValue()).isEqualTo("SUSPECT");
        assertThat(version.at("/copies/0/evidence").isNull()).isTrue();
        assertThat(text)
                .contains("Version 1, current", "suspect", "not looked at in the last scan")
                .doesNotContain("seen unchanged", "no longer there");
    }

    @Test
    void anOriginalThatKeepsChangingIsNotSaidToBeUnchanged() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("a", 5, 1));
            fixture.copyAll();
            fixture.ledger()
                    .scans()
                    .problem(
                            new Problem(
                                    "docs",
                                    ItemPath.of("a"),
                                    Problem.Kind.UNSTABLE,
                                    "changed while it was read"));
        }

        JsonNode original = home.run("whereis", "a", "--json").json().at("/versions/0/copies/0");
        String text = home.run("whereis", "a").out();

        assertThat(original.path("state").textValue()).isEqualTo("SUSPECT");
        assertThat(original.path("evidence").isNull()).isTrue();
        assertThat(text)
                .contains("UNSTABLE: changed while it was read")
                .doesNotContain("seen unchanged");
    }

    @Test
    void aNameThatIsNotUtf8IsFoundEscapedAndToldInBytesToo() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file(LedgerFixture.path(HOSTILE), 5, 1));
            fixture.copyAll();
        }

        JsonNode json = home.run("whereis", "b\\xFF\né", "--json").json();
        TestHome.Ended text = home.run("whereis", "b\\xff\\x0Aé");
        TestHome.Ended raw = home.run("whereis", "b\uDCFF\né", "--json");

        assertThat(json.path("path").textValue()).isEqualTo("b\\xFF\né");
        assertThat(json.path("pathBytes").binaryValue()).isEqualTo(HOSTILE);
        assertThat(text.code()).isZero();
        assertThat(text.out()).contains("b\\xFF\\x0Aé").contains("/srv/docs/b\\xFF\\x0Aé");
        assertThat(raw.json()).isEqualTo(json);
    }

    @Test
    void theLiteralNameWinsOverTheEscapedOne() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("\\x41", 5, 1), file("A", 5, 1));
        }

        JsonNode json = home.run("whereis", "\\x41", "--json").json();

        assertThat(json.path("path").textValue()).isEqualTo("\\x41");
    }

    @Test
    void anUnknownPathIsExit1AndAnErrorInJson() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("a", 5, 1));
        }

        TestHome.Ended json = home.run("whereis", "no\u001b", "--json");
        TestHome.Ended text = home.run("whereis", "no\u001b");

        assertThat(json.code()).isEqualTo(1);
        assertThat(json.json().path("error").textValue()).contains("no item 'no\\x1B'");
        assertThat(text.code()).isEqualTo(1);
        assertThat(text.out()).isEmpty();
        assertThat(text.err())
                .isEqualTo("caravan: " + json.json().path("error").textValue() + "\n");
    }

    @Test
    void aPathInTwoSourcesNeedsTheSourceNamed() throws IOException {
        TestHome home = new TestHome(folder);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.ledger().sources().declare("pics", "/srv/pics".getBytes(UTF_8));
            fixture.scan("docs", file("a", 5, 1));
            fixture.scan("pics", file("a", 6, 2));
        }

        TestHome.Ended both = home.run("whereis", "a");
        TestHome.Ended one = home.run("whereis", "a", "--source", "pics", "--json");
        TestHome.Ended wrong = home.run("whereis", "a", "--source", "music");

        assertThat(both.code()).isEqualTo(2);
        assertThat(both.err()).contains("docs, pics").contains("--source");
        assertThat(one.code()).isZero();
        assertThat(one.json().path("versions").get(0).path("size").intValue()).isEqualTo(6);
        assertThat(wrong.code()).isEqualTo(2);
    }

    @Test
    void aPathOutsideOfAnySourceIsWrongUsage() throws IOException {
        TestHome home = new TestHome(folder);

        assertThat(home.run("whereis", "../a").code()).isEqualTo(2);
        assertThat(home.run("whereis", ".").code()).isEqualTo(2);
    }
}
