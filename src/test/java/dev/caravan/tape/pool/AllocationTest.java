package dev.caravan.tape.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.PoolFixture.Bytes;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// When a new media set begins, and with it a cartridge.
class AllocationTest {
    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "continue",
                "always",
                "daily",
                "weekly",
                "monthly",
                "tue",
                "wed",
                "thu",
                "fri",
                "sat",
                "sun"
            })
    void everyNameIsReadAndSaidAgain(String name) {
        assertThat(Allocation.parse(name)).hasToString(name);
    }

    @Test
    void whatIsNoneIsRefused() {
        for (String wrong : List.of("", "Fri", "friday", "never", "yearly")) {
            assertThatThrownBy(() -> Allocation.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("want continue, always");
        }
        assertThat(Allocation.parse("mon")).isEqualTo(Allocation.parse("weekly"));
    }

    /// 2026-11-24 is a Tuesday; the zone is one hour ahead.
    @ParameterizedTest
    @CsvSource({
        "continue, 2020-01-01T00:00:00Z, 2026-11-24T12:00:00Z, false",
        "daily, 2026-11-24T00:00:00Z, 2026-11-24T22:59:59Z, false",
        "daily, 2026-11-24T22:59:59Z, 2026-11-24T23:00:00Z, true",
        "weekly, 2026-11-23T08:00:00Z, 2026-11-29T22:59:59Z, false",
        "weekly, 2026-11-22T22:59:59Z, 2026-11-22T23:00:00Z, true",
        "monthly, 2026-11-01T00:00:00Z, 2026-11-30T22:59:59Z, false",
        "monthly, 2026-11-30T12:00:00Z, 2026-11-30T23:00:00Z, true",
        "fri, 2026-11-20T08:00:00Z, 2026-11-26T22:59:59Z, false",
        "fri, 2026-11-26T08:00:00Z, 2026-11-26T23:00:00Z, true",
        "fri, 2026-11-01T08:00:00Z, 2026-11-24T12:00:00Z, true",
        "daily, 2026-11-25T08:00:00Z, 2026-11-24T12:00:00Z, false"
    })
    void aPeriodBeginsAtMidnightOfTheClocksZone(
            String policy, String began, String now, boolean anew) {
        HandClock clock = new HandClock(now, "+01:00");

        assertThat(
                        Allocation.parse(policy)
                                .beginsAnew(Optional.of(Instant.parse(began)), false, clock))
                .isEqualTo(anew);
        assertThat(Allocation.parse(policy).beginsAnew(Optional.empty(), false, clock)).isTrue();
    }

    private PoolFixture library(int cartridges) throws IOException {
        return PoolFixture.over(
                VirtualLibrary.create(directory.resolve("library"), 1, cartridges, 10 << 20, 0));
    }

    private static PoolRules rules(String allocation) {
        return new PoolRules(
                Allocation.parse(allocation), List.of(), Optional.empty(), VolumeUse.UNKNOWN);
    }

    private static String write(MediaPool pool) throws IOException {
        return pool.write(Bytes.of(PoolFixture.random(5000, 1))).volume().text();
    }

    @Test
    void aDailyPoolTakesACartridgeADayAndSaysWhenNoneIsLeft() throws IOException {
        PoolFixture setup = library(2);
        HandClock clock = new HandClock("2026-11-24T08:00:00Z", "Z");

        assertThat(write(setup.pool("weekly", clock, rules("daily")))).isEqualTo("VT0001L8");
        clock.set("2026-11-24T23:00:00Z");
        assertThat(write(setup.pool("weekly", clock, rules("daily")))).isEqualTo("VT0001L8");
        clock.set("2026-11-25T01:00:00Z");
        MediaPool pool = setup.pool("weekly", clock, rules("daily"));
        assertThat(write(pool)).isEqualTo("VT0002L8");
        assertThat(write(pool)).isEqualTo("VT0002L8");
        clock.set("2026-11-26T01:00:00Z");

        assertThatThrownBy(() -> write(pool))
                .isInstanceOf(LibraryFullException.class)
                .hasMessage(
                        "no cartridge for pool weekly: of 2 in the library, 0 are full; a new media"
                                + " set begins (allocation daily), which takes a cartridge of its own;"
                                + " add cartridges");
        assertThat(setup.volume("VT0001L8").set()).isEqualTo(new MediaSet(1, 1));
        assertThat(setup.volume("VT0002L8").set()).isEqualTo(new MediaSet(2, 1));
    }

    @Test
    void alwaysIsOncePerRunOfTheWriter() throws IOException {
        PoolFixture setup = library(3);
        HandClock clock = new HandClock("2026-11-24T08:00:00Z", "Z");
        MediaPool first = setup.pool("weekly", clock, rules("always"));

        assertThat(write(first)).isEqualTo("VT0001L8");
        assertThat(write(first)).isEqualTo("VT0001L8");
        assertThat(write(setup.pool("weekly", clock, rules("always")))).isEqualTo("VT0002L8");
        assertThat(write(setup.pool("weekly", clock, rules("continue")))).isEqualTo("VT0001L8");
    }

    @Test
    void aSetGoesOnOverTheEndOfACartridge() throws IOException {
        PoolFixture setup =
                PoolFixture.over(
                        VirtualLibrary.create(directory.resolve("library"), 1, 3, 200_000, 0));
        MediaPool pool =
                setup.pool("weekly", new HandClock("2026-11-24T08:00:00Z", "Z"), rules("daily"));
        for (int i = 0; i < 5; i++) {
            pool.write(Bytes.of(PoolFixture.random(90_000, i)));
        }

        assertThat(setup.volume("VT0001L8").set()).isEqualTo(new MediaSet(1, 1));
        assertThat(setup.volume("VT0002L8").set()).isEqualTo(new MediaSet(1, 2));
        assertThat(setup.volume("VT0003L8").set()).isEqualTo(new MediaSet(1, 3));
    }

    @Test
    void aCartridgeOnWhichNothingWasWrittenIsTakenForTheNextSet() throws IOException {
        PoolFixture setup = library(2);
        HandClock clock = new HandClock("2026-11-24T08:00:00Z", "Z");
        write(setup.pool("weekly", clock, rules("daily")));
        setup.byHand(VolumeUse.UNKNOWN).label(new Barcode("VT0002L8"), "weekly", 4096, false);
        assertThat(setup.volume("VT0002L8").set()).isEqualTo(new MediaSet(1, 2));
        clock.set("2026-11-25T08:00:00Z");

        assertThat(write(setup.pool("weekly", clock, rules("daily")))).isEqualTo("VT0002L8");
        assertThat(setup.volume("VT0002L8").set()).isEqualTo(new MediaSet(2, 1));
        assertThat(setup.volume("VT0002L8").labelled()).isEqualTo(clock.instant());
    }

    @Test
    void aVolumeLabelledAheadWaitsForTheOneThatIsBeingFilled() throws IOException {
        PoolFixture setup = library(2);
        HandClock clock = new HandClock("2026-11-24T08:00:00Z", "Z");
        write(setup.pool("weekly", clock, rules("continue")));
        setup.byHand(VolumeUse.UNKNOWN).label(new Barcode("VT0002L8"), "weekly", 4096, false);

        assertThat(write(setup.pool("weekly", clock, rules("continue")))).isEqualTo("VT0001L8");
    }

    @Test
    void onlyWhatThePatternsNameIsTakenFromTheSupply() throws IOException {
        PoolFixture setup = library(3);
        PoolRules rules =
                new PoolRules(
                        Allocation.parse("continue"),
                        BarcodePattern.list("VT00?3*, XX*"),
                        Optional.empty(),
                        VolumeUse.UNKNOWN);
        HandClock clock = new HandClock("2026-11-24T08:00:00Z", "Z");

        assertThat(write(setup.pool("weekly", clock, rules))).isEqualTo("VT0003L8");
        assertThatThrownBy(() -> write(setup.pool("daily", clock, rules)))
                .isInstanceOf(LibraryFullException.class);
        setup.byHand(VolumeUse.UNKNOWN).label(new Barcode("VT0002L8"), "supply", 4096, false);
        assertThat(write(setup.pool("daily", clock, rules))).isEqualTo("VT0002L8");
    }
}
