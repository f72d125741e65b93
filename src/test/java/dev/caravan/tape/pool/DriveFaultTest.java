package dev.caravan.tape.pool;

import static dev.caravan.tape.pool.PoolFixture.BLOCK;
import static dev.caravan.tape.pool.PoolFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.PoolFixture.Bytes;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A drive, a changer or a tape fails under a writer: what was committed stays readable, nothing
/// else counts, the next write finds its way, and a person is told what to do (`reliability` rows
/// 22 to 27).
class DriveFaultTest {
    private static final long SEED = 20261125;
    private static final Barcode FIRST = new Barcode("VT0001L8");

    @TempDir Path directory;
    private VirtualLibrary virtual;
    private FaultyLibrary faults;
    private PoolFixture setup;

    @BeforeEach
    void makeLibrary() throws IOException {
        library(1, 2);
    }

    private void library(int drives, int cartridges) throws IOException {
        virtual =
                VirtualLibrary.create(
                        directory.resolve("library" + drives + "-" + cartridges),
                        drives,
                        cartridges,
                        1 << 20,
                        0);
        faults = new FaultyLibrary(virtual);
        setup =
                new PoolFixture(
                        virtual,
                        new VolumeInventory(virtual.directory()),
                        new DriveBays(faults, Duration.ofSeconds(10)));
    }

    private TapeFile write(int length) throws IOException {
        return setup.pool("weekly").write(Bytes.of(random(length, SEED)));
    }

    private void readsBack(TapeFile file, int length) throws IOException {
        assertThat(setup.readAll(file)).isEqualTo(random(length, SEED));
    }

    @Test
    void aDriveThatIsGoneInMidWriteLosesWhatWasNotCommittedAndIsProvenAnewWhenItIsBack()
            throws IOException {
        TapeFile before = write(3 * BLOCK);
        faults.goneAtWrite = 6;

        assertThatThrownBy(() -> write(20 * BLOCK))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("no such device")
                .extracting(e -> ((TapeException) e).errno())
                .isEqualTo(Errno.ENODEV);
        assertThat(setup.volume("VT0001L8").files()).isEqualTo(2);

        TapeFile after = write(5 * BLOCK);

        assertThat(after.volume()).isEqualTo(FIRST);
        assertThat(setup.volume("VT0001L8").gaps())
                .as("the five records that were never committed")
                .containsExactly(new Volume.Gap(2, before.endBlock(), after.block()));
        assertThat(after.block()).isEqualTo(before.endBlock() + 6);
        readsBack(before, 3 * BLOCK);
        readsBack(after, 5 * BLOCK);
    }

    @Test
    void aDriveThatDiesInTheMiddleOfARecordLosesOnlyWhatWasNotCommitted() throws IOException {
        TapeFile before = write(3 * BLOCK);
        virtual.faults().tearWrite(4);

        assertThatThrownBy(() -> write(20 * BLOCK))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("the drive is gone");

        assertThat(setup.volume("VT0001L8").status()).isEqualTo(VolumeStatus.DAMAGED);
        assertThat(write(20 * BLOCK).volume().text()).isEqualTo("VT0002L8");
        readsBack(before, 3 * BLOCK);
    }

    @Test
    void aPositionThatIsNotWhereTheRecordsLedToCountsForNothing() throws IOException {
        for (long slip : new long[] {-1, 1}) {
            library(1, slip < 0 ? 3 : 4);
            TapeFile before = write(3 * BLOCK);
            faults.positionSlips = slip;

            assertThatThrownBy(() -> write(5 * BLOCK))
                    .isInstanceOf(VolumeRefusedException.class)
                    .hasMessageContaining("the drive is at block %d".formatted(12 + slip))
                    .hasMessageContaining("want 12");

            faults.positionSlips = 0;
            assertThat(setup.volume("VT0001L8").status()).isEqualTo(VolumeStatus.DAMAGED);
            assertThat(setup.volume("VT0001L8").files()).isEqualTo(2);
            assertThat(write(5 * BLOCK).volume().text()).isEqualTo("VT0002L8");
            readsBack(before, 3 * BLOCK);
        }
    }

    @Test
    void whenOnlyDamagedCartridgesAreLeftAPersonIsToldSo() throws IOException {
        library(1, 1);
        write(BLOCK);
        virtual.faults().failFilemark(1);
        assertThatThrownBy(() -> write(BLOCK)).isInstanceOf(TapeException.class);

        assertThatThrownBy(() -> write(BLOCK))
                .isInstanceOf(LibraryFullException.class)
                .hasMessage(
                        "no cartridge for pool weekly: of 1 in the library, 0 are full; VT0001L8: it"
                                + " is damaged: it can be read, copy what is on it; add"
                                + " cartridges");
    }

