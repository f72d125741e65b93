package dev.caravan.pipeline;

import dev.caravan.target.Encryption;
import dev.caravan.target.Proof;
import dev.caravan.target.TargetException;
import java.util.Optional;

/// Makes the proof that a target's copies need. Thread-safe.
@FunctionalInterface
public interface Proofs {

    /// @param rule as the copy route names it, such as `nas`
    /// @throws TargetException if there is no such rule or the target is not configured
    Proof of(String target, String rule) throws TargetException;

    /// What encrypts the target's copies; empty if they stay plain.
    ///
    /// @throws TargetException if a key is not there
    default Optional<Encryption> encryption(String target) throws TargetException {
        return Optional.empty();
    }
}
