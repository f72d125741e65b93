package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.json.Fields;
import dev.caravan.tape.json.JsonFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// The label of a volume: tape file 0, one record holding `volume.tar` with how to restore in
/// words, `VOLUME.json`, the format and `untap.py`.
///
/// @param set its media set; labels written before sets were numbered have none
record VolumeLabel(
        Barcode barcode, UUID id, String pool, int blockBytes, Instant labelled, MediaSet set) {
    /// The largest record of a volume file this program writes or accepts.
    static final int MAX_BYTES = 64 << 10;

    private static final String DESCRIPTION = "VOLUME.json";
    private static final String KIND = "caravan-volume";
    private static final int FORMAT = 1;

    byte[] archive() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("kind", KIND);
        object.put("format", FORMAT);
        object.put("id", id.toString());
        object.put("barcode", barcode.text());
        object.put("pool", pool);
        object.put("mediaSet", set.number());
        object.put("mediaSetSequence", set.sequence());
        object.put("blockBytes", blockBytes);
        object.put("labelled", labelled.toString());
        object.put("software", "Caravan");
        object.put("encryptionKeyIds", List.of());
        object.put("toolsNeeded", List.of("mt", "tar"));
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("README.txt", Recipe.file("README.txt"));
        files.put(DESCRIPTION, JsonFile.text(object).getBytes(StandardCharsets.UTF_8));
        files.put("FORMAT.txt", Recipe.file("FORMAT.txt"));
        files.put("untap.py", Recipe.file("untap.py"));
        return Ustar.write(files, labelled);
    }

    /// The label in the first record of a tape; nothing if another program wrote it.
    static Optional<VolumeLabel> parse(byte[] record, String origin) throws IOException {
        byte[] description = Ustar.read(record).get(DESCRIPTION);
        if (description == null) {
            return Optional.empty();
        }
        Fields fields =
                JsonFile.parse(
                        new String(description, StandardCharsets.UTF_8),
                        DESCRIPTION + " of " + origin);
        if (!fields.optionalText("kind").equals(Optional.of(KIND))) {
            return Optional.empty();
        }
        if (fields.integer("format") != FORMAT) {
            throw new IOException(
                    "%s has volume format %d, this program knows %d"
                            .formatted(origin, fields.integer("format"), FORMAT));
        }
        return Optional.of(
                new VolumeLabel(
                        new Barcode(fields.text("barcode")),
                        UUID.fromString(fields.text("id")),
                        fields.text("pool"),
                        fields.integer("blockBytes"),
                        Instant.parse(fields.text("labelled")),
                        set(fields)));
    }

    private static MediaSet set(Fields fields) throws IOException {
        OptionalLong number = fields.optionalNumber("mediaSet");
        return number.isEmpty()
                ? MediaSet.NONE
                : new MediaSet(
                        Math.toIntExact(number.getAsLong()), fields.integer("mediaSetSequence"));
    }
}
