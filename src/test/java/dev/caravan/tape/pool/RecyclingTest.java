package dev.caravan.tape.pool;

import static dev.caravan.tape.pool.PoolFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.PoolFixture.Bytes;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is recycled, and above all what is not.
class RecyclingTest {
    private static final Duration RETENTION = Duration.ofDays(30);

    @TempDir Path directory;

    private final HandClock clock = new HandClock("2026-01-01T08:00:00Z", "Z");
    private final Counted counted = new Counted();

    private PoolFixture library(int cartridges) throws IOException {
        return PoolFixture.over(
                VirtualLibrary.create(directory.resolve("library"), 2, cartridges, 200_000, 0));
    }

    private PoolRules rules(String allocation) {
        return new PoolRules(
                Allocation.parse(allocation), List.of(), Optional.of(RETENTION), counted);
    }

    /// A plain count of copies: what the ledger is to the program.
    private static final class Counted implements VolumeUse {
        private final Map<UUID, Integer> copies = new HashMap<>();
        private final Set<UUID> givenUp = new HashSet<>();
        private boolean fails;

        @Override
        public Verdict of(Barcode barcode, UUID id) throws IOException {
            if (fails) {
                throw new IOException("the ledger is gone");
            }
            Integer held = copies.get(id);
            if (held == null) {
                return new Verdict.Unknown("the ledger does not know it");
            }
            return held == 0
                    ? new Verdict.Free()
                    : new Verdict.Needed("%d copies on it are needed".formatted(held));
        }

        @Override
        public Verdict giveUp(Barcode barcode, UUID id) throws IOException {
            Verdict verdict = of(barcode, id);
            if (verdict instanceof Verdict.Free) {
                givenUp.add(id);
            }
            return verdict;
        }
    }

    private static byte[] body(long seed) {
        return random(120_000, seed);
    }

    private TapeFile write(MediaPool pool, long seed) throws IOException {
        TapeFile file = pool.write(Bytes.of(body(seed)));
        counted.copies.merge(file.volumeId(), 1, Integer::sum);
        return file;
    }

    @Test
    void aFullVolumeNobodyNeedsIsRecycledOnceItIsOldEnough() throws IOException {
        PoolFixture setup = library(2);
        MediaPool pool = setup.pool("weekly", clock, rules("continue"));
        TapeFile one = write(pool, 1);
        TapeFile two = write(pool, 2);
        counted.copies.put(one.volumeId(), 0);
        clock.pass(RETENTION);

        assertThatThrownBy(() -> write(pool, 3)).isInstanceOf(LibraryFullException.class);
        clock.pass(Duration.ofSeconds(1));
        TapeFile three = write(pool, 3);

        assertThat(three.volume()).isEqualTo(one.volume());
        assertThat(three.volumeId()).isNotEqualTo(one.volumeId());
        assertThat(counted.givenUp).containsExactly(one.volumeId());
        assertThat(setup.readAll(two)).isEqualTo(body(2));
        assertThat(setup.readAll(three)).isEqualTo(body(3));
        assertThat(setup.volume("VT0001L8").set()).isEqualTo(new MediaSet(1, 3));
    }

    @Test
    void whatIsNeededOrUnknownIsKeptAndTheMessageSaysWhy() throws IOException {
        PoolFixture setup = library(2);
        MediaPool pool = setup.pool("weekly", clock, rules("continue"));
        TapeFile one = write(pool, 1);
        TapeFile two = write(pool, 2);
        counted.copies.remove(one.volumeId());
        clock.pass(RETENTION.plusDays(1));

        assertThatThrownBy(() -> write(pool, 3))
                .isInstanceOf(LibraryFullException.class)
                .hasMessageContaining(
                        "; VT0001L8 is not recycled: the ledger does not know it; add");
        // the attempt has filled the second one, which counts as a write
        clock.pass(RETENTION.plusDays(1));
        assertThatThrownBy(() -> write(pool, 3))
                .hasMessageContaining(
                        "; VT0002L8 is not recycled: 1 copies on it are needed; add cartridges");
        assertThat(setup.readAll(one)).isEqualTo(body(1));
        assertThat(setup.readAll(two)).isEqualTo(body(2));
        counted.fails = true;
        assertThatThrownBy(() -> write(pool, 3)).hasMessage("the ledger is gone");
        assertThat(setup.readAll(one)).isEqualTo(body(1));
    }

