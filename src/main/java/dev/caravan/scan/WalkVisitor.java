package dev.caravan.scan;

import java.io.IOException;

/// Takes what a walk sees, in the walk's order.
@FunctionalInterface
public interface WalkVisitor {

    /// Takes one sighting.
    ///
    /// @throws IOException to end the walk
    void sighted(Sighting sighting) throws IOException;
}
