package dev.caravan.tape;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.changer.ManualLibrary;
import dev.caravan.tape.pool.DriveBays;
import dev.caravan.tape.pool.DriveMetrics;
import dev.caravan.tape.pool.HandLabelling;
import dev.caravan.tape.pool.InventoryRebuild;
import dev.caravan.tape.pool.Location;
import dev.caravan.tape.pool.MediaPool;
import dev.caravan.tape.pool.PoolRules;
import dev.caravan.tape.pool.Recipe;
import dev.caravan.tape.pool.Recycling;
import dev.caravan.tape.pool.SupplyPool;
import dev.caravan.tape.pool.TapeFileStream;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeInventory;
import dev.caravan.tape.pool.VolumeReader;
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

    /// Where a day begins is a matter of the place.
    private static final Clock CLOCK = Clock.systemDefaultZone();

    private final Library library;
    private final Path directory;
    private final VolumeInventory inventory;
    private final DriveBays bays;
    private final Map<String, MediaPool> pools = new ConcurrentHashMap<>();
    private volatile PoolRules rules = PoolRules.DEFAULT;

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
    /// @param place `slot 3`, `mail slot 40`, `drive 0`; for a cartridge that is not in the library
    ///   `shelf` or `vault NAME`. Where a person loads the drives, `shelf` is inside
    /// @param inside whether the library has it
    /// @param capacityBytes what it takes in all
    /// @param volume what the inventory says; nothing for a cartridge that was never labelled
    public record TapeCartridge(
            Barcode barcode,
            String place,
            boolean inside,
            long capacityBytes,
            Optional<Volume> volume) {}

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
                            .or(() ->
                                    Optional.ofNullable(volumes.get(barcode))
                                            .flatMap(Volume::outside)
                                            .map(Location::toString))
                            .orElse("shelf");
            Optional<Volume> volume = Optional.ofNullable(volumes.get(barcode));
            boolean here = inside.cartridges().contains(barcode);
            long capacity =
                    here ? library.capacityBytes(barcode).orElse(known(volume)) : known(volume);
            cartridges.add(new TapeCartridge(barcode, place, here, capacity, volume));
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

    /// The rules of all its media pools; the default ones until this is called. To be called before
    /// the first write.
    public void govern(PoolRules poolRules) {
        rules = poolRules;
        pools.clear();
    }

    /// Labels a cartridge that a person named.
    ///
    /// @param pool a media pool, or [SupplyPool#NAME]
    /// @param blockBytes its record size
    /// @param force whether what is on it may be lost; copies that are needed never may
    /// @throws dev.caravan.tape.pool.VolumeRefusedException saying what is on it
    public Volume label(Barcode barcode, String pool, int blockBytes, boolean force)
            throws IOException {
        ensureInventory();
        return new HandLabelling(bays, inventory, rules.use(), CLOCK)
                .label(barcode, pool, blockBytes, force);
    }

    /// Notes where a volume is while it is not in the library; nothing if it came back.
    ///
    /// @throws IOException if the inventory does not know it
    public Volume locate(Barcode barcode, Optional<Location> place) throws IOException {
        ensureInventory();
        return inventory.locate(barcode, place);
    }

    /// Takes a volume out of use for good. What is on it can be read.
    ///
    /// @throws IOException if the inventory does not know it
    public Volume retire(Barcode barcode) throws IOException {
        ensureInventory();
        return inventory.retire(barcode);
    }

    /// Why a volume would not be recycled now, as far as the inventory can tell; whether its copies
    /// are needed is another question.
    public Optional<String> reasonToKeep(Volume volume) throws IOException {
        return Recycling.reasonToKeep(
                volume, inventory.volumes(), rules.retention(), CLOCK.instant());
    }

    /// The blank cartridges inside that a pool may take.
    public List<Barcode> supply() throws IOException {
        return SupplyPool.free(
                library.changer().inventory().cartridges(), inventory.volumes(), rules.supply());
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
                                name, blockBytes, bays, inventory, CLOCK, UUID::randomUUID, rules));
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

    /// Loads a cartridge to be read as it is, whatever the inventory says of it. A missing
    /// inventory is rebuilt first.
    ///
    /// @param cold whether it is unloaded first if a drive holds it, so that all is read from the
    ///   medium
    /// @throws dev.caravan.tape.pool.VolumeRefusedException if it is not in the library
    /// @throws dev.caravan.tape.pool.NotThatVolumeException if no volume of that name is on it
    public VolumeReader openVolume(Barcode barcode, boolean cold) throws IOException {
        ensureInventory();
        if (cold) {
            bays.putAway(barcode);
        }
        return VolumeReader.open(bays, barcode);
    }

    /// Unloads a cartridge and puts it back into its slot, if a drive holds it.
    public void putAway(Barcode barcode) throws IOException {
        bays.putAway(barcode);
    }

    /// Makes the inventory know a volume as it is on the tape; what it knows better stays.
    ///
    /// @return whether there was anything to learn
    /// @throws dev.caravan.tape.pool.VolumeRefusedException if the tape holds less than the
    ///   inventory says
    public boolean learn(VolumeReader reader) throws IOException {
        return InventoryRebuild.update(reader, inventory);
    }

    private synchronized void ensureInventory() throws IOException {
        if (!inventory.exists()) {
            InventoryRebuild.run(bays, inventory);
        }
    }
}
