package dev.caravan.tape.changer;

import dev.caravan.tape.drive.TapeException;

/// The robot that moves cartridges between slots and drives. Thread-safe.
public interface Changer {
    LibraryInventory inventory() throws TapeException;

    /// Moves a cartridge from its slot into an empty drive.
    void load(Barcode barcode, int drive) throws TapeException;

    /// Moves the cartridge of a drive back to the slot it came from. A drive in use refuses it.
    void unload(int drive) throws TapeException;

    /// Moves a cartridge from one slot to another, empty one. A mail slot takes part: this is how a
    /// cartridge is imported and exported.
    void transfer(int fromSlot, int toSlot) throws TapeException;
}
