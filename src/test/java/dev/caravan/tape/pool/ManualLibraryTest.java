package dev.caravan.tape.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.ManualLibrary;
import dev.caravan.tape.changer.OperatorDesk;
import dev.caravan.tape.changer.OperatorDesk.Request;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Drives without a changer. The drive and its cartridges are virtual; the person is the desk,
/// which loads what it is asked for, or something else.
class ManualLibraryTest {
    private static final Barcode FIRST = new Barcode("VT0001L8");
    private static final Barcode SECOND = new Barcode("VT0002L8");

    @TempDir Path folder;

    private @Nullable VirtualLibrary machine;
    private final List<Request> requests = new ArrayList<>();
    private Consumer<Request> person = _ -> {};
    private boolean memory;

    @BeforeEach
    void make() throws IOException {
        machine = VirtualLibrary.create(folder.resolve("machine"), 1, 4, 4 << 20);
        Files.createDirectory(folder.resolve("desk"));
    }

    private VirtualLibrary machine() {
        return Objects.requireNonNull(machine);
    }

    /// Shows what is asked for, and lets the person act.
    private final class Desk implements OperatorDesk {
        private final OperatorRequests files;

        Desk(List<Barcode> declared) {
            files = new OperatorRequests(folder.resolve("desk"), declared);
        }

        @Override
        public List<Barcode> shelf() throws IOException {
            return files.shelf();
        }

        @Override
        public void ask(Request request) throws IOException {
            files.ask(request);
            requests.add(request);
            assertThat(OperatorRequests.open(folder.resolve("desk"))).containsExactly(request);
            person.accept(request);
        }

        @Override
        public void withdraw(int drive) throws IOException {
            files.withdraw(drive);
        }

        @Override
        public boolean labelled(Barcode barcode) throws IOException {
            return files.labelled(barcode);
        }

        @Override
        public Optional<Barcode> named(int drive) throws IOException {
            return files.named(drive);
        }

        @Override
        public void name(int drive, Barcode barcode) throws IOException {
            files.name(drive, barcode);
        }
    }

    private ManualLibrary library(Barcode... declared) {
        return new ManualLibrary(
                List.of(
                        new ManualLibrary.Station(
                                "/dev/nst0", () -> new EjectingDrive(machine(), 0, memory))),
                new LabelReader(),
                new Desk(List.of(declared)),
                Duration.ofSeconds(2),
                Duration.ofMillis(5),
                Clock.systemUTC());
    }

    private void insert(Barcode barcode) {
        try {
            machine().load(barcode, 0);
        } catch (TapeException e) {
            throw new AssertionError(e);
        }
    }

    /// Labels a cartridge as a volume called `name`.
    private void label(Barcode cartridge, Barcode name) throws IOException {
        insert(cartridge);
        try (Drive drive = machine().open(0)) {
            VolumeLabel label =
                    new VolumeLabel(
                            name,
                            UUID.randomUUID(),
                            "weekly",
                            4096,
                            Clock.systemUTC().instant(),
                            MediaSet.NONE);
            drive.write(ByteBuffer.wrap(label.archive()));
            drive.writeFilemarks(1);
        }
        machine().unload(0);
    }

    @Test
    void aPersonIsAskedForACartridgeAndLoadsIt() throws IOException {
        label(FIRST, FIRST);
        ManualLibrary library = library(FIRST);
        person = _ -> insert(FIRST);

        library.load(FIRST, 0);

        assertThat(requests)
                .singleElement()
                .extracting(Request::words)
                .isEqualTo("load cartridge VT0001L8 into drive 0 (/dev/nst0)");
        assertThat(library.inventory().driveHolding(FIRST)).isPresent();
        assertThat(folder.resolve("desk/requests.json")).doesNotExist();
    }

    @Test
    void aCartridgeThatIsThereAlreadyIsNotAskedFor() throws IOException {
        label(FIRST, FIRST);
        insert(FIRST);
        ManualLibrary library = library();

        assertThat(library.inventory().driveHolding(FIRST)).isPresent();
        library.load(FIRST, 0);

        assertThat(requests).isEmpty();
    }

    @Test
    void theWrongCartridgeIsNamedAndPutOutAndTheRequestStays() throws IOException {
        label(FIRST, FIRST);
        label(SECOND, SECOND);
        ManualLibrary library = library();
        person = request -> insert(request.found().isEmpty() ? SECOND : FIRST);

        library.load(FIRST, 0);

        assertThat(requests).hasSize(2);
        assertThat(requests.get(1).words())
                .isEqualTo(
                        "load cartridge VT0001L8 into drive 0 (/dev/nst0); it held VT0002L8, which is put out");
        assertThat(library.inventory().driveHolding(FIRST)).isPresent();
    }

    @Test
    void theCartridgeOfAnotherProgramIsPutOut() throws IOException {
        insert(SECOND);
        try (Drive drive = machine().open(0)) {
            drive.write(ByteBuffer.wrap(new byte[10240]));
        }
        machine().unload(0);
        ManualLibrary library = library(FIRST);
        person = request -> insert(request.found().isEmpty() ? SECOND : FIRST);

        library.load(FIRST, 0);

        assertThat(requests.get(1).words()).contains("a cartridge of another program");
    }

    @Test
    void aBlankCartridgeIsWhatThePersonWasAskedForAlsoForTheNextProcess() throws IOException {
        Barcode named = new Barcode("ABC001L8");
        person = _ -> insert(SECOND);

        library().load(named, 0);

        assertThat(library().inventory().driveHolding(named)).isPresent();
        assertThat(library().inventory().cartridges()).containsExactly(named);
    }

