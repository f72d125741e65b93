package dev.caravan.tape.vtl;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.json.Fields;
import dev.caravan.tape.json.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `library.json`: which cartridge lies in which slot and drive.
final class LibraryFile {
    static final String NAME = "library.json";
    private static final int FORMAT = 1;

    private LibraryFile() {}

    static LibraryInventory read(Path directory) throws IOException {
        Fields fields = JsonFile.read(directory.resolve(NAME), FORMAT);
        List<Slot> slots = new ArrayList<>();
        for (Fields slot : fields.objects("slots")) {
            slots.add(new Slot(slot.integer("slot"), slot.flag("mail", false), barcode(slot)));
        }
        List<Bay> drives = new ArrayList<>();
        for (Fields drive : fields.objects("drives")) {
            Optional<Barcode> cartridge = barcode(drive);
            drives.add(
                    new Bay(
                            drive.integer("drive"),
                            cartridge,
                            cartridge.isPresent()
                                    ? Optional.of(drive.integer("homeSlot"))
                                    : Optional.empty()));
        }
        return new LibraryInventory(slots, drives);
    }

    static void write(Path directory, LibraryInventory inventory) throws IOException {
        List<Map<String, Object>> slots = new ArrayList<>();
        for (Slot slot : inventory.slots()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("slot", slot.number());
            if (slot.mail()) {
                object.put("mail", true);
            }
            slot.cartridge().ifPresent(b -> object.put("barcode", b.text()));
            slots.add(object);
        }
        List<Map<String, Object>> drives = new ArrayList<>();
        for (Bay bay : inventory.drives()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("drive", bay.drive());
            bay.cartridge().ifPresent(b -> object.put("barcode", b.text()));
            bay.homeSlot().ifPresent(s -> object.put("homeSlot", s));
            drives.add(object);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", FORMAT);
        object.put("slots", slots);
        object.put("drives", drives);
        JsonFile.replace(directory, NAME, object);
    }

    private static Optional<Barcode> barcode(Fields fields) throws IOException {
        return fields.optionalText("barcode").map(Barcode::new);
    }
}
