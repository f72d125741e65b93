package dev.caravan.cli;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Scan;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.Allocation;
import dev.caravan.tape.pool.VolumeUse;
import dev.caravan.tape.pool.VolumeUse.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the ledger answers the tape library.
class LedgerVolumeUseTest {
    private static final Barcode ONE = new Barcode("VT0001L8");
    private static final UUID OTHER = UUID.fromString("00000000-0000-0000-0000-000000000001");

    @TempDir Path folder;

    @Test
    void whatIsNotKnownIsNeverFree() throws IOException {
        try (LedgerFixture fixture = new LedgerFixture(folder.resolve("ledger.db")).usual()) {
            VolumeUse use =
                    new LedgerVolumeUse(
                            fixture.ledger().volumes(),
                            Policies.of(Policy.THREE_TWO_ONE),
                            Duration.ofDays(30));

            assertThat(use.giveUp(ONE, OTHER))
                    .isEqualTo(new Verdict.Unknown("the ledger does not know it"));
            fixture.scan("docs", file("a", 10, 1));
            fixture.copyAll();
            assertThat(use.of(ONE, OTHER))
                    .isEqualTo(
                            new Verdict.Unknown("the ledger knows it as uuid-1, not as " + OTHER));
        }
    }

    @Test
    void aLedgerThatFailsFreesNothing() throws IOException {
        Path file = folder.resolve("ledger.db");
        new LedgerFixture(file).usual().close();
        try (Ledger ledger = Ledger.openReadOnly(file, Clock.systemUTC())) {
            VolumeUse use =
                    new LedgerVolumeUse(
                            ledger.volumes(),
                            Policies.of(Policy.THREE_TWO_ONE),
                            Duration.ofDays(30));

            assertThatThrownBy(() -> use.giveUp(ONE, OTHER))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("unable to look up volume VT0001L8");
        }
    }

    @Test
    void givingUpIsCountedInTheReportAtOnce() {
        try (LedgerFixture fixture = new LedgerFixture(folder.resolve("ledger.db")).usual()) {
            fixture.scan("docs", file("a", 10, 1));
            fixture.copyAll();
            Scan scan = fixture.ledger().scans().begin("docs");
            scan.finish(true);
            fixture.pass(Duration.ofDays(31));
            assertThat(tapeCopies(fixture)).isEqualTo(1);

            fixture.ledger()
                    .volumes()
                    .giveUp(
                            "VT0001L8",
                            "uuid-1",
                            new dev.caravan.ledger.Volumes.Rule(
                                    Policy.THREE_TWO_ONE, Duration.ofDays(30)));

            assertThat(tapeCopies(fixture)).isZero();
        }
    }

    private static long tapeCopies(LedgerFixture fixture) {
        return fixture.ledger().counts().report(Policy.THREE_TWO_ONE).targets().stream()
                .filter(t -> t.target().name().equals("tape"))
                .mapToLong(Counts.OfTarget::copies)
                .sum();
    }

    /// The settings accept these; the tape library must read each of them.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "continue",
                "always",
                "daily",
                "weekly",
                "monthly",
                "mon",
                "tue",
                "wed",
                "thu",
                "fri",
                "sat",
                "sun"
            })
    void everyAllocationOfTheSettingsIsOneOfTheLibrary(String name) throws IOException {
        TestHome home = new TestHome(folder, "caravan.tape.allocation=" + name);

        assertThat(OpenHome.of(option(home)).settings().tape().pools().allocation())
                .isEqualTo(name);
        assertThat(Allocation.parse(name)).isNotNull();
    }

    private static HomeOption option(TestHome home) {
        HomeOption option = new HomeOption();
        option.dir = home.root;
        return option;
    }
}
