package dev.caravan.pipeline;

import java.io.IOException;
import java.util.List;

/// Does drills, for the routes that ask for them. Bound in Camel's registry as [#BEAN].
/// Thread-safe.
public interface Drilling {

    /// Its name in the registry.
    String BEAN = "drilling";

    /// The targets that can be drilled.
    List<String> targets();

    /// Brings a sample back from a target, compares it and records what that showed.
    ///
    /// @param sample as `caravan.drill.sample`
    /// @throws IOException if it could not be done; what it showed is no failure of it
    void drill(String target, String sample) throws IOException;
}
