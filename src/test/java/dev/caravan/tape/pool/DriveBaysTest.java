package dev.caravan.tape.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Cartridges that were in a drive before they are wanted.
class DriveBaysTest {
    private static final Barcode FIRST = new Barcode("VT0001L8");
    private static final Barcode SECOND = new Barcode("VT0002L8");

    @TempDir Path folder;
    private FaultyLibrary library;
    private DriveBays bays;

    @BeforeEach
    void make() throws IOException {
        library = new FaultyLibrary(VirtualLibrary.create(folder.resolve("tapes"), 1, 2, 1 << 20));
        bays = new DriveBays(library, Duration.ofSeconds(10));
    }

    /// As a drive is left whose cartridge the changer could not take.
    private void putOut() throws IOException {
        library.load(FIRST, 0);
        library.letGo = true;
        library.loaded.clear();
    }

    @Test
    void aCartridgeThatItsDriveHasLetGoOfIsLoadedAnew() throws IOException {
        putOut();

        try (DriveBays.Mount mount = bays.mount(FIRST)) {
            assertThat(mount.drive().status().ready()).isTrue();
        }

        assertThat(library.loaded).containsExactly(FIRST);
    }

    @Test
    void aCartridgeThatItsDriveHasLetGoOfMakesRoomForAnother() throws IOException {
        putOut();

        try (DriveBays.Mount mount = bays.mount(SECOND)) {
            assertThat(mount.drive().status().ready()).isTrue();
        }

        assertThat(library.inventory().slotHolding(FIRST)).isPresent();
    }

    @Test
    void aLoadedCartridgeStaysWhereItIs() throws IOException {
        library.load(FIRST, 0);
        library.loaded.clear();

        bays.mount(FIRST).close();

        assertThat(library.loaded).isEmpty();
    }

    /// A library that knows only after a load which drive is which.
    private static final class Unproven implements Library {
        private final FaultyLibrary library;
        private final List<Barcode> asked = new ArrayList<>();

        Unproven(FaultyLibrary library) {
            this.library = library;
        }

        @Override
        public Changer changer() {
            return library;
        }

        @Override
        public Drive open(int drive) throws TapeException {
            return library.open(drive);
        }

        @Override
        public boolean confirms(Barcode barcode, int drive) {
            asked.add(barcode);
            return library.loaded.contains(barcode);
        }
    }

    @Test
    void aCartridgeOfWhichItIsNotKnownThatItIsInThisDriveIsLoadedAnew() throws IOException {
        library.load(FIRST, 0);
        library.loaded.clear();
        Unproven unproven = new Unproven(library);
        DriveBays theirs = new DriveBays(unproven, Duration.ofSeconds(10));

        theirs.mount(FIRST).close();
        theirs.mount(FIRST).close();

        assertThat(library.loaded).containsExactly(FIRST);
        assertThat(unproven.asked).containsExactly(FIRST, FIRST);
    }
}
