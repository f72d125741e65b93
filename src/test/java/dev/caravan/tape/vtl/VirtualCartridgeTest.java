package dev.caravan.tape.vtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Cartridges of every kind, what their memory counts, and the faults of a virtual drive.
class VirtualCartridgeTest {
    private static final Barcode FIRST = new Barcode("VT0001L8");
    private static final int CAPACITY = 1 << 20;

    @TempDir Path directory;
    private VirtualLibrary library;

    @BeforeEach
    void createLibrary() throws IOException {
        library = VirtualLibrary.create(directory.resolve("library"), 2, 1, CAPACITY);
    }

    private static ByteBuffer record(int length) {
        return ByteBuffer.allocate(length);
    }

    private Drive loaded(Barcode barcode) throws IOException {
        library.load(barcode, 0);
        return library.open(0);
    }

    /// A library with one more cartridge, of another kind.
    private Drive loadedOther(String barcode) throws IOException {
        Barcode other = new Barcode(barcode);
        Path folder = Files.createDirectory(library.directory().resolve(barcode));
        Cartridge.blank(other, CAPACITY, 1000).write(folder);
        LibraryInventory now = library.inventory();
        List<Slot> slots = new ArrayList<>(now.slots());
        slots.add(new Slot(slots.size() + 1, false, Optional.of(other)));
        LibraryFile.write(library.directory(), new LibraryInventory(slots, now.drives()));
        return loaded(other);
    }

    private static CartridgeMemory memory(Drive drive) throws TapeException {
        return drive.medium().memory().orElseThrow();
    }

