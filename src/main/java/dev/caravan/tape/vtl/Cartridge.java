package dev.caravan.tape.vtl;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.json.Fields;
import dev.caravan.tape.json.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What `cartridge.json` says of a virtual cartridge.
///
/// @param barcode the name of its directory too
/// @param capacityBytes the bytes of image up to the hard end, framing included
/// @param reserveBytes how much of that lies behind the early warning
/// @param writeProtected the tab of the cartridge
/// @param serial what the manufacturer numbered it; older cartridges have none
record Cartridge(
        Barcode barcode,
        long capacityBytes,
        long reserveBytes,
        boolean writeProtected,
        Optional<String> serial) {
    private static final String FILE = "cartridge.json";
    private static final int FORMAT = 1;

    Cartridge {
        if (capacityBytes <= 0 || reserveBytes < 0 || reserveBytes > capacityBytes) {
            throw new IllegalArgumentException(
                    "cartridge %s: capacity %d bytes, reserve %d bytes"
                            .formatted(barcode, capacityBytes, reserveBytes));
        }
    }

    /// A new one, with a serial number of its own.
    static Cartridge blank(Barcode barcode, long capacityBytes, long reserveBytes) {
        String serial = UUID.randomUUID().toString().substring(0, 8).toUpperCase(Locale.ROOT);
        return new Cartridge(
                barcode, capacityBytes, reserveBytes, false, Optional.of("CV" + serial));
    }

    Cartridge protect(boolean on) {
        return new Cartridge(barcode, capacityBytes, reserveBytes, on, serial);
    }

    LtoFormat format() {
        return LtoFormat.of(barcode);
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
                fields.flag("writeProtected", false),
                fields.optionalText("serial"));
    }

    void write(Path directory) throws IOException {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", FORMAT);
        object.put("barcode", barcode.text());
        object.put("capacityBytes", capacityBytes);
        object.put("reserveBytes", reserveBytes);
        object.put("writeProtected", writeProtected);
        serial.ifPresent(s -> object.put("serial", s));
        JsonFile.replace(directory, FILE, object);
    }
}
