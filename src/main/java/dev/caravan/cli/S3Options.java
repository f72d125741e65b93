package dev.caravan.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What `init` is told of a bucket.
final class S3Options {
    @Option(
            names = "--s3",
            paramLabel = "BUCKET",
            description =
                    "A bucket that exists; beside --offsite, or instead of it. Its key comes from"
                            + " --s3-credentials, else from where Amazon's tools have it.")
    private @Nullable String bucket;

    @Option(
            names = "--s3-region",
            paramLabel = "REGION",
            description = "Where it is, such as eu-central-1.")
    private @Nullable String region;

    @Option(
            names = "--s3-endpoint",
            paramLabel = "URL",
            description = "The server, if it is not Amazon's own.")
    private @Nullable String endpoint;

    @Option(
            names = "--s3-credentials",
            paramLabel = "FILE",
            description = "A file like ~/.aws/credentials with the key, for you alone to read.")
    private @Nullable Path credentials;

    @Option(
            names = "--s3-lock",
            paramLabel = "MODE",
            description =
                    "Lock objects: governance or compliance. The bucket must have been made with"
                            + " Object Lock.")
    private @Nullable String lock;

    boolean given() {
        return bucket != null;
    }

    List<HomeFiles.Setting> settings() {
        List<HomeFiles.Setting> settings = new ArrayList<>();
        if (bucket == null) {
            if (region != null || endpoint != null || credentials != null || lock != null) {
                throw new CommandException(ExitCode.USAGE, "--s3-… needs --s3: name the bucket");
            }
            return settings;
        }
        if (region == null && endpoint == null) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--s3 needs --s3-region, or --s3-endpoint where it is not Amazon's own");
        }
        add(settings, "bucket", bucket);
        add(settings, "region", region);
        add(settings, "endpoint", endpoint);
        add(
                settings,
                "credentials",
                credentials == null ? null : credentials.toAbsolutePath().normalize().toString());
        add(settings, "lock", lock);
        if (endpoint != null && endpoint.matches("https?://(localhost|127\\.[0-9.]+)(:.*)?")) {
            add(settings, "simulated", "true"); // this machine is no other site
        }
        return settings;
    }

    private static void add(List<HomeFiles.Setting> settings, String word, @Nullable String value) {
        if (value != null) {
            settings.add(new HomeFiles.Setting("caravan.s3." + word, value));
        }
    }
}
