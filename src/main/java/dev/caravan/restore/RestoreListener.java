package dev.caravan.restore;

import dev.caravan.item.Version;

/// Hears what a restore does, for the person who waits for it.
public interface RestoreListener {

    /// A version is back, from this target.
    void restored(Version version, String target);

    /// A copy could not be used; another one is tried if `next` says so.
    void failed(Version version, String target, String why, boolean next);

    /// The version wanted has no copy yet: an earlier one of the same item is brought back.
    void earlier(Version wanted, Version taken);

    /// No copy of the version could be used.
    void lost(Version version, String why);
}
