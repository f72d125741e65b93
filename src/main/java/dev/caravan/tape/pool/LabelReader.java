package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.CartridgeReader;
import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.pool.Labels.Found;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells a cartridge by its volume label, else by the barcode in its memory. Immutable.
public final class LabelReader implements CartridgeReader {
    private static final Logger LOG = LoggerFactory.getLogger(LabelReader.class);

    /// For messages about a label that cannot be read: its own name is what is looked for.
    private static final Barcode UNKNOWN = new Barcode("UNKNOWN");

    @Override
    public Content read(Drive drive) throws IOException {
        return switch (Labels.read(drive, UNKNOWN)) {
            case Found.Labelled(VolumeLabel label) -> new Content.Named(label.barcode());
            case Found.Foreign _ -> new Content.Foreign();
            case Found.Blank _ -> blank(drive);
        };
    }

    /// The label is asked first, because asking the memory clears the alerts of the drive.
    private static Content blank(Drive drive) throws IOException {
        MediumReport report = drive.medium();
        report.alerts()
                .forEach(alert ->
                        LOG.warn(
                                "{}: TapeAlert {}: {}",
                                drive.device(),
                                alert.number(),
                                alert.meaning()));
        return report.memory()
                .flatMap(CartridgeMemory::barcode)
                .flatMap(Barcode::ofReader)
                .<Content>map(Content.Named::new)
                .orElseGet(Content.Blank::new);
    }
}
