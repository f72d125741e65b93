package dev.caravan.ledger;

import dev.caravan.item.ItemPath;

/// Something the last scan saw and could not protect.
public record Problem(String source, ItemPath path, Kind kind, String reason) {

    /// In which count it appears.
    public enum Kind {
        /// No item by its nature or by the rules: a FIFO, an excluded file.
        SKIPPED,
        UNREADABLE,
        /// It changed while it was read.
        UNSTABLE,
        /// Its path is longer than any program could restore.
        OVER_LONG
    }
}
