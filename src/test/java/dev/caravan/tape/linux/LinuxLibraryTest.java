package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxLibraryTest {
    private static final Barcode FIRST = new Barcode("VT0001L8");

    private final FakeChanger fake =
            new FakeChanger(3, 1, "HU1111", "HU2222").with(1, "VT0001L8").with(2, "VT0002L8");
    private final Path first = Path.of("/dev/tape/by-id/scsi-0-nst");
    private final Path second = Path.of("/dev/tape/by-id/scsi-1-nst");
    private final List<Path> opened = new ArrayList<>();

    @TempDir Path folder;

    private LinuxLibrary library(Path... devices) {
        return new LinuxLibrary(
                fake,
                new ScsiChanger(fake, FakeChanger.DEVICE, Duration.ofMillis(50)),
                FakeChanger.DEVICE,
                List.of(devices),
                (device, _) -> {
                    opened.add(device);
                    return drive();
                },
                Duration.ofSeconds(1));
    }

    /// A drive without a cartridge.
    private Drive drive() throws TapeException {
        try {
            Path directory = folder.resolve(String.valueOf(opened.size()));
            return VirtualLibrary.create(directory, 1, 0, 1 << 20).open(0);
        } catch (TapeException e) {
            throw e;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Path device(LinuxLibrary library, int drive) throws IOException {
        return Objects.requireNonNull(library.devices().get(drive)).path();
    }

    @Test
    void drivesAreFoundBySerialWhateverTheOrderOfTheirDevices() throws IOException {
        LinuxLibrary library = library(second, first);

        library.open(0).close();
        library.open(1).close();

        assertThat(opened).containsExactly(first, second);
        assertThat(library.faults()).isEmpty();
    }

    @Test
    void vendorAndProductBeforeTheSerialDoNoHarm() throws IOException {
        fake.names = FakeChanger.Names.VENDOR_PRODUCT_SERIAL;

        library(second, first).open(1).close();

        assertThat(opened).containsExactly(second);
    }

    @Test
    void aDriveWithoutADeviceIsShownAndNotUsed() throws IOException {
        LinuxLibrary library = library(second);

        assertThat(library.inventory().drives())
                .extracting(Bay::usable)
                .containsExactly(false, true);
        assertThatThrownBy(() -> library.open(0))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("none of the devices that were named is this drive");
    }

    @Test
    void aDriveOfAnotherLibraryIsToldAndNotUsed() throws IOException {
        Path stranger = Path.of("/dev/tape/by-id/scsi-9-nst");
        fake.devices.put(stranger, "XX9999");

        LinuxLibrary library = library(first, stranger);

        assertThat(library.faults())
                .containsExactly(
                        "tape drive /dev/tape/by-id/scsi-9-nst (serial number XX9999) is no drive of changer /dev/sg7");
        assertThat(library.devices().keySet()).containsExactly(0);
    }

    @Test
    void whatIsNoTapeDriveIsToldInOneLine() {
        LinuxLibrary library = library(first, Path.of("/etc/hosts"), Path.of("/dev/nst9"));

        assertThat(library.faults())
                .hasSize(2)
                .anyMatch(f -> f.contains("/etc/hosts: it is no tape device"))
                .anyMatch(f -> f.contains("/dev/nst9: there is no such device"));
    }

    @Test
    void withoutASingleDriveOfTheLibraryNothingIsUsed() {
        assertThatThrownBy(() -> library(Path.of("/etc/hosts")).inventory())
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("/etc/hosts: it is no tape device");
    }

    @Test
    void aSerialThatTheReportCutsOffFitsTheOnlyDriveLeft() throws IOException {
        fake.cutBytes = 2;
        fake.ignoresCount = true;

        LinuxLibrary library = library(second, first);

        assertThat(device(library, 0)).isEqualTo(first);
        assertThat(device(library, 1)).isEqualTo(second);
    }

    @Test
    void aSerialThatIsCutOffIsNotGuessedBetweenTwo() throws IOException {
        fake.devices.put(Path.of("/dev/tape/by-id/scsi-9-nst"), "HU2333");
        fake.cutBytes = 3;
        fake.ignoresCount = true;

        assertThat(library(first, second, Path.of("/dev/tape/by-id/scsi-9-nst")).devices())
                .containsOnlyKeys(0);
    }

    @Test
    void aChangerWithoutSerialsTakesTheDevicesInTheirOrderAndProvesIt() throws IOException {
        fake.knowsNames = false;
        LinuxLibrary library = library(first, second);

        assertThat(library.faults()).singleElement().asString().contains("tells no serial numbers");
        assertThat(device(library, 1)).isEqualTo(second);
        // the drive of this device stays empty: it is not the one the changer loaded
        assertThatThrownBy(() -> library.load(FIRST, 1))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("name the drives in the order of the changer");
    }

    @Test
    void aChangerWithoutSerialsNeedsAllItsDrivesNamed() throws IOException {
        fake.knowsNames = false;

        assertThat(library(first).faults())
                .singleElement()
                .asString()
                .contains("has 2 drives: name all of them");
        assertThatThrownBy(() -> library(first).inventory()).isInstanceOf(TapeException.class);
    }
}
