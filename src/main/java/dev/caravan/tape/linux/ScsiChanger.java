package dev.caravan.tape.linux;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The changer of a tape library or autoloader, by SCSI commands through its `sg` device (SMC-3).
///
/// Slots are numbered as `mtx` numbers them: storage elements from 1 on, then mail slots; drives
/// from 0 on, both in the order of their element addresses. What is where is read before each move,
/// and once more when the library reports that something changed. The device is open for one
/// operation at a time, so that nobody waits for it. Thread-safe.
public final class ScsiChanger implements Changer {
    /// How long to wait for a robot in motion: a library that starts looks at every slot.
    static final Duration PATIENCE = Duration.ofMinutes(15);

    /// How often a move is begun again because somebody opened a door.
    private static final int ATTEMPTS = 5;

    private final TapeSyscalls kernel;
    private final Path device;
    private final Duration patience;

    public ScsiChanger(Path device) {
        this(NativeTapeSyscalls.KERNEL, device, PATIENCE);
    }

    ScsiChanger(TapeSyscalls kernel, Path device, Duration patience) {
        this.kernel = kernel;
        this.device = device;
        this.patience = patience;
    }

    /// The elements as they are, and the inventory they come to.
    record View(
            ElementAddresses addresses,
            List<ElementStatus> storage,
            List<ElementStatus> mail,
            List<ElementStatus> drives) {

        /// The element address of a slot number; -1 if there is none.
        int addressOfSlot(int number) {
            int index = number - 1;
            if (index >= 0 && index < storage.size()) {
                return storage.get(index).address();
            }
            int door = index - storage.size();
            return door >= 0 && door < mail.size() ? mail.get(door).address() : -1;
        }

        private Optional<Integer> slotOfAddress(OptionalInt address) {
            for (int number = 1; address.isPresent(); number++) {
                int known = addressOfSlot(number);
                if (known < 0 || known == address.getAsInt()) {
                    return known < 0 ? Optional.empty() : Optional.of(number);
                }
            }
            return Optional.empty();
        }

        LibraryInventory inventory() {
            List<Slot> slots = new ArrayList<>();
            storage.forEach(element -> slots.add(slot(slots.size() + 1, false, element)));
            mail.forEach(element -> slots.add(slot(slots.size() + 1, true, element)));
            List<Bay> bays = new ArrayList<>();
            for (ElementStatus element : drives) {
                Optional<Barcode> barcode = barcode(element);
                bays.add(
                        new Bay(
                                bays.size(),
                                barcode,
                                element.full() ? slotOfAddress(element.source()) : Optional.empty(),
                                element.full() && barcode.isEmpty(),
                                element.name()
                                        .filter(ElementStatus.Name::whole)
                                        .map(ElementStatus.Name::serial),
                                true));
            }
            return new LibraryInventory(slots, bays);
        }

        private static Slot slot(int number, boolean mail, ElementStatus element) {
            Optional<Barcode> barcode = barcode(element);
            return new Slot(number, mail, barcode, element.full() && barcode.isEmpty());
        }

        /// Some changers keep telling the barcode of a cartridge that has left.
        private static Optional<Barcode> barcode(ElementStatus element) {
            return element.full() ? Barcode.ofReader(element.barcode()) : Optional.empty();
        }
    }

    @Override
    public LibraryInventory inventory() throws TapeException {
        return view().inventory();
    }

    synchronized View view() throws TapeException {
        try (SgChanger changer = open()) {
            changer.awaitReady("read the inventory");
            return view(changer);
        }
    }

    @Override
    public synchronized void scan() throws TapeException {
        try (SgChanger changer = open()) {
            changer.awaitReady("read all barcodes anew");
            changer.scan();
        }
    }

