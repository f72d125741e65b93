package dev.caravan.pipeline.check;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What `{{…}}` in a route stands for, as Camel resolves it: `{{key}}`, `{{key:default}}`,
/// `{{?key}}`, `{{env:NAME}}`, `{{sys:name}}`. Immutable.
record Placeholders(Map<String, String> properties, Map<String, String> environment) {
    private static final Pattern FORM = Pattern.compile("\\{\\{([^{}]*)\\}\\}");

    /// @param unresolved what stands for nothing; such a placeholder stays in the text
    record Resolved(String text, Set<String> unresolved) {
        boolean isComplete() {
            return unresolved.isEmpty();
        }
    }

    Resolved resolve(String text) {
        Set<String> unresolved = new LinkedHashSet<>();
        String resolved =
                FORM.matcher(text)
                        .replaceAll(match -> {
                            String value = value(match.group(1).strip());
                            if (value == null) {
                                unresolved.add(match.group(1).strip());
                            }
                            return Matcher.quoteReplacement(value == null ? match.group() : value);
                        });
        return new Resolved(resolved, unresolved);
    }

    /// Whether the text is made of placeholders only, so that nothing of it is written in the
    /// route.
    static boolean isOnlyPlaceholders(String text) {
        String bare =
                text.startsWith("RAW(") && text.endsWith(")")
                        ? text.substring(4, text.length() - 1)
                        : text;
        return FORM.matcher(bare).replaceAll("").isBlank();
    }

    private @Nullable String value(String name) {
        boolean optional = name.startsWith("?");
        String key = optional ? name.substring(1) : name;
        String fallback = optional ? "" : null;
        String value;
        if (key.startsWith("env:") || key.startsWith("sys:")) {
            String[] parts = key.split(":", 3);
            fallback = parts.length == 3 ? parts[2] : fallback;
            value =
                    parts[0].equals("env")
                            ? environment.get(parts[1])
                            : System.getProperty(parts[1]);
        } else {
            int colon = key.indexOf(':');
            value = properties.get(colon < 0 ? key : key.substring(0, colon));
            fallback = colon < 0 ? fallback : key.substring(colon + 1);
        }
        return value == null ? fallback : value;
    }
}
