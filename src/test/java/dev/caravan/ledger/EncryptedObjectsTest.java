package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// For whom an object is encrypted is known wherever the object is.
class EncryptedObjectsTest {
    private static final List<String> MAIN_AND_ESCROW = List.of("age1main", "age1escrow");

    private LedgerFixture fixture;

    @BeforeEach
    void open(@TempDir Path dir) {
        fixture = new LedgerFixture(dir.resolve("ledger.db")).usual();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void theRecipientsOfAnObjectAreReadWithItsCopies() {
        fixture.scan("docs", LedgerFixture.file("a", 10, 1));
        Version version = fixture.ledger().catalog().versions("docs", ItemPath.of("a")).getFirst();
        record("offsite", object("encrypted", MAIN_AND_ESCROW));
        record("tape", tape("tape-1", List.of()));

        assertThat(fixture.ledger().catalog().copies(version))
                .extracting(Catalog.Copy::object)
                .filteredOn(object -> object != null)
                .extracting(StoredObject::name, StoredObject::encryptedFor)
                .containsExactlyInAnyOrder(
                        tuple("encrypted", MAIN_AND_ESCROW), tuple("tape-1", List.of()));
    }

    @Test
    void objectsAreCountedByTargetAndRecipients() {
        fixture.scan("docs", LedgerFixture.file("a", 10, 1));
        record("offsite", object("first", MAIN_AND_ESCROW));
        record("tape", tape("tape-1", List.of("age1main")));
        fixture.scan("docs", LedgerFixture.file("a", 10, 1), LedgerFixture.file("b", 10, 1));
        record("offsite", object("second", MAIN_AND_ESCROW));
        fixture.scan(
                "docs",
                LedgerFixture.file("a", 10, 1),
                LedgerFixture.file("b", 10, 1),
                LedgerFixture.file("c", 10, 1));
        record("offsite", object("plain", List.of()));

        assertThat(fixture.ledger().encryptedObjects().groups())
                .containsExactlyInAnyOrder(
                        new EncryptedObjects.Group("offsite", MAIN_AND_ESCROW, 2, 200),
                        new EncryptedObjects.Group("tape", List.of("age1main"), 1, 100));
    }

    @Test
    void theTapeFilesOfABarcodeSayForWhomTheyAre() {
        fixture.scan("docs", LedgerFixture.file("a", 10, 1));
        record("tape", tape("tape-1", MAIN_AND_ESCROW));

        assertThat(fixture.ledger().tapeFiles().on("VT0001L8"))
                .extracting(TapeFiles.Held::encryptedFor)
                .containsExactly(MAIN_AND_ESCROW);
    }

    private void record(String target, StoredObject object) {
        long lease = fixture.lease();
        List<CopyProof> proofs =
                fixture.claim(target, lease).stream()
                        .map(version ->
                                new CopyProof(
                                        version,
                                        LedgerFixture.hash(version),
                                        version.metadata().size(),
                                        object,
                                        512))
                        .toList();
        fixture.ledger()
                .copies()
                .record(target, lease, fixture.evidence(Evidence.Level.V1), proofs);
    }

    private static StoredObject object(String name, List<String> encryptedFor) {
        return new StoredObject(name, 100, true, null, null, encryptedFor);
    }

    private static StoredObject tape(String name, List<String> encryptedFor) {
        return new StoredObject(
                name,
                100,
                true,
                new StoredObject.OnTape("VT0001L8", "uuid-1", 3, 1024),
                null,
                encryptedFor);
    }
}
