package dev.caravan.config;

import dev.caravan.item.DataSize;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One reading of a home's configuration. Confined to one thread, used once.
final class SettingsReader {
    static final Path ENVIRONMENT = Path.of("environment");

    /// By it a command of a source learns whose it is; it may run Caravan itself.
    private static final String TOLD_TO_COMMANDS = "CARAVAN_SOURCE";

    private static final Set<String> VARIABLE_GROUPS =
            Set.of(
                    "SOURCE",
                    "NAS",
                    "TAPE",
                    "OFFSITE",
                    "S3",
                    "LEDGER",
                    "SCRUB",
                    "DRILL",
                    "FORGET",
                    "ROUTES",
                    "SCHEDULE",
                    "POLICY",
                    "RETENTION",
                    "ENCRYPT",
                    "SITE");

    /// A value and where it was set.
    record Given(String value, Path file, int line) {}

    private final Home home;
    private final Map<String, String> environment;
    private final Path shown;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Given> given = new LinkedHashMap<>();
    private final Map<String, String> values = new TreeMap<>();

    SettingsReader(Home home, Map<String, String> environment) {
        this.home = home;
        this.environment = environment;
        this.shown = home.root().relativize(home.config());
    }

    /// @param outside whether what the settings name must be there
    Settings.Reading read(boolean outside) {
        readFile();
        return readGiven(outside);
    }

    Settings.Reading readWith(String name, Path dir) {
        readFile();
        given.put(Keys.ofSource(name, "dir"), new Given(dir.toString(), shown, 0));
        return readGiven(true);
    }

    private Settings.Reading readGiven(boolean outside) {
        readEnvironment();
        given.forEach(this::accept);
        fillIn();
        List<Settings.Source> sources =
                new SourceSettings(home, given, values, this::policy, this::add).read();
        Optional<Settings> settings = hasErrors() ? Optional.empty() : Optional.of(build(sources));
        new SettingsChecks(home, given, values, sources, findings).run(shown, outside);
        findings.sort(
                Comparator.comparing((Finding finding) -> finding.file().toString())
                        .thenComparingInt(Finding::line));
        return hasErrors() || settings.isEmpty()
                ? new Settings.Reading.Refused(List.copyOf(findings))
                : new Settings.Reading.Ok(settings.get(), List.copyOf(findings));
    }

    private boolean hasErrors() {
        return findings.stream().anyMatch(Finding::isError);
    }

    private void readFile() {
        for (PropertiesFile.Entry entry :
                PropertiesFile.read(home.config(), shown, findings).entries()) {
            Given earlier =
                    given.putIfAbsent(entry.key(), new Given(entry.value(), shown, entry.line()));
            if (earlier != null) {
                findings.add(
                        Finding.error(
                                shown,
                                entry.line(),
                                "key '"
                                        + entry.key()
                                        + "' is set twice: the first is in line "
                                        + earlier.line()));
            }
        }
    }

    private void readEnvironment() {
        Map<String, String> keys = new TreeMap<>();
        Keys.PLAIN.keySet().forEach(key -> keys.put(Keys.variable(key), key));
        given.keySet().stream()
                .filter(key -> Keys.find(key) != null)
                .forEach(key -> keys.put(Keys.variable(key), key));
        new TreeMap<>(environment)
                .forEach((variable, value) -> {
                    if (!variable.startsWith("CARAVAN_")
                            || variable.equals(TOLD_TO_COMMANDS)
                            || !VARIABLE_GROUPS.contains(variable.split("_", 3)[1])) {
                        return;
                    }
                    String key = keys.get(variable);
                    if (key == null) {
                        key = Variables.key(variable);
                    }
                    if (key == null) {
                        findings.add(
                                Finding.error(
                                        ENVIRONMENT,
                                        0,
                                        "unknown variable '"
                                                + variable
                                                + "'"
                                                + Nearest.hint(variable, keys.keySet())));
                    } else {
                        given.put(key, new Given(value.strip(), ENVIRONMENT, 0));
                    }
                });
    }

