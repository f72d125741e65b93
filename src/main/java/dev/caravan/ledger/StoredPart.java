package dev.caravan.ledger;

import dev.caravan.item.Sha256;

/// A part that is on its medium and recorded.
///
/// @param sha256 of its bytes
/// @param object what it lies in
/// @param offset of the member's first header block in the object
public record StoredPart(PartOfCopy part, Sha256 sha256, StoredObject object, long offset) {}
