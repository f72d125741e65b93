package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import java.io.IOException;

/// There is something under the name of an item that is to be brought back, and it was not asked to
/// be replaced.
public final class ExistsException extends IOException {

    ExistsException(ItemPath path) {
        super("'" + path + "' exists already; it is replaced only with --overwrite");
    }
}
