package dev.caravan.cli;

import static dev.caravan.ledger.LedgerFixture.file;
import static dev.caravan.ledger.LedgerFixture.folder;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.Finding;
import dev.caravan.config.Home;
import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `hold`, `forget --dry-run` and the settings of retention, on a home that was initialised as a
/// user does it and whose ledger was filled by hand.
class RetentionCommandsTest {
    @TempDir Path folder;
    private Home home = new Home(Path.of(""));

    @BeforeEach
    void aHome() throws IOException {
        home = new Home(folder.resolve("home"));
        Path source = Files.createDirectories(folder.resolve("docs"));
        TestHome.Ended made =
                run(
                        "init",
                        "--source=" + source,
                        "--nas=" + folder.resolve("nas"),
                        "--offsite=embedded");
        assertThat(made.code()).as(made.err()).isZero();
        try (LedgerFixture fixture = new LedgerFixture(home.ledger()).usual()) {
            for (int state = 1; state <= 4; state++) {
                fixture.scan("docs", file("a", 10, state), folder("d"), file("d/b", 10, state));
                fixture.copyAll();
            }
        }
    }

    private TestHome.Ended run(String... args) {
        String[] all = java.util.Arrays.copyOf(args, args.length + 1);
        all[args.length] = "--home=" + home.root();
        return TestHome.program(all);
    }

    private void set(String... lines) throws IOException {
        Files.write(home.config(), List.of(lines), StandardOpenOption.APPEND);
    }

    private void everyTargetKeepsOne() throws IOException {
        set(
                "caravan.retention.nas.last=1",
                "caravan.retention.tape.last=1",
                "caravan.retention.offsite.last=1");
    }

    @Test
    void aDryRunSaysWhatWouldGoAndWhyAndChangesNothing() throws IOException {
        TestHome.Ended nothing = run("forget", "--dry-run");
        everyTargetKeepsOne();

        TestHome.Ended text = run("forget", "--dry-run", "--allow-many");
        TestHome.Ended json = run("forget", "--dry-run", "--json", "--allow-many");

        assertThat(nothing.code()).as(nothing.err()).isZero();
        assertThat(nothing.out()).contains("nas: no retention is set, everything is kept");
        assertThat(text.code()).as(text.err()).isZero();
        assertThat(text.out())
                .contains("nas: 2 copies of old versions kept by its retention, 4 to be retired")
                .contains("a, version 1: no target keeps it")
                .contains("12 copies would be retired");
        assertThat(json.json().get("done").booleanValue()).isFalse();
        assertThat(json.json().get("targets").get(0).get("retires").intValue()).isEqualTo(4);
        assertThat(json.json().get("targets").get(0).get("kept").get("inTree").intValue()).isZero();
        assertThat(run("log").out()).doesNotContain("forget");
    }

    @Test
    void moreThanAThirdAtOnceIsRefusedUnlessItIsMeant() throws IOException {
        everyTargetKeepsOne();

        TestHome.Ended refused = run("forget");

        assertThat(refused.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(refused.err())
                .contains("4 of the 9 copies on 'nas' would be retired, more than 30 %")
                .contains("--allow-many");
        assertThat(run("whereis", "a", "--source", "docs").out()).doesNotContain("retired");
    }

    @Test
    void aRetentionOfNoTargetStopsTheStart() throws IOException {
        set("caravan.retention.nass.last=1");

        TestHome.Ended forget = run("forget", "--dry-run");
        List<Finding> findings = HomeChecks.findings(home);

        assertThat(forget.code()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(findings)
                .filteredOn(Finding::isError)
                .singleElement()
                .asString()
                .contains("no copy route has target 'nass'; there are [nas, offsite, tape]");
    }

    @Test
    void aHoldIsSetShownRespectedAndReleased() throws IOException {
        everyTargetKeepsOne();

        TestHome.Ended none = run("hold", "list");
        TestHome.Ended set = run("hold", "add", "case-7", "d", "*.txt", "--reason", "court order");
        TestHome.Ended again = run("hold", "add", "case-7");
        TestHome.Ended listed = run("hold", "list");
        TestHome.Ended plan = run("forget", "--dry-run", "--allow-many");
        TestHome.Ended released = run("hold", "release", "case-7");
        TestHome.Ended twice = run("hold", "release", "case-7");

        assertThat(none.out()).isEqualTo("There are no holds.\n");
        assertThat(set.code()).as(set.err()).isZero();
        assertThat(set.err()).isEmpty();
        assertThat(again.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(again.err()).contains("in force already");
        assertThat(listed.out()).contains("case-7").contains("*.txt, d").contains("court order");
        assertThat(plan.out()).contains("2 kept: a hold is on them").contains("hold 'case-7'");
        assertThat(released.code()).isZero();
        assertThat(twice.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(run("hold", "list", "--json").json().get("holds").get(0).get("releasedAt"))
                .isNotNull();
    }

    @Test
    void aHoldOnWhatNobodyKnowsIsSetAndSaidAndABadNameIsNot() throws IOException {
        TestHome.Ended unknown = run("hold", "add", "h", "not/there");
        TestHome.Ended bad = run("hold", "add", "two words");
        TestHome.Ended source = run("hold", "add", "x", "--source", "nope");

        assertThat(unknown.code()).isZero();
        assertThat(unknown.err()).contains("nothing is known by the path 'not/there'");
        assertThat(bad.code()).isEqualTo(ExitCode.USAGE);
        assertThat(source.code()).isEqualTo(ExitCode.USAGE);
        try (Ledger ledger = Ledger.openReadOnly(home.ledger(), Clock.systemUTC())) {
            assertThat(ledger.holds().on("docs", ItemPath.of("not/there/x"), HomeRetention.GLOBS))
                    .contains("h");
        }
    }

    @Test
    void patternsOfHoldsAreThoseOfRestore() {
        var pattern = HomeRetention.GLOBS.of("letters/**/*.txt".getBytes(StandardCharsets.UTF_8));

        assertThat(pattern.test(ItemPath.of("letters/2026/spring.txt"))).isTrue();
        assertThat(pattern.test(ItemPath.of("spring.txt"))).isFalse();
    }

    @Test
    void whatIsNotOnDiskIsNotSafeToDelete() {
        TestHome.Ended no = run("safe-to-delete", "a", "--source", "docs");

        assertThat(no.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(no.out()).startsWith("no: 1 item").contains("'a': it is not in the source");
    }
}
