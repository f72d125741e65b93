package dev.caravan.cli;

import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.pool.Location;
import dev.caravan.tape.pool.Medium;
import dev.caravan.tape.pool.Volume;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A volume's own facts as JSON, the same in every command.
final class VolumeJson {
    private VolumeJson() {}

    static void write(Json json, Volume volume) throws IOException {
        json.text("barcode", volume.barcode().text())
                .text("id", volume.id().toString())
                .text("pool", volume.pool())
                .number("mediaSet", volume.set().number())
                .number("mediaSetSequence", volume.set().sequence())
                .text("status", volume.status().name())
                .number("blockBytes", volume.blockBytes())
                .number("bytes", volume.bytes())
                .number("capacityBytes", volume.capacityBytes())
                .number("files", volume.files())
                .number("endOfData", volume.endOfData())
                .time("labelled", volume.labelled())
                .time("written", volume.written().orElse(null));
        json.array(
                "gaps",
                all -> {
                    for (Volume.Gap gap : volume.gaps()) {
                        all.object(each ->
                                each.number("file", gap.file())
                                        .number("block", gap.block())
                                        .number("endBlock", gap.endBlock()));
                    }
                });
        Optional<Medium> medium = volume.medium();
        if (medium.isEmpty()) {
            json.nothing("medium");
        } else {
            json.object("medium", object -> write(object, medium.get()));
        }
    }

    private static void write(Json json, Medium medium) throws IOException {
        json.text("serial", medium.serial().orElse(null))
                .number("loads", number(medium.loads()))
                .number("writtenBytes", number(medium.writtenBytes()))
                .number("changeReference", number(medium.changeReference()))
                .number("density", number(medium.density()))
                .flag("worm", medium.worm())
                .time("read", medium.read());
        json.array(
                "alerts",
                all -> {
                    for (TapeAlert alert : medium.alerts()) {
                        all.text(alert.name());
                    }
                });
        json.time("alerted", medium.alerted().orElse(null));
    }

    /// Where a person said a volume is while it is outside.
    static void outside(Json json, @Nullable Location place) throws IOException {
        json.text("vault", place instanceof Location.Vault vault ? vault.name() : null)
                .time("since", place == null ? null : place.since());
    }

    private static @Nullable Number number(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }

    private static @Nullable Number number(OptionalInt number) {
        return number.isPresent() ? number.getAsInt() : null;
    }
}
