package dev.caravan.pipeline.check;

import dev.caravan.config.Finding;
import dev.caravan.config.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.catalog.EndpointValidationResult;
import org.apache.camel.tooling.model.ComponentModel;
import org.jspecify.annotations.Nullable;

/// Whether endpoints may be used at all, and whether Camel's catalog knows their options. Confined.
final class EndpointChecks {
    private static final Set<String> FROM =
            Set.of("scan", "ledger", "caravan-drill", "direct", "file", "quartz", "timer");
    private static final Set<String> TO =
            Set.of("ledger", "caravan-drill", "direct", "file", "sftp", "aws2-s3", "tape");

    /// Not allowed even when an operator asks for it.
    private static final Map<String, String> NEVER =
            Map.ofEntries(
                    Map.entry("exec", "it runs programs"),
                    Map.entry("ssh", "it runs programs"),
                    Map.entry("bean", "it runs code"),
                    Map.entry("class", "it runs code"),
                    Map.entry("language", "it runs code"),
                    Map.entry("groovy", "it runs code"),
                    Map.entry("controlbus", "it stops routes"),
                    Map.entry("ref", "what it stands for can not be checked"),
                    Map.entry("kamelet", "what it stands for can not be checked"),
                    Map.entry("seda", "its queue is lost in a crash"),
                    Map.entry("disruptor", "its queue is lost in a crash"),
                    Map.entry("mock", "it keeps nothing"),
                    Map.entry("stub", "it keeps nothing"),
                    Map.entry("log", "it reads the body: use the step 'log'"));

    /// Our own components' generated metadata, on the class path.
    private static final Map<String, String> OURS =
            Map.of(
                    "tape", "/META-INF/dev/caravan/tape/tape.json",
                    "scan", "/META-INF/dev/caravan/scan/scan.json",
                    "caravan-drill", "/META-INF/dev/caravan/pipeline/caravan-drill.json",
                    "ledger", "/META-INF/dev/caravan/pipeline/ledger.json");

    private final CamelCatalog catalog = Holder.CATALOG;
    private final Set<String> allowed;
    private final List<Finding> findings;

    EndpointChecks(Set<String> alsoAllowed, List<Finding> findings) {
        this.allowed = alsoAllowed;
        this.findings = findings;
    }

    /// Loaded once: it takes a while, and the reloader checks often.
    private static final class Holder {
        static final CamelCatalog CATALOG = new DefaultCamelCatalog();

        static {
            new TreeMap<>(OURS).forEach(EndpointChecks::addOurs);
        }
    }

