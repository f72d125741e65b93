package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import org.jspecify.annotations.Nullable;

/// A stored object: what one exchange wrote on a target. A file on tape or a large object offsite;
/// copies lie in it at an offset.
///
/// @param name its name at the target, made by Caravan and never twice
/// @param bytes its length
/// @param segment whether it is a pax segment; otherwise it is the plain bytes of one version
/// @param tape where it lies on a cartridge; null for other media
/// @param sha256 of all its bytes, headers and padding included; null if they were not all hashed
public record StoredObject(
        String name, long bytes, boolean segment, @Nullable OnTape tape, @Nullable Sha256 sha256) {

    /// One whose bytes were not all hashed.
    public StoredObject(String name, long bytes, boolean segment, @Nullable OnTape tape) {
        this(name, bytes, segment, tape, null);
    }

    /// A place on a cartridge.
    ///
    /// @param volume the cartridge's barcode
    /// @param uuid of its label
    /// @param file number of the tape file, the volume file being 0
    /// @param block the logical block the tape file starts at
    public record OnTape(String volume, String uuid, int file, long block) {}
}