    private static void assertErrno(Errno errno, String words, ThrowingCommand command) {
        assertThatThrownBy(command::run)
                .isInstanceOfSatisfying(
                        TapeException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                .hasMessageContaining(words);
    }

    private interface ThrowingCommand {
        void run() throws IOException;
    }

    // ---- memory

    @Test
    void theMemoryCountsLoadsAndBytesOverTheLifeOfACartridge() throws IOException {
        try (Drive drive = loaded(FIRST)) {
            drive.write(record(1000));
            drive.write(record(500));
            drive.rewind();
            drive.read(record(1000));
        }
        library.unload(0);

        library.load(FIRST, 1);
        try (Drive drive = VirtualLibrary.open(library.directory()).open(1)) {
            CartridgeMemory memory = memory(drive);

            assertThat(memory.barcode()).contains("VT0001L8");
            assertThat(memory.serial().orElseThrow()).startsWith("CV").hasSize(10);
            assertThat(memory.loads()).hasValue(2);
            assertThat(memory.writtenBytes()).hasValue(1500);
            assertThat(memory.readBytes()).hasValue(1000);
            assertThat(memory.capacityBytes()).hasValue(CAPACITY);
        }
    }

    @Test
    void theChangeReferenceMovesOnceForEachLoadThatWrites() throws IOException {
        try (Drive drive = loaded(FIRST)) {
            assertThat(memory(drive).changeReference()).hasValue(0);
            drive.write(record(10));
            assertThat(memory(drive).changeReference()).hasValue(1);
            drive.writeFilemarks(1);
            assertThat(memory(drive).changeReference()).hasValue(1);
        }
        try (Drive drive = library.open(0)) {
            drive.seekToEndOfData();
            drive.write(record(10));
            assertThat(memory(drive).changeReference()).as("the same load").hasValue(1);
        }
        library.unload(0);
        try (Drive drive = loaded(FIRST)) {
            drive.read(record(10));
            assertThat(memory(drive).changeReference()).as("only read").hasValue(1);
            drive.rewind();
            drive.writeFilemarks(1);
            assertThat(memory(drive).changeReference()).hasValue(2);
        }
    }

    @Test
    void theChangeReferenceIsOnDiskBeforeTheFirstRecord() throws IOException {
        try (Drive drive = loaded(FIRST)) {
            drive.write(record(10));

            assertThat(MemoryFile.read(library.directory().resolve("VT0001L8")).changeReference())
                    .isEqualTo(1);
        }
    }

    @Test
    void aDamagedMemoryProvesNothing() throws IOException {
        Path file = library.directory().resolve("VT0001L8").resolve("memory.json");
        try (Drive drive = loaded(FIRST)) {
            drive.write(record(10));
        }
        Files.writeString(file, "{\"format\":");

        try (Drive drive = library.open(0)) {
            assertThat(memory(drive).changeReference().orElseThrow()).isGreaterThan(1);
            assertThat(drive.read(record(10))).isEqualTo(new ReadResult.Data(10));
        }
    }

    @Test
    void aCartridgeOfAnOlderCaravanIsReadWithItsDefaults() throws IOException {
        Path folder = library.directory().resolve("VT0001L8");
        Files.writeString(
                folder.resolve("cartridge.json"),
                """
                {"format": 1, "barcode": "VT0001L8", "capacityBytes": 1048576, "reserveBytes": 9}
                """);

        try (Drive drive = library.open(0)) {
            assertErrno(Errno.ENOMEDIUM, "no cartridge", drive::rewind);
        }
        try (Drive drive = loaded(FIRST)) {
            assertThat(drive.status().writeProtected()).isFalse();
            assertThat(memory(drive).serial()).isEmpty();
            assertThat(memory(drive).loads()).hasValue(1);
        }
    }

    @Test
    void theTabKeepsTheSerialNumber() throws IOException {
        String before;
        try (Drive drive = loaded(FIRST)) {
            before = memory(drive).serial().orElseThrow();
        }
        library.writeProtect(FIRST, true);
        try (Drive drive = library.open(0)) {
            assertThat(memory(drive).serial()).contains(before);
        }
    }

    // ---- kinds

    @ParameterizedTest
    @CsvSource({
        "VT0009L5, 88, false",
        "VT0009L6, 90, false",
        "VT0009L7, 92, false",
        "VT0009M8, 93, false",
        "VT0009L8, 94, false",
        "VT0009L9, 96, false",
        "VT0009LA, 98, false",
        "VT0009PA, 99, false",
        "VT0009LT, 68, true",
        "VT0009LV, 88, true",
        "VT0009LY, 94, true",
        "VT0009LZ, 96, true",
        "VT0009XX, , false",
        "VT0009, , false",
        "CLN001L8, , false"
    })
    void theBarcodeTellsTheFormat(String barcode, Integer density, boolean worm) {
        LtoFormat format = LtoFormat.of(new Barcode(barcode));

        assertThat(format.density())
                .isEqualTo(density == null ? OptionalInt.empty() : OptionalInt.of(density));
        assertThat(format.worm()).isEqualTo(worm);
    }

    @Test
    void aWormCartridgeIsOnlyEverAppendedTo() throws IOException {
        try (Drive drive = loadedOther("WRM001LY")) {
            MediumReport report = drive.medium();
            assertThat(report.worm()).isTrue();
            assertThat(report.density()).hasValue(0x5E);
            drive.write(record(100));
            drive.writeFilemarks(1);

            for (int block = 0; block < 2; block++) {
                drive.seek(block);
                assertErrno(Errno.EIO, "overwrite attempted", () -> drive.write(record(10)));
                assertErrno(Errno.EIO, "overwrite attempted", () -> drive.writeFilemarks(1));
            }

            drive.seekToEndOfData();
            assertThat(drive.write(record(200))).isEqualTo(WriteResult.WRITTEN);
            drive.rewind();
            assertThat(drive.read(record(200))).isEqualTo(new ReadResult.Data(100));
            assertThat(drive.read(record(200))).isEqualTo(new ReadResult.Filemark());
            assertThat(drive.read(record(200))).isEqualTo(new ReadResult.Data(200));
        }
    }

    @Test
    void aCleaningCartridgeIsNeverReady() throws IOException {
        try (Drive drive = loadedOther("CLN001L8")) {
            assertThat(drive.status().ready()).isFalse();
            assertThat(drive.medium().alerts()).containsExactly(TapeAlert.CLEANING_MEDIA);
            assertErrno(Errno.ENOMEDIUM, "cleaning cartridge", () -> drive.write(record(10)));
            assertErrno(Errno.ENOMEDIUM, "cleaning cartridge", drive::rewind);
            assertErrno(Errno.EIO, "no cartridge", drive::position);
            drive.unload();
        }
        library.unload(0);
        assertThat(library.directory().resolve("CLN001L8/p0.tap")).doesNotExist();
    }

    // ---- faults

    @Test
    void alertsAreReadOnce() throws IOException {
        try (Drive drive = loaded(FIRST)) {
            library.faults().raise(TapeAlert.CLEAN_NOW, TapeAlert.MEDIA_LIFE);

            assertThat(drive.medium().alerts())
                    .containsExactlyInAnyOrder(TapeAlert.CLEAN_NOW, TapeAlert.MEDIA_LIFE);
            assertThat(drive.medium().alerts()).isEmpty();
        }
    }

    @Test
    void aDeferredErrorTakesEverythingSinceWithIt() throws IOException {
        for (int way = 0; way < 4; way++) {
            int chosen = way;
            try (Drive drive = way == 0 ? loaded(FIRST) : library.open(0)) {
                drive.rewind();
                drive.write(record(100));
                drive.writeFilemarks(1);
                library.faults().deferWriteError(2);
                for (int i = 0; i < 4; i++) {
                    assertThat(drive.write(record(100))).isEqualTo(WriteResult.WRITTEN);
                }

                assertErrno(
                        Errno.EIO,
                        "deferred write error at block 3",
                        () -> {
                            switch (chosen) {
                                case 0 -> drive.writeFilemarks(1);
                                case 1 -> drive.flush();
                                case 2 -> drive.rewind();
                                default -> drive.read(record(100));
                            }
                        });

                drive.seekToEndOfData();
                assertThat(drive.position()).hasValue(3);
            }
        }
    }

    @Test
    void aDeferredErrorIsToldByCloseToo() throws IOException {
        Drive drive = loaded(FIRST);
        library.faults().deferWriteError(1);
        drive.write(record(100));

        assertErrno(Errno.EIO, "deferred write error at block 0", drive::close);

        try (Drive again = library.open(0)) {
            again.seekToEndOfData();
            assertThat(again.position()).hasValue(0);
        }
    }

    @Test
    void aRecordThatCannotBeReadIsPassed() throws IOException {
        try (Drive drive = loaded(FIRST)) {
            drive.write(record(100));
            drive.write(record(200));
            drive.rewind();
            library.faults().failRead(1);

            assertErrno(Errno.EIO, "unrecovered read error", () -> drive.read(record(300)));

            assertThat(drive.read(record(300))).isEqualTo(new ReadResult.Data(200));
        }
    }

    @Test
    void aResetDriveWantsARewind() throws IOException {
        try (Drive drive = loaded(FIRST)) {
            drive.write(record(100));
            library.faults().losePosition(1);

            assertErrno(Errno.EIO, "rewind first", () -> drive.write(record(100)));
            assertErrno(Errno.EIO, "rewind first", () -> drive.writeFilemarks(1));
            assertErrno(Errno.EIO, "rewind first", () -> drive.read(record(100)));
            assertErrno(Errno.EIO, "rewind first", drive::seekToEndOfData);
            assertThat(drive.position()).isEmpty();

            drive.rewind();
            assertThat(drive.read(record(100))).isEqualTo(new ReadResult.Data(100));
            assertThat(drive.position()).hasValue(1);
        }
    }

    // ---- times

    @Test
    void aDriveTakesTheTimesItWasGiven() throws IOException {
        List<Duration> waits = new ArrayList<>();
        library.faults().clock(waits::add);
        try (Drive drive = loaded(FIRST)) {
            drive.write(record(1000));
            drive.rewind();
        }
        assertThat(waits).as("none, unless told").isEmpty();
        library.unload(0);

        library.faults()
                .timing(new VirtualTiming(500, Duration.ofSeconds(20), Duration.ofSeconds(100)));
        try (Drive drive = loaded(FIRST)) {
            drive.read(record(1000));
            drive.rewind();

            Duration back = VirtualTiming.NONE.wind(0, 0, 1);
            assertThat(back).isZero();
            assertThat(waits)
                    .containsExactly(
                            Duration.ofSeconds(20),
                            Duration.ofSeconds(2),
                            Duration.ofNanos((long) (100e9 * 1008 / CAPACITY)));
        }
    }

    @Test
    void aDriveKeepsItsSerialNumberWhateverIsInIt() throws IOException {
        String empty;
        try (Drive drive = library.open(0)) {
            empty = drive.identity().serial();
        }
        try (Drive drive = loaded(FIRST);
                Drive other = library.open(1)) {
            assertThat(drive.identity().serial()).isEqualTo(empty);
            assertThat(other.identity().serial()).isNotEqualTo(empty);
        }
    }
}
