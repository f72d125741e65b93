package dev.caravan.tape.vtl;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Faults that a test sets on the changer of a virtual library. Thread-safe.
public final class ChangerFaults {
    private final AtomicInteger move = new AtomicInteger();
    private final Set<Barcode> hidden = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable LibraryInventory> stale = new AtomicReference<>();
    private volatile boolean holds;

    ChangerFaults() {}

    /// The `n`th move of the changer from now jams: nothing has moved. 1 is the next one.
    public void jamMove(int n) {
        move.set(n);
    }

    /// The changer tells this, whatever moves later; null ends it.
    public void staleInventory(@Nullable LibraryInventory then) {
        stale.set(then);
    }

    /// The barcode of a cartridge cannot be read, wherever it is.
    public void hideBarcode(Barcode barcode) {
        hidden.add(barcode);
    }

    /// The drives do not let go of a cartridge, as one that prevents its removal.
    public void holdCartridges(boolean on) {
        holds = on;
    }

    boolean moveJams() {
        return move.getAndUpdate(n -> Math.max(0, n - 1)) == 1;
    }

    boolean holds() {
        return holds;
    }

    /// What the changer tells of what there is.
    LibraryInventory told(LibraryInventory now) {
        LibraryInventory then = stale.get();
        if (then != null) {
            return then;
        }
        return new LibraryInventory(
                now.slots().stream().map(this::told).toList(),
                now.drives().stream().map(this::told).toList());
    }

    private Slot told(Slot slot) {
        return slot.cartridge().filter(hidden::contains).isPresent()
                ? new Slot(slot.number(), slot.mail(), Optional.empty(), true)
                : slot;
    }

    private Bay told(Bay bay) {
        return bay.cartridge().filter(hidden::contains).isPresent()
                ? new Bay(
                        bay.drive(),
                        Optional.empty(),
                        bay.homeSlot(),
                        true,
                        bay.serial(),
                        bay.served())
                : bay;
    }
}
