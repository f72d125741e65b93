package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.ledger.Rebuild.Merged;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Of two copies of a version that a rebuild finds on cartridges of one target nobody knows which
/// is good: neither cartridge may be given up before one was read.
class SparesTest {
    private static final Instant EARLY = Instant.parse("2025-05-05T05:05:05Z");
    private static final Instant LATE = EARLY.plusSeconds(3600);
    private static final String FIRST = "VT0001L8";
    private static final String SECOND = "VT0002L8";
    private static final String WHOLE = "0123456789abcdefghijABCDEFGHIJ";

    @TempDir Path directory;
    private LedgerFixture fixture;
    private Rebuild rebuild;

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(directory.resolve("ledger.db")).usual();
        rebuild = fixture.ledger().rebuild();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private static StoredObject segment(String name, String barcode, long block) {
        return new StoredObject(
                name,
                4096,
                true,
                new StoredObject.OnTape(barcode, "uuid-" + barcode, (int) block / 10, block));
    }

    private static Found file(String path, int number, long id, String content) {
        Instant modified = Instant.parse("2024-02-29T01:02:03Z").plusSeconds(number);
        Metadata metadata =
                new Metadata(
                        Kind.FILE,
                        content.length(),
                        modified,
                        0644,
                        1,
                        2,
                        Metadata.NO_TARGET,
                        1,
                        List.of());
        return new Found("docs", ItemPath.of(path), number, id, metadata, null, hash(content), 512);
    }

    private static Sha256 hash(String content) {
        return Sha256.of(Sha256.digest().digest(content.getBytes(StandardCharsets.UTF_8)));
    }

    private Merged add(String name, String barcode, Instant written, Found... found) {
        return rebuild.add("tape", segment(name, barcode, 10), written, List.of(found));
    }

    /// File `a` on both cartridges, on each in a segment of its own.
    private Version onBoth() {
        Found a = file("a", 1, 11, "one");
        add("s-1", FIRST, EARLY, a);
        assertThat(add("s-2", SECOND, LATE, a)).isEqualTo(known(1));
        rebuild.finish();
        return version("a");
    }

    private static Merged known(long copies) {
        return new Merged(0, 0, copies, List.of(), List.of());
    }

    private Version version(String path) {
        return fixture.ledger().catalog().versions("docs", ItemPath.of(path)).getFirst();
    }

    private Catalog.Copy copy(Version version) {
        return fixture.ledger().catalog().copies(version).stream()
                .filter(c -> c.target().name().equals("tape"))
                .findFirst()
                .orElseThrow();
    }

    private String cartridge(Version version) {
        StoredObject object = copy(version).object();
        return object == null || object.tape() == null ? "" : object.tape().volume();
    }

    private Volumes.Contents contents(String barcode) {
        return fixture.ledger()
                .volumes()
                .contents(
                        barcode,
                        "uuid-" + barcode,
                        new Volumes.Rule(Policy.THREE_TWO_ONE, Duration.ZERO))
                .orElseThrow();
    }

