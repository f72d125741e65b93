package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.json.Fields;
import dev.caravan.tape.json.JsonFile;
import dev.caravan.tape.pool.Volume.Gap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

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
                volumes.add(read(volume));
            }
            return volumes;
        } catch (IOException damaged) {
            throw new IOException(
                    "%s; move it away, and it is made anew from the cartridges"
                            .formatted(damaged.getMessage()),
                    damaged);
        }
    }

    public Optional<Volume> find(Barcode barcode) throws IOException {
        return volumes().stream().filter(v -> v.barcode().equals(barcode)).findFirst();
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
                        .map(VolumeInventory::object)
                        .toList());
        JsonFile.replace(directory, NAME, object);
    }

    private static Volume read(Fields fields) throws IOException {
        List<Gap> gaps = new ArrayList<>();
        for (Fields gap : fields.objects("gaps")) {
            gaps.add(new Gap(gap.integer("file"), gap.number("block"), gap.number("endBlock")));
        }
        return new Volume(
                new Barcode(fields.text("barcode")),
                UUID.fromString(fields.text("id")),
                fields.text("pool"),
                VolumeStatus.valueOf(fields.text("status")),
                fields.integer("blockBytes"),
                fields.number("capacityBytes"),
                fields.number("bytes"),
                fields.number("endOfData"),
                fields.integer("files"),
                Instant.parse(fields.text("labelled")),
                gaps);
    }

    private static Map<String, Object> object(Volume volume) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("barcode", volume.barcode().text());
        object.put("id", volume.id().toString());
        object.put("pool", volume.pool());
        object.put("status", volume.status().name());
        object.put("blockBytes", volume.blockBytes());
        object.put("capacityBytes", volume.capacityBytes());
        object.put("bytes", volume.bytes());
        object.put("endOfData", volume.endOfData());
        object.put("files", volume.files());
        object.put("labelled", volume.labelled().toString());
        object.put("gaps", volume.gaps().stream().map(VolumeInventory::object).toList());
        return object;
    }

    private static Map<String, Object> object(Gap gap) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", gap.file());
        object.put("block", gap.block());
        object.put("endBlock", gap.endBlock());
        return object;
    }
}
