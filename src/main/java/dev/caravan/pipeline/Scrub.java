package dev.caravan.pipeline;

/// Proves copies again, the oldest proofs first. Bound in Camel's registry as [#BEAN].
@FunctionalInterface
public interface Scrub {
    /// Its name in the registry.
    String BEAN = "scrub";

    /// Does it once for all targets, and returns when it is done.
    ///
    /// @param bytes enough of each target with so many
    void scrub(long bytes);
}
