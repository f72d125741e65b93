package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.Verifications.Found;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationsTest {
    @TempDir Path folder;
    private LedgerFixture fixture;

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Verifications verifications() {
        return fixture.ledger().verifications();
    }

    private long version(String path) {
        return fixture.ledger().catalog().versions("docs", ItemPath.of(path)).getFirst().id();
    }

    private TapeFiles.Outcome record(List<String> good, Map<Long, String> wrong) {
        return verifications()
                .record(
                        "nas",
                        new Found(
                                new Evidence(
                                        "direct+readback+sha256",
                                        Evidence.Level.V3,
                                        fixture.now(),
                                        LedgerFixture.PROGRAM,
                                        17L,
                                        "/mnt/nas"),
                                good.stream().map(this::version).toList(),
                                wrong,
                                Map.of()));
    }

    @Test
    void aWrongCopyIsOutOfTheCountInTheTransactionOfItsEvent() {
        fixture.scan("docs", LedgerFixture.file("a", 10, 1), LedgerFixture.file("b", 10, 1));
        fixture.copyAll("nas");
        long run = fixture.ledger().runs().begin("verify");

        TapeFiles.Outcome outcome = record(List.of("a"), Map.of(version("b"), "it is wrong"));

        assertThat(outcome).isEqualTo(new TapeFiles.Outcome(1, 1, 1));
        assertThat(fixture.ledger().events().ofRun(run))
                .extracting(Events.Event::kind)
                .containsExactly("verified", "suspect");
        Version a = fixture.ledger().catalog().versions("docs", ItemPath.of("a")).getFirst();
        Evidence evidence =
                Objects.requireNonNull(fixture.ledger().catalog().copies(a).getFirst().evidence());
        assertThat(evidence.bytesRead()).isEqualTo(17);
        assertThat(evidence.place()).isEqualTo("/mnt/nas");
    }

    @Test
    void aCopyThatIsMadeAnewMeanwhileIsLeftAlone() {
        fixture.scan("docs", LedgerFixture.file("a", 10, 1));

        assertThat(record(List.of("a"), Map.of())).isEqualTo(new TapeFiles.Outcome(0, 0, 0));
        assertThat(record(List.of(), Map.of(version("a"), "wrong")))
                .isEqualTo(new TapeFiles.Outcome(0, 0, 0));
    }
}
