package dev.caravan.tape.changer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.drive.TapeException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// What every changer does. The library has two empty drives; slots 1 to 3, of which the first two
/// hold [#FIRST] and [#SECOND]; and slot 4, an empty mail slot.
public abstract class ChangerContract {
    protected static final Barcode FIRST = new Barcode("VT0001L8");
    protected static final Barcode SECOND = new Barcode("VT0002L8");

    protected abstract Changer changer() throws IOException;

    /// Makes the next move jam.
    protected abstract void jam() throws IOException;

    /// The barcode of a cartridge cannot be read from now on.
    protected abstract void hideBarcode(Barcode barcode) throws IOException;

    @Test
    void theInventoryTellsWhatIsWhere() throws IOException {
        LibraryInventory inventory = changer().inventory();

        assertThat(inventory.slots())
                .containsExactly(
                        new Slot(1, false, Optional.of(FIRST)),
                        new Slot(2, false, Optional.of(SECOND)),
                        new Slot(3, false, Optional.empty()),
                        new Slot(4, true, Optional.empty()));
        assertThat(inventory.drives()).extracting(Bay::drive).containsExactly(0, 1);
        assertThat(inventory.drives()).allMatch(Bay::empty).allMatch(Bay::usable);
        assertThat(inventory.cartridges()).containsExactly(FIRST, SECOND);
    }

    @Test
    void aLoadedCartridgeIsInItsDriveAndNoLongerInItsSlot() throws IOException {
        Changer changer = changer();

        changer.load(SECOND, 1);

        LibraryInventory now = changer.inventory();
        Bay bay = now.driveHolding(SECOND).orElseThrow();
        assertThat(bay.drive()).isEqualTo(1);
        assertThat(bay.homeSlot()).contains(2);
        assertThat(now.slots().get(1).empty()).isTrue();
        assertThat(now.drives().get(0).empty()).isTrue();
    }

    @Test
    void anUnloadedCartridgeIsBackInItsSlot() throws IOException {
        Changer changer = changer();
        changer.load(FIRST, 0);
        changer.load(SECOND, 1);

        changer.unload(0);

        LibraryInventory now = changer.inventory();
        assertThat(now.slotHolding(FIRST).orElseThrow().number()).isEqualTo(1);
        assertThat(now.driveHolding(SECOND)).isPresent();
        assertThat(now.drives().get(0).empty()).isTrue();
        assertThat(now.drives().get(0).homeSlot()).isEmpty();
    }

    @Test
    void aCartridgeWhoseSlotWasTakenGoesToAnother() throws IOException {
        Changer changer = changer();
        changer.load(FIRST, 0);
        changer.transfer(2, 1);

        changer.unload(0);

        LibraryInventory now = changer.inventory();
        assertThat(now.slotHolding(FIRST).orElseThrow().number()).isEqualTo(2);
        assertThat(now.slotHolding(SECOND).orElseThrow().number()).isEqualTo(1);
    }

    @Test
    void aCartridgeGoesToTheMailSlotAndComesBack() throws IOException {
        Changer changer = changer();

        changer.transfer(1, 4);
        Slot door = changer.inventory().slotHolding(FIRST).orElseThrow();
        changer.transfer(4, 3);

        assertThat(door).isEqualTo(new Slot(4, true, Optional.of(FIRST)));
        assertThat(changer.inventory().slotHolding(FIRST).orElseThrow().number()).isEqualTo(3);
    }

    @Test
    void whatCannotBeMovedIsRefusedAndStaysWhereItIs() throws IOException {
        Changer changer = changer();
        changer.load(FIRST, 0);
        LibraryInventory before = changer.inventory();

        assertRefused(() -> changer.load(SECOND, 0), "destination full");
        assertRefused(() -> changer.load(new Barcode("NOBODY01"), 1), "no slot holds it");
        assertRefused(() -> changer.load(SECOND, 7), "drive");
        assertRefused(() -> changer.unload(1), "source element empty");
        assertRefused(() -> changer.transfer(3, 4), "source element empty");
        assertRefused(() -> changer.transfer(2, 2), "destination full");
        assertRefused(() -> changer.transfer(2, 99), "no slot 99");

        assertThat(changer.inventory()).isEqualTo(before);
    }

    @Test
    void aFullLibraryHasNoSlotForTheCartridgeOfADrive() throws IOException {
        Changer changer = changer();
        changer.load(FIRST, 0);
        changer.transfer(2, 1);
        changer.load(SECOND, 1);
        changer.unload(0);
        changer.unload(1);

        assertThat(changer.inventory().cartridges()).isEqualTo(List.of(FIRST, SECOND));
    }

    @Test
    void aJamIsToldAndNothingHasMoved() throws IOException {
        Changer changer = changer();
        LibraryInventory before = changer.inventory();
        jam();

        assertRefused(() -> changer.load(FIRST, 0), "jam");

        assertThat(changer.inventory()).isEqualTo(before);
        changer.load(FIRST, 0);
        assertThat(changer.inventory().driveHolding(FIRST)).isPresent();
    }

    @Test
    void aCartridgeWithoutAReadableBarcodeIsCountedAndCanBeMovedOutButNotLoaded()
            throws IOException {
        Changer changer = changer();
        hideBarcode(SECOND);

        LibraryInventory inventory = changer.inventory();

        assertThat(inventory.slots().get(1)).isEqualTo(new Slot(2, false, Optional.empty(), true));
        assertThat(inventory.unread()).isEqualTo(1);
        assertThat(inventory.cartridges()).containsExactly(FIRST);
        assertRefused(() -> changer.transfer(1, 2), "destination full");
    }

    protected static void assertRefused(ThrowingCallable call, String words) {
        assertThatThrownBy(call)
                .isInstanceOf(TapeException.class)
                .hasMessageContaining(words)
                .hasMessageNotContaining("\n");
    }
}
