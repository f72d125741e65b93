package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Rebuild.Found;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// What a source can be called (`caravan.source.NAME.dir`). A medium may say anything, and the name
/// of a source becomes a folder on a NAS: `.caravan` is none.
final class SourceNames {
    private static final Pattern FORM = Pattern.compile("[a-z0-9-]{1,255}");

    private SourceNames() {}

    static boolean isOne(String name) {
        return FORM.matcher(name).matches();
    }

    static String shown(Found found) {
        return ItemPath.show(found.source().getBytes(StandardCharsets.UTF_8));
    }
}