    private TapeFiles.Outcome read(String barcode, Version version, boolean good) {
        TapeFiles files = fixture.ledger().tapeFiles();
        return files.readBack(
                files.on(barcode).getFirst(),
                fixture.evidence(Evidence.Level.V3),
                good ? List.of(version.id()) : List.of(),
                good ? Map.of() : Map.of(version.id(), "other bytes"),
                List.of());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theOneWrittenLastIsTakenInWhateverOrderTheyAreMet(boolean lateFirst) {
        Found a = file("a", 1, 11, "one");
        for (boolean late : List.of(lateFirst, !lateFirst, lateFirst, !lateFirst)) {
            add(late ? "s-2" : "s-1", late ? SECOND : FIRST, late ? LATE : EARLY, a);
        }

        assertThat(cartridge(version("a"))).isEqualTo(SECOND);
        assertThat(copy(version("a")).state()).isEqualTo(CopyState.ACKED);
        assertThat(rebuild.spares("tape")).isOne();
    }

    @Test
    void bothCartridgesAreNeededUntilOneWasRead() {
        Version a = onBoth();
        assertThat(contents(FIRST)).isEqualTo(contents(SECOND));
        assertThat(contents(FIRST).current()).isOne();
        assertThat(contents(FIRST).unproven()).isOne();
        assertThat(contents(FIRST).copies()).isZero();
        assertThat(fixture.ledger().volumes().giveUp(FIRST, "uuid-" + FIRST, rule()))
                .hasValueSatisfying(found -> assertThat(found.needed()).isOne());
        assertThat(rebuild.spares("tape")).as("it was not given up").isOne();

        read(SECOND, a, true);

        assertThat(contents(SECOND).needed()).isOne();
        assertThat(contents(FIRST).needed()).isZero();
        assertThat(contents(FIRST).unproven()).isZero();
        assertThat(rebuild.spares("tape")).isZero();
    }

    private static Volumes.Rule rule() {
        return new Volumes.Rule(Policy.THREE_TWO_ONE, Duration.ZERO);
    }

    @Test
    void twoCopiesOnOneCartridgeNeedItOnce() {
        Found a = file("a", 1, 11, "one");
        add("s-1", FIRST, EARLY, a);
        rebuild.add("tape", segment("s-2", FIRST, 20), LATE, List.of(a));

        assertThat(contents(FIRST).needed()).isOne();
        assertThat(contents(FIRST).unproven()).isOne();
        read(FIRST, version("a"), false);
        assertThat(rebuild.takeSpares("tape")).hasSize(1);
    }

    /// One that is not the present state, with enough others, is as little needed as the copy is.
    @Test
    void aSpareIsNeededForNoOtherReasonsThanItsCopy() {
        add("s-1", FIRST, EARLY, file("a", 1, 11, "one"));
        add("s-2", SECOND, LATE, file("a", 1, 11, "one"));
        add("s-3", "VT0003L8", LATE, file("a", 2, 12, "two"));
        assertThat(contents(FIRST).few()).as("no other copy of it is known").isOne();

        Volumes.Rule two = new Volumes.Rule(new Policy(1, 1, 0), Duration.ZERO);

        assertThat(fixture.ledger().volumes().contents(FIRST, "uuid-" + FIRST, two))
                .hasValueSatisfying(found -> {
                    assertThat(found.needed()).isZero();
                    assertThat(found.unproven()).isOne();
                });
    }

    @Test
    void theSpareIsTakenOnceTheCopyWasFoundBadAndTheBadOneIsKept() {
        Version a = onBoth();
        assertThat(rebuild.takeSpares("tape")).as("nothing is bad yet").isEmpty();
        read(SECOND, a, false);
        assertThat(contents(FIRST).needed()).isOne();

        assertThat(rebuild.takeSpares("tape")).containsExactly("s-1");

        assertThat(copy(a).state()).isEqualTo(CopyState.ACKED);
        assertThat(cartridge(a)).isEqualTo(FIRST);
        assertThat(contents(SECOND).needed()).as("the drive may have been dirty").isOne();
        assertThat(rebuild.takeSpares("tape")).isEmpty();
        add("s-2", SECOND, LATE, file("a", 1, 11, "one"));
        assertThat(cartridge(a))
                .as("what is known to be bad is not taken for later")
                .isEqualTo(FIRST);
        assertThat(read(FIRST, a, true)).isEqualTo(new TapeFiles.Outcome(1, 0, 0));
        assertThat(contents(SECOND).needed()).isZero();
        assertThat(fixture.ledger().events().walk().bad()).isNull();
    }

    @Test
    void ifBothAreBadBothAreKeptAndEachIsReadAgain() {
        Version a = onBoth();
        read(SECOND, a, false);
        rebuild.takeSpares("tape");
        read(FIRST, a, false);

        assertThat(rebuild.takeSpares("tape")).as("there is nothing good").isEmpty();
        assertThat(copy(a).state()).isEqualTo(CopyState.SUSPECT);
        assertThat(contents(FIRST).needed()).isOne();
        assertThat(contents(SECOND).needed()).isOne();

        assertThat(add("s-2", SECOND, LATE, file("a", 1, 11, "one")).copies()).isOne();
        assertThat(cartridge(a)).isEqualTo(SECOND);
        assertThat(read(SECOND, a, true).verified()).isOne();
    }

    @Test
    void aRestoreTriesTheSpareToo() {
        Version a = onBoth();
        assertThat(places(a)).containsExactly("s-2 ACKED", "s-1 ACKED");
        read(SECOND, a, false);
        assertThat(places(a)).containsExactly("s-2 SUSPECT", "s-1 ACKED");
        rebuild.takeSpares("tape");
        assertThat(places(a)).containsExactly("s-1 ACKED", "s-2 SUSPECT");
        read(FIRST, a, true);
        assertThat(places(a)).containsExactly("s-1 VERIFIED");
    }

    private List<String> places(Version version) {
        return fixture.ledger().catalog().copiesAndSpares(List.of(version)).getFirst().stream()
                .map(copy -> names(copy) + " " + copy.state())
                .toList();
    }

    private static String names(Catalog.Copy copy) {
        StoredObject object = copy.object();
        return !copy.parts().isEmpty()
                ? copy.parts().stream()
                        .map(part -> part.object().name())
                        .collect(Collectors.joining(" "))
                : object == null ? "" : object.name();
    }

    @Test
    void whatCountsKeepsNoSpares() {
        Version a = onBoth();
        read(SECOND, a, true);
        rebuild.finish();
        add("s-1", FIRST, EARLY, file("a", 1, 11, "one"));
        rebuild.finish();
        read(SECOND, a, false);

        assertThat(rebuild.takeSpares("tape")).isEmpty();
        assertThat(contents(FIRST).needed()).isZero();
    }

    @Test
    void whatLiesOnACartridgeThatIsLostIsNoSpare() {
        Version a = onBoth();
        fixture.ledger().volumes().retire(FIRST, "uuid-" + FIRST, true);
        read(SECOND, a, false);

        assertThat(rebuild.takeSpares("tape")).isEmpty();
        assertThat(copy(a).state()).isEqualTo(CopyState.SUSPECT);
    }

    @Test
    void aSpareTakesThePlaceOfACopyOnACartridgeThatIsLost() {
        Version a = onBoth();
        fixture.ledger().volumes().retire(SECOND, "uuid-" + SECOND, true);
        assertThat(copy(a).state()).isEqualTo(CopyState.LOST);
        assertThat(contents(FIRST).needed()).isOne();

        assertThat(rebuild.takeSpares("tape")).containsExactly("s-1");
        assertThat(cartridge(a)).isEqualTo(FIRST);
        assertThat(contents(SECOND).needed()).isZero();
    }

    @Test
    void whatLiesOnACartridgeOfAnotherLabelIsNotTaken() {
        Version a = onBoth();
        fixture.ledger().tapeFiles().suspectAll(FIRST, "uuid-" + FIRST, "it is blank");
        read(SECOND, a, false);

        assertThat(rebuild.takeSpares("tape")).isEmpty();
    }

    /// A segment that met the end of a cartridge, whole on it, and written again on the next.
    @Test
    void aCopyOnACartridgeOfAnotherLabelGivesWayToTheSpare() {
        Version a = onBoth();
        assertThat(cartridge(a)).isEqualTo(SECOND);

        long fell =
                fixture.ledger().tapeFiles().suspectAll(SECOND, "uuid-" + SECOND, "it is blank");

        assertThat(fell).as("nobody had read it, so it did not count").isZero();
        assertThat(copy(a).state()).isEqualTo(CopyState.SUSPECT);
        assertThat(rebuild.takeSpares("tape")).containsExactly("s-1");
        assertThat(cartridge(a)).isEqualTo(FIRST);
        assertThat(copy(a).state()).isEqualTo(CopyState.ACKED);
    }

    @Test
    void theSameSegmentOnTwoCartridgesIsTwoCopies() {
        Found a = file("a", 1, 11, "one");
        add("s-1", FIRST, EARLY, a);
        assertThat(add("s-1", SECOND, EARLY, a)).isEqualTo(known(1));
        assertThat(add("s-1", SECOND, EARLY, a)).isEqualTo(known(1));
        assertThat(cartridge(version("a"))).as("both are of one time").isEqualTo(FIRST);
        assertThat(contents(SECOND).needed()).isOne();
        read(FIRST, version("a"), false);

        assertThat(rebuild.takeSpares("tape")).hasSize(1);

        assertThat(cartridge(version("a"))).isEqualTo(SECOND);
        assertThat(read(SECOND, version("a"), true).verified()).isOne();
    }

    /// Its members were read; but as a copy it can only be proven by whoever reads it again.
    @Test
    void whatIsCutOffIsKeptAndNotTakenForWhatIsWhole() {
        Found a = file("a", 1, 11, "one");
        add("s-1", FIRST, EARLY, a);
        StoredObject torn =
                new StoredObject(
                        "s-2", 0, true, new StoredObject.OnTape(SECOND, "uuid-" + SECOND, 1, 10));

        rebuild.add("tape", torn, LATE, List.of(a));

        assertThat(cartridge(version("a"))).isEqualTo(FIRST);
        assertThat(contents(SECOND).needed()).isOne();
        read(FIRST, version("a"), false);
        assertThat(rebuild.takeSpares("tape")).isEmpty();
        Merged again = rebuild.add("tape", torn, LATE, List.of(a));
        assertThat(again.matched()).as("it is proven by being read").containsExactly(11L);
    }

    @Test
    void aVersionThatIsForgottenLeavesNoSpare() throws SQLException {
        onBoth();
        assertThat(rows("spare")).isOne();

        sql("DELETE FROM version WHERE id = 11");

        assertThat(rows("spare")).isZero();
    }

    private Merged part(String name, int number, String barcode, String set, Instant written) {
        Found file = file("large", 1, 20, WHOLE);
        return rebuild.addPart(
                "tape",
                segment(name, barcode, number * 10L),
                written,
                new Found(
                        file.source(),
                        file.path(),
                        1,
                        20,
                        file.metadata(),
                        null,
                        number == 3 ? file.sha256() : null,
                        512),
                new Rebuild.FoundPart(set, number, 3, (number - 1) * 10L, 10, 10, hash(name)));
    }

    private void set(String set, String barcode, Instant written) {
        for (int number = 1; number <= 3; number++) {
            part(set + number, number, barcode, set, written);
        }
    }

    private List<String> parts(Version version) {
        return copy(version).parts().stream().map(part -> part.object().name()).toList();
    }

    private void readPart(String barcode, int file, Version version, boolean good, boolean whole) {
        TapeFiles files = fixture.ledger().tapeFiles();
        TapeFiles.Held held =
                files.on(barcode).stream().filter(h -> h.file() == file).findFirst().orElseThrow();
        files.readBack(
                held,
                fixture.evidence(Evidence.Level.V3),
                good ? List.of(version.id()) : List.of(),
                good ? Map.of() : Map.of(version.id(), "other bytes"),
                whole ? List.of(version.id()) : List.of());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofTwoSetsOfPartsTheLaterIsTakenAndBothCartridgesAreNeeded(boolean lateFirst)
            throws SQLException {
        for (boolean late : List.of(lateFirst, !lateFirst, lateFirst, !lateFirst)) {
            set(late ? "t" : "s", late ? SECOND : FIRST, late ? LATE : EARLY);
        }
        rebuild.finish();
        Version large = version("large");
        assertThat(parts(large)).containsExactly("t1", "t2", "t3");
        assertThat(rebuild.incomplete("tape")).isEmpty();
        assertThat(rebuild.spares("tape")).isOne();
        assertThat(contents(FIRST).needed()).isOne();
        assertThat(contents(SECOND).needed()).isOne();

        for (int number = 1; number <= 3; number++) {
            readPart(SECOND, number, large, true, number == 3);
        }

        assertThat(copy(large).state()).isEqualTo(CopyState.VERIFIED);
        assertThat(contents(FIRST).needed()).isZero();
        rebuild.finish();
        assertThat(rows("found_part")).isZero();
    }

    @Test
    void aRestoreTriesTheOtherSetToo() {
        set("s", FIRST, EARLY);
        set("t", SECOND, LATE);
        Version large = version("large");
        assertThat(places(large)).containsExactly("t1 t2 t3 ACKED", "s1 s2 s3 ACKED");
        readPart(SECOND, 2, large, false, false);
        assertThat(places(large)).containsExactly("t1 t2 t3 SUSPECT", "s1 s2 s3 ACKED");
        rebuild.takeSpares("tape");
        assertThat(places(large)).as("a set with a bad part").containsExactly("s1 s2 s3 ACKED");
        for (int number = 1; number <= 3; number++) {
            readPart(FIRST, number, large, true, number == 3);
        }
        assertThat(places(large)).containsExactly("s1 s2 s3 VERIFIED");
    }

    @Test
    void aRestoreTriesTheOtherPlaceOfAPartToo() {
        set("s", FIRST, EARLY);
        part("again", 2, SECOND, "s", LATE);
        Version large = version("large");
        assertThat(places(large)).containsExactly("s1 again s3 ACKED", "s1 s2 s3 ACKED");
        readPart(SECOND, 2, large, false, false);
        assertThat(places(large)).containsExactly("s1 again s3 SUSPECT", "s1 s2 s3 ACKED");
    }

    @Test
    void aSetWithABadPartGivesWayToTheOtherAndIsKept() {
        set("s", FIRST, EARLY);
        set("t", SECOND, LATE);
        Version large = version("large");
        readPart(SECOND, 2, large, false, false);
        assertThat(copy(large).state()).isEqualTo(CopyState.SUSPECT);

        assertThat(rebuild.takeSpares("tape")).containsExactly("s1", "s2", "s3");

        assertThat(parts(large)).containsExactly("s1", "s2", "s3");
        assertThat(copy(large).state()).isEqualTo(CopyState.ACKED);
        assertThat(contents(SECOND).needed()).isOne();
        set("t", SECOND, LATE);
        assertThat(parts(large)).as("a bad one is not taken for later").first().isEqualTo("s1");
        readPart(FIRST, 1, large, false, false);
        assertThat(rebuild.takeSpares("tape")).as("the other has a bad part too").isEmpty();
        assertThat(contents(FIRST).needed()).isOne();
        assertThat(contents(SECOND).needed()).isOne();

        for (int number = 1; number <= 3; number++) {
            readPart(FIRST, number, large, true, number == 3);
        }
        assertThat(copy(large).state()).isEqualTo(CopyState.VERIFIED);
        assertThat(contents(SECOND).needed()).isZero();
    }

    @Test
    void theKeyOfWhatIsKeptIsStillNeeded() {
        Found a = file("a", 1, 11, "one");
        add("s-2", SECOND, LATE, a);
        StoredObject plain = segment("s-1", FIRST, 10);
        rebuild.add(
                "tape",
                new StoredObject(
                        plain.name(), 4096, true, plain.tape(), null, List.of("age1escrow")),
                EARLY,
                List.of(a));

        assertThat(fixture.ledger().encryptedObjects().groups())
                .containsExactly(
                        new EncryptedObjects.Group("tape", List.of("age1escrow"), 1, 4096));
    }

    /// Of one size and one time, and two contents.
    @Test
    void aSetOfAnotherVersionIsNotTakenAndStaysNeeded() {
        Found other = file("large", 1, 20, WHOLE.toUpperCase(java.util.Locale.ROOT));
        add("o", FIRST, EARLY, other);
        set("s", SECOND, EARLY);
        assertThat(fixture.ledger().catalog().versions("docs", ItemPath.of("large"))).hasSize(1);
        assertThat(rebuild.spares("tape")).isZero();
        assertThat(contents(SECOND).needed()).isOne();
        read(FIRST, version("large"), true);
        rebuild.finish();
        assertThat(contents(SECOND).needed()).as("nothing else has its content").isOne();
        read(FIRST, version("large"), false);

        assertThat(rebuild.takeSpares("tape")).isEmpty();
        assertThat(copy(version("large")).parts()).isEmpty();
    }

    /// The parts of the one that is recorded do not become those of the other.
    @Test
    void aPartOfAnotherVersionIsNotTakenForOneOfThis() {
        set("s", FIRST, EARLY);
        part("s2", 2, SECOND, "s", EARLY);
        Found first = file("large", 1, 20, WHOLE);
        Found second =
                new Found(
                        "docs",
                        first.path(),
                        2,
                        21,
                        first.metadata(),
                        null,
                        hash(WHOLE.toUpperCase(java.util.Locale.ROOT)),
                        512);
        add("o", "VT0003L8", LATE, second);
        assertThat(version("large").number()).isEqualTo(2);
        read("VT0003L8", version("large"), false);

        assertThat(rebuild.takeSpares("tape")).isEmpty();

        assertThat(copy(version("large")).state()).isEqualTo(CopyState.SUSPECT);
    }

    /// Where a copy in parts begins is no copy in one piece.
    @Test
    void theFirstPartOfWhatIsMadeAnewIsNoSpare() throws SQLException {
        set("s", FIRST, EARLY);
        readPart(FIRST, 1, version("large"), false, false);
        sql("UPDATE copy SET state = 'WANTED', replaces = 'SUSPECT', parts = 1");

        assertThat(add("t", SECOND, LATE, file("large", 1, 20, WHOLE)).copies()).isOne();

        assertThat(cartridge(version("large"))).isEqualTo(SECOND);
        assertThat(rows("spare")).isZero();
    }

    /// A part that met the end of a cartridge and was written again.
    @Test
    void aBadPartGivesWayToTheSamePartElsewhere() {
        set("s", FIRST, EARLY);
        part("s2", 2, SECOND, "s", EARLY);
        Version large = version("large");
        rebuild.finish();
        assertThat(rebuild.incomplete("tape")).isEmpty();
        assertThat(contents(SECOND).needed()).isOne();
        readPart(FIRST, 2, large, false, false);

        assertThat(rebuild.takeSpares("tape")).hasSize(3);

        assertThat(copy(large).state()).isEqualTo(CopyState.ACKED);
        assertThat(copy(large).parts())
                .extracting(
                        part -> part.object().tape() == null ? "" : part.object().tape().volume())
                .containsExactly(FIRST, SECOND, FIRST);
        assertThat(contents(FIRST).needed()).isEqualTo(2); // and the set of the bad part
    }

    @Test
    void aSetThatLacksAPartIsNotTakenAndIsKept() {
        set("s", FIRST, EARLY);
        part("t1", 1, SECOND, "t", LATE);
        part("t3", 3, SECOND, "t", LATE);
        Version large = version("large");
        rebuild.finish();
        assertThat(rebuild.incomplete("tape")).as("its version has a copy").isEmpty();
        assertThat(contents(SECOND).needed()).isOne();
        readPart(FIRST, 1, large, false, false);
        assertThat(rebuild.takeSpares("tape")).isEmpty();

        part("t2", 2, "VT0003L8", "t", LATE);

        assertThat(parts(large)).containsExactly("t1", "t2", "t3");
    }

    private long rows(String table) throws SQLException {
        try (Connection connection = connect();
                var rows =
                        connection
                                .createStatement()
                                .executeQuery("SELECT count(*) FROM " + table)) {
            return rows.getLong(1);
        }
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = connect()) {
            connection.createStatement().executeUpdate(statement);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
    }
}
