package dev.caravan.tape.vtl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.ChangerContract;
import dev.caravan.tape.changer.LibraryInventory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtualChangerTest extends ChangerContract {
    @TempDir Path folder;

    private @Nullable VirtualLibrary made;

    @BeforeEach
    void make() throws IOException {
        made = VirtualLibrary.create(folder.resolve("library"), 2, 3, 1 << 20);
        made.addMailSlots(1);
        // the third cartridge goes out of the door, so that its slot is empty
        made.transfer(3, 4);
        made.takeOut(new Barcode("VT0003L8"));
    }

    private VirtualLibrary library() {
        return Objects.requireNonNull(made);
    }

    @Override
    protected Changer changer() {
        return library();
    }

    @Override
    protected void jam() {
        library().changerFaults().jamMove(1);
    }

    @Override
    protected void hideBarcode(Barcode barcode) {
        library().changerFaults().hideBarcode(barcode);
    }

    @Test
    void aCartridgeThatWasTakenOutLiesOnTheShelfAndComesBack() throws IOException {
        Barcode third = new Barcode("VT0003L8");
        assertThat(library().shelf().resolve("VT0003L8/cartridge.json")).exists();
        assertThat(library().inventory().cartridges()).doesNotContain(third);

        int door = library().putIn(third);

        assertThat(door).isEqualTo(4);
        assertThat(library().inventory().slotHolding(third)).isPresent();
        assertRefused(() -> library().putIn(third), "in the library already");
    }

    @Test
    void aCartridgeOfAnotherLibraryComesInThroughTheDoor() throws IOException {
        VirtualLibrary other = VirtualLibrary.create(folder.resolve("other"), 1, 9, 1 << 20);

        library().putIn(other.directory().resolve("VT0009L8"));

        assertThat(library().capacityBytes(new Barcode("VT0009L8"))).hasValue(1 << 20);
        assertRefused(
                () -> library().putIn(other.directory().resolve("VT0008L8")),
                "no mail slot is free");
    }

    @Test
    void onlyWhatLiesInAMailSlotIsTakenOut() {
        assertRefused(() -> library().takeOut(FIRST), "no mail slot holds it");
    }

    @Test
    void aNewCartridgeIsNotCalledLikeOneOnTheShelf() throws IOException {
        assertThat(library().addCartridges(1, 1 << 20)).containsExactly(new Barcode("VT0004L8"));
    }

    @Test
    void aStaleInventoryDoesNotMoveAnything() throws IOException {
        LibraryInventory before = library().inventory();
        library().load(FIRST, 0);
        library().changerFaults().staleInventory(before);

        assertThat(library().inventory()).isEqualTo(before);
        assertRefused(() -> library().load(FIRST, 1), "no slot holds it");
    }

    @Test
    void aDriveThatHoldsItsCartridgeKeepsIt() throws IOException {
        library().load(FIRST, 0);
        library().changerFaults().holdCartridges(true);

        assertRefused(() -> library().unload(0), "removal prevented");

        library().changerFaults().holdCartridges(false);
        library().unload(0);
        assertThat(library().inventory().slotHolding(FIRST)).isPresent();
    }
}
