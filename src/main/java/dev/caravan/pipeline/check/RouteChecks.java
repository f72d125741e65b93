package dev.caravan.pipeline.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.caravan.config.Finding;
import dev.caravan.item.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Checks a set of route files as one, without starting Camel: the YAML, Camel's schema and
/// catalog, the options that are dangerous in Camel 4.18.0, how the routes hang together, and
/// whether their targets can satisfy the policy. Thread-safe; one check runs at a time.
public final class RouteChecks {
    /// The routes of an endpoint that is proven by reading back: `direct:TARGET-put` and so on.
    public static final List<String> OPERATIONS = List.of("put", "get", "list", "delete");

    private static final String FILE_NAME = "\\d{2}-[a-z0-9-]+\\.camel\\.yaml";

    private RouteChecks() {}

    /// What a check came to.
    ///
    /// @param findings all that was found, in the order of files and lines
    /// @param copyRoutes the targets that are served; complete only if nothing was found
    public record Result(List<Finding> findings, List<CopyRoute> copyRoutes) {
        public boolean isGood() {
            return findings.stream().noneMatch(Finding::isError);
        }
    }

    /// The files in a routes folder that are loaded, in their order: all but hidden ones and those
    /// an editor left (`~` at the end); a file with a wrong name is among them, and is found by the
    /// check. Sub-folders hold what is not loaded.
    public static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(file -> !file.getFileName().toString().endsWith("~"))
                    .sorted()
                    .toList();
        }
    }

    /// Checks the files as one set.
    ///
    /// @param properties what `{{…}}` stands for
    public static Result check(List<Path> routeFiles, Map<String, String> properties) {
        return check(routeFiles, properties, true);
    }

    /// As [#check], for a home that is only read: what is left of its targets need not be enough
    /// for its policy.
    public static Result checkToRestore(List<Path> routeFiles, Map<String, String> properties) {
        return check(routeFiles, properties, false);
    }

    private static synchronized Result check(
            List<Path> routeFiles, Map<String, String> properties, boolean policy) {
        List<Finding> findings = new ArrayList<>();
        List<Route> routes = new ArrayList<>();
        List<Route> configurations = new ArrayList<>();
        boolean complete = read(routeFiles, properties, findings, routes, configurations);
        List<Endpoint> endpoints =
                Stream.concat(routes.stream(), configurations.stream())
                        .flatMap(route ->
                                Stream.concat(
                                        Stream.ofNullable(route.from()), route.tos().stream()))
                        .toList();
        EndpointChecks endpointChecks = new EndpointChecks(allowed(properties), findings);
        endpoints.forEach(endpointChecks::check);
        SafeOptions safe = new SafeOptions(findings);
        endpoints.forEach(safe::check);
        CopyRouteChecks copyChecks = new CopyRouteChecks(properties, findings);
        List<CopyRoute> copyRoutes =
                routes.stream()
                        .filter(Route::isCopyRoute)
                        .flatMap(route -> copyChecks.check(route).stream())
                        .toList();
        // what is in a file that cannot be read is not missing
        if (complete) {
            new Wiring(routes, configurations, properties, findings).check();
            boolean all = copyRoutes.size() == routes.stream().filter(Route::isCopyRoute).count();
            if (policy && all) {
                new PolicyCheck(properties, findings)
                        .check(copyRoutes, folder(routes, configurations));
            }
        }
        return new Result(
                findings.stream()
                        .distinct()
                        .sorted(
                                Comparator.comparing((Finding finding) -> finding.file())
                                        .thenComparingInt(Finding::line))
                        .toList(),
                copyRoutes);
    }

    /// Where the copy route of a target carries its copies; empty if there is none. Only for files
    /// that passed the check.
    public static synchronized Optional<Carrier> carrier(
            List<Path> routeFiles, Map<String, String> properties, String target) {
        List<Route> routes = new ArrayList<>();
        boolean _ = read(routeFiles, properties, new ArrayList<>(), routes, new ArrayList<>());
        return routes.stream()
                .filter(route ->
                        route.isCopyRoute()
                                && route.from() != null
                                && target.equals(route.from().option("target")))
                .findFirst()
                .map(copy ->
                        routes.stream()
                                .filter(route ->
                                        route.from() != null
                                                && route.from().is("direct", target + "-put"))
                                .findFirst()
                                .orElse(copy))
                .flatMap(RouteChecks::carrier);
    }

    /// Where an endpoint that is proven by reading back is, for a person.
    ///
    /// @param file with the copy route of the target
    public static String place(Path file, Map<String, String> properties, String target) {
        return carrier(List.of(file), properties, target)
                .map(Carrier::uri)
                .map(uri -> uri.replaceFirst("^(https?):(?!//)", "$1://"))
                .orElse(target);
    }

    /// The routes of an endpoint that is proven by reading back, as YAML that Camel loads.
    ///
    /// @param file with the copy route of the target
    public static synchronized String endpointRoutes(Path file, String target) {
        YamlFile read =
                YamlFile.read(file, new ArrayList<>())
                        .orElseThrow(() -> new IllegalArgumentException(file + " is no YAML"));
        ArrayNode own = JsonNodeFactory.instance.arrayNode();
        for (JsonNode element : read.root()) {
            JsonNode from = element.path("route").path("from");
            String uri = from.isTextual() ? from.asText() : from.path("uri").asText();
            if (OPERATIONS.stream()
                    .anyMatch(operation -> uri.equals("direct:" + target + "-" + operation))) {
                own.add(element);
            }
        }
        return own.toString(); // JSON is YAML
    }

    private static Optional<Carrier> carrier(Route route) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Route.Step step : route.steps()) {
            if (step.header() != null && step.expression() != null) {
                headers.put(step.header(), step.expression());
            }
        }
        return route.tos().stream()
                .filter(to -> !to.scheme().equals("ledger") && !to.scheme().equals("direct"))
                .findFirst()
                .map(to -> {
                    Map<String, String> options = new LinkedHashMap<>();
                    to.options().forEach((name, option) -> options.put(name, option.text()));
                    return new Carrier(to.scheme() + ":" + to.path(), options, headers);
                });
    }

    /// Whether every file could be read as a list of routes.
    private static boolean read(
            List<Path> files,
            Map<String, String> properties,
            List<Finding> findings,
            List<Route> routes,
            List<Route> configurations) {
        Placeholders placeholders = new Placeholders(properties, System.getenv());
        CamelSchema schema = CamelSchema.shared();
        boolean complete = true;
        for (Path path : files) {
            String name = String.valueOf(path.getFileName());
            if (!name.matches(FILE_NAME)) {
                findings.add(
                        Finding.error(
                                path,
                                0,
                                "file name '"
                                        + name
                                        + "': want two digits and a name, such as"
                                        + " 34-copy-vault.camel.yaml, with no other dot in it"));
            }
            YamlFile file = YamlFile.read(path, findings).orElse(null);
            if (file == null) {
                complete = false;
                continue;
            }
            int before = findings.size();
            schema.check(file, findings);
            RouteReader reader = new RouteReader(file, placeholders, schema.topLevel(), findings);
            complete &= findings.size() == before;
            reader.read();
            routes.addAll(reader.routes);
            configurations.addAll(reader.configurations);
        }
        return complete;
    }

    private static Set<String> allowed(Map<String, String> properties) {
        return Arrays.stream(properties.getOrDefault("caravan.routes.allow", "").split(","))
                .map(String::strip)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// What a finding about all routes names.
    static Path folder(List<Route> routes, List<Route> configurations) {
        return Stream.concat(routes.stream(), configurations.stream())
                .findFirst()
                .map(route -> route.file().toAbsolutePath().getParent())
                .orElse(Path.of("routes"));
    }

    /// The SHA-256 over names and contents, in hexadecimal: unchanged files need no second check.
    public static String fingerprint(List<Path> files) throws IOException {
        MessageDigest digest = Sha256.digest();
        for (Path file : files.stream().sorted().toList()) {
            byte[] name = file.toString().getBytes(StandardCharsets.UTF_8);
            byte[] content = Files.readAllBytes(file);
            digest.update(
                    (name.length + " " + content.length + " ").getBytes(StandardCharsets.UTF_8));
            digest.update(name);
            digest.update(content);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
