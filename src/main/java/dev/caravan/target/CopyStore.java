package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import java.io.IOException;
import java.io.InputStream;

/// Reads copies back from one target. Thread-safe.
public interface CopyStore extends AutoCloseable {

    /// Opens a copy: the plain bytes of the version where the target keeps it as itself, otherwise
    /// the segment from the copy's offset on, which is where the member's pax header begins.
    ///
    /// @throws IOException if it is not there or can not be read
    InputStream open(Version version, Catalog.Copy copy) throws IOException;

    /// Where that copy is, for a person.
    String location(Version version, Catalog.Copy copy);

    @Override
    void close();
}
