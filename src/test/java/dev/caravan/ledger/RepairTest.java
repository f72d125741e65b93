package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static dev.caravan.ledger.LedgerFixture.folder;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A bad copy is wanted again where there is something good to make it from, and does not count
/// before it is proven.
class RepairTest {
    @TempDir Path folder;
    private LedgerFixture fixture;

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
        fixture.scan("docs", folder("d"), file("d/a", 10, 1));
        fixture.copyAll();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void sql(String statement) throws SQLException {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                Statement run = raw.createStatement()) {
            run.executeUpdate(statement);
        }
    }

    private void bad(String target, String state) throws SQLException {
        sql(
                "UPDATE copy SET state = '%s', last_error = 'other bytes' WHERE target_id = (SELECT id FROM target WHERE name = '%s') AND version_id = %d"
                        .formatted(state, target, version().id()));
    }

    private Version version() {
        return fixture.ledger().catalog().versions("docs", ItemPath.of("d/a")).getLast();
    }

    private Catalog.Copy copy(String target) {
        return fixture.ledger().catalog().copies(version()).stream()
                .filter(copy -> copy.target().name().equals(target))
                .findFirst()
                .orElseThrow();
    }

    private Reached reached() {
        return fixture.ledger()
                .standings()
                .explain(Policies.of(Policy.THREE_TWO_ONE), "docs", ItemPath.of("d/a"))
                .orElseThrow()
                .reached();
    }

    private int repair() {
        return fixture.ledger().upkeep().repair();
    }

    @Test
    void aSuspectCopyIsWantedAgainAndCountsOnlyWhenItIsProvenAnew() throws SQLException {
        bad("tape", "SUSPECT");
        Reached suspect = reached();

        int wanted = repair();
        Reached wantedAgain = reached();
        CopyState replaces = copy("tape").replaces();
        fixture.copyAll("tape");

        assertThat(suspect).isEqualTo(new Reached(3, 1, 1, 0, 1));
        assertThat(wanted).isEqualTo(1);
        assertThat(wantedAgain).isEqualTo(new Reached(3, 1, 1, 0, 0));
        assertThat(replaces).isEqualTo(CopyState.SUSPECT);
        assertThat(reached()).isEqualTo(new Reached(4, 2, 1, 0, 0));
        assertThat(copy("tape").replaces()).isNull();
        assertThat(repair()).isZero();
    }

    @Test
    void theRepairIsInTheLog() throws SQLException {
        bad("tape", "SUSPECT");
        bad("nas", "LOST");
        long run = fixture.ledger().runs().begin("backup");

        repair();

        assertThat(fixture.ledger().events().ofRun(run))
                .extracting(event -> event.kind() + event.detail())
                .containsExactly(
                        "repair{\"target\":\"nas\",\"copies\":1,\"suspect\":0,\"lost\":1}",
                        "repair{\"target\":\"tape\",\"copies\":1,\"suspect\":1,\"lost\":0}");
        assertThat(fixture.ledger().events().walk().bad()).isNull();
    }

    @Test
    void aVersionWithNoGoodCopyLeftStaysSuspect() throws SQLException {
        fixture.scan("docs", folder("d"), file("d/a", 11, 2));
        for (String target : List.of("nas", "tape", "offsite")) {
            bad(target, "SUSPECT");
        }

        assertThat(repair()).isZero();
        assertThat(copy("tape").state()).isEqualTo(CopyState.SUSPECT);
    }

    @Test
    void anOldVersionIsMadeAnewFromAnotherCopy() throws SQLException {
        fixture.scan("docs", folder("d"), file("d/a", 11, 2));
        bad("nas", "LOST");

        assertThat(repair()).isEqualTo(1);
        assertThat(copy("nas").state()).isEqualTo(CopyState.WANTED);
    }

    @Test
    void anOriginalThatNobodyLookedAtIsNothingToMakeACopyFrom() throws SQLException {
        sql("UPDATE item SET seen = 0");
        for (String target : List.of("nas", "tape", "offsite")) {
            bad(target, "SUSPECT");
        }

        assertThat(repair()).isZero();
    }

    @Test
    void aRepairWhoseSourceIsGoneLeavesTheCopyAsItWas() throws SQLException {
        for (String target : List.of("nas", "tape", "offsite")) {
            bad(target, "SUSPECT");
        }
        assertThat(repair()).isEqualTo(3);
        long lease = fixture.lease();
        Version claimed =
                fixture.claim("tape", lease).stream()
                        .filter(v -> v.id() == version().id())
                        .findFirst()
                        .orElseThrow();

        Copies.Abandoned fate =
                fixture.ledger()
                        .copies()
                        .abandon("tape", lease, claimed, "vanished", Duration.ofMinutes(1));

        assertThat(fate).isEqualTo(Copies.Abandoned.WAITS);
        assertThat(copy("tape").state()).isEqualTo(CopyState.SUSPECT);
        assertThat(copy("tape").object()).isNotNull();
    }

    @Test
    void aDeletedItemWhoseCopiesWaitForRepairIsNotForgotten() throws SQLException {
        for (String target : List.of("nas", "tape", "offsite")) {
            bad(target, "SUSPECT");
        }
        repair();

        fixture.scan("docs", folder("d"));

        assertThat(fixture.ledger().catalog().versions("docs", ItemPath.of("d/a"))).hasSize(1);
    }

    @Test
    void aCartridgeWithABadCopyThatIsMadeAnewIsStillNeeded() throws SQLException {
        bad("tape", "SUSPECT");
        Volumes.Rule rule = new Volumes.Rule(Policy.THREE_TWO_ONE, Duration.ZERO);
        long before =
                fixture.ledger()
                        .volumes()
                        .contents("VT0001L8", "uuid-1", rule)
                        .orElseThrow()
                        .unproven();

        repair();
        Volumes.Contents after =
                fixture.ledger().volumes().contents("VT0001L8", "uuid-1", rule).orElseThrow();

        assertThat(before).isEqualTo(1);
        assertThat(after.unproven()).isEqualTo(1);
        assertThat(after.needed()).isPositive();
    }

    @Test
    void onlyTheBadPartOfACopyInPartsIsWrittenAgain() throws SQLException {
        fixture.scan("docs", folder("d"), file("d/a", 10, 1), file("large", 200, 1));
        long lease = fixture.lease();
        Version large = fixture.claim("tape", lease).getFirst();
        fixture.part(large, lease, 1, 2, "AAA001L8");
        fixture.part(large, lease, 2, 2, "AAA002L8");
        sql("UPDATE copy SET state = 'SUSPECT' WHERE parts = 2");
        sql("UPDATE part SET suspect = 1 WHERE number = 2");

        int wanted = repair();
        long again = fixture.lease();
        fixture.claim("tape", again);
        List<StoredPart> kept = fixture.ledger().parts().of("tape", large);
        fixture.part(large, again, 2, 2, "AAA003L8");

        assertThat(wanted).isEqualTo(1);
        assertThat(kept).extracting(part -> part.part().number()).containsExactly(1);
        assertThat(fixture.ledger().catalog().copies(large))
                .filteredOn(copy -> copy.target().name().equals("tape"))
                .singleElement()
                .satisfies(copy -> {
                    assertThat(copy.state()).isEqualTo(CopyState.DURABLE);
                    assertThat(copy.parts()).hasSize(2);
                    assertThat(copy.replaces()).isNull();
                });
    }
}
