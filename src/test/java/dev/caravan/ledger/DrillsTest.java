package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static dev.caravan.ledger.LedgerFixture.folder;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.Drills.Drill;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrillsTest {
    @TempDir Path temporary;
    private LedgerFixture fixture;

    @BeforeEach
    void someCopies() {
        fixture = new LedgerFixture(temporary.resolve("ledger.db")).usual();
        fixture.scan("docs", folder("d"), file("a", 10, 1), file("b", 20, 1), file("c", 30, 1));
        fixture.copyAll("nas");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private Version version(String path) {
        return fixture.ledger().catalog().versions("docs", ItemPath.of(path)).getFirst();
    }

    private Catalog.Copy copy(String path) {
        return fixture.ledger().catalog().copies(version(path)).getFirst();
    }

    private long record(List<Version> right, Map<Long, String> wrong) {
        Drill drill =
                new Drill(
                        "nas",
                        fixture.now(),
                        fixture.now(),
                        right.size() + wrong.size(),
                        right.stream().mapToLong(v -> v.metadata().size()).sum(),
                        wrong.size(),
                        Duration.ofMillis(1500));
        return fixture.ledger()
                .drills()
                .record(
                        new Drills.Outcome(
                                drill,
                                fixture.evidence(Evidence.Level.V4),
                                right.stream().map(Version::id).toList(),
                                wrong));
    }

    @Test
    void onlyFilesWithACopyThatCountsAreDrawn() {
        assertThat(fixture.ledger().drills().sample("nas", 9, 0, new Random(1)))
                .extracting(v -> v.path().toString())
                .containsExactlyInAnyOrder("a", "b", "c");
        assertThat(fixture.ledger().drills().sample("nas", 2, 0, new Random(1)))
                .hasSize(2)
                .doesNotHaveDuplicates();
        assertThat(fixture.ledger().drills().sample("tape", 9, 0, new Random(1))).isEmpty();
        assertThat(
                        fixture.ledger().drills().sample("nas", 0, 25, new Random(7)).stream()
                                .mapToLong(v -> v.metadata().size())
                                .sum())
                .isBetween(25L, 60L);
    }

    @Test
    void everyCopyIsDrawnSooner() {
        Random random = new Random(5);
        List<String> drawn =
                random.ints(60)
                        .mapToObj(any -> fixture.ledger().drills().sample("nas", 1, 0, random))
                        .map(one -> one.getFirst().path().toString())
                        .distinct()
                        .toList();

        assertThat(drawn).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void whatCameBackIsProvenAndWhatDidNotCountsNoMore() {
        long fell = record(List.of(version("a")), Map.of(version("b").id(), "other bytes"));

        assertThat(fell).isEqualTo(1);
        assertThat(copy("a").state()).isEqualTo(CopyState.VERIFIED);
        assertThat(copy("a").evidence()).isEqualTo(fixture.evidence(Evidence.Level.V4));
        assertThat(copy("b").state()).isEqualTo(CopyState.SUSPECT);
        assertThat(copy("b").lastError()).isEqualTo("other bytes");
        assertThat(copy("c").state()).isEqualTo(CopyState.DURABLE);
        assertThat(fixture.ledger().drills().newestFirst(5))
                .singleElement()
                .satisfies(drill -> {
                    assertThat(drill.target()).isEqualTo("nas");
                    assertThat(drill.failures()).isEqualTo(1);
                    assertThat(drill.took()).isEqualTo(Duration.ofMillis(1500));
                });
        assertThat(fixture.ledger().events().walk().bad()).isNull();
    }

    @Test
    void aCopyThatFellOutOfTheCountMeanwhileIsNotBroughtBackIn() {
        record(List.of(), Map.of(version("b").id(), "other bytes"));
        record(List.of(version("b")), Map.of());

        assertThat(copy("b").state()).isEqualTo(CopyState.SUSPECT);
    }

    @Test
    void howFastATargetIsComesFromItsDrillsAlone() {
        assertThat(fixture.ledger().drills().measured("nas")).isEmpty();

        record(List.of(version("a"), version("b")), Map.of());
        record(List.of(version("c")), Map.of(version("b").id(), "other bytes"));

        assertThat(fixture.ledger().drills().measured("nas"))
                .get()
                .satisfies(measured -> {
                    assertThat(measured.items()).isEqualTo(3);
                    assertThat(measured.bytes()).isEqualTo(60);
                    assertThat(measured.took()).isEqualTo(Duration.ofSeconds(3));
                });
        assertThat(fixture.ledger().drills().measured("tape")).isEmpty();
    }
}
