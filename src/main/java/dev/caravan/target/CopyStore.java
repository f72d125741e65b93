package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads copies back from one target. Thread-safe.
public interface CopyStore extends AutoCloseable {

    /// Opens a copy: the plain bytes of the version where the target keeps it as itself, otherwise
    /// the segment from the copy's offset on, which is where the member's pax header begins.
    ///
    /// @throws ColdObjectException if it must be thawed first
    /// @throws IOException if it is not there or can not be read
    InputStream open(Version version, Catalog.Copy copy) throws IOException;

    /// Where that copy is, for a person.
    String location(Version version, Catalog.Copy copy);

    /// What the copy needs before it can be read; null if it can be read now, or the target knows
    /// no cold copies. Asks the target, and for nothing to be thawed.
    ///
    /// @throws IOException if the target can not be asked
    default @Nullable Thawing thawing(Catalog.Copy copy) throws IOException {
        return null;
    }

    /// Has thawed what [#open] found cold, unless somebody asked for it already. It costs money.
    ///
    /// @throws IOException if the target does not do it
    default Thawing thaw(ColdObjectException cold) throws IOException {
        throw cold;
    }

    @Override
    void close();
}
