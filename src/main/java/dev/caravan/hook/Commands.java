package dev.caravan.hook;

import java.time.Duration;
import java.util.List;

/// What is run around a scan of one source.
///
/// @param place where the source is: a path or a URL
/// @param before the words of a command; empty if nothing has to be made before a scan
/// @param after as `before`; empty if nothing has to be undone
/// @param timeout how long each may take
/// @param hold how long what `before` made may stay, even if it is still needed
public record Commands(
        String source,
        String place,
        List<String> before,
        List<String> after,
        Duration timeout,
        Duration hold) {}
