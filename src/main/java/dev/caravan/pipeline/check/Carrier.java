package dev.caravan.pipeline.check;

import java.util.Map;

/// The endpoint that a copy route carries copies to, as the route says, with its placeholders
/// resolved. Immutable.
///
/// @param uri without options
/// @param headers what the route sets for it
public record Carrier(String uri, Map<String, String> options, Map<String, String> headers) {
    public Carrier {
        options = Map.copyOf(options);
        headers = Map.copyOf(headers);
    }
}