    @Test
    void aBlankCartridgeWhoseMemoryTellsAnotherNameIsNotTaken() throws IOException {
        memory = true;
        ManualLibrary library = library(FIRST);
        person = request -> insert(request.found().isEmpty() ? SECOND : FIRST);

        library.load(FIRST, 0);

        assertThat(requests.get(1).words()).contains("it held VT0002L8");
        assertThat(library.inventory().driveHolding(FIRST)).isPresent();
    }

    @Test
    void nobodyCameIsToldInTime() {
        ManualLibrary library = library(FIRST);

        assertThatThrownBy(() -> library.load(FIRST, 0))
                .isInstanceOfSatisfying(
                        TapeException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEDIUM))
                .hasMessageContaining("nobody loaded it in time");
        assertThat(folder.resolve("desk/requests.json")).doesNotExist();
    }

    @Test
    void aDriveThatAnotherProgramUsesIsWaitedFor() throws IOException {
        label(FIRST, FIRST);
        insert(FIRST);
        ManualLibrary library = library(FIRST);
        Drive taken = machine().open(0);
        person =
                _ -> {
                    try {
                        taken.close();
                    } catch (TapeException e) {
                        throw new AssertionError(e);
                    }
                };

        assertThat(library.inventory().drives()).singleElement().matches(Bay::empty);
        library.load(FIRST, 0);

        assertThat(requests).hasSize(1);
    }

    @Test
    void aCartridgeThatWasChangedByHandIsNoticedBeforeAnythingIsWritten() throws IOException {
        label(FIRST, FIRST);
        label(SECOND, SECOND);
        insert(FIRST);
        ManualLibrary library = library();
        library.load(FIRST, 0);
        machine().unload(0);
        insert(SECOND);

        assertThatThrownBy(() -> library.open(0))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("it held VT0001L8 and now holds VT0002L8");
        assertThat(library.inventory().driveHolding(SECOND)).isPresent();
    }

    @Test
    void whatThePoolWritesOnTwoCartridgesThatAPersonLoadsComesBack() throws IOException {
        ManualLibrary library = library(FIRST, SECOND);
        person = request -> insert(request.barcode());
        DriveBays bays = new DriveBays(library, Duration.ofSeconds(10));
        VolumeInventory inventory = new VolumeInventory(folder.resolve("desk"));
        inventory.create();
        MediaPool pool =
                new MediaPool(
                        "weekly", 65536, bays, inventory, Clock.systemUTC(), UUID::randomUUID);
        byte[] one = PoolFixture.random(3 << 20, 1);
        byte[] two = PoolFixture.random(3 << 20, 2);

        TapeFile first = pool.write(PoolFixture.Bytes.of(one));
        TapeFile second = pool.write(PoolFixture.Bytes.of(two));

        assertThat(first.volume()).isEqualTo(FIRST);
        assertThat(second.volume()).isEqualTo(SECOND);
        try (TapeFileStream in = TapeFileStream.open(bays, inventory, FIRST, first.block(), 0)) {
            assertThat(in.readAllBytes()).isEqualTo(one);
        }
        assertThat(requests).extracting(Request::barcode).containsExactly(FIRST, SECOND, FIRST);
    }

    @Test
    void aBlankCartridgeIsNotTakenForAVolumeThatHasALabel() throws IOException {
        Path desk = folder.resolve("desk");
        VolumeInventory inventory = new VolumeInventory(desk);
        inventory.create();
        label(FIRST, FIRST);
        inventory.put(volume(FIRST));
        new OperatorRequests(desk, List.of()).name(0, FIRST);
        insert(SECOND);
        ManualLibrary library = library();
        assertThat(library.inventory().driveHolding(FIRST)).isEmpty();
        person = request -> insert(FIRST);

        library.load(FIRST, 0);

        assertThat(requests)
                .singleElement()
                .extracting(Request::found)
                .isEqualTo(Optional.of("it held a blank cartridge, which is put out"));
    }

    @Test
    void whatIsInAVaultIsOnNoShelfUntilItIsBack() throws IOException {
        Path desk = folder.resolve("desk");
        VolumeInventory inventory = new VolumeInventory(desk);
        inventory.create();
        inventory.put(volume(FIRST));
        inventory.put(volume(SECOND));
        ManualLibrary library = library(FIRST, SECOND);
        assertThat(library.inventory().cartridges()).containsExactly(FIRST, SECOND);

        inventory.locate(
                FIRST, Optional.of(new Location.Vault("BANK", Clock.systemUTC().instant())));
        assertThat(library.inventory().cartridges()).containsExactly(SECOND);

        inventory.locate(FIRST, Optional.of(new Location.Shelf(Clock.systemUTC().instant())));
        assertThat(library.inventory().cartridges()).containsExactly(FIRST, SECOND);
    }

    private static Volume volume(Barcode barcode) {
        return Volume.of(
                new VolumeLabel(
                        barcode,
                        UUID.randomUUID(),
                        "weekly",
                        4096,
                        Clock.systemUTC().instant(),
                        MediaSet.NONE),
                0);
    }

    @Test
    void anEmptyDriveIsNotUnloadedAndNothingIsMovedBetweenSlots() {
        ManualLibrary library = library(FIRST);

        assertThatThrownBy(() -> library.unload(0)).hasMessageContaining("the drive is empty");
        assertThatThrownBy(() -> library.transfer(1, 2)).hasMessageContaining("no changer");
        assertThatThrownBy(() -> library.open(3)).hasMessageContaining("there is no drive 3");
    }
}
