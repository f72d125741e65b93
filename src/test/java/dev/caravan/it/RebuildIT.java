package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.ledger.LedgerDump;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A tree of everything a file system allows, changed and backed up three times: ledger, home and
/// two of three targets are lost, and all of it comes back from the third.
@TestInstance(Lifecycle.PER_CLASS)
final class RebuildIT {
    private static final int KILLS = 5;

    /// Read some fifty times here; that sizes need more than 31 bits is seen by `MainJobIT`.
    private static final int SPARSE = 48 << 20;

    private Site whole;
    private String original;

    @BeforeAll
    void threeBackups() throws Exception {
        whole = Site.create();
        Site.python("hostile.py", whole.source.toString(), Integer.toString(SPARSE));
        Files.writeString(whole.source.resolve("changing"), "first state");
        Files.writeString(whole.source.resolve("gone"), "was deleted");
        Files.writeString(whole.source.resolve("was-a-folder-before"), "soon a folder");
        init(whole);
        whole.backup();
        Files.writeString(whole.source.resolve("changing"), "second, longer state");
        Files.delete(whole.source.resolve("gone"));
        Files.delete(whole.source.resolve("was-a-folder-before"));
        Files.createDirectory(whole.source.resolve("was-a-folder-before"));
        Files.writeString(whole.source.resolve("was-a-folder-before/inside"), "in it");
        whole.backup();
        Files.writeString(whole.source.resolve("changing"), "third");
        Files.createDirectory(whole.source.resolve("soon-gone"));
        Files.writeString(whole.source.resolve("soon-gone/file"), "in a folder");
        Files.createSymbolicLink(whole.source.resolve("soon-gone/link"), Path.of("file"));
        whole.backup();
        Site.execute("rm", "-r", whole.source.resolve("soon-gone").toString());
        whole.backup();
        original = Site.listing(whole.source);
    }

    @AfterAll
    void cleanUp() throws Exception {
        whole.close();
    }

