package dev.caravan.tape.drive;

import java.util.OptionalLong;

/// The state of a drive and the cartridge in it.
///
/// @param ready a cartridge is loaded and threaded
/// @param writeProtected the cartridge refuses writes
/// @param earlyWarning the tape stands behind the early warning mark (`GMT_EOT`)
/// @param capacityBytes what an empty cartridge of this kind takes at most, where the drive knows
///   it
/// @param remainingBytes what fits between the end of data and the early warning, where it is known
public record DriveStatus(
        boolean ready,
        boolean writeProtected,
        boolean earlyWarning,
        OptionalLong capacityBytes,
        OptionalLong remainingBytes) {}
