package dev.caravan.tape;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.changer.ManualLibrary;
import dev.caravan.tape.changer.OperatorDesk.Request;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.DriveStatus;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.linux.LinuxLibrary;
import dev.caravan.tape.linux.TapeDevice;
import dev.caravan.tape.pool.OperatorRequests;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeInventory;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// A tape library as its operator sees it: drives, slots, cartridges, and moves by hand. It may be
/// used beside a service: a drive that is in use refuses, and nothing waits. Thread-safe.
public final class LibraryControl {
    private final Library library;
    private final VolumeInventory inventory;
    private final Path directory;

    LibraryControl(Library library, VolumeInventory inventory, Path directory) {
        this.library = library;
        this.inventory = inventory;
        this.directory = directory;
    }

    /// What a drive does.
    public enum DriveState {
        /// No cartridge is ready in it.
        EMPTY,
        READY,
        /// Ready, and the cartridge refuses writes.
        WRITE_PROTECTED,
        /// Another program, or the service, uses it.
        IN_USE,
        /// No device of this machine belongs to it.
        NOT_SERVED,
        FAULTY
    }

    /// A drive and the cartridge in it.
    ///
    /// @param device the path of its device; the name of a virtual drive
    /// @param identity empty texts where they are not known
    /// @param cartridge its barcode; nothing if there is none or it cannot be read
    /// @param unread a cartridge is inside whose barcode cannot be read
    /// @param alerts what the drive has raised since it was last asked; asking clears them
    /// @param problem why it is faulty, in words
    public record DriveReport(
            int drive,
            Optional<String> device,
            DriveIdentity identity,
            DriveState state,
            Optional<Barcode> cartridge,
            boolean unread,
            Set<TapeAlert> alerts,
            Optional<String> problem) {
        public DriveReport {
            alerts = Set.copyOf(alerts);
        }
    }

    /// What is where now.
    public LibraryInventory inside() throws TapeException {
        return library.changer().inventory();
    }

    /// Has the changer read every barcode again, and tells what is where then.
    public LibraryInventory scan() throws TapeException {
        library.changer().scan();
        return inside();
    }

    /// A person loads the drives.
    public boolean manual() {
        return library instanceof ManualLibrary;
    }

    /// What the inventory knows, by barcode.
    public Map<Barcode, Volume> volumes() throws IOException {
        return inventory.volumes().stream()
                .collect(Collectors.toMap(Volume::barcode, Function.identity()));
    }

    /// What a person is to do now.
    public List<Request> requests() throws IOException {
        return OperatorRequests.open(directory);
    }

    /// Every drive, in the order of their numbers.
    public List<DriveReport> drives() throws TapeException {
        List<DriveReport> reports = new ArrayList<>();
        Map<Integer, TapeDevice> devices =
                library instanceof LinuxLibrary linux ? linux.devices() : Map.of();
        for (Bay bay : inside().drives()) {
            reports.add(report(bay, Optional.ofNullable(devices.get(bay.drive()))));
        }
        return reports;
    }

    private DriveReport report(Bay bay, Optional<TapeDevice> device) {
        Optional<String> path = device.map(d -> d.path().toString());
        DriveIdentity known =
                device.map(TapeDevice::identity)
                        .orElseGet(() -> new DriveIdentity("", "", "", bay.serial().orElse("")));
        if (!bay.served()) {
            return new DriveReport(
                    bay.drive(),
                    path,
                    known,
                    DriveState.NOT_SERVED,
                    bay.cartridge(),
                    bay.unread(),
                    Set.of(),
                    Optional.empty());
        }
        try (Drive drive = library.open(bay.drive())) {
            DriveStatus status = drive.status();
            return new DriveReport(
                    bay.drive(),
                    path.or(() -> Optional.of(drive.device())),
                    drive.identity(),
                    !status.ready()
                            ? DriveState.EMPTY
                            : status.writeProtected()
                                    ? DriveState.WRITE_PROTECTED
                                    : DriveState.READY,
                    bay.cartridge(),
                    bay.unread(),
                    status.ready() ? drive.medium().alerts() : Set.of(),
                    Optional.empty());
        } catch (TapeException e) {
            boolean busy = e.errno() == Errno.EBUSY;
            return new DriveReport(
                    bay.drive(),
                    path,
                    known,
                    busy ? DriveState.IN_USE : DriveState.FAULTY,
                    bay.cartridge(),
                    bay.unread(),
                    Set.of(),
                    busy ? Optional.empty() : Optional.ofNullable(e.getMessage()));
        }
    }

