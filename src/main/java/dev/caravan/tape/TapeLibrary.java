package dev.caravan.tape;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.pool.DriveBays;
import dev.caravan.tape.pool.InventoryRebuild;
import dev.caravan.tape.pool.MediaPool;
import dev.caravan.tape.pool.Recipe;
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

/// A tape library as one thing: its cartridges, their inventory, its media pools. The entry for
/// code that is no Camel route. Thread-safe.
public final class TapeLibrary {
    /// How long a writer or reader waits for a drive: longer than any tape file takes.
    private static final Duration PATIENCE = Duration.ofHours(4);

    private static final int DRIVES = 2;

    private final Library library;
    private final VolumeInventory inventory;
    private final DriveBays bays;
    private final Map<String, MediaPool> pools = new ConcurrentHashMap<>();

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
    /// @param place `slot 3`, `drive 0`, or `outside` for a known volume that is not in the library
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
                            .or(() -> inside.slotHolding(barcode).map(s -> "slot " + s.number()))
                            .orElse("outside");
            Optional<Volume> volume = Optional.ofNullable(volumes.get(barcode));
            long capacity =
                    inside.cartridges().contains(barcode)
                            ? library.capacityBytes(barcode).orElse(0)
                            : volume.map(Volume::capacityBytes).orElse(0L);
            cartridges.add(new TapeCartridge(barcode, place, capacity, volume));
        }
        return cartridges;
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
