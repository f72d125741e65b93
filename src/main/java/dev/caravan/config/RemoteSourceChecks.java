package dev.caravan.config;

import dev.caravan.config.Settings.Root;
import dev.caravan.config.SettingsReader.Given;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What must hold for sources on servers: what they need is there, what they do not need is not
/// set, and no target lies in one. Confined to one thread.
///
/// @param error takes a key and what is wrong with it
/// @param warning as `error`
record RemoteSourceChecks(
        List<Settings.Source> sources,
        Map<String, Given> given,
        Map<String, String> values,
        BiConsumer<String, String> error,
        BiConsumer<String, String> warning) {

    private static final List<String> OF_FOLDER = List.of("patience");
    private static final List<String> OF_SFTP = List.of("key", "known-hosts");
    private static final List<String> OF_S3 = List.of("region", "endpoint", "credentials");
    private static final String FOLDER = "is a folder of this machine";
    private static final String SFTP = "begins with sftp://";
    private static final String S3 = "begins with s3://";

    /// @param outside whether key files must be there
    void run(boolean outside) {
        for (int i = 0; i < sources.size(); i++) {
            Settings.Source source = sources.get(i);
            switch (source.root()) {
                case Root.Folder _ -> {
                    unused(source, OF_SFTP, SFTP);
                    unused(source, OF_S3, S3);
                }
                case Root.SftpFolder sftp -> {
                    unused(source, OF_FOLDER, FOLDER);
                    unused(source, OF_S3, S3);
                    sftp(source, sftp, outside);
                }
                case Root.Bucket bucket -> {
                    unused(source, OF_FOLDER, FOLDER);
                    unused(source, OF_SFTP, SFTP);
                    bucket(source, bucket, outside);
                }
            }
            if (source.folder().isEmpty()) {
                sources.subList(0, i).forEach(earlier -> twoSources(source, earlier));
                if (!given.containsKey(Keys.ofSource(source.name(), "site"))) {
                    warning.accept(
                            dir(source),
                            "is taken to be at site '%s', and copies at any other are offsite: set %s"
                                    .formatted(
                                            source.site(), Keys.ofSource(source.name(), "site")));
                }
            }
        }
    }

    private void twoSources(Settings.Source source, Settings.Source earlier) {
        String one = source.root().shown() + "/";
        String other = earlier.root().shown() + "/";
        if (one.equals(other)) {
            error.accept(dir(source), "is the same as " + dir(earlier));
        } else if (one.startsWith(other)) {
            warning.accept(
                    dir(source), "is inside %s: it is protected twice".formatted(dir(earlier)));
        } else if (other.startsWith(one)) {
            warning.accept(
                    dir(earlier), "is inside %s: it is protected twice".formatted(dir(source)));
        }
    }

    private void unused(Settings.Source source, List<String> words, String whose) {
        for (String word : words) {
            String key = Keys.ofSource(source.name(), word);
            if (given.containsKey(key)) {
                error.accept(key, "is for a source whose dir " + whose);
            }
        }
    }

    private void sftp(Settings.Source source, Root.SftpFolder sftp, boolean outside) {
        if (outside) {
            if (!sftp.key().toString().equals(Form.AGENT)) {
                mustExist(source, "key", sftp.key(), "make one with ssh-keygen -t ed25519 -N ''");
            }
            mustExist(
                    source,
                    "known-hosts",
                    sftp.knownHosts(),
                    "fill it with ssh-keyscan, and compare the key");
        }
        boolean sameServer =
                host(sftp.host()).equals(host(values.getOrDefault(Keys.OFFSITE_HOST, "")))
                        && String.valueOf(sftp.port()).equals(values.get(Keys.OFFSITE_PORT));
        if (!sameServer) {
            return;
        }
        String offsite = values.getOrDefault(Keys.OFFSITE_DIR, "");
        if (sftp.dir().startsWith("/") || !sftp.user().equals(values.get(Keys.OFFSITE_USER))) {
            warning.accept(
                    dir(source),
                    "is on the server of %s: it must not hold '%s', where copies go"
                            .formatted(Keys.OFFSITE_HOST, offsite));
        } else if (overlap(folder(sftp.dir()), folder(offsite))) {
            error.accept(
                    dir(source),
                    "and %s overlap: copies would be copied".formatted(Keys.OFFSITE_DIR));
        }
    }

    private void bucket(Settings.Source source, Root.Bucket bucket, boolean outside) {
        if (bucket.region().isEmpty() && bucket.endpoint().isEmpty()) {
            error.accept(
                    dir(source),
                    "needs %s, or %s where it is not Amazon's own"
                            .formatted(
                                    Keys.ofSource(source.name(), "region"),
                                    Keys.ofSource(source.name(), "endpoint")));
        }
        if (bucket.endpoint().filter(RemoteSourceChecks::isOpenFar).isPresent()) {
            warning.accept(
                    Keys.ofSource(source.name(), "endpoint"),
                    "http: who listens on the way reads what is protected: use https");
        }
        if (outside && bucket.credentials().isPresent()) {
            mustExist(
                    source,
                    "credentials",
                    bucket.credentials().get(),
                    "want a file with [default], aws_access_key_id and aws_secret_access_key");
        }
        if (bucket.bucket().equals(values.get(Keys.S3_BUCKET))
                && overlap(bucket.prefix(), values.getOrDefault(Keys.S3_PREFIX, ""))) {
            String target =
                    server(
                            values.getOrDefault(Keys.S3_ENDPOINT, ""),
                            values.getOrDefault(Keys.S3_REGION, ""));
            String here = server(bucket.endpoint().map(URI::toString).orElse(""), bucket.region());
            if (target.equals(here)) {
                error.accept(
                        dir(source),
                        "and %s with its %s overlap: copies would be copied"
                                .formatted(Keys.S3_BUCKET, Keys.S3_PREFIX));
            } else {
                warning.accept(
                        dir(source),
                        "has the name of %s on another server, '%s': is it the same by another name? Then copies would be copied"
                                .formatted(Keys.S3_BUCKET, target));
            }
        }
    }

    /// As far as names tell that two are one.
    private static String server(String endpoint, String region) {
        if (endpoint.isEmpty()) {
            return "s3." + region + ".amazonaws.com";
        }
        URI at = URI.create(endpoint);
        int port = at.getPort() == ("https".equals(at.getScheme()) ? 443 : 80) ? -1 : at.getPort();
        return host(String.valueOf(at.getHost())) + (port < 0 ? "" : ":" + port);
    }

    private static String host(String name) {
        return name.equalsIgnoreCase("localhost") ? "127.0.0.1" : name.toLowerCase(Locale.ROOT);
    }

    private static boolean isOpenFar(URI endpoint) {
        String host = String.valueOf(endpoint.getHost());
        return "http".equals(endpoint.getScheme())
                && !host.equals("localhost")
                && !host.startsWith("127.");
    }

    private static String folder(String dir) {
        return dir.isEmpty() ? "" : dir + "/";
    }

    private static boolean overlap(String one, String other) {
        return one.startsWith(other) || other.startsWith(one);
    }

    private void mustExist(Settings.Source source, String word, @Nullable Path file, String todo) {
        if (file != null && !Files.isRegularFile(file)) {
            String key = Keys.ofSource(source.name(), word);
            error.accept(
                    given.containsKey(key) ? key : dir(source),
                    "no such file: '%s': %s".formatted(file, todo));
        }
    }

    private static String dir(Settings.Source source) {
        return Keys.ofSource(source.name(), "dir");
    }
}
