package dev.caravan.target;

import dev.caravan.item.Version;
import java.util.List;

/// What came of removing the data of retired copies.
///
/// @param versions of which nothing is left on the target
/// @param bytes that were removed now; what was gone already has none
/// @param left why the data of others could not be removed, in words
public record Removed(List<Version> versions, long bytes, List<String> left) {
    public Removed {
        versions = List.copyOf(versions);
        left = List.copyOf(left);
    }
}
