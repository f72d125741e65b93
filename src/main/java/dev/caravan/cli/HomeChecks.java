package dev.caravan.cli;

import dev.caravan.config.Asked;
import dev.caravan.config.Finding;
import dev.caravan.config.Home;
import dev.caravan.config.Limits;
import dev.caravan.config.Settings;
import dev.caravan.config.Window;
import dev.caravan.item.Sha256;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Target;
import dev.caravan.pipeline.check.CopyRoute;
import dev.caravan.pipeline.check.RouteChecks;
import dev.caravan.tape.LibraryPlace;
import dev.caravan.tape.TapeMachine;
import dev.caravan.target.NasLayout;
import dev.caravan.target.SftpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// A home's settings and routes, checked as a whole before anything starts.
final class HomeChecks {
    /// An address of this machine, in what a route sends to.
    private static final Pattern HERE =
            Pattern.compile(
                    "^[a-z0-9+-]+:(//)?([^/@]*@)?(localhost|127\\.[0-9.]+|\\[::1\\])(?=[:/]|$)");

    private HomeChecks() {}

    /// A home that may start.
    ///
    /// @param routes the files that are loaded, in their order
    record Checked(Settings settings, List<Path> routes, List<CopyRoute> copyRoutes) {

        /// What the copy routes declare of their targets; offsite is another site than the
        /// sources'.
        List<Target.Declared> targets() {
            return copyRoutes.stream()
                    .map(route ->
                            new Target.Declared(
                                    route.target(),
                                    route.mediaKind(),
                                    route.site(),
                                    offsite(route.site()),
                                    route.simulated() || standsIn(route)))
                    .toList();
        }

        /// A virtual library, and the embedded server, which is this program: whatever a route
        /// declares.
        private boolean standsIn(CopyRoute route) {
            return switch (route.proof()) {
                case "tape" -> settings.tape().simulated();
                case "sftp" -> settings.offsite().map(Settings.Offsite::embedded).orElse(false);
                default -> false;
            };
        }

        /// By which rule each target's copies are proven.
        Map<String, String> rules() {
            Map<String, String> rules = new TreeMap<>();
            copyRoutes.forEach(route -> rules.put(route.target(), route.proof()));
            return rules;
        }

        private boolean offsite(String site) {
            return settings.sources().stream().noneMatch(s -> s.site().equals(site));
        }
    }

    /// Everything that is wrong, at once.
    static List<Finding> findings(Home home) throws IOException {
        return findings(home, Settings.read(existing(home)));
    }

    private static List<Finding> findings(Home home, Settings.Reading reading) throws IOException {
        return switch (reading) {
            case Settings.Reading.Refused(List<Finding> findings) -> {
                List<Finding> all = new ArrayList<>(findings);
                routeFiles(home); // that there are none is said too
                yield all;
            }
            case Settings.Reading.Ok(Settings settings, List<Finding> warnings) -> {
                List<Finding> all = new ArrayList<>(warnings);
                all.addAll(nasFindings(home, settings));
                all.addAll(tapeFindings(home, settings));
                all.addAll(offsiteFindings(home, settings));
                all.addAll(sourceFindings(home, settings));
                RouteChecks.Result routes =
                        RouteChecks.check(routeFiles(home), settings.properties());
                all.addAll(routes.findings());
                all.addAll(unusedFindings(home, settings, routes.copyRoutes()));
                if (routes.isGood()) {
                    all.addAll(retentionFindings(home, settings, routes.copyRoutes()));
                    all.addAll(EncryptionChecks.findings(home, settings, routes.copyRoutes()));
                    all.addAll(limitFindings(home, settings, routes.copyRoutes()));
                    all.addAll(endpointFindings(settings, routes.copyRoutes()));
                }
                yield all;
            }
        };
    }

    /// A NAS that is away now is no mistake in the settings, but nothing comes to it while it is.
    private static List<Finding> nasFindings(Home home, Settings settings) {
        if (settings.nas().isEmpty()) {
            return List.of();
        }
        Path dir = settings.nas().get().dir();
        Optional<Optional<String>> asked = Asked.about(dir, () -> wrongWithNas(dir));
        String wrong =
                asked.isEmpty()
                        ? "does not answer: is the server of this folder there?"
                        : asked.get().orElse(null);
        return wrong == null
                ? List.of()
                : List.of(
                        Finding.fault(
                                home.config(),
                                0,
                                "caravan.nas.dir: '%s' %s".formatted(dir, wrong)));
    }

