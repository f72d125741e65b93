package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.json.Fields;
import dev.caravan.tape.pool.Volume.Gap;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

/// One volume as `inventory.json` has it; every field is explained in
/// `src/main/docs/tape-pools.md`. What older versions of this program did not write is absent, and
/// stands for not known.
final class VolumeRecord {
    private VolumeRecord() {}

    static Volume read(Fields fields) throws IOException {
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
                gaps,
                set(fields),
                fields.optionalText("written").map(Instant::parse),
                outside(fields),
                medium(fields));
    }

    private static MediaSet set(Fields fields) throws IOException {
        OptionalLong number = fields.optionalNumber("mediaSet");
        return number.isEmpty()
                ? MediaSet.NONE
                : new MediaSet(
                        Math.toIntExact(number.getAsLong()), fields.integer("mediaSetSequence"));
    }

    private static Optional<Location> outside(Fields fields) throws IOException {
        Optional<Fields> found = fields.optionalObject("outside");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Instant since = Instant.parse(found.get().text("since"));
        return Optional.of(
                found.get()
                        .optionalText("vault")
                        .<Location>map(name -> new Location.Vault(name, since))
                        .orElseGet(() -> new Location.Shelf(since)));
    }

    private static Optional<Medium> medium(Fields fields) throws IOException {
        Optional<Fields> found = fields.optionalObject("medium");
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Fields medium = found.get();
        List<TapeAlert> alerts = new ArrayList<>();
        for (String name : medium.texts("alerts")) {
            alerts.add(TapeAlert.valueOf(name));
        }
        OptionalLong density = medium.optionalNumber("density");
        return Optional.of(
                new Medium(
                        medium.optionalText("serial"),
                        medium.optionalNumber("loads"),
                        medium.optionalNumber("writtenBytes"),
                        medium.optionalNumber("changeReference"),
                        density.isEmpty()
                                ? OptionalInt.empty()
                                : OptionalInt.of(Math.toIntExact(density.getAsLong())),
                        medium.flag("worm", false),
                        Instant.parse(medium.text("read")),
                        alerts,
                        medium.optionalText("alerted").map(Instant::parse)));
    }

    static Map<String, Object> object(Volume volume) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("barcode", volume.barcode().text());
        object.put("id", volume.id().toString());
        object.put("pool", volume.pool());
        object.put("mediaSet", volume.set().number());
        object.put("mediaSetSequence", volume.set().sequence());
        object.put("status", volume.status().name());
        object.put("blockBytes", volume.blockBytes());
        object.put("capacityBytes", volume.capacityBytes());
        object.put("bytes", volume.bytes());
        object.put("endOfData", volume.endOfData());
        object.put("files", volume.files());
        object.put("labelled", volume.labelled().toString());
        volume.written().ifPresent(at -> object.put("written", at.toString()));
        object.put("gaps", volume.gaps().stream().map(VolumeRecord::object).toList());
        volume.outside().ifPresent(place -> object.put("outside", object(place)));
        volume.medium().ifPresent(medium -> object.put("medium", object(medium)));
        return object;
    }

    private static Map<String, Object> object(Gap gap) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", gap.file());
        object.put("block", gap.block());
        object.put("endBlock", gap.endBlock());
        return object;
    }

    private static Map<String, Object> object(Location place) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (place instanceof Location.Vault(String name, Instant _)) {
            object.put("vault", name);
        }
        object.put("since", place.since().toString());
        return object;
    }

    private static Map<String, Object> object(Medium medium) {
        Map<String, Object> object = new LinkedHashMap<>();
        medium.serial().ifPresent(serial -> object.put("serial", serial));
        medium.loads().ifPresent(loads -> object.put("loads", loads));
        medium.writtenBytes().ifPresent(bytes -> object.put("writtenBytes", bytes));
        medium.changeReference().ifPresent(change -> object.put("changeReference", change));
        medium.density().ifPresent(density -> object.put("density", density));
        object.put("worm", medium.worm());
        object.put("read", medium.read().toString());
        object.put("alerts", medium.alerts().stream().map(TapeAlert::name).toList());
        medium.alerted().ifPresent(at -> object.put("alerted", at.toString()));
        return object;
    }
}