    @Test
    void withoutARetentionNothingIsRecycled() throws IOException {
        PoolFixture setup = library(1);
        PoolRules never =
                new PoolRules(Allocation.parse("continue"), List.of(), Optional.empty(), counted);
        TapeFile one = write(setup.pool("weekly", clock, never), 1);
        counted.copies.put(one.volumeId(), 0);
        clock.pass(Duration.ofDays(10_000));

        assertThatThrownBy(() -> write(setup.pool("weekly", clock, never), 2))
                .isInstanceOf(LibraryFullException.class);
        assertThat(setup.readAll(one)).isEqualTo(body(1));
    }

    @Test
    void aVolumeThatIsBeingReadIsNotTakenAway() throws IOException {
        PoolFixture setup = library(1);
        MediaPool pool = setup.pool("weekly", clock, rules("continue"));
        TapeFile one = write(pool, 1);
        counted.copies.put(one.volumeId(), 0);
        setup.inventory().put(setup.volume("VT0001L8").with(VolumeStatus.FULL));
        clock.pass(RETENTION.plusDays(1));

        try (InputStream held = setup.read(one, 0)) {
            assertThatThrownBy(() -> write(setup.pool("other", clock, rules("continue")), 2))
                    .isInstanceOf(LibraryFullException.class)
                    .hasMessageContaining("VT0001L8 is not recycled: it is being read");
            assertThat(held.readAllBytes()).isEqualTo(body(1));
        }
    }

    @Test
    void aCrashBetweenGivingUpAndLabellingLosesNoCartridge() throws IOException {
        PoolFixture setup = library(1);
        TapeFile one = write(setup.pool("weekly", clock, rules("continue")), 1);
        counted.copies.put(one.volumeId(), 0);
        Volume full = setup.volume("VT0001L8").with(VolumeStatus.FULL);
        clock.pass(RETENTION.plusDays(1));

        setup.inventory().put(full.toSupply());
        assertThat(setup.volume("VT0001L8").status()).isEqualTo(VolumeStatus.WRITABLE);
        TapeFile two = write(setup.pool("weekly", clock, rules("continue")), 2);
        assertThat(two.volumeId()).isNotEqualTo(one.volumeId());
        assertThat(setup.readAll(two)).isEqualTo(body(2));

        // the label was written, and then the machine stopped before the inventory knew
        counted.copies.put(two.volumeId(), 0);
        Path image = setup.library().directory().resolve("VT0001L8/p0.tap");
        setup.inventory().put(setup.volume("VT0001L8").toSupply());
        Volume before = setup.volume("VT0001L8");
        setup.byHand(counted).label(new Barcode("VT0001L8"), "weekly", 4096, true);
        setup.inventory().put(before);
        assertThat(Files.size(image)).isLessThan(100_000);
        PoolFixture after = PoolFixture.over(VirtualLibrary.open(setup.library().directory()));
        TapeFile three = write(after.pool("weekly", clock, rules("continue")), 3);
        assertThat(after.readAll(three)).isEqualTo(body(3));
    }

    @Test
    void aVolumeOfTheSupplyThatHoldsNeededCopiesIsNotWrittenOver() throws IOException {
        PoolFixture setup = library(1);
        TapeFile one = write(setup.pool("weekly", clock, rules("continue")), 1);
        setup.inventory().put(setup.volume("VT0001L8").toSupply());

        assertThatThrownBy(() -> write(setup.pool("weekly", clock, rules("continue")), 2))
                .isInstanceOf(LibraryFullException.class)
                .hasMessageContaining("VT0001L8: 1 copies on it are needed");
        assertThat(setup.readAll(one)).isEqualTo(body(1));
    }

