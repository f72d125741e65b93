package dev.caravan.audit;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.OwnSource;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.SignedHead;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerExportTest {
    @TempDir Path folder;

    private LedgerFixture fixture;
    private Path exported;
    private int state;

    @BeforeEach
    void aLedger() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
        fixture.ledger()
                .sources()
                .declare(OwnSource.NAME, "export".getBytes(StandardCharsets.UTF_8));
        exported = folder.resolve("export");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private LedgerExport export(@Nullable Duration every) {
        Clock clock =
                new Clock() {
                    @Override
                    public ZoneOffset getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }

                    @Override
                    public Instant instant() {
                        return fixture.now();
                    }
                };
        return new LedgerExport(
                fixture.ledger(),
                exported,
                folder.resolve("keys"),
                Optional.ofNullable(every),
                clock);
    }

    /// Something changes, and is copied.
    private void change() {
        fixture.pass(Duration.ofMinutes(1));
        fixture.scan("docs", file("a", 5, ++state));
        fixture.copyAll();
    }

    /// The routes carry what was exported: a scan of the folder, and its copies.
    private void carry() {
        fixture.pass(Duration.ofSeconds(1));
        fixture.scan(OwnSource.NAME, file("head.json", 500, ++state));
        fixture.copyAll();
    }

    @Test
    void nothingIsExportedBeforeSomethingHappened() throws IOException {
        fixture.scan("docs");

        assertThat(export(Duration.ofDays(1)).due()).isFalse();
    }

    @Test
    void whatTheExportItselfCausesIsNotExportedAgain() throws IOException {
        LedgerExport export = export(Duration.ofDays(1));
        change();
        assertThat(export.due()).isTrue();

        export.make();
        assertThat(export.due()).as("before it is carried").isTrue();
        carry();

        assertThat(export.due()).as("after it is carried").isFalse();
        fixture.scan("docs", file("a", 5, 1));
        fixture.ledger().targets().suspend("nas", "away", Duration.ofHours(1));
        assertThat(export.due()).as("after a scan that found nothing, and a failure").isFalse();
        change();
        assertThat(export.due()).as("after a change").isTrue();
    }

    @Test
    void theHeadGoesEachTimeAndTheSnapshotWhenItsTimeHasCome() throws IOException {
        LedgerExport export = export(Duration.ofDays(1));
        change();
        SignedHead first = export.make();
        carry();
        change();
        SignedHead second = export.make();
        carry();
        fixture.pass(Duration.ofDays(1));
        assertThat(export.due()).as("a change since the snapshot waits for its time").isTrue();
        SignedHead third = export.make();
        carry();

        assertThat(first.snapshot()).isTrue();
        assertThat(second.snapshot()).isFalse();
        assertThat(third.snapshot()).isTrue();
        assertThat(second.head().seq()).isGreaterThan(first.head().seq());
        fixture.pass(Duration.ofDays(3));
        assertThat(export.due()).as("nothing happened since").isFalse();
    }

    @Test
    void neverMakesHeadsOnlyAndZeroMakesASnapshotEachTime() throws IOException {
        change();
        assertThat(export(null).make().snapshot()).isFalse();
        assertThat(exported.resolve("ledger.db.gz")).doesNotExist();
        carry();
        change();
        assertThat(export(Duration.ZERO).make().snapshot()).isTrue();
        carry();
        change();
        assertThat(export(Duration.ZERO).make().snapshot()).isTrue();
    }

    @Test
    void theSnapshotIsTheWholeLedgerUpToItsHead() throws IOException {
        change();
        SignedHead head = export(Duration.ofDays(1)).make();

        Path unpacked = folder.resolve("unpacked.db");
        try (InputStream in =
                new GZIPInputStream(Files.newInputStream(exported.resolve("ledger.db.gz")))) {
            Files.copy(in, unpacked);
        }
        assertThat(Ledger.damage(unpacked)).isNull();
        try (Ledger ledger = Ledger.openReadOnly(unpacked, Clock.systemUTC())) {
            assertThat(ledger.heads().compare(head.head()).name()).isEqualTo("AGREES");
            assertThat(ledger.heads().last()).contains(head);
            assertThat(ledger.counts().report(Policy.THREE_TWO_ONE).inPolicy()).isEqualTo(1);
        }
        assertThat(mode(exported.resolve("ledger.db.gz"))).isEqualTo("rw-------");
        assertThat(mode(exported)).isEqualTo("rwx------");
        assertThat(mode(folder.resolve("keys/ledger"))).isEqualTo("rw-------");
        assertThat(HeadDocument.read(Files.readAllBytes(exported.resolve("head.json"))).head())
                .isEqualTo(head.head());
        assertThat(exported.toFile().list())
                .containsExactlyInAnyOrder(
                        "README.txt", "head.json", "ledger-key.pem", "ledger.db.gz");
    }

    @Test
    void whatAKilledProgramLeftHalfIsRemovedAndMadeAgain() throws IOException {
        change();
        LedgerExport export = export(Duration.ofDays(1));
        export.make();
        carry();
        Files.delete(exported.resolve("ledger.db.gz"));
        Files.writeString(exported.resolve("ledger.db.part"), "half");
        Files.writeString(exported.resolve("ledger.db.part-journal"), "half");

        assertThat(export.due()).isTrue();
        export.make();

        assertThat(exported.toFile().list())
                .containsExactlyInAnyOrder(
                        "README.txt", "head.json", "ledger-key.pem", "ledger.db.gz");
    }

    @Test
    void aPrivateKeyThatOthersCanReadIsNotUsed() throws IOException {
        change();
        LedgerExport export = export(null);
        export.make();
        Files.setPosixFilePermissions(
                folder.resolve("keys/ledger"), PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(export::make)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void theLedgersOwnItemsCountNowhere() throws IOException {
        change();
        export(null).make();
        var before = fixture.ledger().counts().report(Policy.THREE_TWO_ONE);
        fixture.scan(OwnSource.NAME, file("head.json", 500, 7), file("b", 1, 1));
        fixture.copyAll("tape");
        fixture.scan(OwnSource.NAME, file("head.json", 500, 7));

        var after = fixture.ledger().counts().report(Policy.THREE_TWO_ONE);

        assertThat(after).isEqualTo(before);
        assertThat(fixture.ledger().ownCopies().wanted()).isEqualTo(4);
        assertThat(fixture.ledger().catalog().sourcesOf(LedgerExport.HEAD)).isEmpty();
        assertThat(fixture.ledger().catalog().sourcesOf(LedgerExport.HEAD, OwnSource.NAME))
                .containsExactly(OwnSource.NAME);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