    private void accept(String key, Given at) {
        if (at.value().contains("{{")) {
            add(at, key + ": write the value itself, {{…}} is for routes");
            return;
        }
        if (!Keys.isOurs(key)) {
            values.put(key, at.value());
            return;
        }
        Keys.Key known = Keys.find(key);
        String source = Keys.sourceOf(key);
        String site = Keys.siteOf(key);
        String retention = Keys.retentionOf(key);
        if (known == null) {
            add(
                    at,
                    "unknown key '"
                            + key
                            + "'"
                            + Nearest.hint(key, alike(source, site, retention)));
            return;
        }
        String target = retention != null ? retention : Keys.encryptOf(key);
        try {
            if (target != null) {
                Form.NAME.accept(target, home);
            }
        } catch (IllegalArgumentException e) {
            add(at, "target name " + e.getMessage());
            return;
        }
        try {
            if (site != null) {
                Form.NAME.accept(site, home);
            }
        } catch (IllegalArgumentException e) {
            add(at, "site name " + e.getMessage());
            return;
        }
        try {
            if (source != null) {
                Form.NAME.accept(source, home);
                if (source.equals(Keys.OWN_SOURCE)) {
                    throw new IllegalArgumentException(
                            "'%s' is the home's own: choose another".formatted(source));
                }
            }
        } catch (IllegalArgumentException e) {
            add(at, "source name " + e.getMessage());
            return;
        }
        try {
            values.put(key, known.form().accept(at.value(), home));
        } catch (IllegalArgumentException e) {
            add(at, key + ": " + e.getMessage());
        }
    }

    private static Set<String> alike(
            @Nullable String source, @Nullable String site, @Nullable String retention) {
        Set<String> keys = new LinkedHashSet<>(Keys.PLAIN.keySet());
        if (source != null) {
            Keys.OF_SOURCE.keySet().forEach(word -> keys.add(Keys.ofSource(source, word)));
        }
        if (site != null) {
            Keys.OF_SITE.keySet().forEach(word -> keys.add(Keys.ofSite(site, word)));
        }
        if (retention != null) {
            Keys.OF_RETENTION.keySet().forEach(word -> keys.add(Keys.ofRetention(retention, word)));
        }
        return keys;
    }

    private void add(Given at, String what) {
        findings.add(Finding.error(at.file(), at.line(), what));
    }

