package dev.caravan.tape;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.pool.DriveBays;
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

/// A tape library as one thing: its cartridges, their inventory, its media pools. The entry for
/// code that is no Camel route. Thread-safe.
public final class TapeLibrary {
    /// How long a writer or reader waits for a drive: longer than any tape file takes.
    private static final Duration PATIENCE = Duration.ofHours(4);

    private static final int DRIVES = 2;

    /// Where a day begins is a matter of the place.
    private static final Clock CLOCK = Clock.systemDefaultZone();

    private final Library library;
    private final VolumeInventory inventory;
    private final DriveBays bays;
    private final Map<String, MediaPool> pools = new ConcurrentHashMap<>();
    private volatile PoolRules rules = PoolRules.DEFAULT;

    private TapeLibrary(Library library, Path directory) {
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

    public static TapeLibrary open(LibraryPlace place) throws IOException {
        return new TapeLibrary(VirtualLibrary.open(place.directory()), place.directory());
    }

    /// One cartridge and all that is known of it.
    ///
    /// @param barcode its name
    /// @param place `slot 3`, `mail slot 40`, `drive 0`; for a known volume that is not in the
    ///   library `shelf` or `vault NAME`
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
                            .or(() -> inside.slotHolding(barcode).map(TapeLibrary::words))
                            .or(() ->
                                    Optional.ofNullable(volumes.get(barcode))
                                            .flatMap(Volume::outside)
                                            .map(Location::toString))
                            .orElse("shelf");
            Optional<Volume> volume = Optional.ofNullable(volumes.get(barcode));
            boolean here = inside.cartridges().contains(barcode);
            long capacity =
                    here
                            ? library.capacityBytes(barcode).orElse(0)
                            : volume.map(Volume::capacityBytes).orElse(0L);
            cartridges.add(new TapeCartridge(barcode, place, here, capacity, volume));
        }
        return cartridges;
    }

    private static String words(LibraryInventory.Slot slot) {
        return (slot.mail() ? "mail slot " : "slot ") + slot.number();
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

    private synchronized void ensureInventory() throws IOException {
        if (!inventory.exists()) {
            InventoryRebuild.run(bays, inventory);
        }
    }
}
