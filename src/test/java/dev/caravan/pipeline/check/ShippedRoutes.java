package dev.caravan.pipeline.check;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The routes as they are shipped, and what their placeholders stand for.
final class ShippedRoutes {
    static final Path FOLDER = Path.of("routes");

    private ShippedRoutes() {}

    static Map<String, String> properties() {
        return new HashMap<>(
                Map.ofEntries(
                        Map.entry("caravan.source.docs.dir", "/srv/docs"),
                        Map.entry("caravan.source.docs.site", "here"),
                        Map.entry("caravan.schedule", "15m"),
                        Map.entry("caravan.nas.dir", "/mnt/nas"),
                        Map.entry("caravan.nas.site", "here"),
                        Map.entry("caravan.nas.rate", "unlimited"),
                        Map.entry("caravan.nas.window", "always"),
                        Map.entry("caravan.nas.simulated", "false"),
                        Map.entry("caravan.tape.pool", "weekly"),
                        Map.entry("caravan.tape.site", "here"),
                        Map.entry("caravan.tape.rate", "unlimited"),
                        Map.entry("caravan.tape.window", "always"),
                        Map.entry("caravan.tape.simulated", "true"),
                        Map.entry("caravan.tape.segment", "1GiB"),
                        Map.entry("caravan.offsite.host", "vault.example.org"),
                        Map.entry("caravan.offsite.port", "22"),
                        Map.entry("caravan.offsite.user", "caravan"),
                        Map.entry("caravan.offsite.dir", "caravan"),
                        Map.entry("caravan.offsite.key", "/home/caravan/keys/offsite"),
                        Map.entry("caravan.offsite.known-hosts", "/home/caravan/keys/known_hosts"),
                        Map.entry("caravan.offsite.site", "vault"),
                        Map.entry("caravan.offsite.rate", "unlimited"),
                        Map.entry("caravan.offsite.window", "always"),
                        Map.entry("caravan.offsite.simulated", "false"),
                        Map.entry("caravan.s3.bucket", "my-backup"),
                        Map.entry("caravan.s3.region", "eu-central-1"),
                        Map.entry("caravan.s3.site", "cloud"),
                        Map.entry("caravan.s3.rate", "unlimited"),
                        Map.entry("caravan.s3.window", "always"),
                        Map.entry("caravan.s3.simulated", "false"),
                        Map.entry("caravan.drill.schedule", "0 0 4 ? * SUN"),
                        Map.entry("caravan.drill.sample", "20"),
                        Map.entry("caravan.scrub.schedule", "0 30 3 * * ?"),
                        Map.entry("caravan.scrub.bytes", "50GiB"),
                        Map.entry("caravan.forget.schedule", "0 0 5 * * ?"),
                        Map.entry("caravan.routes.allow", "")));
    }

    static List<Path> files() throws IOException {
        return RouteChecks.files(FOLDER);
    }

    static void copyTo(Path folder) throws IOException {
        for (Path file : files()) {
            Files.copy(file, folder.resolve(file.getFileName()));
        }
        Path s3 = FOLDER.resolve("optional/33-copy-s3.camel.yaml");
        Files.copy(s3, folder.resolve(s3.getFileName()));
    }

    static Path resource(String name) {
        try {
            var url = ShippedRoutes.class.getResource(name);
            if (url == null) {
                throw new IllegalStateException("no resource " + name);
            }
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
