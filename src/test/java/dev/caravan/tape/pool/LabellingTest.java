package dev.caravan.tape.pool;

import static dev.caravan.tape.pool.PoolFixture.BLOCK;
import static dev.caravan.tape.pool.PoolFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.pool.PoolFixture.Bytes;
import dev.caravan.tape.pool.VolumeUse.Verdict;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What may be labelled and written, by hand and by a pool; and what a cartridge says of itself.
class LabellingTest {
    private static final Barcode ONE = new Barcode("VT0001L8");
    private static final Barcode TWO = new Barcode("VT0002L8");

    @TempDir Path directory;

    private MemoryLibrary memory;
    private PoolFixture setup;

    @BeforeEach
    void makeLibrary() throws IOException {
        VirtualLibrary library =
                VirtualLibrary.create(directory.resolve("library"), 1, 2, 10 << 20, 0);
        memory = new MemoryLibrary(library);
        setup = over(library);
    }

    private PoolFixture over(VirtualLibrary library) {
        return new PoolFixture(
                library,
                new VolumeInventory(library.directory()),
                new DriveBays(memory, Duration.ofSeconds(10)));
    }

    private Path image(Barcode barcode) {
        return setup.library().directory().resolve(barcode.text()).resolve("p0.tap");
    }

    /// As when the program is started again.
    private void restart() throws IOException {
        setup = over(setup.library());
    }

    private TapeFile write() throws IOException {
        return setup.pool("weekly").write(Bytes.of(random(3 * BLOCK, 1)));
    }

    private Volume label(Barcode barcode, boolean force) throws IOException {
        return setup.byHand(VolumeUse.UNKNOWN).label(barcode, "supply", BLOCK, force);
    }

    /// Answers the same for every volume, and notes which were given up.
    private static final class Answer implements VolumeUse {
        private final Verdict verdict;
        private final List<UUID> asked = new ArrayList<>();

        Answer(Verdict verdict) {
            this.verdict = verdict;
        }

        @Override
        public Verdict of(Barcode barcode, UUID id) {
            return verdict;
        }

        @Override
        public Verdict giveUp(Barcode barcode, UUID id) {
            asked.add(id);
            return verdict;
        }
    }

    private void foreign(Barcode barcode) throws IOException {
        setup.library().load(barcode, 0);
        try (Drive drive = setup.library().open(0)) {
            drive.write(ByteBuffer.wrap(random(10240, 1)));
            drive.writeFilemarks(1);
            drive.unload();
        }
        setup.library().unload(0);
    }

    @Test
    void aBlankCartridgeIsLabelledAndTaken() throws IOException {
        Volume labelled = label(TWO, false);

        assertThat(labelled.pool()).isEqualTo("supply");
        assertThat(labelled.set()).isEqualTo(MediaSet.NONE);
        setup.library().writeProtect(ONE, true);
        assertThat(write().volume()).isEqualTo(TWO);
        assertThat(setup.volume("VT0002L8").pool()).isEqualTo("weekly");
        assertThat(setup.volume("VT0002L8").set()).isEqualTo(new MediaSet(1, 1));
    }

    @Test
    void aForeignTapeNeedsForce() throws IOException {
        foreign(ONE);
        byte[] before = Files.readAllBytes(image(ONE));

        assertThatThrownBy(() -> label(ONE, false))
                .isInstanceOf(VolumeRefusedException.class)
                .hasMessage(
                        "volume VT0001L8 is refused: another program has written on it; --force"
                                + " labels it all the same");
        assertThat(image(ONE)).hasBinaryContent(before);
        assertThat(label(ONE, true).isEmpty()).isTrue();
        assertThat(write().volume()).isEqualTo(ONE);
    }

    @Test
    void aForeignTapeThatEndsWhereALabelWouldEndIsForeignAllTheSame() throws IOException {
        setup.library().load(ONE, 0);
        try (Drive drive = setup.library().open(0)) {
            drive.write(ByteBuffer.wrap(random(512, 1)));
            drive.writeFilemarks(1);
        }

        assertThatThrownBy(() -> label(ONE, false)).hasMessageContaining("another program");
    }

    @Test
    void aVolumeWithNeededCopiesIsRefusedEvenWithForce() throws IOException {
        TapeFile file = write();
        byte[] before = Files.readAllBytes(image(ONE));
        Answer needed = new Answer(new Verdict.Needed("3 copies on it are needed"));

        assertThatThrownBy(() -> setup.byHand(needed).label(ONE, "supply", BLOCK, false))
                .hasMessageContaining(
                        "it is volume %s of pool weekly, with 2 tape files; --force"
                                .formatted(file.volumeId()));
        assertThat(needed.asked).isEmpty();
        assertThatThrownBy(() -> setup.byHand(needed).label(ONE, "supply", BLOCK, true))
                .hasMessage("volume VT0001L8 is refused: 3 copies on it are needed");
        assertThat(needed.asked).containsExactly(file.volumeId());
        assertThat(image(ONE)).hasBinaryContent(before);
        assertThat(setup.volume("VT0001L8").id()).isEqualTo(file.volumeId());
    }