    private static Optional<String> wrongWithNas(Path dir) {
        Path sentinel = dir.resolve(NasLayout.SENTINEL_FILE);
        try {
            Asked.list(dir);
        } catch (NoSuchFileException | NotDirectoryException | AccessDeniedException seen) {
            // the sentinel tells: it may be there in a folder that may not be listed
        } catch (IOException failed) {
            return Optional.of("can not be listed: " + Asked.reason(failed));
        }
        return Files.isRegularFile(sentinel)
                ? Optional.empty()
                : Optional.of(
                        "has no '%s': is it mounted? A new, empty folder is taken into use by 'caravan init'"
                                .formatted(NasLayout.SENTINEL_FILE));
    }

    /// Drives that are off now are no mistake in the settings either, but nothing comes to tape
    /// while they are.
    private static List<Finding> tapeFindings(Home home, Settings settings) {
        if (settings.tape().virtual()) {
            return List.of();
        }
        LibraryPlace place = TargetParts.place(settings.tape());
        List<Finding> findings = new ArrayList<>();
        for (String fault : TapeMachine.faults(place)) {
            findings.add(Finding.fault(home.config(), 0, "caravan.tape: " + fault));
        }
        for (String remark : TapeMachine.remarks(place)) {
            findings.add(Finding.warning(home.config(), 0, "caravan.tape: " + remark));
        }
        return findings;
    }

    private static List<Finding> offsiteFindings(Home home, Settings settings) {
        return settings.offsite().filter(offsite -> !offsite.embedded()).stream()
                .map(TargetParts::address)
                .flatMap(address -> address.faults().stream())
                .map(fault -> Finding.warning(home.config(), 0, "caravan.offsite: " + fault))
                .toList();
    }

    private static List<Finding> sourceFindings(Home home, Settings settings) {
        List<Finding> findings = new ArrayList<>();
        for (Settings.Source source : settings.sources()) {
            if (source.root() instanceof Settings.Root.SftpFolder sftp) {
                SftpAddress address = SourceRoots.address(sftp);
                settings.offsite()
                        .map(TargetParts::address)
                        .filter(offsite -> !offsite.host().equalsIgnoreCase(address.host()))
                        .filter(address::sharesHostKey)
                        .ifPresent(offsite ->
                                findings.add(
                                        Finding.warning(
                                                home.config(),
                                                0,
                                                "caravan.source.%s: its server is that of caravan.offsite.host by another name: the source must not hold '%s', where copies go"
                                                        .formatted(
                                                                source.name(),
                                                                offsite.directory()))));
                for (String fault : address.faults()) {
                    findings.add(
                            Finding.warning(
                                    home.config(),
                                    0,
                                    "caravan.source.%s: %s".formatted(source.name(), fault)));
                }
            }
        }
        return findings;
    }

    /// A retention for a target that is none is a mistyped name: what it was meant for keeps
    /// everything.
    private static List<Finding> retentionFindings(
            Home home, Settings settings, List<CopyRoute> routes) {
        List<String> known = routes.stream().map(CopyRoute::target).sorted().toList();
        return settings.retention().keep().keySet().stream()
                .filter(target -> !known.contains(target))
                .sorted()
                .map(target ->
                        Finding.error(
                                home.config(),
                                0,
                                "caravan.retention.%s: no copy route has target '%s'; there are %s"
                                        .formatted(target, target, known)))
                .toList();
    }

    /// A route that was made before there were limits does not ask for them.
    private static List<Finding> limitFindings(
            Home home, Settings settings, List<CopyRoute> routes) {
        List<Finding> findings = new ArrayList<>();
        for (CopyRoute route : routes) {
            String key = "caravan." + route.target();
            String rate = settings.properties().get(key + ".rate");
            String window = settings.properties().get(key + ".window");
            if (rate == null || window == null) {
                continue;
            }
            Limits set = Limits.of(rate, window);
            if (!set.equals(Limits.NONE) && !set.equals(route.limits())) {
                findings.add(
                        Finding.warning(
                                home.config(),
                                0,
                                "%1$s.rate and %1$s.window are not what '%2$s' says: give its from the parameters rate: \"{{%1$s.rate}}\" and window: \"{{%1$s.window}}\""
                                        .formatted(key, route.file().getFileName())));
            }
        }
        return findings;
    }

