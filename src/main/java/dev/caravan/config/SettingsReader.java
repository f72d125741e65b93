package dev.caravan.config;

import dev.caravan.item.DataSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One reading of a home's configuration. Confined to one thread, used once.
final class SettingsReader {
    static final Path ENVIRONMENT = Path.of("environment");
    private static final Set<String> VARIABLE_GROUPS =
            Set.of("SOURCE", "NAS", "TAPE", "OFFSITE", "S3", "ROUTES", "SCHEDULE");

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
        List<Settings.Source> sources = sources();
        fillIn();
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
                            || !VARIABLE_GROUPS.contains(variable.split("_", 3)[1])) {
                        return;
                    }
                    String key =
                            keys.containsKey(variable) ? keys.get(variable) : sourceKey(variable);
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

    /// `CARAVAN_SOURCE_MY_DOCS_DIR` sets `caravan.source.my-docs.dir`, in the file or not.
    private @Nullable String sourceKey(String variable) {
        String prefix = "CARAVAN_SOURCE_";
        int last = variable.lastIndexOf('_');
        String word = variable.substring(last + 1).toLowerCase(Locale.ROOT);
        if (!variable.startsWith(prefix)
                || last <= prefix.length()
                || !Keys.OF_SOURCE.containsKey(word)) {
            return null;
        }
        String name = variable.substring(prefix.length(), last);
        return Keys.ofSource(name.replace('_', '-').toLowerCase(Locale.ROOT), word);
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
        if (known == null) {
            add(at, "unknown key '" + key + "'" + Nearest.hint(key, alike(source)));
            return;
        }
        try {
            if (source != null) {
                Form.NAME.accept(source, home);
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

    private static Set<String> alike(@Nullable String source) {
        Set<String> keys = new LinkedHashSet<>(Keys.PLAIN.keySet());
        if (source != null) {
            Keys.OF_SOURCE.keySet().forEach(word -> keys.add(Keys.ofSource(source, word)));
        }
        return keys;
    }

    private void add(Given at, String what) {
        findings.add(Finding.error(at.file(), at.line(), what));
    }

    private List<Settings.Source> sources() {
        Map<String, Given> names = new TreeMap<>();
        given.forEach((key, at) -> {
            String source = Keys.sourceOf(key);
            if (source != null && Keys.find(key) != null) {
                names.putIfAbsent(source, at);
            }
        });
        List<Settings.Source> sources = new ArrayList<>();
        names.forEach((name, at) -> {
            String dir = values.get(Keys.ofSource(name, "dir"));
            if (dir == null) {
                if (!given.containsKey(Keys.ofSource(name, "dir"))) {
                    add(at, "source '" + name + "': set " + Keys.ofSource(name, "dir"));
                }
                return;
            }
            values.putIfAbsent(Keys.ofSource(name, "site"), "here");
            sources.add(
                    new Settings.Source(
                            name,
                            Path.of(dir),
                            Form.globs(values.getOrDefault(Keys.ofSource(name, "include"), "")),
                            Form.globs(values.getOrDefault(Keys.ofSource(name, "exclude"), "")),
                            Optional.ofNullable(values.get(Keys.ofSource(name, "sentinel"))),
                            values.getOrDefault(Keys.ofSource(name, "site"), "here")));
        });
        return List.copyOf(sources);
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
                Optional.ofNullable(values.get(Keys.NAS_DIR))
                        .map(dir ->
                                new Settings.Nas(
                                        Path.of(dir),
                                        value(Keys.NAS_SITE),
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
                Optional.ofNullable(values.get(Keys.S3_BUCKET))
                        .map(bucket ->
                                new Settings.S3(
                                        bucket,
                                        values.getOrDefault(Keys.S3_REGION, ""),
                                        value(Keys.S3_SITE),
                                        is(Keys.S3_SIMULATED))),
                Set.copyOf(Form.globs(value(Keys.ROUTES_ALLOW))),
                Map.copyOf(values));
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
