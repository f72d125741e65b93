package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stored object: what one exchange wrote on a target. A file on tape or a large object offsite;
/// copies lie in it at an offset.
///
/// @param name its name at the target, made by Caravan and never twice
/// @param bytes its length
/// @param segment whether it is a pax segment; otherwise it is the plain bytes of one version
/// @param tape where it lies on a cartridge; null for other media
/// @param sha256 of all its bytes, headers and padding included; null if they were not all hashed
/// @param encryptedFor the recipients each of whom can read it, in the order of its header; empty
///   if it is plain. Length and hash are those of the encrypted bytes
public record StoredObject(
        String name,
        long bytes,
        boolean segment,
        @Nullable OnTape tape,
        @Nullable Sha256 sha256,
        List<String> encryptedFor) {

    public StoredObject {
        encryptedFor = List.copyOf(encryptedFor);
    }

    /// A plain one.
    public StoredObject(
            String name,
            long bytes,
            boolean segment,
            @Nullable OnTape tape,
            @Nullable Sha256 sha256) {
        this(name, bytes, segment, tape, sha256, List.of());
    }

    /// A plain one whose bytes were not all hashed.
    public StoredObject(String name, long bytes, boolean segment, @Nullable OnTape tape) {
        this(name, bytes, segment, tape, null);
    }

    public boolean isEncrypted() {
        return !encryptedFor.isEmpty();
    }

    /// As the ledger stores recipients: null for a plain object.
    @Nullable String recipients() {
        return isEncrypted() ? String.join(",", encryptedFor) : null;
    }

    static List<String> recipients(@Nullable String stored) {
        return stored == null ? List.of() : List.of(stored.split(","));
    }

    /// A place on a cartridge.
    ///
    /// @param volume the cartridge's barcode
    /// @param uuid of its label
    /// @param file number of the tape file, the volume file being 0
    /// @param block the logical block the tape file starts at
    public record OnTape(String volume, String uuid, int file, long block) {}
}
