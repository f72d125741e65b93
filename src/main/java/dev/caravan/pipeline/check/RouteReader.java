package dev.caravan.pipeline.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.config.Finding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the routes out of a file's tree, and reports what in them must not be there: what runs
/// code, what names an endpoint by data, what touches a body or an item's name. Confined.
final class RouteReader {
    private static final Set<String> TOP = Set.of("route", "routeConfiguration");
    private static final String CODE = "it runs code";
    private static final String BODY =
            "it touches the body, which is copied as it is or not at all";
    private static final String DATA = "an endpoint is named in the route, never by data";
    private static final String FAN = "the ledger is the queue: a new target is a new copy route";

    /// Elements of Camel's DSL that no route of ours may hold, and why. The languages that run code
    /// or read the body are among them.
    private static final Map<String, String> REFUSED = refused();

    private final YamlFile file;
    private final Placeholders placeholders;
    private final Set<String> topLevel;
    private final List<Finding> findings;
    final List<Route> routes = new ArrayList<>();
    final List<Route> configurations = new ArrayList<>();

    RouteReader(
            YamlFile file,
            Placeholders placeholders,
            Set<String> topLevel,
            List<Finding> findings) {
        this.file = file;
        this.placeholders = placeholders;
        this.topLevel = topLevel;
        this.findings = findings;
    }

    private static Map<String, String> refused() {
        Map<String, String> refused = new LinkedHashMap<>();
        for (String code :
                List.of(
                        "bean",
                        "process",
                        "script",
                        "method",
                        "groovy",
                        "java",
                        "joor",
                        "js",
                        "python",
                        "mvel",
                        "ognl",
                        "spel",
                        "wasm",
                        "language",
                        "ref",
                        "policy",
                        "kamelet")) {
            refused.put(code, CODE);
        }
        for (String body :
                List.of(
                        "setBody",
                        "transform",
                        "transformDataType",
                        "convertBodyTo",
                        "marshal",
                        "unmarshal",
                        "split",
                        "aggregate",
                        "sort",
                        "tokenize",
                        "xtokenize",
                        "xpath",
                        "xquery",
                        "jq",
                        "jsonpath",
                        "hl7terser",
                        "datasonnet",
                        "csimple",
                        "validate",
                        "enrich",
                        "pollEnrich",
                        "poll",
                        "resequence",
                        "tokenizer")) {
            refused.put(body, BODY);
        }
        for (String data : List.of("toD", "recipientList", "routingSlip", "dynamicRouter")) {
            refused.put(data, DATA);
        }
        for (String fan : List.of("multicast", "wireTap", "loadBalance", "saga", "claimCheck")) {
            refused.put(fan, FAN);
        }
        return Map.copyOf(refused);
    }

    void read() {
        for (int i = 0; file.root().isArray() && i < file.root().size(); i++) {
            JsonNode element = file.root().get(i);
            String pointer = "/" + i;
            element.properties()
                    .forEach(field -> {
                        String at = YamlFile.child(pointer, field.getKey());
                        if (TOP.contains(field.getKey())) {
                            route(field.getKey().equals("route"), field.getValue(), at);
                        } else if (topLevel.contains(field.getKey())) {
                            error(
                                    at,
                                    "'"
                                            + field.getKey()
                                            + "' is not allowed here: want a route with an id");
                        }
                    });
        }
    }

    private void route(boolean isRoute, JsonNode node, String pointer) {
        String id = node.path("id").asText("");
        if (id.isBlank()) {
            error(pointer, "a " + (isRoute ? "route" : "routeConfiguration") + " needs an id");
        }
        List<Route.Step> steps = new ArrayList<>();
        List<Endpoint> tos = new ArrayList<>();
        Endpoint from = null;
        if (isRoute && node.path("from").isObject()) {
            from = endpoint(node.get("from"), pointer + "/from", true);
        }
        visit(node, pointer, steps, tos);
        (isRoute ? routes : configurations)
                .add(
                        new Route(
                                file.path(),
                                file.line(pointer + "/id"),
                                id,
                                node.hasNonNull("routeConfigurationId")
                                        ? node.get("routeConfigurationId").asText()
                                        : null,
                                from,
                                List.copyOf(steps),
                                List.copyOf(tos)));
    }

