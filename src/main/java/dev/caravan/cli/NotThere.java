package dev.caravan.cli;

import dev.caravan.item.ItemPath;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Says that an item the ledger knows was not there.
final class NotThere {
    private NotThere() {}

    /// @param at null for now
    /// @param deletedToo whether it would do if it had been deleted by then
    static String message(ItemPath path, @Nullable Instant at, boolean deletedToo) {
        String when = at == null ? "is not there now" : "was not there at " + Words.local(at);
        String why = deletedToo ? ": it was picked up later" : "";
        return "'%s' %s%s; 'caravan whereis' shows its versions".formatted(path, when, why);
    }
}