    private static void addOurs(String scheme, String resource) {
        try (InputStream in = EndpointChecks.class.getResourceAsStream(resource)) {
            if (in != null) {
                String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                Holder.CATALOG.addComponent(scheme, "dev.caravan." + scheme, json);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(resource, e);
        }
    }

    void check(Endpoint endpoint) {
        boolean allowed = isAllowed(endpoint);
        // with a password in it, the rest of the address is not where the catalog looks for it
        if (!password(endpoint) && allowed && endpoint.complete()) {
            options(endpoint);
        }
        secrets(endpoint);
    }

    private boolean isAllowed(Endpoint endpoint) {
        String scheme = endpoint.scheme();
        String why = NEVER.get(scheme);
        if (why != null) {
            error(endpoint, endpoint.line(), "component '" + scheme + "' is never allowed: " + why);
            return false;
        }
        if (!OURS.containsKey(scheme) && !catalog.findComponentNames().contains(scheme)) {
            Set<String> known = new HashSet<>(TO);
            known.addAll(FROM);
            error(
                    endpoint,
                    endpoint.line(),
                    "unknown component '" + scheme + "'" + Nearest.hint(scheme, known));
            return false;
        }
        if (endpoint.from() && !FROM.contains(scheme)) {
            error(
                    endpoint,
                    endpoint.line(),
                    "a route cannot start at '" + scheme + ":': a source is walked by scan:");
            return false;
        }
        if (!endpoint.from() && !TO.contains(scheme) && !allowed.contains(scheme)) {
            error(
                    endpoint,
                    endpoint.line(),
                    "component '"
                            + scheme
                            + "' is not allowed: add it to caravan.routes.allow if"
                            + " it is meant");
            return false;
        }
        return true;
    }

    /// Options that Camel takes and its catalog forgot: every file based endpoint has a bufferSize.
    private static boolean isUnlisted(Endpoint endpoint, String option) {
        return endpoint.scheme().equals("sftp") && option.equals("bufferSize");
    }

    private void options(Endpoint endpoint) {
        ComponentModel model = catalog.componentModel(endpoint.scheme());
        boolean copyRoute = endpoint.from() && endpoint.scheme().equals("ledger");
        if (model == null || copyRoute) {
            return; // CopyRouteChecks looks at every option of a copy route, in better words
        }
        StringBuilder uri = new StringBuilder(endpoint.scheme() + ":" + endpoint.path());
        char separator = '?';
        for (Map.Entry<String, Endpoint.Option> option : endpoint.options().entrySet()) {
            boolean known = option.getValue().complete() && !isUnlisted(endpoint, option.getKey());
            if (known) {
                uri.append(separator).append(option.getKey()).append('=');
                uri.append(URLEncoder.encode(option.getValue().text(), StandardCharsets.UTF_8));
                separator = '&';
            }
        }
        EndpointValidationResult result =
                catalog.validateEndpointProperties(
                        uri.toString(), false, endpoint.from(), !endpoint.from());
        if (result.getSyntaxError() != null) {
            error(endpoint, endpoint.line(), "'" + endpoint + "': " + result.getSyntaxError());
        }
        Set<String> known = new HashSet<>();
        model.getEndpointParameterOptions().forEach(option -> known.add(option.getName()));
        each(
                endpoint,
                result.getUnknown(),
                name ->
                        "unknown option '"
                                + name
                                + "' of "
                                + endpoint.scheme()
                                + Nearest.hint(name, known));
        each(
                endpoint,
                result.getNotConsumerOnly(),
                name -> "option '" + name + "' of " + endpoint.scheme() + ": is not for 'from'");
        each(
                endpoint,
                result.getNotProducerOnly(),
                name -> "option '" + name + "' of " + endpoint.scheme() + ": is not for 'to'");
        each(
                endpoint,
                result.getRequired(),
                name -> endpoint.scheme() + ": needs the option '" + name + "'");
        each(
                endpoint,
                result.getInvalidBoolean(),
                (name, value) -> "option '" + name + "': '" + value + "': want true or false");
        each(
                endpoint,
                result.getInvalidInteger(),
                (name, value) -> "option '" + name + "': '" + value + "': want a whole number");
        each(
                endpoint,
                result.getInvalidNumber(),
                (name, value) -> "option '" + name + "': '" + value + "': want a number");
        each(
                endpoint,
                result.getInvalidDuration(),
                (name, value) ->
                        "option '" + name + "': '" + value + "': want a duration such as 5s");
        each(
                endpoint,
                result.getInvalidEnum(),
                (name, value) -> {
                    List<String> choices = result.getEnumChoices(name);
                    List<String> all = choices == null ? List.of() : choices;
                    String nearest = Nearest.hint(value, all);
                    return "option '"
                            + name
                            + "': '"
                            + value
                            + "' is not one of its values"
                            + (nearest.isEmpty() && all.size() <= 12
                                    ? ": want one of " + String.join(", ", all)
                                    : nearest);
                });
    }

    private interface Message {
        String of(String name);
    }

    private void each(Endpoint endpoint, @Nullable Set<String> names, Message message) {
        if (names != null) {
            names.stream()
                    .sorted()
                    .forEach(name -> error(endpoint, endpoint.lineOf(name), message.of(name)));
        }
    }

    private void each(
            Endpoint endpoint,
            @Nullable Map<String, String> values,
            BiFunction<String, String, String> message) {
        if (values != null) {
            new TreeMap<>(values)
                    .forEach((name, value) ->
                            error(endpoint, endpoint.lineOf(name), message.apply(name, value)));
        }
    }

    private boolean password(Endpoint endpoint) {
        String path = endpoint.path();
        int at = path.indexOf('@');
        boolean found = at > 0 && path.substring(0, at).contains(":");
        if (found) {
            error(
                    endpoint,
                    endpoint.line(),
                    "a password in the address: use a key file, or an option such as"
                            + " password: \"RAW({{env:MY_PASSWORD}})\"");
        }
        return found;
    }

    /// A secret belongs in the environment or in a file only we can read, never in a route.
    private void secrets(Endpoint endpoint) {
        ComponentModel model = catalog.componentModel(endpoint.scheme());
        if (model == null) {
            return;
        }
        for (ComponentModel.EndpointOptionModel option : model.getEndpointParameterOptions()) {
            Endpoint.Option set = endpoint.options().get(option.getName());
            // the names of files and users are flagged as secrets too, which they are not
            if (set != null
                    && option.isSecret()
                    && !option.getName().matches("username|.*Username|knownHosts|.*(File|Uri)")
                    && !Placeholders.isOnlyPlaceholders(set.raw())) {
                error(
                        endpoint,
                        set.line(),
                        "option '"
                                + option.getName()
                                + "' is a secret: write"
                                + " \"RAW({{env:MY_SECRET}})\" instead");
            }
        }
    }

    private void error(Endpoint endpoint, int line, String what) {
        findings.add(Finding.error(endpoint.file(), line, what));
    }
}
