package dev.caravan.pipeline.check;

import dev.caravan.config.Finding;
import dev.caravan.config.Nearest;
import dev.caravan.config.Sample;
import dev.caravan.config.Schedule;
import dev.caravan.ledger.OwnSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Whether the routes hang together: every way leads somewhere, every target is fed and served,
/// every copy is recorded and every failure is noted. Confined.
final class Wiring {
    private static final Set<String> PRODUCED =
            Set.of("register", "record", "fail", "verify", "forget");

    /// Camel has a component `drill`, for a database of that name.
    private static final String DRILL = "caravan-drill";

    private static final Pattern SOURCE_DIR =
            Pattern.compile("caravan\\.source\\.([a-z0-9-]{1,32})\\.dir");

    private final List<Route> routes;
    private final List<Route> configurations;
    private final Map<String, String> properties;
    private final List<Finding> findings;
    private final Map<String, Route> consumers = new LinkedHashMap<>();

    Wiring(
            List<Route> routes,
            List<Route> configurations,
            Map<String, String> properties,
            List<Finding> findings) {
        this.routes = routes;
        this.configurations = configurations;
        this.properties = properties;
        this.findings = findings;
    }

    void check() {
        ids();
        consumers();
        routes.forEach(this::ends);
        configurations.forEach(this::ends);
        loops();
        sources();
        drills();
        fanOut();
        routes.stream().filter(Route::isCopyRoute).forEach(this::recorded);
        routes.stream().filter(Route::isCopyRoute).forEach(this::endpoint);
        routes.stream()
                .filter(route -> route.isCopyRoute() || route.sendsTo("ledger", "record"))
                .forEach(this::errors);
        sameMedium();
    }

    private void ids() {
        Map<String, Route> seen = new HashMap<>();
        for (List<Route> each : List.of(routes, configurations)) {
            seen.clear();
            for (Route route : each) {
                Route earlier = route.id().isBlank() ? null : seen.putIfAbsent(route.id(), route);
                if (earlier != null) {
                    error(
                            route,
                            route.line(),
                            "id '"
                                    + route.id()
                                    + "' is taken: "
                                    + earlier.file().getFileName()
                                    + ":"
                                    + earlier.line());
                }
            }
        }
    }

    private void consumers() {
        for (Route route : routes) {
            if (route.startsAt("direct")) {
                Endpoint from = Objects.requireNonNull(route.from());
                Route earlier = consumers.putIfAbsent(from.path(), route);
                if (earlier != null) {
                    error(
                            route,
                            from.line(),
                            "'" + from + "' is taken by route '" + earlier.id() + "'");
                }
            }
        }
    }

    private void ends(Route route) {
        if (route.from() != null
                && (route.from().is("ledger", "scrub") || route.from().is("ledger", "retention"))) {
            schedule(route.from());
            unknown(route, route.from(), Set.of("schedule"));
        } else if (route.from() != null && route.startsAt("ledger") && !route.isCopyRoute()) {
            error(
                    route,
                    route.from().line(),
                    "'"
                            + route.from()
                            + "': a route can start at ledger:wanted, ledger:scrub and"
                            + " ledger:retention only");
        }
        for (Endpoint to : route.tos()) {
            if (to.scheme().equals("direct") && !consumers.containsKey(to.path())) {
                error(
                        route,
                        to.line(),
                        "'"
                                + to
                                + "' leads nowhere: no route starts there"
                                + Nearest.hint(to.path(), consumers.keySet()));
            }
            if (to.scheme().equals("ledger") && !PRODUCED.contains(to.path())) {
                error(
                        route,
                        to.line(),
                        "'"
                                + to
                                + "': want ledger:register, ledger:record, ledger:fail,"
                                + " ledger:verify or ledger:forget");
            }
            if (to.scheme().equals("ledger")) {
                Set<String> known =
                        switch (to.path()) {
                            case "register" -> Set.of("targets");
                            case "verify" -> Set.of("bytes");
                            default -> Set.of();
                        };
                unknown(route, to, known);
            }
        }
    }

    private void unknown(Route route, Endpoint endpoint, Set<String> known) {
        endpoint.options().keySet().stream()
                .filter(option -> !known.contains(option))
                .sorted()
                .forEach(option ->
                        error(
                                route,
                                endpoint.lineOf(option),
                                "unknown option '"
                                        + option
                                        + "' of "
                                        + endpoint
                                        + Nearest.hint(option, known)));
    }