    /// Loads a cartridge, into the first empty drive if none is named. Waits for a person where
    /// there is no changer.
    ///
    /// @return the drive it is in
    public int load(Barcode barcode, OptionalInt wanted) throws TapeException {
        LibraryInventory now = inside();
        Optional<Bay> holding = now.driveHolding(barcode);
        if (holding.isPresent()) {
            int drive = holding.get().drive();
            if (wanted.isPresent() && wanted.getAsInt() != drive) {
                throw refused("load " + barcode, "it is in drive %d; unload it".formatted(drive));
            }
            return drive;
        }
        int drive = wanted.isPresent() ? wanted.getAsInt() : firstEmpty(barcode, now);
        library.changer().load(barcode, drive);
        return drive;
    }

    /// The drive a cartridge would be loaded into.
    public int firstEmpty(Barcode barcode) throws TapeException {
        return firstEmpty(barcode, inside());
    }

    private static int firstEmpty(Barcode barcode, LibraryInventory now) throws TapeException {
        return now.drives().stream()
                .filter(bay -> bay.served() && bay.empty())
                .findFirst()
                .map(Bay::drive)
                .orElseThrow(() ->
                        refused(
                                "load " + barcode,
                                "no drive is empty: "
                                        + now.drives().stream()
                                                .map(LibraryControl::words)
                                                .collect(Collectors.joining(", "))));
    }

    private static String words(Bay bay) {
        return "drive %d holds %s%s"
                .formatted(
                        bay.drive(),
                        bay.cartridge().map(Barcode::text).orElse("an unknown cartridge"),
                        bay.served() ? "" : " (not served)");
    }

    /// The drive a cartridge is in.
    ///
    /// @throws TapeException if it is in none
    public int driveOf(Barcode barcode) throws TapeException {
        return inside().driveHolding(barcode)
                .map(Bay::drive)
                .orElseThrow(() -> refused("unload " + barcode, "it is in no drive"));
    }

    /// Has a drive let go of its cartridge and moves that back to a slot.
    public void unload(int drive) throws TapeException {
        Bay bay =
                inside().drives().stream()
                        .filter(b -> b.drive() == drive)
                        .findFirst()
                        .orElseThrow(
                                () -> refused("unload drive " + drive, "there is no such drive"));
        if (bay.empty() && !manual()) {
            throw refused("unload drive " + drive, "source element empty: the drive is empty");
        }
        if (bay.served()) {
            try (Drive open = library.open(drive)) {
                if (open.status().ready()) {
                    open.unload();
                }
            }
        }
        library.changer().unload(drive);
    }

    /// A cartridge that was moved between a slot and a mail slot.
    ///
    /// @param barcode nothing if it cannot be read
    public record Moved(Optional<Barcode> barcode, int from, int to) {}

    /// Moves what lies in the mail slots, or in one of them, to free slots. Cartridges whose
    /// barcode cannot be read stay where they are.
    public List<Moved> importAll(OptionalInt mailSlot) throws TapeException {
        LibraryInventory now = inside();
        List<Slot> doors =
                now.slots().stream()
                        .filter(Slot::mail)
                        .filter(s -> mailSlot.isEmpty() || mailSlot.getAsInt() == s.number())
                        .toList();
        if (doors.isEmpty()) {
            throw refused(
                    "import",
                    mailSlot.isPresent()
                            ? "slot %d is no mail slot; the mail slots are %s"
                                    .formatted(mailSlot.getAsInt(), mailSlots(now))
                            : "the library has no mail slot");
        }
        List<Moved> moved = new ArrayList<>();
        for (Slot door : doors) {
            if (door.cartridge().isEmpty()) {
                continue;
            }
            int free =
                    inside().slots().stream()
                            .filter(s -> s.empty() && !s.mail())
                            .min(Comparator.comparingInt(Slot::number))
                            .map(Slot::number)
                            .orElseThrow(
                                    () -> refused("import", "destination full: no slot is free"));
            library.changer().transfer(door.number(), free);
            moved.add(new Moved(door.cartridge(), door.number(), free));
        }
        return moved;
    }