    @Test
    void noSizeIsToldOfCartridgesWhoseDriveDoesNotTellIt() throws IOException {
        library(1, 1);
        faults.sizeless = true;
        write(700_000);

        assertThatThrownBy(() -> write(700_000))
                .isInstanceOf(LibraryFullException.class)
                .hasMessage(
                        "no cartridge for pool weekly: of 1 in the library, 1 are full; add cartridges");
    }

    @Test
    void aCartridgeInTheDriveOfAnotherComputerIsLeftForAnotherOne() throws IOException {
        library(2, 2);
        virtual.load(new Barcode("VT0001L8"), 1);
        faults.anothersDrive = 1;

        assertThat(write(BLOCK).volume().text()).isEqualTo("VT0002L8");
    }

    @Test
    void aCartridgeThatDoesNotTakeItsLabelIsLeftForAnotherOne() throws IOException {
        virtual.faults().failWrite(1);
        assertThat(write(BLOCK).volume().text()).isEqualTo("VT0002L8");
        library(1, 5);
        virtual.faults().failFilemark(1);
        assertThat(write(BLOCK).volume().text()).isEqualTo("VT0002L8");
    }

    @Test
    void aDeferredErrorAtTheFilemarkBehindAFailedBodyTakesTheVolumeOutOfWriting()
            throws IOException {
        TapeFile before = write(3 * BLOCK);
        virtual.faults().failFilemark(1);
        Body failing = FailingBody.after(20 * BLOCK);

        assertThatThrownBy(() -> setup.pool("weekly").write(failing))
                .hasMessage("the source is gone")
                .satisfies(e ->
                        assertThat(e.getSuppressed())
                                .singleElement()
                                .isInstanceOf(TapeException.class));

        assertThat(setup.volume("VT0001L8").status()).isEqualTo(VolumeStatus.DAMAGED);
        assertThat(setup.volume("VT0001L8").files()).isEqualTo(2);
        readsBack(before, 3 * BLOCK);
    }

    @Test
    void aChangerThatJamsWritesNothingAndTheDriveIsFreeAgain() throws IOException {
        faults.jams = 1;

        assertThatThrownBy(() -> write(BLOCK))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("unable to load VT0001L8 on changer: mechanical positioning");

        assertThat(setup.inventory().volumes()).isEmpty();
        readsBack(write(BLOCK), BLOCK);
    }

    @Test
    void aCleaningCartridgeIsNeverLoaded() throws IOException {
        Path library = virtual.directory().resolve("library.json");
        Files.writeString(library, Files.readString(library).replace("VT0001L8", "CLN001L8"));
        Path cleaning = virtual.directory().resolve("CLN001L8");
        Files.move(virtual.directory().resolve("VT0001L8"), cleaning);
        Path own = cleaning.resolve("cartridge.json");
        Files.writeString(own, Files.readString(own).replace("VT0001L8", "CLN001L8"));

        assertThat(write(BLOCK).volume().text()).isEqualTo("VT0002L8");

        assertThat(faults.loaded).containsExactly(new Barcode("VT0002L8"));
    }

    @Test
    void aTapeThatWasErasedBehindUsIsNeitherWrittenNorRead() throws IOException {
        TapeFile before = write(3 * BLOCK);
        Path image = virtual.directory().resolve("VT0001L8/p0.tap");
        Files.write(image, new byte[0]);
        setup =
                new PoolFixture(
                        virtual, setup.inventory(), new DriveBays(faults, Duration.ofSeconds(10)));

        assertThatThrownBy(() -> setup.readAll(before))
                .isInstanceOf(VolumeRefusedException.class)
                .hasMessageContaining("it is blank, the inventory says it is labelled");
        assertThat(write(BLOCK).volume().text()).isEqualTo("VT0002L8");
        assertThat(Files.size(image)).isZero();
    }

    @Test
    void aTornLastTapeFileIsNotInARebuiltInventoryAndAppendsGoOnBehindIt() throws IOException {
        TapeFile one = write(3 * BLOCK);
        write(9 * BLOCK);
        Path image = virtual.directory().resolve("VT0001L8/p0.tap");
        byte[] whole = Files.readAllBytes(image);
        Files.write(image, Arrays.copyOf(whole, whole.length - 4 - 2 * BLOCK));
        Files.delete(virtual.directory().resolve("inventory.json"));
        setup =
                new PoolFixture(
                        virtual, setup.inventory(), new DriveBays(faults, Duration.ofSeconds(10)));
        InventoryRebuild.run(setup.bays(), setup.inventory());

        assertThat(setup.volume("VT0001L8").endOfData()).isEqualTo(one.endBlock());
        TapeFile three = write(2 * BLOCK);

        assertThat(three.volume()).isEqualTo(FIRST);
        assertThat(setup.volume("VT0001L8").gaps())
                .containsExactly(new Volume.Gap(2, one.endBlock(), three.block()));
        readsBack(one, 3 * BLOCK);
        readsBack(three, 2 * BLOCK);
    }
}
