package dev.caravan.tape.changer;

import dev.caravan.tape.drive.TapeException;

/// The robot that moves cartridges between slots and drives. Thread-safe.
public interface Changer {
    /// What is where now, asked anew each time.
    LibraryInventory inventory() throws TapeException;

    /// Has the changer look at every place and read every barcode again, which may take minutes.
    default void scan() throws TapeException {}

    /// Moves a cartridge from its slot into an empty drive.
    void load(Barcode barcode, int drive) throws TapeException;

    /// Moves the cartridge of a drive back to the slot it came from, or to a free one where that is
    /// taken or not known. The drive must have been told to unload it; one in use refuses.
    void unload(int drive) throws TapeException;

    /// Moves a cartridge from one slot to another, empty one. A mail slot takes part: this is how a
    /// cartridge is imported and exported.
    void transfer(int fromSlot, int toSlot) throws TapeException;
}