    @Test
    void theInventoryKeepsWhatItsOwnRulesKeep() throws IOException {
        PoolFixture setup = library(3);
        MediaPool pool = setup.pool("weekly", clock, rules("daily"));
        write(pool, 1);
        clock.pass(Duration.ofDays(1));
        write(pool, 2);
        clock.pass(RETENTION.plusDays(1));
        Volume old = setup.volume("VT0001L8");
        Volume newest = setup.volume("VT0002L8");
        List<Volume> known = List.of(old, newest);
        Instant now = clock.instant();
        Optional<Duration> retention = Optional.of(RETENTION);

        assertThat(Recycling.reasonToKeep(old, known, retention, now)).isEmpty();
        assertThat(Recycling.reasonToKeep(newest, known, retention, now))
                .contains("it is the newest of its pool");
        assertThat(Recycling.reasonToKeep(newest.with(VolumeStatus.FULL), known, retention, now))
                .isEmpty();
        assertThat(Recycling.reasonToKeep(old, known, Optional.empty(), now))
                .contains("no retention is set");
        assertThat(Recycling.reasonToKeep(old.with(VolumeStatus.DAMAGED), known, retention, now))
                .contains("it is damaged");
        assertThat(Recycling.reasonToKeep(old.with(VolumeStatus.RETIRED), known, retention, now))
                .contains("it is retired");
        assertThat(Recycling.reasonToKeep(old.toSupply(), known, retention, now))
                .contains("it is in the supply already");
        assertThat(Recycling.reasonToKeep(old, known, retention, now.minus(Duration.ofDays(1000))))
                .hasValueSatisfying(why -> assertThat(why).contains("its retention is 30 days"));
        Volume worm =
                old.with(
                        Optional.of(
                                new Medium(
                                        Optional.empty(),
                                        OptionalLong.empty(),
                                        OptionalLong.empty(),
                                        OptionalLong.empty(),
                                        OptionalInt.empty(),
                                        true,
                                        now,
                                        List.of(),
                                        Optional.empty())));
        assertThat(Recycling.reasonToKeep(worm, known, retention, now)).contains("it is WORM");
    }

    /// Random writes, needs that end, days and restarts over three pools' worth of histories. The
    /// model is the list of what was written and is still needed: all of it must read back, always.
    @Test
    void noHistoryLosesWhatIsNeeded() throws IOException {
        long seed = System.nanoTime();
        int recycled = 0;
        for (int history = 0; history < 6; history++) {
            Random random = new Random(seed + history);
            String name = "seed " + (seed + history);
            counted.copies.clear();
            counted.givenUp.clear();
            PoolFixture setup =
                    PoolFixture.over(
                            VirtualLibrary.create(
                                    directory.resolve("history" + history), 2, 4, 200_000, 0));
            String[] policies = {"continue", "daily", "always"};
            String policy = policies[random.nextInt(policies.length)];
            List<String> pools = List.of("weekly", "daily");
            Map<String, MediaPool> open = new HashMap<>();
            List<Written> needed = new ArrayList<>();
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(6)) {
                    case 0 -> clock.pass(Duration.ofDays(random.nextInt(20)));
                    case 1 -> open.clear();
                    case 2, 3 -> {
                        if (!needed.isEmpty()) {
                            Written gone = needed.remove(random.nextInt(needed.size()));
                            counted.copies.merge(gone.file.volumeId(), -1, Integer::sum);
                        }
                    }
                    default -> {
                        String pool = pools.get(random.nextInt(2));
                        MediaPool writer =
                                open.computeIfAbsent(
                                        pool, p -> setup.pool(p, clock, rules(policy)));
                        byte[] body = random(1 + random.nextInt(90_000), random.nextLong());
                        try {
                            TapeFile file = writer.write(Bytes.of(body));
                            counted.copies.merge(file.volumeId(), 1, Integer::sum);
                            needed.add(new Written(file, body));
                        } catch (LibraryFullException nothingToRecycle) {
                            // the right end while everything is needed
                        }
                    }
                }
                for (Volume volume : setup.inventory().volumes()) {
                    assertThat(counted.givenUp).as(name).doesNotContain(volume.id());
                }
            }
            for (Written each : needed) {
                assertThat(setup.readAll(each.file)).as(name).isEqualTo(each.body);
            }
            fillTwiceWithWhatNobodyNeeds(setup, rules(policy));
            assertThat(counted.givenUp).as(name).isNotEmpty();
            recycled += counted.givenUp.size();
        }
        assertThat(recycled).as("from seed " + seed).isPositive();
    }

    /// The second time every cartridge is full, old and needed by nobody.
    private void fillTwiceWithWhatNobodyNeeds(PoolFixture setup, PoolRules rules)
            throws IOException {
        for (int round = 0; round < 2; round++) {
            counted.copies.replaceAll((_, _) -> 0);
            clock.pass(RETENTION.plusDays(1));
            MediaPool writer = setup.pool("weekly", clock, rules);
            try {
                for (int i = 0; i < 10; i++) {
                    TapeFile file = writer.write(Bytes.of(random(90_000, i)));
                    counted.copies.putIfAbsent(file.volumeId(), 0);
                }
            } catch (LibraryFullException youngOnesOnly) {
                // what was just written is kept for its age
            }
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    private record Written(TapeFile file, byte[] body) {}
}