    @Test
    void aVolumeWithoutNeededCopiesIsGivenUpFirstAndGetsAnotherId() throws IOException {
        TapeFile file = write();
        Answer free = new Answer(new Verdict.Free());

        Volume labelled = setup.byHand(free).label(ONE, "daily", BLOCK, true);

        assertThat(free.asked).containsExactly(file.volumeId());
        assertThat(labelled.id()).isNotEqualTo(file.volumeId());
        assertThat(labelled.pool()).isEqualTo("daily");
        assertThat(labelled.files()).isEqualTo(1);
    }

    @Test
    void aVolumeThatTheInventoryForgotIsStillAskedAbout() throws IOException {
        TapeFile file = write();
        setup.inventory().replace(List.of());
        restart();
        Answer needed = new Answer(new Verdict.Needed("1 copy on it is needed"));

        assertThatThrownBy(() -> setup.byHand(needed).label(ONE, "supply", BLOCK, false))
                .hasMessageContaining("which the inventory does not know; --force");
        assertThatThrownBy(() -> setup.byHand(needed).label(ONE, "supply", BLOCK, true))
                .hasMessageContaining("1 copy on it is needed");
        assertThat(needed.asked).containsExactly(file.volumeId());
        assertThat(write().volume()).isEqualTo(TWO);
    }

    @Test
    void aVolumeThatWasErasedBehindOurBackIsNeitherWrittenNorLabelledWithoutForce()
            throws IOException {
        write();
        Files.write(image(ONE), new byte[0]);
        Files.deleteIfExists(image(ONE).resolveSibling("p0.idx"));
        restart();

        assertThat(write().volume()).isEqualTo(TWO);
        assertThatThrownBy(() -> label(ONE, false))
                .hasMessageContaining("it is blank, but the inventory knows it as volume");
        Answer needed = new Answer(new Verdict.Needed("1 copy on it is needed"));
        assertThatThrownBy(() -> setup.byHand(needed).label(ONE, "supply", BLOCK, true))
                .hasMessageContaining("1 copy on it is needed");
    }

