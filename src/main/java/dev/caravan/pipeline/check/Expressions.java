package dev.caravan.pipeline.check;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// The expressions of Camel's Simple language that a route may hold: those that give names Caravan
/// made, never an item's name or content.
final class Expressions {
    static final String COPY_NAME = "header.CaravanCopyName";

    private static final Pattern FORM = Pattern.compile("\\$(?:simple)?\\{([^}]*)\\}?");
    private static final Set<String> ALLOWED =
            Set.of(
                    COPY_NAME,
                    "header.CaravanTarget",
                    "header.CaravanLength",
                    "header.CaravanRange",
                    "header.CamelHttpResponseCode",
                    "routeId",
                    "exchangeId",
                    "camelId",
                    "hostname");

    private Expressions() {}

    /// Whether a text is the copy's own name and nothing else.
    static boolean isCopyName(String text) {
        return text.equals("${" + COPY_NAME + "}");
    }

    static List<String> refused(String text) {
        return FORM.matcher(text)
                .results()
                .map(match -> match.group(1).strip())
                .filter(expression ->
                        !ALLOWED.contains(expression) && !expression.startsWith("date:now:"))
                .toList();
    }
}