    /// A server or a bucket that no route copies to.
    private static List<Finding> unusedFindings(
            Home home, Settings settings, List<CopyRoute> routes) {
        List<Finding> findings = new ArrayList<>();
        boolean sftp = routes.stream().anyMatch(route -> route.proof().equals("sftp"));
        boolean s3 = routes.stream().anyMatch(route -> route.proof().equals("s3"));
        if (settings.offsite().isPresent() && !sftp) {
            findings.add(unused(home, "caravan.offsite.host", HomeFiles.OFFSITE_ROUTE));
        }
        if (settings.s3().isPresent() && !s3) {
            findings.add(unused(home, "caravan.s3.bucket", HomeFiles.S3_ROUTE));
        }
        return findings;
    }

    private static Finding unused(Home home, String key, String route) {
        return Finding.warning(
                home.config(),
                0,
                "%s: no route copies there: move '%s' from routes/optional to routes"
                        .formatted(key, route));
    }

    /// An endpoint with routes of its own is where they say, whatever site they declare.
    private static List<Finding> endpointFindings(Settings settings, List<CopyRoute> routes) {
        List<Finding> findings = new ArrayList<>();
        for (CopyRoute route : routes) {
            if (!route.proof().equals("readback")) {
                continue;
            }
            String place = RouteChecks.place(route.file(), settings.properties(), route.target());
            boolean here = HERE.matcher(place).find();
            if (here
                    && !route.simulated()
                    && settings.sources().stream().noneMatch(s -> s.site().equals(route.site()))) {
                findings.add(
                        Finding.error(
                                route.file(),
                                0,
                                "'%s' is this machine and cannot be at site '%s': set simulated: true if it stands for it"
                                        .formatted(place, route.site())));
            }
            if (!here && place.startsWith("http:")) {
                findings.add(
                        Finding.warning(
                                route.file(),
                                0,
                                "'%s': who listens on the way reads what is copied: use https"
                                        .formatted(place)));
            }
        }
        return findings;
    }

    private static List<Path> routeFiles(Home home) throws IOException {
        if (!Files.isDirectory(home.routes())) {
            throw new CommandException(
                    ExitCode.CONFIGURATION,
                    "home '%s' has no routes folder '%s': make the home with 'caravan init' or 'caravan demo'"
                            .formatted(home.root(), home.routes()));
        }
        return RouteChecks.files(home.routes());
    }

    static Home existing(Home home) {
        if (!Files.isRegularFile(home.config())) {
            throw new CommandException(
                    ExitCode.CONFIGURATION,
                    "no home at '%s': make one with 'caravan init --source FOLDER --nas DIR' or try 'caravan demo'"
                            .formatted(home.root()));
        }
        return home;
    }

    /// Reads and checks a home that is about to start. The whole check of routes takes a second, so
    /// it is done when settings, routes or program changed since it last passed.
    ///
    /// @throws CommandException with exit code 78 if there is any error; all are printed to stderr
    static Checked require(Home home) throws IOException {
        Settings.Reading reading = Settings.read(existing(home));
        Checked checked = require(home, reading, false);
        // Keys lie beside the settings, so they are looked at every time.
        if (!EncryptionChecks.findings(home, checked.settings, checked.copyRoutes).isEmpty()) {
            throw refused(home, reading);
        }
        return checked;
    }

    /// Reads and checks a home that is only read, whose sources and keys may be lost.
    ///
    /// @throws CommandException as [#require] does
    static Checked requireToRestore(Home home) throws IOException {
        return require(home, Settings.readAsWritten(existing(home)), true);
    }

