package dev.caravan.cli;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.StoredObject;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.Body;
import dev.caravan.tape.pool.TapeFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `tape label`, `show`, `pools`, `vault` and `needed`, over a real ledger and a real virtual
/// library.
class TapeVolumeCommandsTest {
    @TempDir Path folder;

    private TestHome home;
    private Path tapes;

    @BeforeEach
    void makeHome() throws IOException {
        home = new TestHome(folder, "caravan.tape.retention=90d");
        tapes = home.root.resolve("data/tapes");
    }

    private TapeLibrary library() throws IOException {
        return TapeLibrary.create(tapes, 3, 4 << 20);
    }

    private static TapeFile write(TapeLibrary library) throws IOException {
        return library.pool("weekly", 4096)
                .write(
                        new Body() {
                            @Override
                            public InputStream open() {
                                return new ByteArrayInputStream(new byte[10_000]);
                            }

                            @Override
                            public OptionalLong length() {
                                return OptionalLong.of(10_000);
                            }
                        });
    }

    /// One file `a` and one `b/c`, each with a copy in the tape file.
    private void record(TapeFile file) {
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("a", 10, 1), LedgerFixture.folder("b"), file("b/c", 30, 1));
            fixture.copyAll("nas");
            fixture.copyAll("offsite");
            long lease = fixture.lease();
            List<CopyProof> proofs =
                    fixture.claim("tape", lease).stream().map(v -> proof(v, file)).toList();
            fixture.ledger()
                    .copies()
                    .record("tape", lease, fixture.evidence(Evidence.Level.V1), proofs);
        }
    }

    private static CopyProof proof(Version version, TapeFile file) {
        boolean isFile = version.metadata().size() > 0;
        return new CopyProof(
                version,
                isFile ? LedgerFixture.hash(version) : null,
                version.metadata().size(),
                new StoredObject(
                        "segment-1",
                        file.bytes(),
                        true,
                        new StoredObject.OnTape(
                                file.volume().text(),
                                file.volumeId().toString(),
                                file.file(),
                                file.block())),
                512L * version.id());
    }

    /// A robot's door is another engineer's; here the cartridge is simply gone from its slot.
    private void takeOut(String barcode) throws IOException {
        Path file = tapes.resolve("library.json");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceAll(",?\\s*\"barcode\":\\s*\"" + barcode + "\"", "")
                        .replaceAll(",\\s*\"homeSlot\":\\s*1(?=\\D)", ""));
    }

    @Test
    void withoutALibraryEachSaysWhatMakesOne() {
        for (String[] args :
                List.of(
                        new String[] {"tape", "label", "VT0001L8"},
                        new String[] {"tape", "show", "VT0001L8"},
                        new String[] {"tape", "pools"},
                        new String[] {"tape", "vault", "in", "VT0001L8"},
                        new String[] {"tape", "needed", "."})) {
            TestHome.Ended ended = home.run(args);
            assertThat(ended.code()).isEqualTo(1);
            assertThat(ended.err())
                    .isEqualTo(
                            "caravan: no tape library in '%s' yet: the first backup makes it\n"
                                    .formatted(tapes));
        }
        assertThat(home.root.resolve("data/ledger.db")).doesNotExist();
    }

    @Test
    void wrongUsageIsExitTwo() throws IOException {
        library();

        assertThat(home.run("tape", "label", "vt1").code()).isEqualTo(2);
        assertThat(home.run("tape", "show", "../../x").code()).isEqualTo(2);
        assertThat(home.run("tape", "label", "VT0001L8", "--pool", "A b").code()).isEqualTo(2);
        assertThat(home.run("tape", "vault").code()).isEqualTo(2);
        assertThat(home.run("tape", "vault", "out", "VT0001L8").code()).isEqualTo(2);
        assertThat(home.run("tape", "vault", "out", "VT0001L8", "--to", "a/b").code()).isEqualTo(2);
        assertThat(home.run("tape", "needed").code()).isEqualTo(2);
    }

    @Test
    void aBlankCartridgeIsLabelledAndPoolsCountIt() throws IOException {
        library();

        TestHome.Ended labelled = home.run("tape", "label", "VT0002L8", "--pool", "monthly");
        JsonNode again = home.run("tape", "label", "VT0001L8", "--json").json();
        JsonNode pools = home.run("tape", "pools", "--json").json();
        String text = home.run("tape", "pools").out();

        assertThat(labelled.out()).startsWith("VT0002L8 is labelled for pool monthly: volume ");
        assertThat(again.path("pool").textValue()).isEqualTo("supply");
        assertThat(pools.path("pools").findValuesAsText("pool"))
                .containsExactly("monthly", "weekly");
        assertThat(pools.path("pools").get(0).path("newest").textValue()).isEqualTo("VT0002L8");
        assertThat(pools.path("pools").get(0).path("mediaSet").intValue()).isEqualTo(1);
        assertThat(pools.path("pools").get(1).path("volumes").intValue()).isZero();
        assertThat(pools.path("supply").toString()).isEqualTo("[\"VT0001L8\",\"VT0003L8\"]");
        assertThat(pools.path("retentionSeconds").longValue()).isEqualTo(90L * 86_400);
        assertThat(text)
                .contains(
                        "Supply: 2 cartridges; allocation continue; retention 90 days  SIMULATED");
    }

    @Test
    void aSizeThatNoDriveToldIsNotSaidToBeZero() throws IOException {
        TapeFile file = write(library());
        record(file);
        Path inventory = tapes.resolve("inventory.json");
        String told = Files.readString(inventory);
        String untold = told.replaceAll("(\"capacityBytes\":\\s*)\\d+", "$10");
        assertThat(untold).isNotEqualTo(told);
        Files.writeString(inventory, untold);

        JsonNode pools = home.run("tape", "pools", "--json").json();
        String text = home.run("tape", "pools").out();
        String show = home.run("tape", "show", "VT0001L8").out();

        assertThat(pools.path("pools").get(0).path("freeBytes").isNull()).isTrue();
        assertThat(text).containsPattern("weekly .* KiB +- +VT0001L8").doesNotContain(" 0 B");
        assertThat(show).contains("KiB, 2 tape files").doesNotContain(" 0 B");
    }

    @Test
    void aVolumeWhoseCopiesAreNeededIsNotLabelledEvenWithForce() throws IOException {
        TapeFile file = write(library());
        record(file);

        TestHome.Ended plain = home.run("tape", "label", "VT0001L8");
        TestHome.Ended forced = home.run("tape", "label", "VT0001L8", "--force");

        assertThat(plain.code()).isEqualTo(1);
        assertThat(plain.err())
                .isEqualTo(
                        "caravan: VT0001L8 is not labelled: it is volume %s of pool weekly, with 2 tape files; --force labels it all the same\n"
                                .formatted(file.volumeId()));
        assertThat(forced.code()).isEqualTo(1);
        assertThat(forced.err())
                .isEqualTo(
                        "caravan: VT0001L8 is not labelled: 3 copies on it are needed (3 of what is there now)\n");
        assertThat(home.run("whereis", "a", "--json").json().toString())
                .contains("\"target\":\"tape\",\"mediaKind\":\"tape\"")
                .contains("\"state\":\"DURABLE\"");
    }

    @Test
    void showTellsAllThatIsKnown() throws IOException {
        TapeFile file = write(library());
        record(file);

        String text = home.run("tape", "show", "VT0001L8").out();
        JsonNode json = home.run("tape", "show", "VT0001L8", "--json").json();
        TestHome.Ended blank = home.run("tape", "show", "VT0002L8");
        TestHome.Ended none = home.run("tape", "show", "XX0002L8");

        assertThat(text)
                .contains("VT0001L8  SIMULATED")
                .contains("place       drive 0")
                .contains("pool        weekly, media set 1, cartridge 1 of it")
                .contains("label       volume " + file.volumeId())
                .contains("2 tape files, data ends at block 6")
                .contains("copies      3 copies that count, of 3 items, 40 B")
                .contains("needed      3 copies on it are needed (3 of what is there now)")
                .contains("recycling   it is the newest of its pool")
                .contains("segment-1");
        assertThat(json.path("inside").booleanValue()).isTrue();
        assertThat(json.path("volume").path("endOfData").intValue()).isEqualTo(6);
        assertThat(json.path("ledger").path("needed").intValue()).isEqualTo(3);
        assertThat(json.path("ledger").path("tapeFiles").toString())
                .isEqualTo(
                        "[{\"file\":1,\"block\":2,\"name\":\"segment-1\",\"bytes\":10000,\"copies\":3}]");
        assertThat(json.path("notRecycledBecause").textValue())
                .isEqualTo("it is the newest of its pool");
        assertThat(blank.code()).isZero();
        assertThat(blank.out()).contains("blank, as far as is known");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err()).contains("no cartridge XX0002L8");
    }

    @Test
    void aCartridgeGoesToAVaultIsNamedWhereverItIsNeededAndComesBack() throws IOException {
        record(write(library()));

        TestHome.Ended inside = home.run("tape", "vault", "out", "VT0001L8", "--to", "BANK");
        assertThat(inside.code()).isEqualTo(1);
        assertThat(inside.err())
                .isEqualTo(
                        "caravan: VT0001L8 is in drive 0 of the library: export it first with caravan tape export VT0001L8\n");
        assertThat(home.run("tape", "needed", "a").code()).isZero();

        takeOut("VT0001L8");
        TestHome.Ended out = home.run("tape", "vault", "out", "VT0001L8", "--to", "BANK");
        TestHome.Ended needed = home.run("tape", "needed", "b", "a");
        JsonNode json = home.run("tape", "needed", "b", "--json").json();

        assertThat(out.out()).isEqualTo("VT0001L8 is in vault BANK\n");
        assertThat(needed.code()).isEqualTo(1);
        assertThat(needed.out())
                .contains("VT0001L8  vault BANK       3   40 B  bring it back and import it")
                .contains("1 cartridge needed, 1 outside the library");
        assertThat(json.toString())
                .isEqualTo(
                        "{\"simulated\":true,\"cartridges\":[{\"barcode\":\"VT0001L8\",\"place\":\"vault BANK\",\"inside\":false,\"copies\":2,\"bytes\":30}],\"missing\":1,\"notOnTape\":0}");
        assertThat(home.run("tape", "list").out()).contains("vault BANK");
        assertThat(
                        home.run("tape", "list", "--json")
                                .json()
                                .path("cartridges")
                                .get(0)
                                .path("vault")
                                .textValue())
                .isEqualTo("BANK");
        assertThat(home.run("tape", "show", "VT0001L8").out()).contains("vault BANK since 2");
        assertThat(home.run("whereis", "a").out())
                .contains("VT0001L8 file 1 block 2 offset 512 (in vault BANK)");

        TestHome.Ended back = home.run("tape", "vault", "in", "VT0001L8");
        assertThat(back.out())
                .isEqualTo("VT0001L8 is on the shelf: import it to have it in the library\n");
        assertThat(home.run("whereis", "a").out()).doesNotContain("vault");
        assertThat(home.run("tape", "vault", "in", "VT0002L8").err())
                .contains("no volume VT0002L8");
    }

    @Test
    void withoutAChangerWhatIsOnTheShelfCanGoToAVault() {
        Barcode barcode = new Barcode("ABC001L8");
        TapeCartridge shelf = new TapeCartridge(barcode, "shelf", true, 0, Optional.empty());
        TapeCartridge loaded = new TapeCartridge(barcode, "drive 0", true, 0, Optional.empty());

        TapeVaultCommand.requireAtHand(shelf, true);
        assertThatThrownBy(() -> TapeVaultCommand.requireAtHand(loaded, true))
                .hasMessage(
                        "ABC001L8 is in drive 0 of the library: unload it first with caravan tape unload ABC001L8");
    }

    @Test
    void aRetiredCartridgeIsNeverWrittenOnAndItsCopiesCountOn() throws IOException {
        TapeLibrary library = library();
        TapeFile file = write(library);
        record(file);

        TestHome.Ended retired = home.run("tape", "retire", "VT0001L8");
        TestHome.Ended forced = home.run("tape", "label", "VT0001L8", "--force");

        assertThat(retired.out())
                .isEqualTo("VT0001L8 is retired: 3 copies on it count as before\n");
        assertThat(retired.code()).isZero();
        assertThat(home.run("tape", "list").out()).contains("VT0001L8  retired");
        assertThat(home.run("whereis", "a", "--json").json().toString()).doesNotContain("LOST");
        assertThat(forced.err())
                .isEqualTo(
                        "caravan: VT0001L8 is not labelled: it is retired, and never written on again\n");
        assertThat(write(library).volume()).isEqualTo(new Barcode("VT0002L8"));
        assertThat(home.run("tape", "retire", "VT0003L8").err())
                .isEqualTo(
                        "caravan: no volume VT0003L8: only a labelled cartridge can be retired\n");
    }

    @Test
    void copiesOnALostCartridgeCountNoMoreAndAreWantedAgain() throws IOException {
        TapeFile file = write(library());
        record(file);

        JsonNode json = home.run("tape", "retire", "VT0001L8", "--lost", "--json").json();

        assertThat(json.toString())
                .isEqualTo(
                        "{\"barcode\":\"VT0001L8\",\"id\":\"%s\",\"status\":\"RETIRED\",\"known\":true,\"copies\":3,\"unproven\":0,\"begun\":0,\"lost\":3}"
                                .formatted(file.volumeId()));
        assertThat(home.run("whereis", "a", "--json").json().toString())
                .contains("\"state\":\"LOST\"");
        assertThat(home.run("tape", "retire", "VT0001L8", "--lost").out())
                .as("doing it again changes nothing")
                .isEqualTo(
                        "VT0001L8 is retired: 0 copies on it are lost; the next backup copies what is there now again\n");
        try (LedgerFixture fixture = home.ledger()) {
            assertThat(fixture.ledger().upkeep().repair()).isEqualTo(3);
            assertThat(fixture.claim("tape", fixture.lease())).hasSize(3);
            assertThat(fixture.ledger().events().walk().bad()).isNull();
        }
    }

    @Test
    void whatHasNoCopyOnTapeIsCounted() throws IOException {
        library();
        try (LedgerFixture fixture = home.ledger()) {
            fixture.scan("docs", file("a", 10, 1));
            fixture.copyAll("nas");
        }

        TestHome.Ended needed = home.run("tape", "needed", ".");

        assertThat(needed.code()).isEqualTo(1);
        assertThat(needed.out())
                .contains("0 cartridges needed, 0 outside the library; 1 item has no copy on tape");
        assertThat(home.run("tape", "needed", "nothing").err())
                .contains("nothing is known by the path 'nothing'");
    }
}
