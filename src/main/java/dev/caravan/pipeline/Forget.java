package dev.caravan.pipeline;

/// Retires copies that no retention keeps, and removes the data of those retired long enough ago.
/// Bound in Camel's registry as [#BEAN].
@FunctionalInterface
public interface Forget {
    /// Its name in the registry.
    String BEAN = "forget";

    /// Does it once for all targets, and returns when it is done.
    void forget();
}