    @Override
    public void load(Barcode barcode, int drive) throws TapeException {
        String operation = "load " + barcode;
        move(
                operation,
                view -> {
                    LibraryInventory now = view.inventory();
                    Bay bay = bay(now, drive, operation);
                    if (!bay.empty()) {
                        throw refused(
                                operation,
                                "destination full: drive %d holds %s"
                                        .formatted(
                                                drive,
                                                bay.cartridge()
                                                        .map(Barcode::text)
                                                        .orElse("an unknown cartridge")));
                    }
                    Slot slot =
                            now.slotHolding(barcode)
                                    .orElseThrow(() ->
                                            refused(
                                                    operation,
                                                    now.driveHolding(barcode)
                                                            .map(b ->
                                                                    "source element empty: it is in drive "
                                                                            + b.drive())
                                                            .orElse("no slot holds it")));
                    return new Move(
                            view.addressOfSlot(slot.number()), view.drives().get(drive).address());
                });
    }

    @Override
    public void unload(int drive) throws TapeException {
        String operation = "unload drive " + drive;
        move(
                operation,
                view -> {
                    LibraryInventory now = view.inventory();
                    Bay bay = bay(now, drive, operation);
                    if (bay.empty()) {
                        throw refused(operation, "source element empty: the drive is empty");
                    }
                    Slot home =
                            bay.homeSlot()
                                    .map(number -> now.slots().get(number - 1))
                                    .filter(Slot::empty)
                                    .or(() ->
                                            now.slots().stream()
                                                    .filter(s -> s.empty() && !s.mail())
                                                    .findFirst())
                                    .orElseThrow(() ->
                                            refused(
                                                    operation,
                                                    "destination full: no slot is free"));
                    return new Move(
                            view.drives().get(drive).address(), view.addressOfSlot(home.number()));
                });
    }

    @Override
    public void transfer(int fromSlot, int toSlot) throws TapeException {
        String operation = "move the cartridge of slot %d to slot %d".formatted(fromSlot, toSlot);
        move(
                operation,
                view -> {
                    LibraryInventory now = view.inventory();
                    if (slot(now, fromSlot, operation).empty()) {
                        throw refused(
                                operation, "source element empty: slot %d".formatted(fromSlot));
                    }
                    if (!slot(now, toSlot, operation).empty()) {
                        throw refused(operation, "destination full: slot %d".formatted(toSlot));
                    }
                    return new Move(view.addressOfSlot(fromSlot), view.addressOfSlot(toSlot));
                });
    }

    /// From one element address to another.
    private record Move(int from, int to) {}

    private interface Choice {
        Move of(View view) throws TapeException;
    }

    private synchronized void move(String operation, Choice choice) throws TapeException {
        try (SgChanger changer = open()) {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                changer.awaitReady(operation);
                View view = view(changer);
                Move move = choice.of(view);
                int transport = view.addresses().transports().first();
                if (changer.move(operation, transport, move.from(), move.to())) {
                    return;
                }
            }
            throw refused(operation, "somebody keeps opening the library");
        }
    }

    private SgChanger open() throws TapeException {
        return SgChanger.open(kernel, device, patience);
    }

    private static View view(SgChanger changer) throws TapeException {
        ElementAddresses addresses = changer.addresses();
        return new View(
                addresses,
                changer.elements(ChangerCommands.STORAGE, addresses.storage()),
                changer.elements(ChangerCommands.MAIL, addresses.mail()),
                changer.elements(ChangerCommands.DRIVE, addresses.drives()));
    }

    private Bay bay(LibraryInventory now, int drive, String operation) throws TapeException {
        if (drive < 0 || drive >= now.drives().size()) {
            throw refused(
                    operation,
                    "there is no drive %d, it has %d".formatted(drive, now.drives().size()));
        }
        return now.drives().get(drive);
    }

    private Slot slot(LibraryInventory now, int number, String operation) throws TapeException {
        if (number < 1 || number > now.slots().size()) {
            throw refused(operation, "there is no slot " + number);
        }
        return now.slots().get(number - 1);
    }

    private TapeException refused(String operation, String why) {
        return new TapeException(operation, "changer " + device, Errno.EIO, why);
    }
}