    /// The policy whose keys begin so; what is not set there is that of the home. Afterwards all of
    /// them are set, for whoever looks at the properties.
    private Optional<Settings.Policy> policy(String prefix) {
        for (String key : Keys.PLAIN.keySet()) {
            if (key.startsWith(Keys.POLICY)) {
                String word = key.substring(Keys.POLICY.length());
                String value = values.get(key);
                if (value == null
                        || given.containsKey(prefix + word) && !values.containsKey(prefix + word)) {
                    return Optional.empty();
                }
                values.putIfAbsent(prefix + word, value);
            }
        }
        Map<String, Duration> verified = new TreeMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(prefix + "verified.") && !value.equals("never")) {
                verified.put(
                        key.substring(prefix.length() + "verified.".length()),
                        Durations.parse(value));
            }
        });
        return Optional.of(
                new Settings.Policy(
                        Integer.parseInt(value(prefix + "copies")),
                        Integer.parseInt(value(prefix + "media-kinds")),
                        Integer.parseInt(value(prefix + "offsite")),
                        Integer.parseInt(value(prefix + "offline")),
                        Map.copyOf(verified),
                        Form.kilometres(value(prefix + "distance"))));
    }

    private Map<String, Settings.Coordinates> sites() {
        Map<String, Settings.Coordinates> sites = new TreeMap<>();
        values.forEach((key, value) -> {
            String site = Keys.siteOf(key);
            if (site != null) {
                List<String> degrees = Form.list(value);
                sites.put(
                        site,
                        new Settings.Coordinates(
                                Double.parseDouble(degrees.get(0)),
                                Double.parseDouble(degrees.get(1))));
            }
        });
        return Map.copyOf(sites);
    }

    /// Puts the default wherever nothing was set. The embedded server has defaults of its own, and
    /// so have real drives.
    private void fillIn() {
        if (is(Keys.OFFSITE_EMBEDDED)) {
            fill(Keys.OFFSITE_HOST, "127.0.0.1");
            fill(Keys.OFFSITE_PORT, "0");
            fill(Keys.OFFSITE_SIMULATED, "true");
        }
        if (!Form.list(values.getOrDefault(Keys.TAPE_DRIVES, "")).isEmpty()) {
            fill(Keys.TAPE_SIMULATED, "false");
        }
        Keys.PLAIN.forEach((key, known) -> {
            String fallback = known.fallback();
            if (fallback != null) {
                fill(key, known.form().accept(fallback, home));
            }
        });
    }

    private void fill(String key, String value) {
        if (!given.containsKey(key)) {
            values.putIfAbsent(key, value);
        }
    }

    private boolean is(String key) {
        return Boolean.parseBoolean(values.get(key));
    }

    private String value(String key) {
        return Objects.requireNonNull(values.get(key), key);
    }

    private Settings build(List<Settings.Source> sources) {
        return new Settings(
                home,
                sources,
                Schedule.parse(value(Keys.SCHEDULE)),
                new Settings.Drill(
                        Schedule.parse(value(Keys.DRILL_SCHEDULE)),
                        Sample.parse(value(Keys.DRILL_SAMPLE))),
                Optional.ofNullable(values.get(Keys.NAS_DIR))
                        .map(dir ->
                                new Settings.Nas(
                                        Path.of(dir),
                                        value(Keys.NAS_SITE),
                                        Durations.parse(value(Keys.NAS_PATIENCE)),
                                        is(Keys.NAS_SIMULATED))),
                new Settings.Tape(
                        value(Keys.TAPE_POOL),
                        Path.of(value(Keys.TAPE_LIBRARY)),
                        Form.list(values.getOrDefault(Keys.TAPE_DRIVES, "")),
                        Optional.ofNullable(values.get(Keys.TAPE_CHANGER)),
                        Form.list(values.getOrDefault(Keys.TAPE_SHELF, "")),
                        Integer.parseInt(value(Keys.TAPE_CARTRIDGES)),
                        DataSize.parse(value(Keys.TAPE_CAPACITY)),
                        DataSize.parse(value(Keys.TAPE_SEGMENT)),
                        value(Keys.TAPE_SITE),
                        is(Keys.TAPE_SIMULATED),
                        new Settings.Pools(
                                value(Keys.TAPE_ALLOCATION),
                                Form.globs(value(Keys.TAPE_SUPPLY)),
                                Optional.of(value(Keys.TAPE_RETENTION))
                                        .filter(retention -> !retention.equals("never"))
                                        .map(Durations::parse))),
                Optional.ofNullable(values.get(Keys.OFFSITE_HOST)).map(this::offsite),
                Optional.ofNullable(values.get(Keys.S3_BUCKET)).map(this::s3),
                policy(Keys.POLICY).orElseThrow(),
                sites(),
                scrub(),
                retention(),
                encryption(),
                Optional.of(value(Keys.LEDGER_COPY))
                        .filter(pause -> !pause.equals("never"))
                        .map(Durations::parse),
                Set.copyOf(Form.globs(value(Keys.ROUTES_ALLOW))),
                Map.copyOf(values));
    }

    private Settings.Scrub scrub() {
        return new Settings.Scrub(
                Schedule.parse(value(Keys.SCRUB_SCHEDULE)),
                DataSize.parse(value(Keys.SCRUB_BYTES)));
    }

    private Settings.Retention retention() {
        Map<String, Map<String, Integer>> words = new TreeMap<>();
        values.forEach((key, value) -> {
            String target = Keys.PLAIN.containsKey(key) ? null : Keys.retentionOf(key);
            if (target != null) {
                words.computeIfAbsent(target, _ -> new TreeMap<>())
                        .put(key.substring(key.lastIndexOf('.') + 1), Integer.parseInt(value));
            }
        });
        Map<String, Settings.Keep> keep = new TreeMap<>();
        words.forEach((target, of) ->
                keep.put(
                        target,
                        new Settings.Keep(
                                of.getOrDefault("last", 0),
                                of.getOrDefault("daily", 0),
                                of.getOrDefault("weekly", 0),
                                of.getOrDefault("monthly", 0),
                                of.getOrDefault("yearly", 0))));
        return new Settings.Retention(
                Map.copyOf(keep), Durations.parse(value(Keys.RETENTION_GRACE)));
    }

    private Settings.S3 s3(String bucket) {
        return new Settings.S3(
                bucket,
                values.getOrDefault(Keys.S3_REGION, ""),
                Optional.ofNullable(values.get(Keys.S3_ENDPOINT)).map(URI::create),
                values.getOrDefault(Keys.S3_PREFIX, ""),
                Optional.ofNullable(values.get(Keys.S3_CREDENTIALS)).map(Path::of),
                value(Keys.S3_LOCK),
                Durations.parse(value(Keys.S3_LOCK_PERIOD)),
                Optional.ofNullable(values.get(Keys.S3_STORAGE_CLASS)),
                value(Keys.S3_ENCRYPTION),
                value(Keys.S3_THAW),
                value(Keys.S3_SITE),
                is(Keys.S3_SIMULATED));
    }

    private Map<String, List<String>> encryption() {
        Map<String, List<String>> encryption = new TreeMap<>();
        values.forEach((key, names) -> {
            String target = Keys.encryptOf(key);
            if (target != null) {
                encryption.put(target, Form.list(names).stream().distinct().toList());
            }
        });
        return Map.copyOf(encryption);
    }

    private Settings.Offsite offsite(String host) {
        return new Settings.Offsite(
                host,
                Integer.parseInt(value(Keys.OFFSITE_PORT)),
                value(Keys.OFFSITE_USER),
                value(Keys.OFFSITE_DIR),
                Path.of(value(Keys.OFFSITE_KEY)),
                Path.of(value(Keys.OFFSITE_KNOWN_HOSTS)),
                value(Keys.OFFSITE_SITE),
                is(Keys.OFFSITE_EMBEDDED),
                is(Keys.OFFSITE_SIMULATED));
    }
}