    private static String mailSlots(LibraryInventory now) {
        String numbers =
                now.slots().stream()
                        .filter(Slot::mail)
                        .map(s -> Integer.toString(s.number()))
                        .collect(Collectors.joining(", "));
        return numbers.isEmpty() ? "none" : numbers;
    }

    /// Moves a cartridge to a free mail slot, for a person to take out. One in a drive that nobody
    /// uses is unloaded first.
    public Moved export(Barcode barcode) throws TapeException {
        String operation = "export " + barcode;
        if (manual()) {
            throw refused(
                    operation,
                    "there is no changer and no mail slot: caravan tape unload puts it out of a drive");
        }
        LibraryInventory now = inside();
        Optional<Bay> bay = now.driveHolding(barcode);
        if (bay.isEmpty() && now.slotHolding(barcode).isEmpty()) {
            throw refused(operation, "it is not in the library");
        }
        Optional<Slot> mail = now.slotHolding(barcode).filter(Slot::mail);
        if (mail.isPresent()) {
            return new Moved(Optional.of(barcode), mail.get().number(), mail.get().number());
        }
        requireDoor(operation, now);
        if (bay.isPresent()) {
            unload(bay.get().drive());
        }
        LibraryInventory unloaded = inside();
        Slot from =
                unloaded.slotHolding(barcode)
                        .orElseThrow(() -> refused(operation, "the changer put it into no slot"));
        if (from.mail()) {
            return new Moved(Optional.of(barcode), from.number(), from.number());
        }
        int door = requireDoor(operation, unloaded);
        library.changer().transfer(from.number(), door);
        return new Moved(Optional.of(barcode), from.number(), door);
    }

    private static int requireDoor(String operation, LibraryInventory now) throws TapeException {
        return now.slots().stream()
                .filter(s -> s.mail() && s.empty())
                .findFirst()
                .map(Slot::number)
                .orElseThrow(() ->
                        refused(
                                operation,
                                "destination full: no mail slot is free, of " + mailSlots(now)));
    }

    /// The folders of cartridges beside a virtual library; nothing for a real one, whose cartridges
    /// a person takes out and puts in.
    public Optional<Path> shelf() {
        return library instanceof VirtualLibrary virtual
                ? Optional.of(virtual.shelf())
                : Optional.empty();
    }

    /// Does with a virtual cartridge in a mail slot what a person does with a real one.
    public void takeOut(Barcode barcode) throws IOException {
        virtual("take out " + barcode).takeOut(barcode);
    }

    /// Puts a virtual cartridge from the shelf into a mail slot.
    ///
    /// @return the number of the slot
    public int putIn(Barcode barcode) throws IOException {
        return virtual("put in " + barcode).putIn(barcode);
    }

    /// Gives a virtual library mail slots, if it has fewer.
    public void ensureMailSlots(int count) throws IOException {
        long there = inside().slots().stream().filter(Slot::mail).count();
        if (library instanceof VirtualLibrary virtual && there < count) {
            virtual.addMailSlots((int) (count - there));
        }
    }

    private VirtualLibrary virtual(String operation) throws TapeException {
        if (library instanceof VirtualLibrary virtual) {
            return virtual;
        }
        throw refused(operation, "a person does this with a real library");
    }

    /// All barcodes inside and in the inventory.
    public Set<Barcode> barcodes() throws IOException {
        Set<Barcode> barcodes = new TreeSet<>(volumes().keySet());
        barcodes.addAll(inside().cartridges());
        return barcodes;
    }

    private static TapeException refused(String operation, String why) {
        return new TapeException(operation, "the tape library", Errno.EIO, why);
    }
}
