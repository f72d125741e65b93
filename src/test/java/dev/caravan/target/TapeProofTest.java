package dev.caravan.target;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Scan;
import dev.caravan.ledger.Volumes;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whether this is the library that the ledger knows.
class TapeProofTest {
    @TempDir Path folder;

    private static TapeProof proof(LedgerFixture fixture, Optional<String> inside) {
        return new TapeProof(
                "tape",
                fixture.ledger(),
                () -> Map.of("VT0001L8", inside),
                Clock.systemUTC(),
                "test");
    }

    @Test
    void aCartridgeThatHoldsAnotherVolumeIsRefusedUntilItsCopiesAreGivenUp() throws Exception {
        try (LedgerFixture fixture = new LedgerFixture(folder.resolve("ledger.db")).usual()) {
            fixture.scan("docs", file("a", 10, 1));
            fixture.copyAll();
            proof(fixture, Optional.of("uuid-1")).prepare();
            assertThatThrownBy(() -> proof(fixture, Optional.of("uuid-2")).prepare())
                    .isInstanceOf(TargetException.class)
                    .hasMessageContaining("holds volume uuid-2")
                    .hasMessageContaining("the ledger knows it as volume uuid-1");
            assertThatThrownBy(() -> proof(fixture, Optional.empty()).prepare())
                    .hasMessageContaining("is blank");

            Scan scan = fixture.ledger().scans().begin("docs");
            scan.finish(true);
            fixture.pass(Duration.ofDays(100));
            fixture.ledger()
                    .volumes()
                    .giveUp(
                            "VT0001L8",
                            "uuid-1",
                            new Volumes.Rule(Policy.THREE_TWO_ONE, Duration.ofDays(30)));

            assertThatCode(() -> proof(fixture, Optional.of("uuid-2")).prepare())
                    .doesNotThrowAnyException();
        }
    }
}
