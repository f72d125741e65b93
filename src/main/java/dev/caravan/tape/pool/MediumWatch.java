package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.drive.TapeException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks a cartridge and its drive what they know of it, and compares. The alerts that this takes
/// from the drive are logged and kept.
final class MediumWatch {
    private static final Logger LOG = LoggerFactory.getLogger(MediumWatch.class);

    private MediumWatch() {}

    /// What a cartridge says after it was loaded.
    ///
    /// @param before what was known of it, if it is a volume of ours
    /// @throws VolumeRefusedException if its memory has another barcode, or somebody has written on
    ///   it since we did
    static Optional<Medium> arrived(DriveBays.Mount mount, Optional<Medium> before, Instant now)
            throws VolumeRefusedException {
        Optional<MediumReport> report = report(mount);
        if (report.isEmpty()) {
            return before;
        }
        Barcode barcode = mount.barcode();
        Optional<String> inside =
                report.get().memory().flatMap(CartridgeMemory::barcode).map(String::strip);
        if (inside.isPresent() && contradicts(barcode, inside.get())) {
            throw new VolumeRefusedException(
                    barcode,
                    "the barcode in its memory is %s: was it moved into another shell, or its sticker?"
                            .formatted(printable(inside.get())));
        }
        Medium medium = Medium.of(report.get(), before, now);
        OptionalLong was = before.map(Medium::changeReference).orElse(OptionalLong.empty());
        OptionalLong is = medium.changeReference();
        if (was.isPresent() && is.isPresent() && was.getAsLong() != is.getAsLong()) {
            throw new VolumeRefusedException(
                    barcode,
                    "somebody else has written on it: its memory counts change %d, after our last write it was %d; look what is on it before it is written again"
                            .formatted(is.getAsLong(), was.getAsLong()));
        }
        return Optional.of(medium);
    }

    /// What a cartridge says right after we wrote on it.
    static Optional<Medium> written(DriveBays.Mount mount, Optional<Medium> before, Instant now) {
        return report(mount).map(report -> Medium.of(report, before, now)).or(() -> before);
    }

    /// A memory may hold the six characters of a barcode without the two for the media type.
    private static boolean contradicts(Barcode barcode, String inside) {
        return !inside.isEmpty()
                && !inside.equals(barcode.text())
                && !(inside.length() == 6 && barcode.text().startsWith(inside));
    }

    /// The memory is foreign text.
    private static String printable(String text) {
        return "'" + text.replaceAll("[^\\x20-\\x7E]", "?") + "'";
    }

    /// A drive that can not tell is no reason not to write: barcode, label and end of data are
    /// compared all the same.
    private static Optional<MediumReport> report(DriveBays.Mount mount) {
        MediumReport report;
        try {
            report = mount.drive().medium();
        } catch (TapeException unreadable) {
            LOG.warn(
                    "{}: its memory can not be read: {}", mount.barcode(), unreadable.getMessage());
            return Optional.empty();
        }
        for (TapeAlert alert : report.alerts()) {
            LOG.warn(
                    "{} in {}: {} (TapeAlert {})",
                    mount.barcode(),
                    mount.drive().device(),
                    alert.meaning(),
                    alert.number());
        }
        return Optional.of(report);
    }
}
