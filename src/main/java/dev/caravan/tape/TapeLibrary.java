package dev.caravan.tape;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.changer.ManualLibrary;
import dev.caravan.tape.pool.DriveBays;
import dev.caravan.tape.pool.DriveMetrics;
import dev.caravan.tape.pool.InventoryRebuild;
import dev.caravan.tape.pool.MediaPool;
import dev.caravan.tape.pool.Recipe;
import dev.caravan.tape.pool.TapeFileStream;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeInventory;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tape library as one thing: its cartridges, their inventory, its media pools. The entry for
/// code that is no Camel route. Thread-safe.
public final class TapeLibrary implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TapeLibrary.class);

    /// How long a writer or reader waits for a drive: longer than any tape file takes.
    private static final Duration PATIENCE = Duration.ofHours(4);

    /// How long a drive may take to end what was being written when the library is closed: a
    /// synchronous filemark behind a full buffer.
    private static final Duration GRACE = Duration.ofMinutes(1);

    private static final int DRIVES = 2;

    private static final Map<LibraryPlace, TapeLibrary> MACHINES = new ConcurrentHashMap<>();

    private final Library library;
    private final Path directory;
    private final VolumeInventory inventory;
    private final DriveBays bays;
    private final Map<String, MediaPool> pools = new ConcurrentHashMap<>();

    private TapeLibrary(Library library, Path directory) {
        this.directory = directory;
        this.library = library;
        this.inventory = new VolumeInventory(directory);
        this.bays = new DriveBays(library, PATIENCE);
    }

    /// Makes a virtual library of two drives and blank cartridges in `directory`.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException if there is one already
    public static TapeLibrary create(Path directory, int cartridges, long capacityBytes)
            throws IOException {
        VirtualLibrary library =
                VirtualLibrary.create(directory, DRIVES, cartridges, capacityBytes);
        Recipe.copyTo(directory);
        TapeLibrary created = new TapeLibrary(library, directory);
        created.inventory.create();
        return created;
    }

    /// Opens a library. One with real drives is one object in this process, since which cartridge
    /// is in a drive that a person loads is remembered there.
    ///
    /// @throws IOException if a virtual library is missing; real hardware is first asked when it is
    ///   used
    public static TapeLibrary open(LibraryPlace place) throws IOException {
        if (place.isVirtual()) {
            return new TapeLibrary(VirtualLibrary.open(place.directory()), place.directory());
        }
        TapeLibrary known = MACHINES.get(place);
        if (known != null) {
            return known;
        }
        TapeLibrary opened = new TapeLibrary(TapeMachine.of(place), place.directory());
        if (TapeMachine.makeDirectory(place.directory())) {
            opened.inventory.create();
        }
        TapeLibrary earlier = MACHINES.putIfAbsent(place, opened);
        return earlier == null ? opened : earlier;
    }

    /// The machine itself: what is in it, and moves by hand.
    public LibraryControl control() {
        return new LibraryControl(library, inventory, directory);
    }

    /// One cartridge and all that is known of it.
    ///
    /// @param barcode its name
    /// @param place `slot 3`, `drive 0`, `shelf` where a person loads the drives, or `outside` for
    ///   a known volume that is not in the library
    /// @param capacityBytes what it takes in all
    /// @param volume what the inventory says; nothing for a cartridge that was never labelled
    public record TapeCartridge(
            Barcode barcode, String place, long capacityBytes, Optional<Volume> volume) {}

    /// All cartridges inside, and the known volumes that are outside, in the order of their
    /// barcodes. Moves nothing and needs no drive.
    public List<TapeCartridge> cartridges() throws IOException {
        LibraryInventory inside = library.changer().inventory();
        Map<Barcode, Volume> volumes =
                inventory.volumes().stream().collect(Collectors.toMap(Volume::barcode, v -> v));
        TreeSet<Barcode> barcodes = new TreeSet<>(volumes.keySet());
        barcodes.addAll(inside.cartridges());
        List<TapeCartridge> cartridges = new ArrayList<>();
        for (Barcode barcode : barcodes) {
            String place =
                    inside.driveHolding(barcode)
                            .map(b -> "drive " + b.drive())
                            .or(() -> inside.slotHolding(barcode).map(this::place))
                            .orElse("outside");
            Optional<Volume> volume = Optional.ofNullable(volumes.get(barcode));
            long capacity =
                    inside.cartridges().contains(barcode)
                            ? library.capacityBytes(barcode).orElse(known(volume))
                            : known(volume);
            cartridges.add(new TapeCartridge(barcode, place, capacity, volume));
        }
        return cartridges;
    }

    private String place(Slot slot) {
        if (library instanceof ManualLibrary) {
            return "shelf";
        }
        return (slot.mail() ? "mail slot " : "slot ") + slot.number();
    }

    private static long known(Optional<Volume> volume) {
        return volume.map(Volume::capacityBytes).orElse(0L);
    }

    /// The volume on each cartridge inside, by barcode; nothing for a blank one. A missing
    /// inventory is rebuilt first.
    public Map<Barcode, Optional<UUID>> volumes() throws IOException {
        ensureInventory();
        Map<Barcode, Optional<UUID>> volumes = new TreeMap<>();
        for (Barcode barcode : library.changer().inventory().cartridges()) {
            volumes.put(barcode, inventory.find(barcode).map(Volume::id));
        }
        return volumes;
    }

    /// Puts blank cartridges into a virtual library until it has so many, those outside included.
    /// None is ever taken away.
    ///
    /// @param capacityBytes of each new one
    public List<Barcode> fillUp(int cartridges, long capacityBytes) throws IOException {
        int missing = cartridges - cartridges().size();
        return missing > 0 && library instanceof VirtualLibrary virtual
                ? virtual.addCartridges(missing, capacityBytes)
                : List.of();
    }

    /// A missing inventory is rebuilt from the cartridges first, which may take long.
    ///
    /// @param blockBytes the record size of volumes that are labelled from now on
    public MediaPool pool(String name, int blockBytes) throws IOException {
        ensureInventory();
        return pools.computeIfAbsent(
                name + "/" + blockBytes,
                _ ->
                        new MediaPool(
                                name,
                                blockBytes,
                                bays,
                                inventory,
                                Clock.systemUTC(),
                                UUID::randomUUID));
    }

    /// Opens the tape file that begins at `block` of a volume, at byte `offset` of it. The drive is
    /// held until its end is reached or the stream is closed.
    public TapeFileStream read(Barcode barcode, long block, long offset) throws IOException {
        ensureInventory();
        return TapeFileStream.open(bays, inventory, barcode, block, offset);
    }

    /// How many drives the library has.
    int drives() throws IOException {
        return library.changer().inventory().drives().size();
    }

    /// What each drive that was written to has written since the library was opened.
    public List<DriveMetrics> metrics() {
        return bays.metrics();
    }

    /// Ends all use: what is being written is cut off, counts for nothing and is ended with a
    /// filemark; what is being read is closed. Cartridges stay in their drives. Closing again does
    /// nothing.
    @Override
    public void close() {
        try {
            if (!bays.stop(GRACE)) {
                LOG.warn(
                        "a drive is still in use {} s after the tape library was closed; its cartridge may end in the middle of a tape file",
                        GRACE.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void ensureInventory() throws IOException {
        if (!inventory.exists()) {
            InventoryRebuild.run(bays, inventory);
        }
    }
}
