package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.ledger.Rebuild.Merged;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a medium says of itself, put back into a ledger: never over what it knows, never counted.
class RebuildTest {
    private static final Instant WRITTEN = Instant.parse("2025-05-05T05:05:05Z");

    @TempDir Path directory;
    private LedgerFixture fixture;

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(directory.resolve("ledger.db")).usual();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private static StoredObject segment(String name, int file) {
        return new StoredObject(
                name, 4096, true, new StoredObject.OnTape("VT0001L8", "uuid-1", file, file * 100L));
    }

    private Merged add(StoredObject object, Found... found) {
        return fixture.ledger().rebuild().add("tape", object, WRITTEN, List.of(found));
    }

    private static Found found(String path, int number, long id, String content) {
        return found(path, number, id, Kind.FILE, content);
    }

    private static Found found(
            String path, int number, long id, Kind kind, @Nullable String content) {
        Instant modified = Instant.parse("2024-02-29T01:02:03.000000004Z").plusSeconds(number);
        long size = content == null ? 0 : content.length();
        Metadata metadata =
                new Metadata(kind, size, modified, 0644, 1, 2, Metadata.NO_TARGET, 1, List.of());
        return new Found(
                "docs",
                ItemPath.of(path),
                number,
                id,
                metadata,
                new Fingerprint(7, 1000 + id, size, modified, modified),
                content == null
                        ? null
                        : Sha256.of(
                                Sha256.digest().digest(content.getBytes(StandardCharsets.UTF_8))),
                512);
    }

    private List<Version> versions(String path) {
        return fixture.ledger().catalog().versions("docs", ItemPath.of(path));
    }

