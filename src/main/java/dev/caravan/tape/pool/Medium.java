package dev.caravan.tape.pool;

import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.TapeAlert;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What the cartridge itself and the drive said of it when it was last loaded to be written: its
/// memory (MAM, SPC-4 READ ATTRIBUTE), its density code, whether it is WORM, and the TapeAlerts
/// raised last. A value is missing where the drive does not give it.
///
/// @param serial given by the manufacturer, attribute 0401h
/// @param loads how often it was ever loaded, attribute 0003h
/// @param writtenBytes in all its life, attribute 0220h
/// @param changeReference attribute 0009h after our last write; missing while we write, so that a
///   crash never makes our own write look like a stranger's
/// @param density the density code, SSC-4 8.3.3 (5Eh is LTO-8)
/// @param worm it can be written once
/// @param read when this was read
/// @param alerts the last ones that were raised while it was in a drive
/// @param alerted when those were read
public record Medium(
        Optional<String> serial,
        OptionalLong loads,
        OptionalLong writtenBytes,
        OptionalLong changeReference,
        OptionalInt density,
        boolean worm,
        Instant read,
        List<TapeAlert> alerts,
        Optional<Instant> alerted) {
    public Medium {
        alerts = List.copyOf(alerts);
    }

    /// What a drive reports now; earlier alerts stay until newer ones come, and what it does not
    /// tell this time stays as it was.
    static Medium of(MediumReport report, Optional<Medium> before, Instant now) {
        Optional<CartridgeMemory> memory = report.memory();
        boolean quiet = report.alerts().isEmpty();
        return new Medium(
                memory.flatMap(CartridgeMemory::serial).or(() -> before.flatMap(Medium::serial)),
                memory.map(CartridgeMemory::loads).orElse(OptionalLong.empty()),
                memory.map(CartridgeMemory::writtenBytes).orElse(OptionalLong.empty()),
                memory.map(CartridgeMemory::changeReference).orElse(OptionalLong.empty()),
                report.density(),
                report.worm(),
                now,
                quiet
                        ? before.map(Medium::alerts).orElse(List.of())
                        : report.alerts().stream()
                                .sorted(Comparator.comparingInt(TapeAlert::number))
                                .toList(),
                quiet ? before.flatMap(Medium::alerted) : Optional.of(now));
    }

    /// Whether it is worth to be noted in place of the other: the time of reading alone is not.
    boolean saysMoreThan(Medium before) {
        return changeReference.isPresent()
                || !alerted.equals(before.alerted)
                || !writtenBytes.equals(before.writtenBytes)
                || worm != before.worm;
    }

    Medium withoutReference() {
        return new Medium(
                serial,
                loads,
                writtenBytes,
                OptionalLong.empty(),
                density,
                worm,
                read,
                alerts,
                alerted);
    }
}
