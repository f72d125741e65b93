package dev.caravan.scan;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Contents;
import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import java.io.IOException;

/// The originals: reads a version from its source, if the file there is still in the state the
/// version was registered in. Thread-safe.
public final class SourceContents implements Contents {

    /// Gives the open root of a source, which stays the giver's.
    @FunctionalInterface
    public interface Roots {
        SourceRoot of(String source) throws IOException;
    }

    private final Roots roots;

    public SourceContents(Roots roots) {
        this.roots = roots;
    }

    /// Opens the file of a version.
    ///
    /// @throws ContentUnavailableException as [Contents#open]
    /// @throws IOException if the source itself, or this process, can not open anything
    @Override
    public Content open(Version version) throws IOException {
        if (version.metadata().kind() != Kind.FILE) {
            throw new IllegalArgumentException(version.path() + " is no file, it has no contents");
        }
        return roots.of(version.source()).open(version);
    }
}
