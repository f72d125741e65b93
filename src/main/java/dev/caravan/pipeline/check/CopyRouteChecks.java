package dev.caravan.pipeline.check;

import dev.caravan.config.Durations;
import dev.caravan.config.Finding;
import dev.caravan.config.Limits;
import dev.caravan.config.Nearest;
import dev.caravan.config.Window;
import dev.caravan.item.DataSize;
import dev.caravan.ledger.MediaKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A copy route is one `from`, one `to`, one record, and declares nothing of its target that the
/// endpoint contradicts. Confined.
final class CopyRouteChecks {
    /// @param scheme the component that carries what this rule proves
    private record Proof(String scheme, MediaKind kind) {}

    private static final Map<String, Proof> PROOFS =
            Map.of(
                    "nas", new Proof("file", MediaKind.DISK),
                    "sftp", new Proof("sftp", MediaKind.DISK),
                    "tape", new Proof("tape", MediaKind.TAPE),
                    "s3", new Proof("aws2-s3", MediaKind.OBJECT_STORE));

    /// By reading everything back: the rule for an endpoint of any kind, with routes of its own.
    static final String READBACK = "readback";

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,32}");

    /// Every consumer option of the generated ledger.json; a test compares.
    static final Set<String> OPTIONS =
            Set.of(
                    "target",
                    "mediaKind",
                    "site",
                    "proof",
                    "segment",
                    "linger",
                    "largeFiles",
                    "concurrency",
                    "rate",
                    "window",
                    "simulated");

    private static final Set<String> STEPS =
            Set.of("to", "setHeader", "removeHeader", "removeHeaders", "log", "throttle", "delay");
    private static final String INCOMING = "/.caravan/incoming";

    private final Map<String, String> properties;
    private final List<Finding> findings;

    CopyRouteChecks(Map<String, String> properties, List<Finding> findings) {
        this.properties = properties;
        this.findings = findings;
    }

    /// What the route declares; empty if that cannot be told.
    Optional<CopyRoute> check(Route route) {
        Endpoint from = Objects.requireNonNull(route.from());
        from.options().keySet().stream()
                .filter(option -> !OPTIONS.contains(option))
                .sorted()
                .forEach(option ->
                        error(
                                from,
                                option,
                                "unknown option '"
                                        + option
                                        + "' of ledger:wanted"
                                        + Nearest.hint(option, OPTIONS)));
        String target = needed(from, "target");
        String site = needed(from, "site");
        String proof = needed(from, "proof");
        MediaKind kind = kind(from, needed(from, "mediaKind"));
        name(from, "target", target);
        name(from, "site", site);
        Limits limits = limits(from);
        values(from);
        carries(route, proof, kind, target);
        if (target == null || site == null || proof == null || kind == null) {
            return Optional.empty();
        }
        return Optional.of(
                new CopyRoute(
                        target,
                        kind,
                        site,
                        proof,
                        "true".equals(from.option("simulated")),
                        limits,
                        route.file()));
    }

    private @Nullable String needed(Endpoint from, String option) {
        if (!from.options().containsKey(option)) {
            error(from, option, "ledger:wanted needs the option '" + option + "'");
        }
        return from.option(option);
    }

    private void name(Endpoint from, String option, @Nullable String value) {
        if (value != null && !NAME.matcher(value).matches()) {
            error(from, option, option + " '" + value + "': want up to 32 of a-z, 0-9 and '-'");
        }
    }

    private @Nullable MediaKind kind(Endpoint from, @Nullable String text) {
        try {
            return text == null ? null : MediaKind.of(text);
        } catch (IllegalArgumentException e) {
            error(from, "mediaKind", String.valueOf(e.getMessage()));
            return null;
        }
    }

    private Limits limits(Endpoint from) {
        Long rate = value(from, "rate", Limits::rate);
        Window window = value(from, "window", Window::parse);
        return new Limits(rate == null ? 0 : rate, window == null ? Window.ALWAYS : window);
    }

    private void values(Endpoint from) {
        value(
                from,
                "segment",
                text -> {
                    if (DataSize.parse(text).bytes() < 1 << 20) {
                        throw new IllegalArgumentException("'" + text + "': want at least 1MiB");
                    }
                    return text;
                });
        value(from, "largeFiles", DataSize::parse);
        value(from, "linger", Durations::parse);
        value(
                from,
                "concurrency",
                text -> matching(text, "[1-9]|[1-5][0-9]|6[0-4]", "want a number from 1 to 64"));
        value(from, "simulated", text -> matching(text, "true|false", "want true or false"));
        if (from.options().containsKey("largeFiles") && !from.options().containsKey("segment")) {
            error(from, "largeFiles", "largeFiles means nothing without segment");
        }
    }

    private static String matching(String text, String form, String want) {
        if (!text.matches(form)) {
            throw new IllegalArgumentException("'" + text + "': " + want);
        }
        return text;
    }

    /// @return null if it is not set, or wrong
    private <T> @Nullable T value(Endpoint from, String option, Function<String, T> parser) {
        String text = from.option(option);
        try {
            return text == null ? null : parser.apply(text);
        } catch (IllegalArgumentException e) {
            error(from, option, "option '" + option + "': " + e.getMessage());
            return null;
        }
    }

    private void carries(
            Route route,
            @Nullable String proof,
            @Nullable MediaKind kind,
            @Nullable String target) {
        for (Route.Step step : route.steps()) {
            if (!STEPS.contains(step.name())) {
                findings.add(
                        Finding.error(
                                route.file(),
                                step.line(),
                                "step '"
                                        + step.name()
                                        + "' in a copy route: it is one from, one to, one"
                                        + " record"));
            }
        }
        List<Endpoint> carriers =
                route.tos().stream()
                        .filter(to ->
                                !to.scheme().equals("ledger") && !to.scheme().equals("direct"))
                        .toList();
        Endpoint from = Objects.requireNonNull(route.from());
        if (READBACK.equals(proof)) {
            readBack(route, from, carriers, kind, target);
            return;
        }
        if (carriers.size() != 1) {
            findings.add(
                    Finding.error(
                            route.file(),
                            carriers.isEmpty() ? route.line() : carriers.get(1).line(),
                            "copy route '"
                                    + route.id()
                                    + "' sends to "
                                    + carriers.size()
                                    + " places: want one"));
            return;
        }
        Endpoint carrier = carriers.getFirst();
        Proof rule = proof == null ? null : PROOFS.get(proof);
        if (proof != null && rule == null) {
            error(
                    from,
                    "proof",
                    "proof '"
                            + proof
                            + "': want one of "
                            + String.join(", ", new TreeSet<>(PROOFS.keySet()))
                            + ", "
                            + READBACK);
        }
        if (rule == null) {
            return;
        }
        if (!rule.scheme().equals(carrier.scheme())) {
            error(
                    from,
                    "proof",
                    "proof '"
                            + proof
                            + "' proves what "
                            + rule.scheme()
                            + ": carried, not "
                            + carrier.scheme()
                            + ":");
        }
        if (kind != null && kind != rule.kind()) {
            error(
                    from,
                    "mediaKind",
                    "mediaKind '"
                            + kind
                            + "': what "
                            + rule.scheme()
                            + ": writes to is '"
                            + rule.kind()
                            + "'");
        }
        forProof(route, String.valueOf(proof), from, carrier, target);
    }

    /// The routes of the endpoint are looked for by [Wiring].
    private void readBack(
            Route route,
            Endpoint from,
            List<Endpoint> carriers,
            @Nullable MediaKind kind,
            @Nullable String target) {
        if (!from.options().containsKey("segment")) {
            error(from, "segment", "proof '" + READBACK + "' needs the option 'segment'");
        }
        if (kind == MediaKind.TAPE) {
            error(from, "mediaKind", "mediaKind 'tape' is proven by proof 'tape' only");
        }
        if (target != null && (!carriers.isEmpty() || !route.sendsTo("direct", target + "-put"))) {
            findings.add(
                    Finding.error(
                            route.file(),
                            carriers.isEmpty() ? route.line() : carriers.getFirst().line(),
                            "proof '"
                                    + READBACK
                                    + "': send to direct:"
                                    + target
                                    + "-put, a route that puts one file, and to nothing else"));
        }
    }

    private void forProof(
            Route route, String proof, Endpoint from, Endpoint carrier, @Nullable String target) {
        switch (proof) {
            case "nas" -> incoming(carrier, target);
            case "sftp" -> {
                if (carrier.complete() && !carrier.path().endsWith(INCOMING)) {
                    notIncoming(carrier, "a folder that ends in " + INCOMING);
                }
            }
            case "tape" -> {
                if (!from.options().containsKey("segment")) {
                    error(from, "segment", "a copy route to tape needs the option 'segment'");
                }
            }
            default -> {
                boolean named =
                        route.steps().stream()
                                .anyMatch(step ->
                                        "CamelAwsS3Key".equals(step.header())
                                                && step.expression() != null
                                                && Expressions.isCopyName(step.expression()));
                if (!named) {
                    findings.add(
                            Finding.error(
                                    carrier.file(),
                                    carrier.line(),
                                    "set the header CamelAwsS3Key to ${"
                                            + Expressions.COPY_NAME
                                            + "}"));
                }
            }
        }
    }

    /// The proof looks for what has arrived in the NAS folder's own incoming folder.
    private void incoming(Endpoint carrier, @Nullable String target) {
        if (!carrier.complete() || !carrier.scheme().equals("file")) {
            return;
        }
        String dir = "nas".equals(target) ? properties.get("caravan.nas.dir") : null;
        boolean right =
                dir == null
                        ? carrier.path().startsWith("/") && carrier.path().endsWith(INCOMING)
                        : carrier.path().equals(dir + INCOMING);
        if (!right) {
            notIncoming(
                    carrier,
                    dir == null
                            ? "an absolute folder that ends in " + INCOMING
                            : "{{caravan.nas.dir}}" + INCOMING);
        }
    }

    private void notIncoming(Endpoint carrier, String want) {
        findings.add(
                Finding.error(
                        carrier.file(),
                        carrier.line(),
                        "'" + carrier + "' is not where its proof looks: want " + want));
    }

    private void error(Endpoint endpoint, String option, String what) {
        Path file = endpoint.file();
        findings.add(Finding.error(file, endpoint.lineOf(option), what));
    }
}
