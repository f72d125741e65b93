package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.PartOfCopy;
import dev.caravan.ledger.PartProof;
import dev.caravan.ledger.StoredObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MediaOrderTest {
    @TempDir Path folder;

    @Test
    void whatGoesOnToAnotherCartridgeIsReadLastOnItsFirst() {
        try (LedgerFixture fixture = new LedgerFixture(folder.resolve("ledger.db")).usual()) {
            fixture.scan(
                    "docs",
                    LedgerFixture.file("large", 20, 1),
                    LedgerFixture.file("first", 5, 1),
                    LedgerFixture.file("second", 5, 1),
                    LedgerFixture.file("third", 5, 1));
            long lease = fixture.lease();
            fixture.claim("tape", lease);
            record(fixture, lease, "third", "VT0002L8", 9);
            record(fixture, lease, "second", "VT0001L8", 30);
            record(fixture, lease, "first", "VT0001L8", 4);
            part(fixture, lease, 1, "VT0001L8", 2);
            part(fixture, lease, 2, "VT0002L8", 2);

            List<Candidates> wanted = new ArrayList<>();
            for (String path : List.of("third", "large", "second", "first")) {
                Version version = version(fixture, path);
                wanted.add(
                        new Candidates(
                                version, fixture.ledger().catalog().copies(version), "tape"));
            }

            assertThat(MediaOrder.ordered(wanted))
                    .extracting(candidates -> candidates.version.path().toString())
                    .containsExactly("first", "second", "large", "third");
            assertThat(MediaOrder.Place.of(wanted.get(1)).segment()).isNull();
        }
    }

    private static Version version(LedgerFixture fixture, String path) {
        return fixture.ledger().catalog().versions("docs", ItemPath.of(path)).getFirst();
    }

    private static void record(
            LedgerFixture fixture, long lease, String path, String barcode, long block) {
        Version version = version(fixture, path);
        fixture.ledger()
                .copies()
                .record(
                        "tape",
                        lease,
                        fixture.evidence(Evidence.Level.V1),
                        List.of(
                                new CopyProof(
                                        version,
                                        LedgerFixture.hash(version),
                                        5,
                                        object(path, barcode, block),
                                        1024)));
    }

    private static void part(
            LedgerFixture fixture, long lease, int number, String barcode, long block) {
        Version version = version(fixture, "large");
        fixture.ledger()
                .parts()
                .record(
                        "tape",
                        lease,
                        fixture.evidence(Evidence.Level.V1),
                        List.of(
                                new PartProof(
                                        version,
                                        new PartOfCopy(
                                                "set",
                                                number,
                                                2,
                                                (number - 1) * 10L,
                                                10,
                                                10,
                                                false),
                                        Sha256.OF_NOTHING,
                                        object("part-" + number, barcode, block),
                                        1024,
                                        number == 2 ? LedgerFixture.hash(version) : null)));
    }

    private static StoredObject object(String name, String barcode, long block) {
        return new StoredObject(
                name, 4096, true, new StoredObject.OnTape(barcode, "uuid-" + barcode, 1, block));
    }
}
