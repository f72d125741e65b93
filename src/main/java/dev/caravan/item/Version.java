package dev.caravan.item;

import org.jspecify.annotations.Nullable;

/// The state of an item at one pick-up time: what one copy is a copy of.
///
/// @param id unique in the ledger; rises with time
/// @param number 1 for the first version of the item, then 2, …
/// @param sha256 of the content; null until the first complete read, and for folders and symlinks
public record Version(
        long id,
        String source,
        ItemPath path,
        int number,
        Metadata metadata,
        Fingerprint fingerprint,
        @Nullable Sha256 sha256) {

    public boolean hasBytes() {
        return metadata.kind() == Kind.FILE && metadata.size() > 0;
    }
}
