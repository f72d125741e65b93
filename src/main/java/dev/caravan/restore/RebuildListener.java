package dev.caravan.restore;

/// Hears how far a rebuild is.
@FunctionalInterface
public interface RebuildListener {
    /// @param step what is being read, in one word
    /// @param items how many were read in this step
    void at(String step, long items);
}
