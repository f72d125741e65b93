package dev.caravan.cli;

import static dev.caravan.ledger.LedgerFixture.file;
import static dev.caravan.ledger.LedgerFixture.folder;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Upkeep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `status` with a policy of one's own, `status --explain`, `plan` and `lose`, on a real ledger.
class PolicyCommandsTest {
    @TempDir Path folder;

    /// Two items with all copies, of which the tape's lies in a vault, and a new one on the NAS.
    private static void fill(LedgerFixture fixture) {
        fixture.scan("docs", folder("d"), file("d/a", 1000, 1));
        fixture.copyAll();
        fixture.ledger()
                .upkeep()
                .located(Map.of("uuid-1", new Upkeep.Cartridge(LedgerFixture.BEGAN, false)));
        fixture.scan("docs", folder("d"), file("d/a", 1000, 1), file("d/new\u001b[2J", 24, 1));
        fixture.copyAll("nas");
        fixture.ledger().targets().suspend("offsite", "away", Duration.ofDays(9000));
    }

    private TestHome home(String... more) throws IOException {
        TestHome home = new TestHome(folder, more);
        try (LedgerFixture fixture = home.ledger()) {
            fill(fixture);
        }
        return home;
    }

    @Test
    void statusShowsTheFiveNumbers() throws IOException {
        TestHome.Ended ended = home("caravan.policy.offline=1").run("status");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out())
                .contains("2 of 3 items in policy, 1 below\n")
                .containsPattern("3-2-1-1-0 +WANTED +WORST ITEM +ITEMS THAT HAVE IT")
                .containsPattern("copies +3 +2 +2 of 3\n")
                .containsPattern("offline or immutable +1 +0 +2 of 3\n")
                .containsPattern("errors +0 +0 +all 3\n")
                .contains("d/new\\x1B[2J");
        assertThat(ended.out().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void policiesThatDifferAreShownBySource() throws IOException {
        TestHome home = new TestHome(folder);
        Path pics = Files.createDirectory(folder.resolve("pics"));
        Path config = home.root.resolve("config/caravan.properties");
        List<String> lines = new java.util.ArrayList<>(Files.readAllLines(config));
        lines.add("caravan.source.pics.dir=" + pics);
        lines.add("caravan.source.pics.policy.copies=5");
        Files.write(config, lines);
        try (LedgerFixture fixture = home.ledger()) {
            fixture.ledger().sources().declare("pics", new byte[] {'/', 'p'});
            fixture.scan("docs", file("a", 10, 1));
            fixture.scan("pics", file("b", 10, 1));
            fixture.copyAll();
        }

        TestHome.Ended ended = home.run("status");
        JsonNode json = home.run("status", "--json").json();

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out())
                .contains("1 of 2 items in policy, 1 below\n")
                .containsPattern("docs +WANTED")
                .containsPattern("pics +WANTED")
                .containsPattern("copies +5 +4 +0 of 1")
                .contains("1 item:  4 copies, 2 media kinds, 1 offsite, below policy")
                .contains("1 item:  4 copies, 2 media kinds, 1 offsite\n");
        assertThat(json.path("sources")).hasSize(2);
        assertThat(json.path("worst").get(0).path("source").textValue()).isEqualTo("pics");
    }

    @Test
    void wrongSettingsAreNeverCalledInPolicy() throws IOException {
        TestHome home = new TestHome(folder, "caravan.policy.copies=none");
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("a", 10, 1));
            fixture.copyAll();
        }

        TestHome.Ended ended = home.run("status");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err().lines()).hasSize(1);
        assertThat(ended.err()).contains("judged by 3-2-1").contains("caravan check");
    }

    @Test
    void explainSaysWhatEachCopyCountsForAndWhatWillBeDone() throws IOException {
        TestHome home = home("caravan.policy.offline=1");

        TestHome.Ended good = home.run("status", "--explain", "d/a");
        TestHome.Ended below = home.run("status", "--explain", "d/new\\x1B[2J");
        TestHome.Ended none = home.run("status", "--explain", "nothing");

        assertThat(good.code()).as(good.err()).isZero();
        assertThat(good.out())
                .contains("In policy: 4 copies, 2 media kinds, 1 offsite, 1 offline")
                .contains("as a copy on tape at here, offline or immutable, simulated")
                .contains("durable by test-proof (V1)");
        assertThat(below.code()).isEqualTo(1);
        assertThat(below.out())
                .doesNotContain("\u001b")
                .contains("Below policy: 2 of 3 copies, 1 of 2 media kinds, 0 of 1 offsite")
                .contains("copy to tape, from original, at the next pass")
                .contains("copy to offsite, from original, not before ")
                .contains("carry a cartridge off");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("nothing is known by the path 'nothing'");
        JsonNode json = home.run("status", "--explain", "d/a", "--json").json();
        assertThat(json.path("inPolicy").booleanValue()).isTrue();
        assertThat(json.path("copies")).hasSize(4);
        assertThat(json.path("copies").get(2).path("offline").booleanValue()).isTrue();
    }

    @Test
    void planPutsTogetherWhatIsAlike() throws IOException {
        TestHome home = home();

        TestHome.Ended all = home.run("plan");
        TestHome.Ended one = home.run("plan", "d", "--json");
        TestHome.Ended fine = home.run("plan", "d/a");

        assertThat(all.code()).as(all.err()).isZero();
        assertThat(all.out())
                .contains("d/new\\x1B[2J in source docs, 24 B")
                .contains("copy to tape, from original, at the next pass")
                .contains("then in policy");
        assertThat(one.json().path("plans")).hasSize(1);
        assertThat(one.json().path("plans").get(0).path("steps")).hasSize(2);
        assertThat(one.json().path("plans").get(0).path("enough").booleanValue()).isTrue();
        assertThat(fine.out()).isEqualTo("Nothing is below policy.\n");
        assertThat(fine.code()).isZero();
    }

    @Test
    void aPlanThatIsNotEnoughSaysSo() throws IOException {
        TestHome.Ended ended = home("caravan.policy.copies=7").run("plan");

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.out()).contains("no target can mend copies: 4 of 7");
    }

    @Test
    void loseSaysWhatWouldBeGoneAndChangesNothing() throws IOException {
        TestHome home = home();
        byte[] before = Files.readAllBytes(home.root.resolve("data/ledger.db"));

        TestHome.Ended site = home.run("lose", "here");
        TestHome.Ended cartridge = home.run("lose", "VT0001L8", "--json");
        TestHome.Ended target = home.run("lose", "offsite");
        TestHome.Ended none = home.run("lose", "nowhere");

        assertThat(site.code()).isEqualTo(1);
        assertThat(site.out())
                .contains("1 item lost for good, 24 B")
                .contains("d/new\\x1B[2J: left 0 copies")
                .contains("2 of 3 items would fall below policy");
        assertThat(cartridge.code()).isZero();
        assertThat(cartridge.json().path("kind").textValue()).isEqualTo("VOLUME");
        assertThat(cartridge.json().path("fallBelowPolicy").intValue()).isEqualTo(2);
        assertThat(target.out()).contains("No item would be lost for good");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("no site, target or cartridge 'nowhere': there are");
        assertThat(Files.readAllBytes(home.root.resolve("data/ledger.db"))).isEqualTo(before);
    }
}
