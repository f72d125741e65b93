package dev.caravan.tape.changer;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Which cartridge is where in a library, at one moment.
public record LibraryInventory(List<Slot> slots, List<Bay> drives) {
    public LibraryInventory {
        slots = List.copyOf(slots);
        drives = List.copyOf(drives);
    }

    /// A numbered place for a cartridge; a mail slot is the door to the outside.
    ///
    /// @param unread something lies in it whose barcode cannot be read: it is counted and shown,
    ///   and never used
    public record Slot(int number, boolean mail, Optional<Barcode> cartridge, boolean unread) {
        public Slot(int number, boolean mail, Optional<Barcode> cartridge) {
            this(number, mail, cartridge, false);
        }

        public boolean empty() {
            return cartridge.isEmpty() && !unread;
        }
    }

    /// A drive as the changer sees it.
    ///
    /// @param homeSlot the slot its cartridge came from
    /// @param unread a cartridge is in it whose barcode cannot be read
    /// @param serial the serial number by which the changer knows it
    /// @param served a device of this machine belongs to it; a drive without one is shown, and
    ///   never used
    public record Bay(
            int drive,
            Optional<Barcode> cartridge,
            Optional<Integer> homeSlot,
            boolean unread,
            Optional<String> serial,
            boolean served) {
        public Bay(int drive, Optional<Barcode> cartridge, Optional<Integer> homeSlot) {
            this(drive, cartridge, homeSlot, false, Optional.empty(), true);
        }

        /// A cartridge can be loaded into it, or the one inside be used.
        public boolean usable() {
            return served && !unread;
        }

        public boolean empty() {
            return cartridge.isEmpty() && !unread;
        }
    }

    /// The same library with this slot in place of the one with its number.
    public LibraryInventory with(Slot slot) {
        return new LibraryInventory(
                slots.stream().map(s -> s.number() == slot.number() ? slot : s).toList(), drives);
    }

    /// The same library with this drive in place of the one with its number.
    public LibraryInventory with(Bay bay) {
        return new LibraryInventory(
                slots, drives.stream().map(b -> b.drive() == bay.drive() ? bay : b).toList());
    }

    /// All cartridges inside, in the order of their barcodes.
    public List<Barcode> cartridges() {
        return Stream.concat(
                        slots.stream().map(Slot::cartridge), drives.stream().map(Bay::cartridge))
                .flatMap(Optional::stream)
                .sorted()
                .toList();
    }

    /// How many cartridges inside have a barcode that cannot be read.
    public long unread() {
        return slots.stream().filter(Slot::unread).count()
                + drives.stream().filter(Bay::unread).count();
    }

    public Optional<Bay> driveHolding(Barcode barcode) {
        return drives.stream().filter(b -> b.cartridge().equals(Optional.of(barcode))).findFirst();
    }

    public Optional<Slot> slotHolding(Barcode barcode) {
        return slots.stream().filter(s -> s.cartridge().equals(Optional.of(barcode))).findFirst();
    }
}
