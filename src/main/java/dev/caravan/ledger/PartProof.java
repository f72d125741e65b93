package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import org.jspecify.annotations.Nullable;

/// One part of a copy whose bytes are proven durable, ready to be recorded. The copy counts when
/// all its parts are recorded and the hash of the whole is known.
///
/// @param part which one, and by what it was cut
/// @param sha256 of the bytes of the part
/// @param object what it lies in
/// @param offset of the member's first header block in the object
/// @param whole hash of the whole file, read from its first byte to its last; null in all parts but
///   the last
public record PartProof(
        Version version,
        PartOfCopy part,
        Sha256 sha256,
        StoredObject object,
        long offset,
        @Nullable Sha256 whole) {}
