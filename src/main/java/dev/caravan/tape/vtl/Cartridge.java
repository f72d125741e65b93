package dev.caravan.tape.vtl;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.json.Fields;
import dev.caravan.tape.json.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What `cartridge.json` says of a virtual cartridge.
///
/// @param barcode the name of its directory too
/// @param capacityBytes the bytes of image up to the hard end, framing included
/// @param reserveBytes how much of that lies behind the early warning
/// @param writeProtected the tab of the cartridge
record Cartridge(Barcode barcode, long capacityBytes, long reserveBytes, boolean writeProtected) {
    private static final String FILE = "cartridge.json";
    private static final int FORMAT = 1;

    Cartridge {
        if (capacityBytes <= 0 || reserveBytes < 0 || reserveBytes > capacityBytes) {
            throw new IllegalArgumentException(
                    "cartridge %s: capacity %d bytes, reserve %d bytes"
                            .formatted(barcode, capacityBytes, reserveBytes));
        }
    }

    /// A drive warns before not even a filemark fits.
    long earlyWarningBytes() {
        return capacityBytes - Math.max(reserveBytes, BlockIndex.framed(BlockIndex.FILEMARK));
    }

    static Cartridge read(Path directory) throws IOException {
        Fields fields = JsonFile.read(directory.resolve(FILE), FORMAT);
        return new Cartridge(
                new Barcode(fields.text("barcode")),
                fields.number("capacityBytes"),
                fields.number("reserveBytes"),
                fields.flag("writeProtected"));
    }

    void write(Path directory) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", FORMAT);
        object.put("barcode", barcode.text());
        object.put("capacityBytes", capacityBytes);
        object.put("reserveBytes", reserveBytes);
        object.put("writeProtected", writeProtected);
        JsonFile.replace(directory, FILE, object);
    }
}
