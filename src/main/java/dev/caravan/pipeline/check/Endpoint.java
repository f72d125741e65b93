package dev.caravan.pipeline.check;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An endpoint as a route names it, with its placeholders resolved.
///
/// @param path what stands between the scheme and the options
/// @param from whether the route starts here
/// @param complete whether every placeholder in its path stands for something
record Endpoint(
        Path file,
        int line,
        String scheme,
        String path,
        Map<String, Option> options,
        boolean from,
        boolean complete) {

    /// @param raw as it is written in the route
    /// @param text with its placeholders resolved
    record Option(String raw, String text, int line, boolean complete) {}

    boolean is(String otherScheme, String otherPath) {
        return scheme.equals(otherScheme) && path.equals(otherPath);
    }

    /// The value of an option, or null where it is not set or stands for nothing.
    @Nullable String option(String name) {
        Option option = options.get(name);
        return option == null || !option.complete() ? null : option.text();
    }

    /// Where an option is written; where the endpoint is, if the option is not.
    int lineOf(String name) {
        Option option = options.get(name);
        return option == null ? line : option.line();
    }

    /// As messages name it: without options and password.
    @Override
    public String toString() {
        return scheme + ":" + path.replaceFirst(":[^@/]*@", "@");
    }
}