    private void visit(JsonNode node, String pointer, List<Route.Step> steps, List<Endpoint> tos) {
        // a file: source compares names, it does not write them
        if (node.isTextual() && !pointer.endsWith("/from/parameters/idempotentKey")) {
            expressions(node.asText(), pointer);
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            visit(node.get(i), pointer + "/" + i, steps, tos);
        }
        boolean isStep = pointer.matches(".*/steps/\\d+");
        node.properties()
                .forEach(field -> {
                    String name = field.getKey();
                    String at = YamlFile.child(pointer, name);
                    boolean isOption = pointer.endsWith("/parameters");
                    if (!isOption && REFUSED.containsKey(name)) {
                        error(at, "'" + name + "' is not allowed: " + REFUSED.get(name));
                        return;
                    }
                    if (isStep) {
                        steps.add(step(name, field.getValue(), at));
                    }
                    if (isStep && name.equals("to")) {
                        Endpoint to = endpoint(field.getValue(), at, false);
                        if (to != null) {
                            tos.add(to);
                        }
                    }
                    visit(field.getValue(), at, steps, tos);
                });
    }

    private Route.Step step(String name, JsonNode step, String pointer) {
        JsonNode simple =
                step.path("simple").isObject()
                        ? step.path("simple").path("expression")
                        : step.path("simple");
        if (simple.isMissingNode()) {
            simple = step.path("expression").path("simple").path("expression");
        }
        return new Route.Step(
                name,
                file.line(pointer),
                step.hasNonNull("name") ? step.get("name").asText() : null,
                simple.isTextual() ? simple.asText() : null);
    }

    private @Nullable Endpoint endpoint(JsonNode node, String pointer, boolean from) {
        String uri = node.isTextual() ? node.asText() : node.path("uri").asText("");
        if (uri.isBlank()) {
            return null;
        }
        String at = node.isTextual() ? pointer : pointer + "/uri";
        int question = uri.indexOf('?');
        Placeholders.Resolved resolved =
                resolve(question < 0 ? uri : uri.substring(0, question), at);
        Map<String, Endpoint.Option> options = new LinkedHashMap<>();
        if (question >= 0) {
            for (String pair : uri.substring(question + 1).split("&")) {
                String[] parts = pair.split("=", 2);
                option(options, parts[0], parts.length == 2 ? parts[1] : "", at);
            }
        }
        node.path("parameters")
                .properties()
                .forEach(field ->
                        option(
                                options,
                                field.getKey(),
                                field.getValue().asText(),
                                YamlFile.child(pointer + "/parameters", field.getKey())));
        String place = resolved.text();
        int colon = place.indexOf(':');
        return new Endpoint(
                file.path(),
                file.line(at),
                colon < 0 ? place : place.substring(0, colon),
                colon < 0 ? "" : place.substring(colon + 1).replaceFirst("^//(?=[^/])", ""),
                Map.copyOf(options),
                from,
                resolved.isComplete());
    }

    private void option(
            Map<String, Endpoint.Option> options, String name, String raw, String pointer) {
        Placeholders.Resolved value = resolve(raw, pointer);
        if (options.containsKey(name)) {
            error(pointer, "option '" + name + "' is set twice");
        }
        options.put(
                name,
                new Endpoint.Option(raw, value.text(), file.line(pointer), value.isComplete()));
    }

    private Placeholders.Resolved resolve(String text, String pointer) {
        Placeholders.Resolved resolved = placeholders.resolve(text);
        for (String name : resolved.unresolved()) {
            error(
                    pointer,
                    "{{"
                            + name
                            + "}} is not set: set '"
                            + name
                            + "' in config/caravan.properties, or leave this route out");
        }
        return resolved;
    }

    private void expressions(String text, String pointer) {
        for (String expression : Expressions.refused(text)) {
            error(
                    pointer,
                    "expression ${"
                            + expression
                            + "} is not allowed: want ${"
                            + Expressions.COPY_NAME
                            + "}, so that no item's name or content reaches an endpoint");
        }
    }

    private void error(String pointer, String what) {
        findings.add(Finding.error(file.path(), file.line(pointer), what));
    }
}
