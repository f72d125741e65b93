package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import java.time.Instant;

/// The head of the event log at one moment: the hash of its last event, which covers all before it.
///
/// @param home id of the home whose log it is
/// @param seq of the event
public record Head(String home, long seq, Sha256 hash, Instant at) {}
