package dev.caravan.target;

import java.io.IOException;

/// Gives the store of a target; opened at first use, kept until the end. Thread-safe.
@FunctionalInterface
public interface CopyStores {

    /// @throws IOException if the target can not be reached or is not configured
    CopyStore of(String target) throws IOException;
}
