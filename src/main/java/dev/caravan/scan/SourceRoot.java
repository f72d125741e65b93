package dev.caravan.scan;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The opened root of a source, wherever it lies: what is in it, and the bytes of its files.
/// Nothing in it is ever changed. Thread-safe; what it opens is confined to one thread.
public interface SourceRoot extends Closeable {

    /// Opens the root of one source.
    @FunctionalInterface
    interface Opener {
        /// @throws IOException if it is not there
        SourceRoot open() throws IOException;
    }

    /// Goes through a folder and all below it, once. The folder itself is not told.
    ///
    /// @param from the root for the whole source
    /// @param selection what is wanted; the rest is told as skipped
    /// @throws IOException if that folder can not be listed, or the source went away; and the
    ///   visitor's own
    void walk(ItemPath from, Selection selection, WalkVisitor visitor) throws IOException;

    /// Looks at one item.
    ///
    /// @return [Sighting.Seen], or [Sighting.Skipped] for what is no item; null if there is nothing
    @Nullable Sighting look(ItemPath path) throws IOException;

    /// Whether this user may read a file, as far as that can be told without opening it.
    ///
    /// @throws ContentUnavailableException VANISHED, or UNREADABLE with another reason
    /// @throws IOException if the source went away
    boolean readable(ItemPath file) throws IOException;

    /// The extended attributes of a file or folder; none where the source has no such thing.
    ///
    /// @throws ContentUnavailableException VANISHED or UNREADABLE
    /// @throws IOException if the source went away
    List<Xattr> xattrs(ItemPath path) throws IOException;

    /// Opens the file of a version, if it is still in the state the version was registered in.
    ///
    /// @param version of a [Kind#FILE]
    /// @throws ContentUnavailableException as [dev.caravan.item.Contents#open]
    /// @throws IOException if this process can not open anything
    Content open(Version version) throws IOException;

    /// What it fails together with, in the words that targets use of themselves too.
    ///
    /// @return null if that can not be told
    @Nullable String domain() throws IOException;

    @Override
    void close();
}
