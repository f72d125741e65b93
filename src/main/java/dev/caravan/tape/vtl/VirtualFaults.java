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

/// Faults that a test sets on a virtual library; counts go down over all its drives. Thread-safe.
public final class VirtualFaults {
    private final AtomicInteger write = new AtomicInteger();
    private final AtomicInteger tear = new AtomicInteger();
    private final AtomicInteger filemark = new AtomicInteger();
    private final AtomicInteger move = new AtomicInteger();
    private final Set<Barcode> hidden = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable LibraryInventory> stale = new AtomicReference<>();
    private volatile boolean holds;
    private volatile boolean recordsOnNoSpace;
    private volatile boolean positionUnknown;

    VirtualFaults() {}

    /// The `n`th write from now fails with `EIO`; 1 is the next one.
    public void failWrite(int n) {
        write.set(n);
    }

    /// The `n`th write from now leaves half a record and the drive is gone.
    public void tearWrite(int n) {
        tear.set(n);
    }

    /// The `n`th filemark command from now fails with `EIO`, as a deferred write error does.
    public void failFilemark(int n) {
        filemark.set(n);
    }

    /// A write that is answered with no space is recorded nevertheless, as `scsi_debug` does.
    public void recordOnNoSpace(boolean on) {
        recordsOnNoSpace = on;
    }

    /// The drives cannot tell their position, as the drive of `tgt` cannot.
    public void hidePosition(boolean on) {
        positionUnknown = on;
    }

    /// The `n`th move of the changer from now jams: nothing has moved.
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
        return due(move);
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

    boolean holds() {
        return holds;
    }

    boolean writeFails() {
        return due(write);
    }

    boolean writeTears() {
        return due(tear);
    }

    boolean filemarkFails() {
        return due(filemark);
    }

    boolean recordsOnNoSpace() {
        return recordsOnNoSpace;
    }

    boolean positionUnknown() {
        return positionUnknown;
    }

    private static boolean due(AtomicInteger countdown) {
        return countdown.getAndUpdate(n -> Math.max(0, n - 1)) == 1;
    }
}
