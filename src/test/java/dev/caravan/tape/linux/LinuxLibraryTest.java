package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.CartridgeReader.Content;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxLibraryTest {
    private static final Barcode FIRST = new Barcode("VT0001L8");

    private final FakeChanger fake =
            new FakeChanger(3, 1, "HU1111", "HU2222").with(1, "VT0001L8").with(2, "VT0002L8");
    private final Path first = Path.of("/dev/tape/by-id/scsi-0-nst");
    private final Path second = Path.of("/dev/tape/by-id/scsi-1-nst");
    private final List<Path> opened = new ArrayList<>();
    private final Set<Barcode> labelled = new HashSet<>();
    private final Map<String, Content> contents = new HashMap<>();

    @TempDir Path folder;

    private LinuxLibrary library(Path... devices) {
        return new LinuxLibrary(
                fake,
                new ScsiChanger(fake, FakeChanger.DEVICE, Duration.ofMillis(50)),
                FakeChanger.DEVICE,
                List.of(devices),
                (device, _) -> {
                    opened.add(device);
                    return drive(device);
                },
                drive -> contents.getOrDefault(drive.device(), new Content.Blank()),
                Duration.ofSeconds(1));
    }

    /// The drive whose device this is, with the cartridge that the changer put into it.
    private Drive drive(Path device) throws TapeException {
        int number = new ArrayList<>(fake.devices.keySet()).indexOf(device);
        Optional<Barcode> inside = fake.inDrive(number).map(Barcode::new);
        try {
            Path directory = folder.resolve(String.valueOf(opened.size()));
            VirtualLibrary machine = VirtualLibrary.create(directory, 1, 1, 1 << 20);
            if (inside.isPresent()) {
                machine.load(FIRST, 0);
            }
            Drive drive = machine.open(0);
            inside.filter(labelled::contains)
                    .ifPresent(name -> contents.put(drive.device(), new Content.Named(name)));
            return drive;
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
    void aStrangerAmongTheDevicesEndsTheirOrder() throws IOException {
        fake.knowsNames = false;

        LinuxLibrary library = library(first, second, Path.of("/etc/hosts"));

        assertThat(library.devices()).isEmpty();
        assertThat(library.faults()).hasSize(3).anyMatch(f -> f.contains("name all of them"));
        assertThat(library.remarks()).isEmpty();
    }

    @Test
    void aChangerWithoutSerialsTakesTheDevicesInTheirOrder() throws IOException {
        fake.knowsNames = false;
        LinuxLibrary library = library(first, second);

        library.load(FIRST, 1);

        assertThat(library.faults()).isEmpty();
        assertThat(library.remarks())
                .singleElement()
                .asString()
                .contains("tells no serial numbers");
        assertThat(device(library, 1)).isEqualTo(second);
        assertThat(library.confirms(FIRST, 1)).as("the load has proven it").isTrue();
    }

    @Test
    void aWrongOrderIsFoundByALoad() {
        fake.knowsNames = false;

        // the drive of this device stays empty: it is not the one the changer loaded
        assertThatThrownBy(() -> library(second, first).load(FIRST, 1))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("the changer put it into drive 1, and this device got none")
                .hasMessageContaining("name the drives in the order of the changer");
    }

    /// The device of the other drive had a cartridge before: that it has one after the load proves
    /// nothing.
    @Test
    void aWrongOrderIsFoundByALoadBesideALoadedDrive() {
        fake.knowsNames = false;
        fake.loaded(0, "VT0003L8");

        assertThatThrownBy(() -> library(second, first).load(FIRST, 1))
                .hasMessageContaining(
                        "the changer says that drive 1 is empty, and this device has a cartridge");
        assertThat(fake.inDrive(1)).isEmpty();
    }

    @Test
    void aWrongOrderIsFoundForCartridgesThatWereInTheirDrivesBefore() throws IOException {
        fake.knowsNames = false;
        fake.loaded(0, "VT0003L8").loaded(1, "VT0004L8");
        labelled.addAll(List.of(new Barcode("VT0003L8"), new Barcode("VT0004L8")));

        assertThatThrownBy(() -> library(second, first).confirms(new Barcode("VT0003L8"), 0))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("scsi-1-nst")
                .hasMessageContaining(
                        "the changer says that it is in drive 0, and this device has VT0004L8; name the drives in the order of the changer");
        LinuxLibrary right = library(first, second);
        assertThat(right.confirms(new Barcode("VT0003L8"), 0)).isTrue();
        int before = opened.size();
        assertThat(right.confirms(new Barcode("VT0003L8"), 0)).isTrue();
        assertThat(opened).as("proven once").hasSize(before);
    }

    @Test
    void aCartridgeWithoutALabelProvesNoOrder() throws IOException {
        fake.knowsNames = false;
        fake.loaded(0, "VT0003L8").loaded(1, "VT0004L8");

        assertThat(library(first, second).confirms(new Barcode("VT0003L8"), 0)).isFalse();
        fake.knowsNames = true;
        assertThat(library(first, second).confirms(new Barcode("VT0003L8"), 0))
                .as("the serial number proves it")
                .isTrue();
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
