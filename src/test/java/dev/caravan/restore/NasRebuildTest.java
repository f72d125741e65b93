package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerDump;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.posix.Patience;
import dev.caravan.target.NasLayout;
import dev.caravan.target.NasReading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A ledger made from a NAS alone: what it says, what it does not say, and what somebody else put
/// there.
class NasRebuildTest {
    private static final int HISTORIES = 12;
    private static final RebuildListener QUIET = (step, items) -> {};

    @TempDir Path folder;
    private Path nas;
    private NasHistory history;
    private LedgerFixture fresh;

    @BeforeEach
    void aNasAndTwoLedgers() throws IOException {
        nas = folder.resolve("nas");
        NasLayout.create(nas);
        history = new NasHistory(folder.resolve("old.db"), nas);
        fresh = new LedgerFixture(folder.resolve("new.db")).usual();
    }

    @AfterEach
    void close() {
        history.close();
        fresh.close();
    }

    private Rebuilt rebuild() throws IOException {
        return rebuild(fresh.ledger(), nas, QUIET);
    }

    private static Rebuilt rebuild(Ledger ledger, Path nas, RebuildListener listener)
            throws IOException {
        try (NasReading reading = new NasReading(nas, new Patience("NAS", Duration.ofMinutes(3)))) {
            return new NasRebuild(reading, ledger, "nas", listener).read();
        }
    }

    private CopyReading.Result verify() throws IOException {
        try (NasReading reading = new NasReading(nas, new Patience("NAS", Duration.ofMinutes(3)));
                NasCopies copies = new NasCopies(reading)) {
            return new CopyReading(
                            fresh.ledger(),
                            "nas",
                            NasCopies.METHOD,
                            "test",
                            Clock.systemUTC(),
                            QUIET)
                    .read(copies);
        }
    }

    private List<Version> versions(String path) {
        return fresh.ledger().catalog().versions("docs", ItemPath.of(path));
    }

    private CopyState state(Version version) {
        return fresh.ledger().catalog().copies(version).getFirst().state();
    }

    private Path manifest(String name) {
        return nas.resolve(".caravan/manifests").resolve(name);
    }

    @Test
    void oldVersionsAndDeletedItemsComeBackAndNothingCounts() throws Exception {
        history.file("a", "one").file("d/b", "in a folder").symlink("s", "a").backup();
        history.file("a", "second").delete("d").delete("s").backup();

        Rebuilt rebuilt = rebuild();

        assertThat(rebuilt.good()).as(rebuilt.toString()).isTrue();
        assertThat(rebuilt.versions()).isEqualTo(5);
        assertThat(rebuilt.copies()).isEqualTo(5);
        assertThat(rebuilt.deleted()).isEqualTo(3);
        assertSame(folder.resolve("new.db"), folder.resolve("old.db"));
        assertThat(versions("a")).extracting(v -> state(v)).containsOnly(CopyState.ACKED);
        assertThat(fresh.ledger().events().walk().bad()).isNull();
    }

    private static void assertSame(Path rebuilt, Path old) throws Exception {
        assertThat(LedgerDump.versions(rebuilt)).isEqualTo(LedgerDump.versions(old));
        assertThat(LedgerDump.items(rebuilt)).isEqualTo(LedgerDump.items(old));
        assertThat(LedgerDump.copies(rebuilt, "nas")).isEqualTo(LedgerDump.copies(old, "nas"));
    }

