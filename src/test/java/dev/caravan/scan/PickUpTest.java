package dev.caravan.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Scan;
import dev.caravan.posix.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Walks of a real folder into a real ledger.
class PickUpTest {
    @TempDir Path folder;
    private LedgerFixture fixture;
    private Path docs;

    @BeforeEach
    void aSourceThatWasScannedOnce() throws IOException {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
        docs = Files.createDirectory(folder.resolve("docs"));
        for (int i = 0; i < 20; i++) {
            Files.writeString(docs.resolve("file-" + i), "text");
        }
        Files.createFile(docs.resolve(".mounted"));
        scan();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void withItsSentinelTheSourceIsScannedAndWhatIsGoneIsDeleted() throws IOException {
        Files.delete(docs.resolve("file-3"));

        Scan.Summary summary = scan();

        assertThat(summary.deleted()).isEqualTo(1);
        assertThat(items()).isEqualTo(20);
    }

    @Test
    void withoutItsSentinelNothingIsMarkedDeletedAndNothingPickedUp() throws IOException {
        Files.delete(docs.resolve(".mounted"));
        Files.delete(docs.resolve("file-3"));
        Files.writeString(docs.resolve("below-the-mount-point"), "not ours");

        assertThatThrownBy(this::scan)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("sentinel '.mounted' is missing")
                .hasMessageContaining("is it mounted?");

        assertThat(items()).isEqualTo(21);
        assertThat(fixture.ledger().catalog().versions("docs", ItemPath.of("file-3"))).hasSize(1);
        assertThat(
                        fixture.ledger()
                                .catalog()
                                .versions("docs", ItemPath.of("below-the-mount-point")))
                .isEmpty();
    }

    private long items() {
        return fixture.ledger().counts().report(Policy.THREE_TWO_ONE).items();
    }

    private Scan.Summary scan() throws IOException {
        return new PickUp(
                        fixture.ledger().scans().begin("docs"),
                        batch ->
                                fixture.ledger()
                                        .scans()
                                        .register(
                                                batch.source(),
                                                batch.items(),
                                                List.of("nas", "tape", "offsite")),
                        seen -> {})
                .run(
                        new Scanner.Source(
                                "docs",
                                docs.toString(),
                                () ->
                                        FolderRoot.open(
                                                docs,
                                                new Patience("docs", Duration.ofMinutes(3)),
                                                Set.of()),
                                Selection.ALL,
                                Optional.of(ItemPath.of(".mounted"))),
                        false);
    }
}
