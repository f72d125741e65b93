package dev.caravan.scan;

import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;

/// One thing that a walk came upon. A folder is seen before what is in it, and its entries come
/// before its end.
public sealed interface Sighting {

    ItemPath path();

    /// A file, folder or symlink that is wanted. The root of the source is none: it belongs to the
    /// operator.
    ///
    /// @param metadata without extended attributes, because reading them would open every file;
    ///   [SourceRoot#xattrs] reads them
    record Seen(ItemPath path, Metadata metadata, Fingerprint fingerprint) implements Sighting {}

    /// Left out on purpose, a folder with all that is in it.
    ///
    /// @param what for people, such as `FIFO` or `excluded by '*.tmp'`
    record Skipped(ItemPath path, String what, Why why) implements Sighting {}

    /// It is there, and could not be looked at; or a folder that was seen, and whose entries could
    /// not all be listed. Nothing is known of it or of what is in it, so none of that is deleted.
    record Unreadable(ItemPath path, String reason) implements Sighting {}

    /// The entries of a folder are over. Whoever decides what was deleted does it for one folder at
    /// a time, by this.
    ///
    /// @param complete whether every entry was sighted; not if the listing broke off
    record FolderEnd(ItemPath path, boolean complete) implements Sighting {}

    /// Why something was left out.
    enum Why {
        /// A FIFO, a socket or a device: it has no contents to protect.
        SPECIAL_FILE,
        /// By the operator's patterns.
        EXCLUDED,
        /// Its path is longer than [Limits#pathBytes].
        OVER_LONG,
        /// It has a name that no path can have, where the source is no file system: it is data that
        /// can not be protected.
        NO_PATH,
        /// Caravan's own home, or a target.
        OWN_DATA,
        /// Mounted inside the source, and [Limits#oneFileSystem] is set.
        OTHER_FILE_SYSTEM
    }
}
