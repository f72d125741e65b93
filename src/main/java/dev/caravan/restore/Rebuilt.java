package dev.caravan.restore;

import java.util.List;

/// What a rebuild found on one target.
///
/// @param read versions that it names
/// @param versions the ledger did not know
/// @param copies the ledger did not know
/// @param known copies that it knew
/// @param deleted items that are taken as deleted from their source
/// @param missing copies that it names and does not have
/// @param conflicts versions that contradict the ledger or cannot be, and were left out
/// @param unreadable what could not be read: lines, manifests, objects, folders
/// @param unnamed what nothing names: files in the tree, objects, others among the manifests
/// @param details the first of these, in words
public record Rebuilt(
        long read,
        long versions,
        long copies,
        long known,
        long deleted,
        long missing,
        long conflicts,
        long unreadable,
        long unnamed,
        List<String> details) {

    /// Whether all of it was read, is there, and agrees with the ledger.
    public boolean good() {
        return missing == 0 && conflicts == 0 && unreadable == 0;
    }
}
