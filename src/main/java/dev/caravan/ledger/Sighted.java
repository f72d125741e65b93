package dev.caravan.ledger;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;

/// An item as a scan saw it, to be compared with what is known.
public record Sighted(ItemPath path, Metadata metadata, Fingerprint fingerprint) {}
