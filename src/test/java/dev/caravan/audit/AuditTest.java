package dev.caravan.audit;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.audit.Audit.Exported;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.Head;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.SignedHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTest {
    @TempDir Path folder;

    private Path file;
    private SigningKey key;

    @BeforeEach
    void aLedgerOfYesterdayAndItsKey() throws IOException {
        file = folder.resolve("ledger.db");
        key = SigningKey.readOrMake(folder.resolve("keys"));
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            fixture.usual();
            fixture.scan("docs", file("a", 5, 1));
            fixture.copyAll();
            sign(fixture.ledger());
        }
        Files.copy(file, folder.resolve("yesterday.db"));
    }

    private SignedHead sign(Ledger ledger) {
        return ledger.heads().sign(key.publicKey(), key::sign, false);
    }

    /// What today adds, signed.
    private SignedHead today() {
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            fixture.scan("docs", file("a", 5, 2));
            fixture.copyAll();
            return sign(fixture.ledger());
        }
    }

    private void putBackYesterday() throws IOException {
        Files.copy(folder.resolve("yesterday.db"), file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Audit.Result verify(Ledger ledger, SignedHead head) {
        return new Audit(ledger).verify(List.of(new Exported("offsite", head)));
    }

    @Test
    void aLedgerThatIsWhatItsHeadSaysIsGood() {
        SignedHead today = today();
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            Audit.Result result = verify(fixture.ledger(), today);

            assertThat(result.findings()).isEmpty();
            assertThat(result.heads()).isEqualTo(2);
            assertThat(result.compared()).singleElement().matches(Audit.Compared::good);
        }
    }

    @Test
    void aLedgerThatWasPutBackToYesterdayIsFoundByAHeadOfToday() throws IOException {
        SignedHead today = today();
        putBackYesterday();
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            assertThat(verify(fixture.ledger(), today).findings())
                    .singleElement()
                    .asString()
                    .contains("offsite: head of event " + today.head().seq())
                    .contains("is ahead of the ledger, which ends at event ")
                    .contains("older state");
        }
    }

    /// Its chain is whole and it is longer than the head: only the hash tells.
    @Test
    void aLogThatWasWrittenAnewIsFoundByASignedHeadThatIsNotInIt() throws IOException {
        SignedHead today = today();
        putBackYesterday();
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            for (int i = 0; i < 20; i++) {
                fixture.ledger().events().append("note", "{\"forged\":" + i + "}");
            }
            Audit.Result result = verify(fixture.ledger(), today);

            assertThat(result.bad()).isNull();
            assertThat(result.findings())
                    .singleElement()
                    .asString()
                    .contains("has another hash than event " + today.head().seq());
        }
    }

    @Test
    void aHeadSignedWithAnotherKeyIsRefused() throws IOException {
        SigningKey stranger = SigningKey.readOrMake(folder.resolve("stranger"));
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            Head head = fixture.ledger().heads().current().orElseThrow();

            assertThat(verify(fixture.ledger(), stranger.sign(head, false)).findings())
                    .singleElement()
                    .asString()
                    .contains(stranger.id())
                    .contains("never announced");
        }
    }

    @Test
    void aHeadThatWasChangedHasAWrongSignature() {
        SignedHead today = today();
        SignedHead changed =
                new SignedHead(
                        new Head(
                                today.head().home(),
                                today.head().seq() - 1,
                                today.head().hash(),
                                today.head().at()),
                        today.publicKey(),
                        today.signature(),
                        false);
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            assertThat(verify(fixture.ledger(), changed).findings())
                    .singleElement()
                    .asString()
                    .contains("wrong signature");
        }
    }

    @Test
    void aHeadOfAnotherHomeIsToldApart() throws IOException {
        SignedHead today = today();
        Files.delete(file);
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            fixture.usual();
            sign(fixture.ledger());

            assertThat(verify(fixture.ledger(), today).findings())
                    .singleElement()
                    .asString()
                    .contains("is of home " + today.head().home());
        }
    }

    @Test
    void aNewKeyIsAnnouncedByTheLogBeforeItSigns() throws IOException {
        SigningKey next = SigningKey.readOrMake(folder.resolve("next"));
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            SignedHead head = fixture.ledger().heads().sign(next.publicKey(), next::sign, false);

            assertThat(verify(fixture.ledger(), head).findings()).isEmpty();
            assertThat(fixture.ledger().heads().announcedKeys())
                    .containsExactlyInAnyOrder(key.id(), next.id());
        }
    }

    /// The ledger is lost, and a rebuild goes on as its home: that home's heads are on the NAS.
    @Test
    void aRebuiltLedgerThatBecameAHomeGoesOnFromTheHeadsOfThatHome() throws IOException {
        SignedHead lost = today();
        Path exported = folder.resolve("head.json");
        Files.write(exported, HeadDocument.write(lost));
        Files.delete(file);
        try (LedgerFixture fixture = new LedgerFixture(file).usual()) {
            Ledger rebuilt = fixture.ledger();
            fixture.scan("docs", file("a", 5, 1));
            fixture.copyAll();
            rebuilt.rebuild().adopt(lost.head().home(), "nas", List.of());
            assertThatThrownBy(() -> OlderLedger.refuse(rebuilt, List.of(exported)))
                    .isInstanceOf(LedgerException.class);

            rebuilt.rebuild().adopt(lost.head().home(), "nas", List.of(lost.head()));

            OlderLedger.refuse(rebuilt, List.of(exported));
            rebuilt.upkeep().age(Policies.of(Policy.THREE_TWO_ONE));
            assertThat(rebuilt.counts().report(Policy.THREE_TWO_ONE).inPolicy())
                    .as("its proofs are its own, and stay")
                    .isEqualTo(1);
            fixture.scan("docs", file("a", 5, 3));
            assertThat(
                            rebuilt.catalog()
                                    .versions("docs", dev.caravan.item.ItemPath.of("a"))
                                    .getFirst()
                                    .id())
                    .isGreaterThan(10_000_000);
        }
    }

    @Test
    void anOlderLedgerIsNotOpenedUntilAPersonAcceptsIt() throws IOException {
        SignedHead today = today();
        Path exported = folder.resolve("head.json");
        Files.write(exported, HeadDocument.write(today));
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            assertThatCode(() -> OlderLedger.refuse(fixture.ledger(), List.of(exported)))
                    .doesNotThrowAnyException();
        }
        putBackYesterday();
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            Ledger ledger = fixture.ledger();
            assertThatThrownBy(() -> OlderLedger.refuse(ledger, List.of(exported)))
                    .isInstanceOf(LedgerException.class)
                    .hasMessageContaining("event " + today.head().seq())
                    .hasMessageContaining("head.json")
                    .hasMessageContaining("rebuild --from TARGET")
                    .hasMessageContaining("audit accept");

            int toVerify = ledger.heads().accept(List.of(today.head()));

            OlderLedger.refuse(ledger, List.of(exported));
            Audit.Result result = verify(ledger, today);
            assertThat(result.findings()).isEmpty();
            assertThat(result.accepted()).hasSize(1);
            assertThat(result.bad()).isNull();
            assertThat(toVerify).isEqualTo(3);
            var report = ledger.counts().report(Policy.THREE_TWO_ONE);
            assertThat(report.targets()).allMatch(target -> target.copies() == 1);
            assertThat(report.inPolicy()).as("what is doubted is an error").isZero();
            ledger.upkeep().age(Policies.of(Policy.THREE_TWO_ONE));
            var version =
                    ledger.catalog().versions("docs", dev.caravan.item.ItemPath.of("a")).getFirst();
            assertThat(ledger.catalog().copies(version))
                    .allMatch(copy -> copy.state() == CopyState.STALE);
            fixture.scan("docs", file("a", 5, 3));
            assertThat(
                            ledger.catalog()
                                    .versions("docs", dev.caravan.item.ItemPath.of("a"))
                                    .getFirst()
                                    .id())
                    .as("ids that media may carry are not given again")
                    .isGreaterThan(10_000_000);
        }
    }

    /// Else anybody who can write to the folder could keep the home from starting, and `accept`
    /// would have nothing to accept.
    @Test
    void aHeadWithoutAGoodSignatureKeepsNothingFromStarting() throws IOException {
        SignedHead today = today();
        Path exported = folder.resolve("head.json");
        Files.writeString(
                exported,
                new String(HeadDocument.write(today), java.nio.charset.StandardCharsets.UTF_8)
                        .replaceFirst("\"seq\" : \\d+", "\"seq\" : 999999"));
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            assertThatCode(() -> OlderLedger.refuse(fixture.ledger(), List.of(exported)))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aDocumentIsReadAsItWasWritten() throws IOException {
        SignedHead today = today();

        SignedHead read = HeadDocument.read(HeadDocument.write(today));

        assertThat(read).isEqualTo(today);
        assertThat(HeadDocument.isGenuine(read)).isTrue();
        assertThatThrownBy(() -> HeadDocument.read("{}".getBytes()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no head of a ledger");
    }
}
