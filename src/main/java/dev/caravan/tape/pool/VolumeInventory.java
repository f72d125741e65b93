package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.json.Fields;
import dev.caravan.tape.json.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is known of all volumes, in `inventory.json` beside the library. Replaced whole and synced
/// by every change; it can be rebuilt from the cartridges. Thread-safe within a process; one
/// process writes, others may read.
public final class VolumeInventory {
    private static final String NAME = "inventory.json";
    private static final int FORMAT = 1;

    private final Path directory;

    public VolumeInventory(Path directory) {
        this.directory = directory;
    }

    public boolean exists() {
        return Files.exists(directory.resolve(NAME));
    }

    /// Makes the inventory of a library that has no volumes yet.
    public void create() throws IOException {
        replace(List.of());
    }

    /// All volumes in the order of their barcodes; none if there is no inventory yet.
    public synchronized List<Volume> volumes() throws IOException {
        if (!exists()) {
            return List.of();
        }
        try {
            Fields fields = JsonFile.read(directory.resolve(NAME), FORMAT);
            List<Volume> volumes = new ArrayList<>();
            for (Fields volume : fields.objects("volumes")) {
                volumes.add(VolumeRecord.read(volume));
            }
            return volumes;
        } catch (IOException | IllegalArgumentException | DateTimeException damaged) {
            throw new IOException(
                    "%s; move it away, and it is made anew from the cartridges"
                            .formatted(damaged.getMessage()),
                    damaged);
        }
    }

    public Optional<Volume> find(Barcode barcode) throws IOException {
        return volumes().stream().filter(v -> v.barcode().equals(barcode)).findFirst();
    }

    /// Notes where a volume is while it is not in the library; nothing if it came back.
    ///
    /// @throws IOException if there is no such volume
    public synchronized Volume locate(Barcode barcode, Optional<Location> place)
            throws IOException {
        Volume volume =
                find(barcode)
                        .orElseThrow(() ->
                                new IOException(
                                        "no volume %s in the inventory: only a labelled cartridge has a place outside"
                                                .formatted(barcode)));
        Volume moved = volume.at(place);
        put(moved);
        return moved;
    }

    /// Takes a volume out of use for good: it can be read, and takes no data and no label any more.
    ///
    /// @throws IOException if there is no such volume
    public synchronized Volume retire(Barcode barcode) throws IOException {
        Volume volume =
                find(barcode)
                        .orElseThrow(() ->
                                new IOException(
                                        "no volume %s in the inventory: only a labelled cartridge can be retired"
                                                .formatted(barcode)));
        Volume retired = volume.with(VolumeStatus.RETIRED);
        put(retired);
        return retired;
    }

    synchronized void put(Volume volume) throws IOException {
        List<Volume> volumes = new ArrayList<>(volumes());
        volumes.removeIf(v -> v.barcode().equals(volume.barcode()));
        volumes.add(volume);
        replace(volumes);
    }

    synchronized void replace(List<Volume> volumes) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", FORMAT);
        object.put(
                "volumes",
                volumes.stream()
                        .sorted(Comparator.comparing(Volume::barcode))
                        .map(VolumeRecord::object)
                        .toList());
        JsonFile.replace(directory, NAME, object);
    }
}
