package dev.caravan.config;

import dev.caravan.config.SettingsReader.Given;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The sources among what is set. Confined to one thread.
///
/// @param values as they were accepted; gets what is not set and has a default
/// @param policies the policy whose keys begin so; empty if something is wrong with it, which is
///   said
/// @param add takes where something wrong is, and what it is
record SourceSettings(
        Home home,
        Map<String, Given> given,
        Map<String, String> values,
        Function<String, Optional<Settings.Policy>> policies,
        BiConsumer<Given, String> add) {

    List<Settings.Source> read() {
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
                    add.accept(at, "source '" + name + "': set " + Keys.ofSource(name, "dir"));
                }
                return;
            }
            values.putIfAbsent(Keys.ofSource(name, "site"), "here");
            Optional<Settings.Policy> policy = policies.apply(Keys.ofSource(name, "policy."));
            if (policy.isEmpty()) {
                return; // what is wrong with it is said
            }
            Settings.Root root = root(name, dir, at);
            if (root == null) {
                return; // what is missing is said
            }
            sources.add(
                    new Settings.Source(
                            name,
                            root,
                            Form.globs(values.getOrDefault(Keys.ofSource(name, "include"), "")),
                            Form.globs(values.getOrDefault(Keys.ofSource(name, "exclude"), "")),
                            Optional.ofNullable(values.get(Keys.ofSource(name, "sentinel"))),
                            wait(name, "patience"),
                            values.getOrDefault(Keys.ofSource(name, "site"), "here"),
                            commands(name),
                            policy.get()));
        });
        return List.copyOf(sources);
    }

    /// @return null if something is missing, which is said
    private Settings.@Nullable Root root(String source, String dir, Given at) {
        if (RootUrl.isSftp(dir)) {
            RootUrl.Sftp url = RootUrl.sftp(dir);
            String key = values.get(Keys.ofSource(source, "key"));
            if (key == null) {
                if (!given.containsKey(Keys.ofSource(source, "key"))) {
                    add.accept(
                            at,
                            "source '%s': set %s to the private key that logs in"
                                    .formatted(source, Keys.ofSource(source, "key")));
                }
                return null;
            }
            return new Settings.Root.SftpFolder(
                    url.host(),
                    url.port(),
                    url.user(),
                    url.dir(),
                    Path.of(key),
                    Path.of(fallback(source, "known-hosts")));
        }
        if (RootUrl.isS3(dir)) {
            RootUrl.S3 url = RootUrl.s3(dir);
            return new Settings.Root.Bucket(
                    url.bucket(),
                    url.prefix(),
                    values.getOrDefault(Keys.ofSource(source, "region"), ""),
                    Optional.ofNullable(values.get(Keys.ofSource(source, "endpoint")))
                            .map(URI::create),
                    Optional.ofNullable(values.get(Keys.ofSource(source, "credentials")))
                            .map(Path::of));
        }
        return new Settings.Root.Folder(Path.of(dir));
    }

    /// The value of a source's key, or its default as it would be read.
    private String fallback(String source, String word) {
        String value = values.get(Keys.ofSource(source, word));
        Keys.Key known = Objects.requireNonNull(Keys.OF_SOURCE.get(word));
        return value != null
                ? value
                : known.form().accept(Objects.requireNonNull(known.fallback()), home);
    }

    private Settings.Commands commands(String source) {
        return new Settings.Commands(
                command(Keys.ofSource(source, "before")),
                command(Keys.ofSource(source, "after")),
                wait(source, "command-timeout"),
                wait(source, "command-hold"));
    }

    private List<String> command(String key) {
        String command = values.get(key);
        return command == null ? List.of() : CommandWords.split(command);
    }

    private Duration wait(String source, String word) {
        return Durations.parse(fallback(source, word));
    }
}
