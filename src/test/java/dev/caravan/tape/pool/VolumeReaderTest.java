package dev.caravan.tape.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.PoolFixture.Bytes;
import dev.caravan.tape.pool.VolumeReader.Span;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A volume read as it is, and the inventory made of that.
class VolumeReaderTest {
    private static final Barcode FIRST = new Barcode("VT0001L8");
    private static final int[] LENGTHS = {1, PoolFixture.BLOCK, 3 * PoolFixture.BLOCK + 7, 100_000};

    @TempDir Path directory;
    private PoolFixture fixture;
    private final List<TapeFile> written = new ArrayList<>();

    @BeforeEach
    void writeTapeFiles() throws IOException {
        fixture =
                PoolFixture.over(
                        VirtualLibrary.create(directory.resolve("library"), 1, 3, 1 << 20));
        fixture.inventory().create();
        for (int length : LENGTHS) {
            written.add(fixture.pool("weekly").write(Bytes.of(PoolFixture.random(length, length))));
        }
    }

    private VolumeReader open(Barcode barcode) throws IOException {
        fixture.bays().putAway(barcode);
        return VolumeReader.open(fixture.bays(), barcode);
    }

    @Test
    void allTapeFilesAreFoundWithoutReadingThem() throws IOException {
        try (VolumeReader reader = open(FIRST)) {
            List<Span> spans = reader.spans().orElseThrow();

            assertThat(reader.id()).isEqualTo(written.getFirst().volumeId());
            assertThat(spans).hasSize(1 + LENGTHS.length);
            for (TapeFile file : written) {
                assertThat(spans.get(file.file()))
                        .isEqualTo(
                                new Span(
                                        file.file(),
                                        file.block(),
                                        file.endBlock(),
                                        file.bytes(),
                                        true));
            }
            Span last = spans.getLast();
            assertThat(reader.open(last, 70_001).readAllBytes())
                    .isEqualTo(
                            java.util.Arrays.copyOfRange(
                                    PoolFixture.random(100_000, 100_000), 70_001, 100_000));
        }
    }

    /// Whoever verifies takes copies out of the count when a label cannot be read: an error of the
    /// changer says nothing of the cartridge.
    @Test
    void anErrorOfTheChangerIsNotTakenForACartridgeWithoutALabel() throws IOException {
        fixture.bays().putAway(FIRST);
        FaultyLibrary faulty = new FaultyLibrary(fixture.library());
        DriveBays bays = new DriveBays(faulty, Duration.ofSeconds(10));
        faulty.jams = 1;

        assertThatThrownBy(() -> VolumeReader.open(bays, FIRST))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("mechanical positioning error");
        faulty.unreadable = Errno.ENODEV;
        assertThatThrownBy(() -> VolumeReader.open(bays, FIRST)).isInstanceOf(TapeException.class);
        faulty.unreadable = Errno.EIO;
        assertThatThrownBy(() -> VolumeReader.open(bays, FIRST))
                .isInstanceOf(NotThatVolumeException.class)
                .hasMessageContaining("its label cannot be read");
    }

    /// Such a drive answers a blank tape with an error too: only one that stays is a blank tape.
    @Test
    void oneBadReadOfADriveThatLosesItsPositionIsNoBlankTape() throws IOException {
        fixture.bays().putAway(FIRST);
        FaultyLibrary faulty = new FaultyLibrary(fixture.library());
        fixture.library().faults().hidePosition(true);
        faulty.positionless = true;
        faulty.load(FIRST, 0);
        try (Drive drive = faulty.open(0)) {
            faulty.badReads = 1;
            assertThatThrownBy(() -> Labels.read(drive, FIRST)).isInstanceOf(TapeException.class);
            assertThat(Labels.read(drive, FIRST)).isInstanceOf(Labels.Found.Labelled.class);
            faulty.badReads = 3;
            assertThat(Labels.read(drive, FIRST)).isInstanceOf(Labels.Found.Blank.class);
            faulty.positionless = false;
            fixture.library().faults().hidePosition(false);
            faulty.badReads = 3;
            assertThatThrownBy(() -> Labels.read(drive, FIRST))
                    .as("where the drive tells that there is data, an error is no blank tape")
                    .isInstanceOf(TapeException.class);
        }
    }

    @Test
    void aDriveThatCannotTellItsPositionIsReadThrough() throws IOException {
        fixture.library().faults().hidePosition(true);
        try (VolumeReader reader = open(FIRST)) {
            assertThat(reader.spans()).isEmpty();
            assertThat(reader.goTo(0)).isTrue();
            assertThat(reader.next()).isPresent();
            for (TapeFile file : written) {
                TapeFileInput next = reader.next().orElseThrow();
                assertThat(next.file()).isEqualTo(file.file());
                assertThat(next.block()).isEqualTo(file.block());
                assertThat(next.readAllBytes())
                        .isEqualTo(PoolFixture.random((int) file.bytes(), (int) file.bytes()));
                assertThat(next.committed()).isTrue();
            }
            assertThat(reader.next()).isEmpty();
            assertThat(reader.goTo(99)).isFalse();
            assertThat(reader.goTo(2)).isTrue();
            assertThat(reader.next().orElseThrow().readAllBytes()).hasSize(PoolFixture.BLOCK);
        }
    }

