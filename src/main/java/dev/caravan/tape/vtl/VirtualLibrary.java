package dev.caravan.tape.vtl;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.json.JsonFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/// A tape library in a directory: `library.json` and one directory per cartridge, named by its
/// barcode. Several processes may open it; a drive belongs to one at a time. Thread-safe.
public final class VirtualLibrary implements Library, Changer {
    /// The share of a cartridge behind the early warning, at most 16 MiB.
    private static final int RESERVE_SHARE = 50;

    private static final long MAX_RESERVE = 16L << 20;

    private static final Duration CHANGER_PAUSE = Duration.ofMillis(5);
    private static final int CHANGER_ATTEMPTS = 2000;

    private final Path directory;
    private final VirtualFaults faults = new VirtualFaults();

    private VirtualLibrary(Path directory) {
        this.directory = directory;
    }

    /// Makes a library of blank cartridges `VT0001L8`, `VT0002L8`, … of `capacityBytes` each.
    ///
    /// @throws FileAlreadyExistsException if there is a library already
    public static VirtualLibrary create(
            Path directory, int drives, int cartridges, long capacityBytes) throws IOException {
        return create(
                directory,
                drives,
                cartridges,
                capacityBytes,
                Math.min(MAX_RESERVE, capacityBytes / RESERVE_SHARE));
    }