    private static Path ledger(Site site) {
        return site.home.resolve("data/ledger.db");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nas", "tape", "offsite"})
    void allComesBackFromAnyOneTarget(String target) throws Exception {
        Site lost = lost(target);

        JsonNode rebuilt = lost.run("rebuild", "--from", target, "--json").exits(0).json();

        String all = rebuilt.toPrettyString();
        assertThat(rebuilt.get("good").booleanValue()).as(all).isTrue();
        assertThat(LedgerDump.versions(ledger(lost))).isEqualTo(LedgerDump.versions(ledger(whole)));
        assertThat(LedgerDump.copies(ledger(lost), target).replace("|1|1|", "|0|1|"))
                .isEqualTo(LedgerDump.copies(ledger(whole), target).replace("|1|1|", "|0|1|"));
        assertThat(LedgerDump.states(ledger(lost), target))
                .as("nothing counts before it was read")
                .startsWith("ACKED|")
                .hasLineCount(1);
        if (target.equals("nas")) {
            assertThat(LedgerDump.items(ledger(lost))).isEqualTo(LedgerDump.items(ledger(whole)));
            assertThat(LedgerDump.copies(ledger(lost), target))
                    .isEqualTo(LedgerDump.copies(ledger(whole), target));
            assertThat(LedgerDump.homeId(ledger(lost))).isEqualTo(LedgerDump.homeId(ledger(whole)));
        }

        assertRestoresAll(lost, target);

        JsonNode again =
                lost.run("rebuild", "--from", target, "--verify", "--json").exits(0).json();
        assertThat(again.get("versions").longValue()).as(all).isZero();
        assertThat(again.get("copies").longValue()).isZero();
        assertThat(again.get("verified")).isEqualTo(rebuilt.get("copies"));
        assertThat(LedgerDump.states(ledger(lost), target)).startsWith("VERIFIED|").hasLineCount(1);

        // the source is still there: nothing of it is new, and the other targets are filled
        CaravanProcess.Outcome next = lost.backup();
        assertThat(next.exit()).as(next.toString()).isEqualTo(whole.backup().exit());
        assertThat(next.out()).contains(" 0 new versions");
        lost.assertInPolicy();
        assertThat(lost.status().at("/ledger/wanted").longValue()).isZero();
        assertThat(Site.listing(lost.nasTree())).isEqualTo(original);
    }

    private void assertRestoresAll(Site lost, String target) throws Exception {
        Path back = lost.restored(target);
        if (!target.equals("nas")) {
            // an index does not say what was deleted later
            Site.execute(
                    "rm",
                    "-r",
                    back.resolve("gone").toString(),
                    back.resolve("soon-gone").toString());
        }
        assertThat(Site.listing(back)).isEqualTo(original);
        Path old = Files.createTempDirectory(lost.root, "old");
        lost.run("restore", "changing", "--version", "1", "--to", old.toString()).exits(0);
        assertThat(old.resolve("changing")).hasContent("first state");
        lost.run("restore", "gone", "soon-gone", "--to", old.toString()).exits(0);
        assertThat(old.resolve("gone")).hasContent("was deleted");
        assertThat(old.resolve("soon-gone/file")).hasContent("in a folder");
        assertThat(old.resolve("soon-gone/link")).isSymbolicLink();
    }

    @Test
    void aLedgerThatKnowsAllOfItLearnsNothing() throws Exception {
        Site same = whole.copy();
        same.set("caravan.nas.dir", same.nas().toString());
        String before = LedgerDump.versions(ledger(same)) + LedgerDump.items(ledger(same));

        JsonNode rebuilt =
                same.run("rebuild", "--from", "nas,offsite,tape", "--json").exits(0).json();

        assertThat(rebuilt.get("versions").longValue()).isZero();
        assertThat(rebuilt.get("copies").longValue()).isZero();
        assertThat(LedgerDump.versions(ledger(same)) + LedgerDump.items(ledger(same)))
                .isEqualTo(before);
        assertThat(same.status().get("belowPolicy")).isEqualTo(whole.status().get("belowPolicy"));
    }

    /// As the README says it, where only the NAS is left.
    @Test
    void aHomeWithoutAnOffsiteServerIsRebuiltFromTheNas() throws Exception {
        try (Site lost = Site.create()) {
            Files.writeString(lost.source.resolve("letter"), "letter");
            lost.init();
            lost.backup().exits(0);
            Path nas = Files.move(lost.nas(), lost.root.resolve("nas"));
            Site.remove(lost.home);

            assertThat(lost.run("init", "--source=" + lost.source, "--nas=" + nas).exits(0).out())
                    .contains("Still missing: the offsite copy");
            lost.run("rebuild", "--from", "nas").exits(0);
            assertThat(lost.restored("nas").resolve("letter")).hasContent("letter");

            lost.set("caravan.offsite.embedded", "true");
            assertThat(lost.run("check").err())
                    .contains("caravan.offsite.host: no route copies there");
        }
    }

    @Test
    void aRebuildThatWasKilledGoesOnToTheSameEnd() throws Exception {
        long seed = Long.getLong("caravan.kill.seed", System.nanoTime() & 0xFFFFF);
        System.out.println("RebuildIT: -Dcaravan.kill.seed=" + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        Site lost = lost("nas");
        int hits = 0;
        long started = System.nanoTime();
        lost.run("rebuild", "--from", "nas").exits(0);
        long span = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
        for (int round = 0; round < KILLS; round++) {
            Site.execute("rm", "-f", ledger(lost).toString(), ledger(lost) + "-wal");
            CaravanProcess run = lost.start("rebuild", "--from", "nas");
            boolean ended =
                    run.process().waitFor(random.nextLong(span / 2, span), TimeUnit.MILLISECONDS);
            run.process().destroyForcibly().waitFor();
            hits += ended ? 0 : 1;

            lost.run("rebuild", "--from", "nas").exits(0);

            String when = "seed %d, round %d".formatted(seed, round);
            assertThat(LedgerDump.versions(ledger(lost)))
                    .as(when)
                    .isEqualTo(LedgerDump.versions(ledger(whole)));
            assertThat(LedgerDump.items(ledger(lost)))
                    .as(when)
                    .isEqualTo(LedgerDump.items(ledger(whole)));
            assertThat(LedgerDump.copies(ledger(lost), "nas"))
                    .as(when)
                    .isEqualTo(LedgerDump.copies(ledger(whole), "nas"));
            assertThat(LedgerDump.homeId(ledger(lost)))
                    .as(when)
                    .isEqualTo(LedgerDump.homeId(ledger(whole)));
        }
        assertThat(hits).as("seed %d: killed while they ran", seed).isPositive();
    }

    @Test
    void wrongUsageIsSaidInOneLine() throws Exception {
        whole.run("rebuild", "--from", "elsewhere").exits(2).complainsOnce("'elsewhere'", "nas");
        whole.run("rebuild").exits(2).complainsOnce("--from");
    }

    private static void init(Site site) throws Exception {
        site.init();
        site.set("caravan.tape.cartridges", "6");
        site.set("caravan.tape.capacity", "24MiB");
        site.set("caravan.tape.segment", "4MiB");
    }

    /// The home is gone, and all that there is is one target.
    private Site lost(String target) throws Exception {
        Site site = whole.copy();
        Path kept = place(site, target);
        Path aside = Files.move(kept, site.root.resolve(target + "-" + site.home.getFileName()));
        Site.execute("rm", "-rf", site.home.toString());
        init(site);
        Path place = place(site, target);
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            Site.execute("rm", "-rf", place.toString());
        }
        Files.createDirectories(place.getParent());
        Files.move(aside, place);
        if (target.equals("tape")) {
            forgetTheInventory(site);
        }
        return site;
    }

    private static void forgetTheInventory(Site site) throws IOException {
        Files.delete(site.tapes().resolve("inventory.json"));
    }

    private static Path place(Site site, String target) {
        return switch (target) {
            case "nas" -> site.nas();
            case "tape" -> site.tapes();
            default -> site.offsite();
        };
    }
}