    private void loops() {
        for (Route route : consumers.values()) {
            for (Endpoint to : route.tos()) {
                Route next = to.scheme().equals("direct") ? consumers.get(to.path()) : null;
                if (next != null && reachable(next).contains(route)) {
                    error(
                            route,
                            to.line(),
                            "'" + to + "' leads back to route '" + route.id() + "'");
                }
            }
        }
    }

    /// The route itself and all it leads to.
    private Set<Route> reachable(Route start) {
        Set<Route> reached = new LinkedHashSet<>();
        Deque<Route> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            Route route = open.pop();
            if (reached.add(route)) {
                route.tos().stream()
                        .filter(to -> to.scheme().equals("direct"))
                        .map(to -> consumers.get(to.path()))
                        .filter(Objects::nonNull)
                        .forEach(open::push);
            }
        }
        return reached;
    }

    private void sources() {
        Set<String> declared = new HashSet<>();
        properties
                .keySet()
                .forEach(key -> {
                    var matcher = SOURCE_DIR.matcher(key);
                    if (matcher.matches()) {
                        declared.add(matcher.group(1));
                    }
                });
        Set<String> walked = new HashSet<>();
        for (Route route : routes) {
            if (!route.startsAt("scan")) {
                continue;
            }
            Endpoint scan = Objects.requireNonNull(route.from());
            schedule(scan);
            if (scan.path().equals("all")) {
                walked.addAll(declared);
            } else if (scan.complete()
                    && !declared.contains(scan.path())
                    && !scan.path().equals(OwnSource.NAME)) {
                error(
                        route,
                        scan.line(),
                        "'"
                                + scan
                                + "': no source has this name"
                                + Nearest.hint(scan.path(), declared));
            }
            if (!walked.add(scan.path())) {
                error(route, scan.line(), "'" + scan + "' is walked by another route too");
            }
            if (reachable(route).stream().noneMatch(r -> r.sendsTo("ledger", "register"))) {
                error(
                        route,
                        scan.line(),
                        "'" + scan + "' leads to no ledger:register: what it finds is lost");
            }
        }
        if (routes.stream().noneMatch(route -> route.startsAt("scan"))) {
            whole("no route picks up: want a route from scan:all");
            return;
        }
        declared.removeAll(walked);
        for (String source : new TreeMap<>(Map.copyOf(properties)).keySet()) {
            var matcher = SOURCE_DIR.matcher(source);
            if (matcher.matches() && declared.contains(matcher.group(1))) {
                whole("source '" + matcher.group(1) + "' is walked by no route: want scan:all");
            }
        }
    }

    /// A drill that is due is done, and one that is done was due: its target comes with it.
    private void drills() {
        for (Route route : routes) {
            boolean due = route.startsAt(DRILL);
            Endpoint from = route.from();
            if (due && from != null) {
                if (!from.path().equals("due")) {
                    error(
                            route,
                            from.line(),
                            "'" + from + "': a drill starts at caravan-drill:due");
                }
                schedule(from);
                if (reachable(route).stream().noneMatch(r -> r.sendsTo(DRILL, "restore"))) {
                    error(route, from.line(), "'" + from + "' leads to no caravan-drill:restore");
                }
            }
            for (Endpoint to : route.tos()) {
                if (!to.scheme().equals(DRILL)) {
                    continue;
                }
                if (!to.path().equals("restore")) {
                    error(route, to.line(), "'" + to + "': want caravan-drill:restore");
                }
                sample(route, to);
            }
        }
    }

    private void sample(Route route, Endpoint to) {
        String sample = to.option("sample");
        try {
            if (sample != null) {
                Sample.parse(sample);
            }
        } catch (IllegalArgumentException e) {
            error(route, to.lineOf("sample"), String.valueOf(e.getMessage()));
        }
    }

    private void schedule(Endpoint scan) {
        String schedule = scan.option("schedule");
        if (!scan.options().containsKey("schedule")) {
            findings.add(
                    Finding.error(
                            scan.file(),
                            scan.line(),
                            (scan.scheme().equals("ledger")
                                            ? "'" + scan + "'"
                                            : scan.scheme() + ":")
                                    + " needs the option 'schedule'"));
        }
        try {
            if (schedule != null) {
                Schedule.parse(schedule);
            }
        } catch (IllegalArgumentException e) {
            findings.add(
                    Finding.error(
                            scan.file(), scan.lineOf("schedule"), String.valueOf(e.getMessage())));
        }
    }

    private void fanOut() {
        Map<String, Endpoint> served = new LinkedHashMap<>();
        for (Route route : routes) {
            Endpoint from = route.from();
            String target = from == null || !route.isCopyRoute() ? null : from.option("target");
            if (from == null || target == null) {
                continue;
            }
            Endpoint earlier = served.putIfAbsent(target, from);
            if (earlier != null) {
                error(
                        route,
                        from.lineOf("target"),
                        "target '"
                                + target
                                + "' has a copy route already: "
                                + earlier.file().getFileName()
                                + ":"
                                + earlier.lineOf("target"));
            }
        }
        Set<String> fed = new HashSet<>();
        boolean registers = false;
        for (Route route : routes) {
            for (Endpoint to : route.tos()) {
                if (!to.is("ledger", "register")) {
                    continue;
                }
                registers = true;
                String targets = to.options().containsKey("targets") ? to.option("targets") : "all";
                if (targets == null || targets.equals("all")) {
                    fed.addAll(served.keySet());
                    continue;
                }
                for (String target : targets.split(",")) {
                    fed.add(target.strip());
                    if (!served.containsKey(target.strip())) {
                        error(
                                route,
                                to.lineOf("targets"),
                                "target '"
                                        + target.strip()
                                        + "' has no copy route"
                                        + Nearest.hint(target.strip(), served.keySet()));
                    }
                }
            }
        }
        if (!registers) {
            whole("no route fans out: want a route to ledger:register");
            return;
        }
        served.forEach((target, from) -> {
            if (!fed.contains(target)) {
                findings.add(
                        Finding.error(
                                from.file(),
                                from.lineOf("target"),
                                "target '" + target + "' is fed by no fan-out: want targets=all"));
            }
        });
    }

    private void recorded(Route route) {
        Endpoint last = route.tos().isEmpty() ? null : route.tos().getLast();
        boolean records =
                last != null
                        && (last.is("ledger", "record")
                                || (last.scheme().equals("direct")
                                        && consumers.containsKey(last.path())
                                        && reachable(consumers.get(last.path())).stream()
                                                .anyMatch(r -> r.sendsTo("ledger", "record"))));
        if (!records) {
            error(
                    route,
                    route.line(),
                    "copy route '"
                            + route.id()
                            + "' does not end in ledger:record: its copies"
                            + " would never count");
        }
    }

    /// An endpoint is whatever its four routes make of it. They are loaded by themselves too, so
    /// they stand together.
    private void endpoint(Route route) {
        Endpoint from = Objects.requireNonNull(route.from());
        String target = from.option("target");
        if (target == null || !CopyRouteChecks.READBACK.equals(from.option("proof"))) {
            return;
        }
        for (String operation : RouteChecks.OPERATIONS) {
            Route there = consumers.get(target + "-" + operation);
            if (there == null || !there.file().equals(route.file())) {
                error(
                        route,
                        from.lineOf("proof"),
                        "proof '%s' needs a route from direct:%s-%s in this file"
                                .formatted(CopyRouteChecks.READBACK, target, operation));
            }
        }
    }

    private void errors(Route route) {
        String id = route.configuration();
        if (id == null) {
            error(
                    route,
                    route.line(),
                    "route '"
                            + route.id()
                            + "' needs routeConfigurationId: copy-errors: its"
                            + " failures would be forgotten");
            return;
        }
        Route bound =
                configurations.stream()
                        .filter(configuration -> configuration.id().equals(id))
                        .findFirst()
                        .orElse(null);
        if (bound == null) {
            error(
                    route,
                    route.line(),
                    "routeConfigurationId '"
                            + id
                            + "' is not there"
                            + Nearest.hint(id, configurations.stream().map(Route::id).toList()));
        } else if (!bound.sendsTo("ledger", "fail")) {
            error(
                    bound,
                    bound.line(),
                    "routeConfiguration '"
                            + id
                            + "' does not send to ledger:fail: failures would"
                            + " be forgotten");
        }
    }

    /// Two targets that write to one place are one copy.
    private void sameMedium() {
        Map<String, Route> seen = new HashMap<>();
        for (Route route : routes) {
            for (Endpoint to : route.isCopyRoute() ? route.tos() : List.<Endpoint>of()) {
                if (to.scheme().equals("direct")
                        || to.scheme().equals("ledger")
                        || !to.complete()) {
                    continue;
                }
                Route earlier = seen.putIfAbsent(to.toString(), route);
                if (earlier != null && !earlier.equals(route)) {
                    error(
                            route,
                            to.line(),
                            "'"
                                    + to
                                    + "' is where route '"
                                    + earlier.id()
                                    + "' writes: two targets"
                                    + " in one place are one copy");
                }
            }
        }
    }

    private void error(Route route, int line, String what) {
        findings.add(Finding.error(route.file(), line, what));
    }

    private void whole(String what) {
        findings.add(Finding.error(RouteChecks.folder(routes, configurations), 0, what));
    }
}