    /// @param reserveBytes how much of the capacity lies behind the early warning
    public static VirtualLibrary create(
            Path directory, int drives, int cartridges, long capacityBytes, long reserveBytes)
            throws IOException {
        if (drives < 1 || cartridges < 0) {
            throw new IllegalArgumentException(
                    "a library needs a drive: got %d drives, %d cartridges"
                            .formatted(drives, cartridges));
        }
        if (!Files.exists(directory)) {
            Files.createDirectories(directory.toAbsolutePath().getParent());
            // whoever reads a cartridge reads everything on it
            Files.createDirectory(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
        if (Files.exists(directory.resolve(LibraryFile.NAME))) {
            throw new FileAlreadyExistsException(
                    directory.toString(), null, "there is a tape library already");
        }
        List<Bay> bays = new ArrayList<>();
        for (int drive = 0; drive < drives; drive++) {
            bays.add(new Bay(drive, Optional.empty(), Optional.empty()));
        }
        LibraryFile.write(directory, new LibraryInventory(List.of(), bays));
        VirtualLibrary library = new VirtualLibrary(directory);
        library.addCartridges(cartridges, capacityBytes, reserveBytes);
        return library;
    }

    public static VirtualLibrary open(Path directory) throws IOException {
        if (!Files.isRegularFile(directory.resolve(LibraryFile.NAME))) {
            throw new IOException(
                    "no tape library in '%s': %s is missing; is it mounted?"
                            .formatted(directory, LibraryFile.NAME));
        }
        LibraryFile.read(directory);
        return new VirtualLibrary(directory);
    }

    public Path directory() {
        return directory;
    }

    public VirtualFaults faults() {
        return faults;
    }

    /// Puts blank cartridges into new slots, numbered on from the last barcode.
    public List<Barcode> addCartridges(int count, long capacityBytes) throws IOException {
        return addCartridges(
                count, capacityBytes, Math.min(MAX_RESERVE, capacityBytes / RESERVE_SHARE));
    }

    private List<Barcode> addCartridges(int count, long capacityBytes, long reserveBytes)
            throws IOException {
        try (DeviceLock _ = changerLock("add cartridges")) {
            return addBlanks(count, capacityBytes, reserveBytes);
        }
    }

    private List<Barcode> addBlanks(int count, long capacityBytes, long reserveBytes)
            throws IOException {
        LibraryInventory inventory = LibraryFile.read(directory);
        List<Slot> slots = new ArrayList<>(inventory.slots());
        List<Barcode> added = new ArrayList<>();
        int number = 0;
        while (added.size() < count) {
            Barcode barcode = new Barcode("VT%04dL8".formatted(++number));
            Path cartridge = directory.resolve(barcode.text());
            if (Files.exists(cartridge)) {
                continue;
            }
            Files.createDirectory(cartridge);
            Cartridge.blank(barcode, capacityBytes, reserveBytes).write(cartridge);
            slots.add(new Slot(slots.size() + 1, false, Optional.of(barcode)));
            added.add(barcode);
        }
        JsonFile.syncDirectory(directory);
        LibraryFile.write(directory, new LibraryInventory(slots, inventory.drives()));
        return added;
    }

    @Override
    public OptionalLong capacityBytes(Barcode barcode) throws TapeException {
        try {
            return OptionalLong.of(
                    Cartridge.read(directory.resolve(barcode.text())).capacityBytes());
        } catch (IOException e) {
            throw changerError("read the capacity of " + barcode, e);
        }
    }

    /// Slides the write-protect tab of a cartridge; a drive sees it when it is opened the next
    /// time.
    public synchronized void writeProtect(Barcode barcode, boolean on) throws IOException {
        Path cartridge = directory.resolve(barcode.text());
        Cartridge.read(cartridge).protect(on).write(cartridge);
    }

    @Override
    public Changer changer() {
        return this;
    }

    @Override
    public LibraryInventory inventory() throws TapeException {
        try {
            return LibraryFile.read(directory);
        } catch (IOException e) {
            throw changerError("read the inventory", e);
        }
    }

    @Override
    public void load(Barcode barcode, int drive) throws TapeException {
        String operation = "load " + barcode;
        move(
                operation,
                drive,
                (now, bay) -> {
                    if (bay.cartridge().isPresent()) {
                        throw changerError(
                                operation,
                                "drive %d holds %s".formatted(drive, bay.cartridge().get()));
                    }
                    Slot slot =
                            now.slotHolding(barcode)
                                    .orElseThrow(() -> changerError(operation, "no slot holds it"));
                    countLoad(operation, barcode);
                    return now.with(new Slot(slot.number(), slot.mail(), Optional.empty()))
                            .with(new Bay(drive, Optional.of(barcode), Optional.of(slot.number())));
                });
    }

    private void countLoad(String operation, Barcode barcode) throws TapeException {
        try {
            MemoryFile.countLoad(directory.resolve(barcode.text()));
        } catch (IOException e) {
            throw changerError(operation, e);
        }
        faults.pause(faults.timing().load());
    }

    @Override
    public void unload(int drive) throws TapeException {
        String operation = "unload drive " + drive;
        move(
                operation,
                drive,
                (now, bay) -> {
                    int slot =
                            bay.homeSlot()
                                    .orElseThrow(
                                            () -> changerError(operation, "the drive is empty"));
                    boolean mail = slot(now, slot, operation).mail();
                    return now.with(new Slot(slot, mail, bay.cartridge()))
                            .with(new Bay(drive, Optional.empty(), Optional.empty()));
                });
    }

    @Override
    public void transfer(int fromSlot, int toSlot) throws TapeException {
        String operation = "move the cartridge of slot %d to slot %d".formatted(fromSlot, toSlot);
        try (DeviceLock _ = changerLock(operation)) {
            LibraryInventory now = LibraryFile.read(directory);
            Slot from = slot(now, fromSlot, operation);
            Slot to = slot(now, toSlot, operation);
            if (from.cartridge().isEmpty() || to.cartridge().isPresent()) {
                throw changerError(
                        operation,
                        "slot %d is %s"
                                .formatted(
                                        from.cartridge().isEmpty() ? fromSlot : toSlot,
                                        from.cartridge().isEmpty() ? "empty" : "full"));
            }
            LibraryFile.write(
                    directory,
                    now.with(new Slot(fromSlot, from.mail(), Optional.empty()))
                            .with(new Slot(toSlot, to.mail(), from.cartridge())));
        } catch (IOException e) {
            throw changerError(operation, e);
        }
    }

    private Slot slot(LibraryInventory now, int number, String operation) throws TapeException {
        return now.slots().stream()
                .filter(s -> s.number() == number)
                .findFirst()
                .orElseThrow(() -> changerError(operation, "there is no slot " + number));
    }

    @Override
    public Drive open(int drive) throws TapeException {
        DeviceLock lock = lock(drive, "open");
        try {
            return open(bay(inventory(), drive, "open"), lock);
        } catch (IOException e) {
            try {
                lock.close();
            } catch (IOException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw changerError("open drive " + drive, e);
        }
    }

    private Drive open(Bay bay, DeviceLock lock) throws IOException {
        String device = "drive " + bay.drive();
        String serial =
                "CVD%08X%02d".formatted(directory.toRealPath().toString().hashCode(), bay.drive());
        if (bay.cartridge().isEmpty()) {
            return new VirtualDrive(device, serial, directory, lock, faults, null);
        }
        String barcode = bay.cartridge().get().text();
        Path cartridge = directory.resolve(barcode);
        return new VirtualDrive(
                device + " (" + barcode + ")",
                serial,
                cartridge,
                lock,
                faults,
                Cartridge.read(cartridge));
    }

    private interface Move {
        LibraryInventory apply(LibraryInventory now, Bay bay) throws TapeException;
    }

    /// A drive that is in use keeps its cartridge; the changer makes one move at a time.
    private void move(String operation, int drive, Move move) throws TapeException {
        try (DeviceLock _ = lock(drive, operation);
                DeviceLock _ = changerLock(operation)) {
            LibraryInventory now = LibraryFile.read(directory);
            LibraryFile.write(directory, move.apply(now, bay(now, drive, operation)));
        } catch (IOException e) {
            throw changerError(operation, e);
        }
    }

    private DeviceLock changerLock(String operation) throws IOException {
        for (int attempt = 0; attempt < CHANGER_ATTEMPTS; attempt++) {
            Optional<DeviceLock> lock = DeviceLock.tryLock(directory.resolve("changer.lock"));
            if (lock.isPresent()) {
                return lock.get();
            }
            LockSupport.parkNanos(CHANGER_PAUSE.toNanos());
        }
        throw new TapeException(
                operation, "library " + directory, Errno.EBUSY, "the changer is in use");
    }

    private DeviceLock lock(int drive, String operation) throws TapeException {
        try {
            return DeviceLock.tryLock(directory.resolve("drive" + drive + ".lock"))
                    .orElseThrow(() ->
                            new TapeException(
                                    operation,
                                    "drive " + drive,
                                    Errno.EBUSY,
                                    "the drive is in use"));
        } catch (TapeException e) {
            throw e;
        } catch (IOException e) {
            throw changerError(operation, e);
        }
    }

    private Bay bay(LibraryInventory now, int drive, String operation) throws TapeException {
        return now.drives().stream()
                .filter(b -> b.drive() == drive)
                .findFirst()
                .orElseThrow(() -> changerError(operation, "no such drive"));
    }

    private TapeException changerError(String operation, String sense) {
        return new TapeException(operation, "library " + directory, Errno.EIO, sense);
    }

    private TapeException changerError(String operation, IOException cause) {
        return cause instanceof TapeException tape
                ? tape
                : new TapeException(
                        operation,
                        "library " + directory,
                        Errno.EIO,
                        String.valueOf(cause.getMessage()),
                        cause);
    }
}
