package dev.caravan.ledger;

import java.util.List;

/// Items of one source that a scan found new or changed: the body of a pick-up exchange.
public record ChangedItems(String source, List<Sighted> items) {}
