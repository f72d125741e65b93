package dev.caravan.tape.drive;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// What a drive tells of the cartridge in it, beside its [DriveStatus].
///
/// @param memory the cartridge's memory, where the drive gives it
/// @param alerts raised since they were last read: reading clears them
/// @param density the density code of the format (5Eh is LTO-8), where it is known
/// @param worm the cartridge can be written once
public record MediumReport(
        Optional<CartridgeMemory> memory,
        Set<TapeAlert> alerts,
        OptionalInt density,
        boolean worm) {
    public MediumReport {
        alerts = Set.copyOf(alerts);
    }
}