    @Test
    void aTornTapeFileEndsWhereTheDataEnds() throws IOException {
        tear();
        try (VolumeReader reader = open(FIRST)) {
            List<Span> spans = reader.spans().orElseThrow();

            assertThat(spans).hasSize(1 + LENGTHS.length);
            assertThat(spans.getLast().committed()).isFalse();
            byte[] whole = PoolFixture.random(100_000, 100_000);
            byte[] left = reader.open(spans.getLast(), 0).readAllBytes();
            assertThat(left)
                    .hasSizeLessThan(100_000)
                    .isEqualTo(java.util.Arrays.copyOf(whole, left.length));
            assertThat(reader.next()).isEmpty();
        }
    }

    @Test
    void theInventoryIsTheSameHoweverItIsRebuilt() throws IOException {
        List<Volume> before = fixture.inventory().volumes();

        List<Volume> located = InventoryRebuild.run(fixture.bays(), fixture.inventory());
        fixture.library().faults().hidePosition(true);
        List<Volume> read = InventoryRebuild.run(fixture.bays(), fixture.inventory());

        assertSameOnTape(located, before);
        assertSameOnTape(read, before);
    }

    /// In all that a tape can tell: not when it was written last, nor what its memory said then.
    private static void assertSameOnTape(List<Volume> found, List<Volume> expected) {
        assertThat(found)
                .usingRecursiveComparison()
                .ignoringFields("written", "medium")
                .isEqualTo(expected);
    }

    @Test
    void anOldInventoryLearnsWhatLiesBehindItsEnd() throws IOException {
        Path file = directory.resolve("library/inventory.json");
        byte[] old = Files.readAllBytes(file);
        written.add(fixture.pool("weekly").write(Bytes.of(PoolFixture.random(9_000, 5))));
        List<Volume> now = fixture.inventory().volumes();
        Files.write(file, old);

        assertThat(learn()).isTrue();
        assertSameOnTape(fixture.inventory().volumes(), now);
        assertThat(learn()).isFalse();
        assertThat(fixture.pool("weekly").write(Bytes.of(new byte[10])).file())
                .isEqualTo(written.getLast().file() + 1);
    }

    @Test
    void aTapeThatHoldsLessThanTheInventorySaysIsToldAndTheInventoryKept() throws IOException {
        List<Volume> before = fixture.inventory().volumes();
        tear();

        assertThatThrownBy(this::learn)
                .isInstanceOf(VolumeRefusedException.class)
                .hasMessageContaining("its data ends at block");
        assertThat(fixture.inventory().volumes()).isEqualTo(before);
    }

    @Test
    void whatIsNoVolumeIsRefused() throws IOException {
        assertThatThrownBy(() -> open(new Barcode("VT0002L8")))
                .isInstanceOf(NotThatVolumeException.class)
                .hasMessageContaining("it is blank");
        assertThatThrownBy(() -> open(new Barcode("VT0009L8")))
                .isInstanceOf(VolumeRefusedException.class)
                .hasMessageContaining("bring it back");
        Path library = directory.resolve("library");
        Files.copy(
                library.resolve("VT0001L8/p0.tap"),
                library.resolve("VT0003L8/p0.tap"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> open(new Barcode("VT0003L8")))
                .isInstanceOf(NotThatVolumeException.class)
                .hasMessageContaining("its label says it is volume VT0001L8");
    }

    @Test
    void aCartridgeThatIsPutAwayIsInItsSlotAndReadAgain() throws IOException {
        assertThat(fixture.library().inventory().driveHolding(FIRST)).isPresent();

        fixture.bays().putAway(FIRST);

        assertThat(fixture.library().inventory().driveHolding(FIRST)).isEmpty();
        assertThat(fixture.library().inventory().slotHolding(FIRST)).isPresent();
        fixture.bays().putAway(FIRST); // nothing to do
        assertThat(fixture.readAll(written.getFirst())).hasSize(1);
    }

    private boolean learn() throws IOException {
        try (VolumeReader reader = open(FIRST)) {
            return InventoryRebuild.update(reader, fixture.inventory());
        }
    }

    private void tear() throws IOException {
        fixture.bays().putAway(FIRST);
        Path cartridge = directory.resolve("library/VT0001L8");
        try (FileChannel tape =
                FileChannel.open(cartridge.resolve("p0.tap"), StandardOpenOption.WRITE)) {
            tape.truncate(tape.size() - 50_000);
        }
        Files.deleteIfExists(cartridge.resolve("p0.idx"));
    }
}
