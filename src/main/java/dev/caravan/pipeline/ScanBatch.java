package dev.caravan.pipeline;

import dev.caravan.ledger.Sighted;
import java.util.List;

/// The body of a pick-up exchange: items of one source that are new or changed.
public record ScanBatch(String source, List<Sighted> changed) {}
