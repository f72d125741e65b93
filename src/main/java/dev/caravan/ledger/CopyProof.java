package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import org.jspecify.annotations.Nullable;

/// One copy whose bytes are proven durable, ready to be recorded.
///
/// @param sha256 of the content read for this copy; null for folders and symlinks
/// @param bytesRead how many bytes of content that hash covers
/// @param object what it lies in; null where the target keeps plain files
/// @param offset of the member's pax header in a segment; 0 otherwise
public record CopyProof(
        Version version,
        @Nullable Sha256 sha256,
        long bytesRead,
        @Nullable StoredObject object,
        long offset) {}
