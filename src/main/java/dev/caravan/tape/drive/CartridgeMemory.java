package dev.caravan.tape.drive;

import java.util.Optional;
import java.util.OptionalLong;

/// What the memory in a cartridge says of it (the MAM of SPC-4, READ ATTRIBUTE). A value is missing
/// where the drive or the cartridge does not have it. Bytes are whole MiB there.
///
/// @param barcode attribute 0806h, which the host that labelled the cartridge wrote
/// @param serial attribute 0401h, given by the manufacturer
/// @param loads attribute 0003h: how often the cartridge was ever loaded
/// @param writtenBytes attribute 0220h: in all its life
/// @param readBytes attribute 0221h: in all its life
/// @param remainingBytes attribute 0000h
/// @param capacityBytes attribute 0001h
/// @param changeReference attribute 0009h: changes once for each load in which something is
///   written, so an unchanged one means that nobody wrote since
public record CartridgeMemory(
        Optional<String> barcode,
        Optional<String> serial,
        OptionalLong loads,
        OptionalLong writtenBytes,
        OptionalLong readBytes,
        OptionalLong remainingBytes,
        OptionalLong capacityBytes,
        OptionalLong changeReference) {}