    /// Each is rebuilt once more by a program that is cut off on the way, and then by a next one.
    @Test
    void randomHistoriesComeBackAsTheyWere() throws Exception {
        long seed = Long.getLong("caravan.rebuild.seed", System.nanoTime() & 0xFFFFFF);
        System.out.println("NasRebuildTest: -Dcaravan.rebuild.seed=" + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        int hits = 0;
        for (int round = 0; round < HISTORIES; round++) {
            Path place = Files.createDirectory(folder.resolve("history-" + round));
            Path there = place.resolve("nas");
            NasLayout.create(there);
            try (NasHistory one = new NasHistory(place.resolve("old.db"), there)) {
                for (int step = random.nextInt(2, 30); step > 0; step--) {
                    step(one, random);
                }
                one.backup();
            }
            String when = "seed %d, round %d".formatted(seed, round);
            try (LedgerFixture whole = new LedgerFixture(place.resolve("new.db")).usual();
                    LedgerFixture cut = new LedgerFixture(place.resolve("cut.db")).usual()) {
                Rebuilt rebuilt = rebuild(whole.ledger(), there, QUIET);
                assertThat(rebuilt.good()).as("%s: %s", when, rebuilt).isTrue();
                assertSame(place.resolve("new.db"), place.resolve("old.db"));

                hits += cutOff(cut.ledger(), there, random.nextInt(1, 3)) ? 1 : 0;
                cut.reopen();
                Rebuilt again = rebuild(cut.ledger(), there, QUIET);
                assertThat(again.good()).as("%s: %s", when, again).isTrue();
                assertSame(place.resolve("cut.db"), place.resolve("old.db"));
            }
        }
        assertThat(hits).as("seed %d: cut off on the way", seed).isGreaterThan(HISTORIES / 2);
    }

    private static boolean cutOff(Ledger ledger, Path nas, int calls) throws IOException {
        try {
            rebuild(ledger, nas, cutOffAfter(calls));
            return false;
        } catch (CutOffException cut) {
            return true;
        }
    }

    private static final class CutOffException extends RuntimeException {}

    private static RebuildListener cutOffAfter(int calls) {
        int[] left = {calls};
        return (step, items) -> {
            if (--left[0] == 0 || step.equals("tree")) {
                throw new CutOffException();
            }
        };
    }

    private static void step(NasHistory history, RandomGenerator random) throws IOException {
        String path =
                List.of("a", "b", "d", "d/a", "d/b", "d/e", "d/e/f", "x", "x/y/z")
                        .get(random.nextInt(9));
        switch (random.nextInt(10)) {
            case 0 -> history.folder(path);
            case 1 -> history.symlink(path, "to-" + random.nextInt(3));
            case 2, 3 -> history.delete(path);
            case 4, 5, 6 -> history.file(path, "x".repeat(random.nextInt(4)) + random.nextInt(9));
            default -> history.backup();
        }
    }

    @Test
    void doingItTwiceChangesNothing() throws Exception {
        history.file("a", "one").backup();
        history.file("a", "second").file("b", "other").backup();
        rebuild();

        Rebuilt again = rebuild();

        assertThat(again.versions() + again.copies() + again.deleted()).isZero();
        assertThat(again.known()).isEqualTo(3);
        assertThat(again.good()).isTrue();
    }

    @Test
    void whatWasReadCountsAndWhatIsAnotherDoesNot() throws Exception {
        history.file("a", "one").file("b", "good").symlink("s", "a").folder("d").backup();
        rebuild();
        FileTime time = Files.getLastModifiedTime(nas.resolve("docs/a"));
        Files.writeString(nas.resolve("docs/a"), "two");
        Files.setLastModifiedTime(nas.resolve("docs/a"), time);

        CopyReading.Result read = verify();

        assertThat(read.verified()).isEqualTo(3);
        assertThat(read.suspect()).isOne();
        assertThat(read.details()).singleElement().asString().contains("'a'", "SHA-256");
        assertThat(state(versions("a").getFirst())).isEqualTo(CopyState.SUSPECT);
        assertThat(state(versions("b").getFirst())).isEqualTo(CopyState.VERIFIED);
        assertThat(verify().verified()).as("what counts is not read again").isZero();
    }

    @Test
    void aFileThatIsNotThereIsMissedAndItsCopyIsLost() throws Exception {
        history.file("a", "one").file("b", "other").backup();
        history.file("a", "second").backup();
        try (Stream<Path> kept = Files.walk(nas.resolve(".caravan/history"))) {
            for (Path file : kept.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        Files.delete(nas.resolve("docs/b"));

        Rebuilt rebuilt = rebuild();

        assertThat(rebuilt.good()).isFalse();
        assertThat(rebuilt.missing()).isEqualTo(2);
        assertThat(rebuilt.details())
                .anyMatch(line -> line.contains("'a' of 'docs', version 1"))
                .anyMatch(line -> line.contains("'b' of 'docs', version 1"));
        assertThat(versions("a"))
                .extracting(v -> state(v))
                .containsExactly(CopyState.ACKED, CopyState.LOST);
        assertThat(fresh.ledger().catalog().present("docs", ItemPath.of("b")))
                .as("nothing shows that it was deleted from the source")
                .isTrue();
    }

    @Test
    void whatNoManifestNamesIsToldAndNotTaken() throws Exception {
        history.file("a", "one").file("b", "other").backup();
        Files.writeString(nas.resolve("docs/stranger\u001b[2J"), "of nobody");
        Files.writeString(nas.resolve("docs/b"), "written over");
        Files.createDirectories(nas.resolve("photos/2024"));
        Files.writeString(nas.resolve("photos/2024/one.jpg"), "of another program");
        Files.writeString(nas.resolve("note"), "beside the sources");

        Rebuilt rebuilt = rebuild();

        assertThat(rebuilt.unnamed()).isEqualTo(4);
        assertThat(rebuilt.details())
                .anyMatch(line -> line.contains("docs/stranger\\x1B"))
                .anyMatch(line -> line.contains("'docs/b'") && line.contains("newest manifest"));
        assertThat(fresh.ledger().sources().names()).containsExactly("docs");
        assertThat(rebuilt.missing()).isOne();
        assertThat(fresh.ledger().catalog().present("docs", ItemPath.of("b"))).isTrue();
    }

    @Test
    void aHostileManifestIsToldAndNeverFollowed() throws Exception {
        history.file("a", "one").backup();
        Path outside = Files.writeString(folder.resolve("outside"), "secret");
        String line =
                "{\"source\":\"%s\",\"path\":\"%s\",\"id\":%d,\"version\":1,\"kind\":\"FILE\",\"size\":6,"
                        + "\"modified\":\"2024-02-29T01:02:03Z\",\"mode\":\"644\",\"uid\":1,\"gid\":2,"
                        + "\"sha256\":\""
                        + "ab".repeat(32)
                        + "\"}\n";
        Files.writeString(
                manifest("00000000-1-1.jsonl"),
                line.formatted("docs", "../../outside", 50)
                        + line.formatted("..", "outside", 51)
                        + line.formatted(".caravan", "sentinel", 52)
                        + line.formatted("docs", "last", Long.MAX_VALUE)
                        + "garbage\n"
                        + line.formatted("docs", "cut", 53).substring(0, 60));
        Files.createSymbolicLink(manifest("00000000-2-1.jsonl"), outside);
        Files.createSymbolicLink(nas.resolve("docs/link"), folder);
        Files.writeString(manifest("../manifests/README"), "what is this");

        Rebuilt rebuilt = rebuild();

        assertThat(rebuilt.good()).isFalse();
        assertThat(rebuilt.unreadable()).as(rebuilt.toString()).isEqualTo(4);
        assertThat(rebuilt.conflicts()).isEqualTo(3);
        assertThat(rebuilt.versions()).isOne();
        assertThat(fresh.ledger().sources().names()).containsExactly("docs");
        fresh.scan("docs", LedgerFixture.file("new", 5, 1));
        assertThat(versions("new").getFirst().id())
                .as("ids that a medium names do not use up those of the ledger")
                .isLessThan(100);
    }

    @Test
    void aLedgerThatKnowsMoreKeepsIt() throws Exception {
        history.file("a", "one").file("b", "other").backup();
        String before =
                LedgerDump.versions(folder.resolve("old.db"))
                        + LedgerDump.items(folder.resolve("old.db"))
                        + LedgerDump.states(folder.resolve("old.db"), "nas");

        Rebuilt rebuilt = rebuild(history.ledger(), nas, QUIET);

        assertThat(rebuilt.copies()).isZero();
        assertThat(
                        LedgerDump.versions(folder.resolve("old.db"))
                                + LedgerDump.items(folder.resolve("old.db"))
                                + LedgerDump.states(folder.resolve("old.db"), "nas"))
                .isEqualTo(before);
    }

    /// After a rebuild nothing counts before it was read, and it must not be written over for that.
    @Test
    void aCopyThatNobodyHasReadYetIsKeptWhenANewerVersionTakesItsPlace() throws Exception {
        history.file("a", "one").file("b", "soon deleted").backup();
        long version =
                history.ledger().catalog().versions("docs", ItemPath.of("a")).getFirst().id();
        rebuild();
        fresh.ledger().rebuild().adopt(history.ledger().homeId(), "nas", List.of());
        fresh.close();

        try (NasHistory next = new NasHistory(folder.resolve("new.db"), nas)) {
            next.file("a", "second").backup();
        }

        assertThat(nas.resolve("docs/a")).hasContent("second");
        assertThat(nas.resolve(".caravan/history/%02d/%d".formatted(version % 100, version)))
                .hasContent("one");
        assertThat(nas.resolve("docs/b")).doesNotExist();
        fresh.reopen();
        assertThat(versions("b")).extracting(v -> state(v)).containsExactly(CopyState.ACKED);
    }
}