    private Catalog.Copy copy(Version version) {
        return fixture.ledger().catalog().copies(version).stream()
                .filter(c -> c.target().name().equals("tape"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anEmptyLedgerKnowsAllOfItAndCountsNothing() {
        Merged merged =
                add(segment("s-1", 1), found("a", 1, 11, "one"), found("b", 1, 12, "other"));
        add(segment("s-2", 2), found("a", 2, 20, "two"));

        assertThat(merged).isEqualTo(new Merged(2, 2, 0, List.of(), List.of()));
        assertThat(versions("a")).extracting(Version::id).containsExactly(20L, 11L);
        Catalog.Copy copy = copy(versions("a").getFirst());
        assertThat(copy.state()).isEqualTo(CopyState.ACKED);
        assertThat(copy.evidence()).isNull();
        assertThat(copy.object()).isEqualTo(segment("s-2", 2));
        assertThat(copy.offset()).isEqualTo(512);
        Counts.Report report = fixture.ledger().counts().report(Policy.THREE_TWO_ONE);
        assertThat(report.items()).isEqualTo(2);
        assertThat(report.reached()).containsOnlyKeys(new Reached(0, 0, 0, 0, 0));
        assertThat(fixture.ledger().rebuild().unknownVersions()).isEqualTo(17);
        assertThat(fixture.ledger().events().walk().bad()).isNull();
    }

    @Test
    void doingItTwiceChangesNothing() {
        Found[] all = {found("a", 1, 11, "one"), found("b", 1, 12, "other")};
        add(segment("s-1", 1), all);

        assertThat(add(segment("s-1", 1), all))
                .isEqualTo(new Merged(0, 0, 2, List.of(), List.of()));
    }

    @Test
    void aNewVersionGetsAnIdAboveAllThatWereFound() {
        add(segment("s-1", 1), found("a", 1, 11, "one"));

        fixture.scan("docs", LedgerFixture.file("new", 5, 1));

        assertThat(versions("new").getFirst().id()).isEqualTo(12);
    }

    @Test
    void aKnownCopyStaysAsItIs() {
        fixture.scan("docs", LedgerFixture.file("a", 5, 1));
        fixture.copyAll("tape");
        Version known = versions("a").getFirst();
        Catalog.Copy before = copy(known);

        Merged merged = add(segment("s-9", 9), of(known));

        assertThat(merged).isEqualTo(new Merged(0, 0, 1, List.of(), List.of()));
        assertThat(copy(known)).isEqualTo(before);
    }

    @Test
    void aKnownVersionGetsTheCopyItHadNot() {
        fixture.scan("docs", LedgerFixture.file("a", 5, 1));
        fixture.copyAll("nas");
        Version known = versions("a").getFirst();

        Merged merged = add(segment("s-9", 9), of(known));

        assertThat(merged.copies()).isOne();
        assertThat(merged.matched()).containsExactly(known.id());
        assertThat(copy(known).state()).isEqualTo(CopyState.ACKED);
        assertThat(fixture.claim("tape", fixture.lease())).as("it is not made again").isEmpty();
    }

    private static Found of(Version version) {
        return new Found(
                version.source(),
                version.path(),
                version.number(),
                version.id(),
                version.metadata(),
                null,
                LedgerFixture.hash(version),
                512);
    }

    @Test
    void anotherContentUnderTheSameNumberIsToldAndNotTaken() {
        add(segment("s-1", 1), found("a", 1, 11, "one"));

        Merged merged = add(segment("s-2", 2), found("a", 1, 12, "another life"));

        assertThat(merged.versions() + merged.copies()).isZero();
        assertThat(merged.conflicts()).singleElement().asString().contains("'a'", "version 1");
        assertThat(versions("a")).hasSize(1);
    }

    @Test
    void anIdThatIsTakenIsGivenAnewUnlessTheOrderWouldBeLost() {
        add(segment("s-1", 1), found("a", 1, 11, "one"));

        Merged other = add(segment("s-2", 2), found("b", 1, 11, "of another home"));
        Merged older =
                add(segment("s-3", 3), found("c", 2, 30, "newer"), found("c", 1, 11, "older"));

        assertThat(other.versions()).isOne();
        assertThat(versions("b").getFirst().id()).isEqualTo(12);
        assertThat(older.versions()).isOne();
        assertThat(older.conflicts()).singleElement().asString().contains("'c'", "is taken");
    }

    @Test
    void theSameSegmentInAnotherPlaceAddsNothing() {
        add(segment("s-1", 1), found("a", 1, 11, "one"));

        assertThat(add(segment("s-1", 4), found("a", 1, 11, "one")).known()).isOne();
        assertThat(copy(versions("a").getFirst()).object()).isEqualTo(segment("s-1", 1));
    }

    @Test
    void anObjectOfTheSameNameInAnotherLengthIsAnother() {
        Rebuild rebuild = fixture.ledger().rebuild();
        Found one = found("a", 1, 11, "one");
        rebuild.add("offsite", new StoredObject("o-1", 3, false, null), WRITTEN, List.of(one));

        Merged other =
                rebuild.add(
                        "offsite",
                        new StoredObject("o-1", 5, false, null),
                        WRITTEN,
                        List.of(found("b", 1, 12, "other")));

        assertThat(other).isEqualTo(new Merged(1, 0, 1, List.of(), List.of()));
        assertThat(fixture.ledger().catalog().copies(versions("b").getFirst())).isEmpty();
    }

    @Test
    void aCopyThatWasFoundBadGivesWayToAnotherOneOfItsVersion() {
        StoredObject other =
                new StoredObject(
                        "s-2", 4096, true, new StoredObject.OnTape("VT0002L8", "uuid-2", 1, 100));
        Found one = found("a", 1, 11, "one");
        add(segment("s-1", 1), one);
        assertThat(add(other, one).copies()).isZero();
        TapeFiles files = fixture.ledger().tapeFiles();
        files.readBack(
                files.on("VT0001L8").getFirst(),
                fixture.evidence(Evidence.Level.V3),
                List.of(),
                Map.of(11L, "unreadable"),
                List.of());

        assertThat(add(segment("s-1", 1), one).copies()).as("the bad one itself").isZero();
        assertThat(add(other, one).copies()).isEqualTo(1);

        Catalog.Copy copy = copy(versions("a").getFirst());
        assertThat(copy.state()).isEqualTo(CopyState.ACKED);
        assertThat(copy.object()).isEqualTo(other);
    }

    @Test
    void aSourceThatNoSettingsCouldNameIsToldAndNotTaken() {
        for (String source : List.of(".caravan", "..", "a/b", "", "A")) {
            Found one = found("sentinel", 1, 11, "of a stranger");
            Merged merged =
                    add(
                            segment("s-1", 1),
                            new Found(
                                    source,
                                    one.path(),
                                    one.number(),
                                    one.versionId(),
                                    one.metadata(),
                                    one.fingerprint(),
                                    one.sha256(),
                                    512));
            assertThat(merged.versions() + merged.copies()).isZero();
            assertThat(merged.conflicts()).singleElement().asString().contains("no source");
        }
        assertThat(fixture.ledger().sources().names()).containsExactly("docs");
    }

    @Test
    void theLastIdThereIsIsNotTakenFromAMedium() {
        Merged merged = add(segment("s-1", 1), found("a", 1, Long.MAX_VALUE, "one"));

        assertThat(merged.versions()).isZero();
        assertThat(merged.conflicts()).hasSize(1);
        fixture.scan("docs", LedgerFixture.file("new", 5, 1));
        assertThat(versions("new")).hasSize(1);
    }

    @Test
    void anObjectThatIsNotThereInFullLengthIsALostCopy() {
        ObjectFindings server = fixture.ledger().rebuild().objects("offsite");
        server.there(
                List.of(
                        new ObjectFindings.There("o-1", 3),
                        new ObjectFindings.There("o-2", 2),
                        new ObjectFindings.There("s-1", 4096)));

        ObjectFindings.Described described =
                server.add(
                        "m-1",
                        WRITTEN,
                        List.of(
                                new ObjectFindings.Line(found("a", 1, 11, "one"), "o-1"),
                                new ObjectFindings.Line(found("b", 1, 12, "two"), "o-2"),
                                new ObjectFindings.Line(found("c", 1, 13, "gone"), "o-3")));

        assertThat(described.merged().versions()).isEqualTo(3);
        assertThat(described.merged().copies()).isOne();
        assertThat(described.missing()).hasSize(2);
        assertThat(server.undescribed("", 10))
                .containsExactly(new ObjectFindings.There("s-1", 4096));
        assertThat(fixture.ledger().catalog().copies(versions("a").getFirst()))
                .singleElement()
                .satisfies(copy -> {
                    assertThat(copy.state()).isEqualTo(CopyState.ACKED);
                    assertThat(copy.object()).isEqualTo(new StoredObject("o-1", 3, false, null));
                });
        assertThat(fixture.ledger().catalog().copies(versions("c").getFirst()))
                .extracting(Catalog.Copy::state)
                .containsExactly(CopyState.LOST);
    }

    @Test
    void nothingIsBelowWhatIsNoFolderAnyMore() {
        add(
                segment("s-1", 1),
                found("a", 1, 1, Kind.FOLDER, null),
                found("a/b", 1, 2, "below"),
                found("a-b", 1, 3, "beside"),
                found("a", 2, 4, Kind.FILE, "a file now"));

        assertThat(fixture.ledger().rebuild().finish()).isOne();

        assertThat(fixture.ledger().catalog().tree("docs", ItemPath.ROOT, false))
                .extracting(version -> version.path().toString())
                .containsExactly("a", "a-b");
        assertThat(fixture.ledger().rebuild().finish()).isZero();
    }

    @Test
    void whatWasReadBackCountsAndWhatIsBadCountsNoMore() {
        add(segment("s-1", 1), found("a", 1, 11, "one"), found("b", 1, 12, "other"));
        TapeFiles files = fixture.ledger().tapeFiles();
        TapeFiles.Held held = files.on("VT0001L8").getFirst();
        assertThat(held.copies()).isEqualTo(2);
        assertThat(held.unproven()).isEqualTo(2);

        TapeFiles.Outcome good =
                files.readBack(
                        held,
                        fixture.evidence(Evidence.Level.V3),
                        List.of(11L, 12L),
                        Map.of(),
                        List.of());

        assertThat(good).isEqualTo(new TapeFiles.Outcome(2, 0, 0));
        assertThat(copy(versions("a").getFirst()).state()).isEqualTo(CopyState.VERIFIED);
        assertThat(copy(versions("a").getFirst()).evidence())
                .isEqualTo(fixture.evidence(Evidence.Level.V3));

        TapeFiles.Outcome bad =
                files.readBack(
                        held,
                        fixture.evidence(Evidence.Level.V3),
                        List.of(12L),
                        Map.of(11L, "it has SHA-256 0"),
                        List.of());

        assertThat(bad).isEqualTo(new TapeFiles.Outcome(1, 1, 1));
        Catalog.Copy suspect = copy(versions("a").getFirst());
        assertThat(suspect.state()).isEqualTo(CopyState.SUSPECT);
        assertThat(suspect.lastError()).isEqualTo("it has SHA-256 0");
        assertThat(files.suspectAll("VT0001L8", "another", "gone")).isZero();
        assertThat(files.suspectAll("VT0001L8", "uuid-1", "gone")).isOne();
        assertThat(fixture.ledger().events().walk().bad()).isNull();
    }

    private static final String WHOLE = "0123456789abcdefghijABCDEFGHIJ";

    /// Part `number` of three of ten bytes, as the index of its segment has it.
    private Merged addPart(String segment, int number, String barcode, @Nullable String whole) {
        return addPart(segment, number, barcode, whole, "set", WRITTEN.plusSeconds(number));
    }

    private Merged addPart(
            String segment,
            int number,
            String barcode,
            @Nullable String whole,
            String set,
            Instant written) {
        Found file = found("large", 1, 20, WHOLE);
        return fixture.ledger()
                .rebuild()
                .addPart(
                        "tape",
                        segment(segment, number, barcode),
                        written,
                        new Found(
                                file.source(),
                                file.path(),
                                1,
                                20,
                                file.metadata(),
                                file.fingerprint(),
                                whole == null ? null : file.sha256(),
                                512),
                        new Rebuild.FoundPart(
                                set,
                                number,
                                3,
                                (number - 1) * 10L,
                                10,
                                10,
                                Sha256.of(
                                        Sha256.digest()
                                                .digest(
                                                        segment.getBytes(
                                                                StandardCharsets.UTF_8)))));
    }

    @Test
    void aFileIsKnownWhenAllItsPartsAreFoundInWhateverOrderAndByWhateverProgram() {
        Rebuild rebuild = fixture.ledger().rebuild();
        assertThat(addPart("s-3", 3, "VT0003L8", WHOLE).copies()).isZero();
        assertThat(addPart("s-3", 3, "VT0003L8", WHOLE).copies()).isZero();
        rebuild.finish();
        fixture.reopen();
        assertThat(addPart("s-1", 1, "VT0001L8", null).copies()).isZero();
        assertThat(versions("large")).as("nothing can be restored yet").isEmpty();
        assertThat(fixture.ledger().rebuild().incomplete("tape"))
                .containsExactly(new Rebuild.Incomplete("docs", ItemPath.of("large"), 2, 3));
        assertThat(
                        fixture.ledger()
                                .volumes()
                                .contents(
                                        "VT0003L8",
                                        "uuid-VT0003L8",
                                        new Volumes.Rule(
                                                Policy.THREE_TWO_ONE, java.time.Duration.ZERO))
                                .orElseThrow()
                                .needed())
                .as("what was found is not written over")
                .isEqualTo(1);

        Merged merged = addPart("s-2", 2, "VT0002L8", null);

        assertThat(merged.versions()).isOne();
        assertThat(merged.copies()).isOne();
        assertThat(fixture.ledger().rebuild().incomplete("tape")).isEmpty();
        Version large = versions("large").getFirst();
        Catalog.Copy copy = copy(large);
        assertThat(copy.state()).isEqualTo(CopyState.ACKED);
        assertThat(copy.parts())
                .extracting(part -> part.object().name())
                .containsExactly("s-1", "s-2", "s-3");
        assertThat(copy.sha256()).isEqualTo(large.sha256());
        assertThat(addPart("s-1", 1, "VT0001L8", null)).isEqualTo(known(1));
        assertThat(addPart("s-2", 2, "VT0002L8", null)).isEqualTo(known(0));
    }

    private static Merged known(long copies) {
        return new Merged(0, 0, copies, List.of(), List.of());
    }

    @Test
    void partsOfTwoAttemptsAreNeverJoined() {
        addPart("s-1", 1, "VT0001L8", null, "other", WRITTEN);
        addPart("s-2", 2, "VT0002L8", null);
        addPart("s-3", 3, "VT0002L8", WHOLE);

        assertThat(versions("large")).isEmpty();
        assertThat(fixture.ledger().rebuild().incomplete("tape")).hasSize(2);

        addPart("s-1b", 1, "VT0004L8", null);
        fixture.ledger().rebuild().finish();

        assertThat(copy(versions("large").getFirst()).parts()).hasSize(3);
        assertThat(fixture.ledger().rebuild().incomplete("tape"))
                .as("the other attempt is of no use any more")
                .isEmpty();
    }

    @Test
    void thePartThatWasWrittenLaterCounts() {
        addPart("again", 2, "VT0002L8", null, "set", WRITTEN.plusSeconds(60));
        addPart("s-2", 2, "VT0001L8", null);
        addPart("s-1", 1, "VT0001L8", null);
        addPart("s-3", 3, "VT0001L8", WHOLE);
        assertThat(copy(versions("large").getFirst()).parts().get(1).object().name())
                .isEqualTo("again");

        addPart("s-3b", 3, "VT0003L8", WHOLE, "set", WRITTEN.plusSeconds(70));

        assertThat(copy(versions("large").getFirst()).parts().get(2).object().name())
                .as("found after the set was whole")
                .isEqualTo("s-3b");
    }

    /// Records parts of the file that [#addPart] finds, as a copy route does before it crashes.
    private Version crashedAfter(int... numbers) {
        Found file = found("large", 1, 20, WHOLE);
        Sighted seen =
                new Sighted(
                        file.path(), file.metadata(), Objects.requireNonNull(file.fingerprint()));
        fixture.ledger().scans().register("docs", List.of(seen), List.of("tape"));
        Version large = versions("large").getFirst();
        long lease = fixture.lease();
        fixture.claim("tape", lease);
        for (int number : numbers) {
            record(large, lease, "s-" + number, number);
        }
        fixture.reopen();
        return large;
    }

    private void record(Version large, long lease, String segment, int number) {
        PartOfCopy part = new PartOfCopy("set", number, 3, (number - 1) * 10L, 10, 10, false);
        PartProof proof =
                new PartProof(
                        large,
                        part,
                        Sha256.OF_NOTHING,
                        segment(segment, number, "VT000" + number + "L8"),
                        512,
                        null);
        fixture.ledger()
                .parts()
                .record("tape", lease, fixture.evidence(Evidence.Level.V1), List.of(proof));
    }

    private static StoredObject segment(String name, int number, String barcode) {
        return new StoredObject(
                name,
                4096,
                true,
                new StoredObject.OnTape(barcode, "uuid-" + barcode, number, number * 10L));
    }

    /// A crash came when the last part was on tape and not yet recorded: this set was taken for
    /// known, and never joined.
    @Test
    void aSetThatACrashLeftHalfRecordedIsJoinedWithWhatIsFoundOfIt() {
        Version large = crashedAfter(1, 2);
        assertThat(addPart("s-1", 1, "VT0001L8", null)).as("no news").isEqualTo(known(0));
        assertThat(copy(large).state()).isEqualTo(CopyState.WANTED);

        Merged merged = addPart("s-3", 3, "VT0003L8", WHOLE);

        assertThat(merged.copies()).isOne();
        assertThat(merged.versions()).isZero();
        Catalog.Copy copy = copy(large);
        assertThat(copy.state()).isEqualTo(CopyState.ACKED);
        assertThat(copy.parts())
                .extracting(part -> part.object().name())
                .containsExactly("s-1", "s-2", "s-3");
        assertThat(fixture.claim("tape", fixture.lease())).as("it is not made again").isEmpty();
        assertThat(fixture.ledger().rebuild().incomplete("tape")).isEmpty();
        assertThat(addPart("s-3", 3, "VT0003L8", WHOLE)).isEqualTo(known(0));
        readBack("VT0001L8", true, false);
        readBack("VT0002L8", true, false);
        assertThat(readBack("VT0003L8", true, true).verified()).isOne();
        assertThat(copy(large).state()).isEqualTo(CopyState.VERIFIED);
    }

    @Test
    void aSetThatACrashLeftWithoutTheHashOfTheWholeIsJoinedByTheIndexThatHasIt() {
        Version large = crashedAfter(1, 2, 3);

        assertThat(addPart("s-3", 3, "VT0003L8", WHOLE).copies()).isOne();

        assertThat(copy(large).state()).isEqualTo(CopyState.ACKED);
        assertThat(copy(large).parts()).hasSize(3);
    }

    @Test
    void aPartThatIsVoidIsNotJoinedAndTheOneThatWasWrittenAgainIs() {
        Version large = crashedAfter(1, 2);
        assertThat(readBack("VT0002L8", false, false).suspect()).isZero();

        assertThat(addPart("s-2", 2, "VT0002L8", null)).isEqualTo(known(0));
        assertThat(addPart("s-3", 3, "VT0003L8", WHOLE).copies()).isZero();
        assertThat(copy(large).state()).isEqualTo(CopyState.WANTED);
        assertThat(fixture.ledger().rebuild().incomplete("tape"))
                .containsExactly(new Rebuild.Incomplete("docs", ItemPath.of("large"), 2, 3));

        assertThat(addPart("again", 2, "VT0004L8", null).copies()).isOne();
        assertThat(copy(large).parts())
                .extracting(part -> part.object().name())
                .containsExactly("s-1", "again", "s-3");
    }

    @Test
    void aSetThatWasFoundBadGivesWayToAnotherOneOfItsVersion() {
        addPart("s-1", 1, "VT0001L8", null);
        addPart("s-2", 2, "VT0002L8", null);
        addPart("s-3", 3, "VT0003L8", WHOLE);
        Version large = versions("large").getFirst();
        addPart("t-1", 1, "VT0004L8", null, "other", WRITTEN);
        addPart("t-2", 2, "VT0004L8", null, "other", WRITTEN);
        assertThat(addPart("t-3", 3, "VT0005L8", WHOLE, "other", WRITTEN).known()).isOne();
        readBack("VT0002L8", false, false);

        addPart("s-1", 1, "VT0001L8", null);
        addPart("s-2", 2, "VT0002L8", null);
        addPart("s-3", 3, "VT0003L8", WHOLE);
        assertThat(copy(large).state()).as("the bad one itself").isEqualTo(CopyState.SUSPECT);
        assertThat(addPart("t-1", 1, "VT0004L8", null, "other", WRITTEN).copies())
                .as("its other parts were kept")
                .isOne();
        assertThat(addPart("t-2", 2, "VT0004L8", null, "other", WRITTEN)).isEqualTo(known(0));
        assertThat(addPart("t-3", 3, "VT0005L8", WHOLE, "other", WRITTEN)).isEqualTo(known(0));

        assertThat(copy(large).state()).isEqualTo(CopyState.ACKED);
        assertThat(copy(large).parts())
                .extracting(part -> part.object().name())
                .containsExactly("t-1", "t-2", "t-3");
    }

    @Test
    void aCopyInPartsIsVerifiedByAllPartsAndTheWholeAndSuspectByOne() {
        addPart("s-1", 1, "VT0001L8", null);
        addPart("s-2", 2, "VT0002L8", null);
        addPart("s-3", 3, "VT0003L8", WHOLE);
        Version large = versions("large").getFirst();

        assertThat(readBack("VT0001L8", true, false).verified()).isZero();
        assertThat(readBack("VT0002L8", true, false).verified()).isZero();
        assertThat(readBack("VT0003L8", true, false).verified())
                .as("each part is good, and nothing proves the whole")
                .isZero();
        assertThat(copy(large).state()).isEqualTo(CopyState.ACKED);
        assertThat(readBack("VT0003L8", true, true).verified()).isOne();
        assertThat(copy(large).state()).isEqualTo(CopyState.VERIFIED);

        assertThat(readBack("VT0002L8", false, false)).isEqualTo(new TapeFiles.Outcome(0, 1, 1));
        assertThat(copy(large).state()).isEqualTo(CopyState.SUSPECT);
        assertThat(readBack("VT0001L8", true, false).verified())
                .as("the other part is still bad")
                .isZero();
        assertThat(readBack("VT0002L8", true, false).verified()).isOne();
        assertThat(copy(large).state()).isEqualTo(CopyState.VERIFIED);

        assertThat(fixture.ledger().tapeFiles().suspectAll("VT0002L8", "uuid-VT0002L8", "no label"))
                .as("it begins on another volume")
                .isOne();
        assertThat(copy(large).state()).isEqualTo(CopyState.SUSPECT);
    }

    private TapeFiles.Outcome readBack(String barcode, boolean good, boolean whole) {
        TapeFiles files = fixture.ledger().tapeFiles();
        TapeFiles.Held held = files.on(barcode).getFirst();
        long large = versions("large").getFirst().id();
        return files.readBack(
                held,
                fixture.evidence(Evidence.Level.V3),
                good ? List.of(large) : List.of(),
                good ? Map.of() : Map.of(large, "part 2 of 3: other bytes"),
                whole ? List.of(large) : List.of());
    }
}