    /// @param toRestore whether the targets there are need not be enough for the policy
    private static Checked require(Home home, Settings.Reading reading, boolean toRestore)
            throws IOException {
        Settings settings =
                switch (reading) {
                    case Settings.Reading.Ok(Settings ok, List<Finding> _) -> ok;
                    case Settings.Reading.Refused(List<Finding> _) -> throw refused(home, reading);
                };
        List<Path> routes = routeFiles(home);
        String fingerprint = fingerprint(routes, settings);
        List<CopyRoute> known = passedBefore(home, fingerprint);
        if (!known.isEmpty()) {
            return new Checked(settings, routes, known);
        }
        RouteChecks.Result result = RouteChecks.check(routes, settings.properties());
        if (toRestore && !result.isGood()) {
            RouteChecks.Result left = RouteChecks.checkToRestore(routes, settings.properties());
            if (left.isGood()) {
                return new Checked(settings, routes, left.copyRoutes());
            }
        }
        if (!result.isGood()
                || !retentionFindings(home, settings, result.copyRoutes()).isEmpty()
                || endpointFindings(settings, result.copyRoutes()).stream()
                        .anyMatch(Finding::isError)) {
            throw refused(home, reading);
        }
        remember(home, fingerprint, result.copyRoutes());
        return new Checked(settings, routes, result.copyRoutes());
    }

    /// The limits of each target by the routes as they are now, for a command that only reports.
    static Map<String, Limits> limits(Home home, Settings settings) throws IOException {
        if (!Files.isDirectory(home.routes())) {
            return Map.of();
        }
        Map<String, Limits> limits = new TreeMap<>();
        asTheyAre(home, settings).forEach(route -> limits.put(route.target(), route.limits()));
        return limits;
    }

    /// Where the endpoints are that have routes of their own, for a command that only reports.
    static Map<String, String> endpoints(Home home, Settings settings) throws IOException {
        if (!Files.isDirectory(home.routes())) {
            return Map.of();
        }
        Map<String, String> endpoints = new TreeMap<>();
        for (CopyRoute route : asTheyAre(home, settings)) {
            if (route.proof().equals("readback")) {
                endpoints.put(
                        route.target(),
                        RouteChecks.place(route.file(), settings.properties(), route.target()));
            }
        }
        return endpoints;
    }

    private static List<CopyRoute> asTheyAre(Home home, Settings settings) throws IOException {
        List<Path> routes = RouteChecks.files(home.routes());
        List<CopyRoute> known = passedBefore(home, fingerprint(routes, settings));
        return known.isEmpty()
                ? RouteChecks.check(routes, settings.properties()).copyRoutes()
                : known;
    }

    private static CommandException refused(Home home, Settings.Reading reading)
            throws IOException {
        List<Finding> findings = findings(home, reading);
        for (Finding finding : findings) {
            System.err.println(finding.seenFrom(home.root()));
        }
        long errors = findings.stream().filter(Finding::isError).count();
        return new CommandException(
                ExitCode.CONFIGURATION,
                "%d %s in the configuration of home '%s': nothing was started"
                        .formatted(errors, errors == 1 ? "problem" : "problems", home.root()));
    }

    private static String fingerprint(List<Path> routes, Settings settings) throws IOException {
        var digest = Sha256.digest();
        digest.update(RouteChecks.fingerprint(routes).getBytes(StandardCharsets.UTF_8));
        digest.update(
                new TreeMap<>(settings.properties()).toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Program.buildStamp().getBytes(StandardCharsets.UTF_8));
        return Sha256.of(digest.digest()).hex();
    }

    private static Path memory(Home home) {
        return home.data().resolve("checked-routes");
    }

    private static List<CopyRoute> passedBefore(Home home, String fingerprint) throws IOException {
        if (!Files.isRegularFile(memory(home))) {
            return List.of();
        }
        List<String> lines = Files.readAllLines(memory(home));
        if (lines.isEmpty() || !lines.getFirst().equals(fingerprint)) {
            return List.of();
        }
        List<CopyRoute> routes = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] part = line.split("\t");
            routes.add(
                    new CopyRoute(
                            part[0],
                            MediaKind.of(part[1]),
                            part[2],
                            part[3],
                            Boolean.parseBoolean(part[4]),
                            new Limits(Long.parseLong(part[5]), Window.parse(part[6])),
                            Path.of(part[7])));
        }
        return routes;
    }

    private static void remember(Home home, String fingerprint, List<CopyRoute> routes)
            throws IOException {
        StringBuilder text = new StringBuilder(fingerprint).append('\n');
        for (CopyRoute route : routes) {
            text.append(
                    "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n"
                            .formatted(
                                    route.target(),
                                    route.mediaKind(),
                                    route.site(),
                                    route.proof(),
                                    route.simulated(),
                                    route.limits().bytesPerSecond(),
                                    route.limits().window(),
                                    route.file()));
        }
        Files.createDirectories(home.data());
        Files.writeString(memory(home), text);
    }
}
