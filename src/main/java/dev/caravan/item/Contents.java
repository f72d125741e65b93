package dev.caravan.item;

import java.io.IOException;

/// Opens the bytes of versions: from the source, or from a verified copy once the source has moved
/// on. Thread-safe.
@FunctionalInterface
public interface Contents {

    /// @throws ContentUnavailableException if these bytes can not be had from here: the file is
    ///   another one now, is gone, or may not be read
    Content open(Version version) throws IOException;
}