    @Test
    void swappedCartridgesAreLabelledWithForceOnlyAndBothAreAskedAbout() throws IOException {
        TapeFile one = write();
        TapeFile two = setup.pool("daily").write(Bytes.of(random(10, 2)));
        Path aside = directory.resolve("aside");
        Files.move(image(ONE), aside);
        Files.copy(image(TWO), image(ONE), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(aside, image(TWO), StandardCopyOption.REPLACE_EXISTING);
        for (Barcode barcode : List.of(ONE, TWO)) {
            Files.deleteIfExists(image(barcode).resolveSibling("p0.idx"));
        }
        restart();
        Answer free = new Answer(new Verdict.Free());

        assertThatThrownBy(() -> label(ONE, false)).hasMessageContaining("--force");
        setup.byHand(free).label(ONE, "supply", BLOCK, true);

        assertThat(free.asked).containsExactly(one.volumeId(), two.volumeId());
    }

    @Test
    void aCleaningCartridgeIsNeverLoadedForData() throws IOException {
        LibraryInventory inside = setup.library().inventory();
        Path cleaning = setup.library().directory().resolve("CLN001L1");
        Files.createDirectory(cleaning);
        Files.writeString(
                cleaning.resolve("cartridge.json"),
                Files.readString(image(ONE).resolveSibling("cartridge.json"))
                        .replace("VT0001L8", "CLN001L1"));
        Path file = setup.library().directory().resolve("library.json");
        Files.writeString(file, Files.readString(file).replace("VT0001L8", "CLN001L1"));
        assertThat(inside.cartridges()).contains(ONE);

        assertThatThrownBy(() -> label(new Barcode("CLN001L1"), true))
                .isInstanceOf(VolumeRefusedException.class)
                .hasMessageContaining("it is a cleaning cartridge");
        assertThat(write().volume()).isEqualTo(TWO);
        assertThat(setup.library().inventory().drives().getFirst().cartridge())
                .isEqualTo(Optional.of(TWO));
    }

    @Test
    void aProtectedCartridgeAndOneThatIsNotInsideAreNotLabelled() throws IOException {
        setup.library().writeProtect(ONE, true);

        assertThatThrownBy(() -> label(ONE, true)).hasMessageContaining("it is write-protected");
        assertThatThrownBy(() -> label(new Barcode("ABC001L8"), true))
                .hasMessage(
                        "cartridge ABC001L8 is not in the library: bring it back and import it");
    }

    @Test
    void aWormCartridgeIsWrittenOnceAndNeverLabelledAgain() throws IOException {
        memory.worm(ONE);
        TapeFile first = write();
        TapeFile second = write();

        assertThat(first.volume()).isEqualTo(ONE);
        assertThat(second.volume()).isEqualTo(ONE);
        assertThat(setup.volume("VT0001L8").worm()).isTrue();
        assertThatThrownBy(() ->
                        setup.byHand(new Answer(new Verdict.Free()))
                                .label(ONE, "supply", BLOCK, true))
                .hasMessageContaining("it is WORM and has been written on");
        assertThat(setup.readAll(second)).isEqualTo(random(3 * BLOCK, 1));
    }

    @Test
    void aBodyTooLargeForAWormCartridgeFillsItAndSaysSo() throws IOException {
        memory.worm(ONE);

        assertThatThrownBy(() -> setup.pool("weekly").write(Bytes.of(random(11 << 20, 1))))
                .isInstanceOf(SegmentTooLargeException.class);
        assertThat(setup.volume("VT0001L8").status()).isEqualTo(VolumeStatus.FULL);
    }

    @Test
    void anotherBarcodeInTheMemoryIsRefused() throws IOException {
        memory.memoryBarcode(ONE, "ABC001L8");
        memory.memoryBarcode(TWO, "VT0002                          ");

        assertThat(write().volume()).isEqualTo(TWO);
        assertThatThrownBy(() -> label(ONE, true))
                .hasMessageContaining("the barcode in its memory is 'ABC001L8'");
        memory.memoryBarcode(TWO, "XYZ002L8");
        restart();
        assertThatThrownBy(this::write)
                .isInstanceOf(LibraryFullException.class)
                .hasMessageContaining("VT0002L8: the barcode in its memory is 'XYZ002L8'");
    }

    @Test
    void aCartridgeThatSomebodyElseHasWrittenOnIsRefused() throws IOException {
        write();
        restart();
        assertThat(write().volume()).isEqualTo(ONE);
        memory.changedByAnother(ONE);
        restart();

        assertThat(write().volume()).isEqualTo(TWO);
        restart();
        setup.library().writeProtect(TWO, true);
        assertThatThrownBy(this::write)
                .isInstanceOf(LibraryFullException.class)
                .hasMessageContaining("VT0001L8: somebody else has written on it");
    }

    @Test
    void aWriteOfOursThatACrashCutOffIsNotTakenForAStrangers() throws IOException {
        write();
        Path inventory = setup.library().directory().resolve("inventory.json");
        setup.library().faults().tearWrite(2);
        assertThatThrownBy(this::write).isInstanceOf(IOException.class);
        Files.writeString(
                inventory, Files.readString(inventory).replace("\"DAMAGED\"", "\"WRITABLE\""));
        restart();

        assertThat(write().volume()).isEqualTo(ONE);
        assertThat(setup.volume("VT0001L8").gaps()).hasSize(1);
    }

    @Test
    void whatTheMemorySaysIsKeptAndAlertsStayUntilNewerOnesCome() throws IOException {
        memory.raise(TapeAlert.CLEAN_NOW);
        memory.raise(TapeAlert.WRITE_WARNING);
        write();
        write();

        Medium medium = setup.volume("VT0001L8").medium().orElseThrow();
        assertThat(medium.serial()).contains("SN-VT0001L8");
        assertThat(medium.loads()).isEqualTo(OptionalLong.of(12));
        assertThat(medium.writtenBytes()).isEqualTo(OptionalLong.of(3L << 40));
        assertThat(medium.density()).hasValue(0x5E);
        assertThat(medium.changeReference()).isPresent();
        assertThat(setup.volume("VT0001L8").written()).isPresent();
        memory.raise(TapeAlert.MEDIA_LIFE);
        write();
        assertThat(setup.volume("VT0001L8").medium().orElseThrow().alerts())
                .containsExactly(TapeAlert.MEDIA_LIFE);
    }

    @Test
    void aDriveThatCannotReadTheMemoryIsWrittenToAllTheSame() throws IOException {
        memory.unreadableMemory();

        assertThat(write().volume()).isEqualTo(ONE);
        assertThat(setup.volume("VT0001L8").medium()).isEmpty();
    }

    @Test
    void aCartridgeThatTakesNoLabelIsPassedOver() throws IOException {
        setup.library().faults().failWrite(1);
        assertThat(write().volume()).isEqualTo(TWO);

        setup.library().writeProtect(TWO, true);
        setup.library().faults().failFilemark(1);
        assertThatThrownBy(this::write)
                .isInstanceOf(LibraryFullException.class)
                .hasMessageContaining("VT0001L8: its label cannot be written: deferred write error")
                .hasMessageContaining("VT0002L8: it is write-protected");
        assertThat(setup.inventory().find(ONE)).isEmpty();
    }

    @Test
    void whatIsInAMailSlotIsNotWrittenOn() throws IOException {
        Path file = setup.library().directory().resolve("library.json");
        Files.writeString(
                file, Files.readString(file).replaceFirst("\"slot\"", "\"mail\":true,\"slot\""));
        assertThat(setup.library().inventory().slots().getFirst().mail()).isTrue();

        assertThat(write().volume()).isEqualTo(TWO);
        assertThat(setup.library().inventory().slots().getFirst().cartridge()).contains(ONE);
    }

    @Test
    void everyFieldComesBackFromTheInventory() throws IOException {
        write();
        memory.raise(TapeAlert.MEDIA);
        write();
        Instant since = Instant.parse("2026-11-24T10:00:00Z");
        setup.inventory().locate(ONE, Optional.of(new Location.Vault("BANK", since)));
        Volume kept = setup.volume("VT0001L8");

        assertThat(new VolumeInventory(setup.library().directory()).find(ONE)).contains(kept);
        assertThat(kept.outside()).contains(new Location.Vault("BANK", since));
        setup.inventory().locate(ONE, Optional.of(new Location.Shelf(since)));
        assertThat(setup.volume("VT0001L8").outside()).contains(new Location.Shelf(since));
        restart();
        write();
        assertThat(setup.volume("VT0001L8").outside()).isEmpty();
    }

    @Test
    void anInventoryOfAnOlderProgramIsReadAndItsVolumesAreGoneOnWith() throws IOException {
        TapeFile first = write();
        Volume volume = setup.volume("VT0001L8");
        Files.writeString(
                setup.library().directory().resolve("inventory.json"),
                """
                {"format":1,"volumes":[{"barcode":"VT0001L8","id":"%s","pool":"weekly",
                "status":"WRITABLE","blockBytes":4096,"capacityBytes":10485760,"bytes":%d,
                "endOfData":%d,"files":2,"labelled":"%s","gaps":[]}]}
                """
                        .formatted(
                                volume.id(),
                                volume.bytes(),
                                volume.endOfData(),
                                volume.labelled()));
        restart();

        Volume old = setup.volume("VT0001L8");
        assertThat(old.set()).isEqualTo(MediaSet.NONE);
        assertThat(old.written()).isEmpty();
        assertThat(old.medium()).isEmpty();
        assertThat(write().volume()).isEqualTo(ONE);
        assertThat(setup.readAll(first)).isEqualTo(random(3 * BLOCK, 1));
    }

    @Test
    void whatTheInventoryCannotMeanIsSaidWithWhatToDo() throws IOException {
        write();
        Path file = setup.library().directory().resolve("inventory.json");
        for (String broken : List.of("\"LOST\"", "7")) {
            String whole = Files.readString(file);
            Files.writeString(file, whole.replace("\"WRITABLE\"", broken));
            assertThatThrownBy(() -> setup.inventory().volumes())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("move it away, and it is made anew");
            Files.writeString(file, whole);
        }
    }

    @Test
    void aRestoreSaysInWhichVaultTheCartridgeIs() throws IOException {
        TapeFile file = write();
        setup.inventory()
                .locate(ONE, Optional.of(new Location.Vault("BANK", Clock.systemUTC().instant())));
        Path library = setup.library().directory().resolve("library.json");
        Files.writeString(library, Files.readString(library).replace("VT0001L8", "VT0009L8"));

        assertThatThrownBy(() -> setup.readAll(file))
                .isInstanceOf(VolumeRefusedException.class)
                .hasMessage("cartridge VT0001L8 is in vault BANK: bring it back and import it");
        setup.inventory().locate(ONE, Optional.empty());
        assertThatThrownBy(() -> setup.readAll(file))
                .hasMessage(
                        "cartridge VT0001L8 is not in the library: bring it back and import it");
    }

    @Test
    void aLabelBeforeSetsWereNumberedIsRead() throws IOException {
        VolumeLabel label =
                new VolumeLabel(
                        ONE,
                        UUID.randomUUID(),
                        "weekly",
                        BLOCK,
                        Instant.parse("2026-11-24T10:00:00Z"),
                        new MediaSet(7, 2));
        byte[] archive = label.archive();

        assertThat(VolumeLabel.parse(archive, "VT0001L8")).contains(label);
        byte[] older =
                new String(archive, java.nio.charset.StandardCharsets.ISO_8859_1)
                        .replace("\"mediaSet", "\"otherSet")
                        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(VolumeLabel.parse(older, "VT0001L8").orElseThrow().set())
                .isEqualTo(MediaSet.NONE);
    }
}
