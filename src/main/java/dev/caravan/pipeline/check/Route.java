package dev.caravan.pipeline.check;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A route, or a route configuration (then without `from`).
///
/// @param configuration the `routeConfigurationId` it is bound to
/// @param steps in their order, nested ones too
/// @param tos the endpoints it sends to, in their order
record Route(
        Path file,
        int line,
        String id,
        @Nullable String configuration,
        @Nullable Endpoint from,
        List<Step> steps,
        List<Endpoint> tos) {

    /// @param expression what it sets, for a `setHeader`
    record Step(String name, int line, @Nullable String header, @Nullable String expression) {}

    boolean startsAt(String scheme) {
        return from != null && from.scheme().equals(scheme);
    }

    /// Whether it carries wanted copies to a target.
    boolean isCopyRoute() {
        return from != null && from.is("ledger", "wanted");
    }

    boolean sendsTo(String scheme, String path) {
        return tos.stream().anyMatch(to -> to.is(scheme, path));
    }
}
