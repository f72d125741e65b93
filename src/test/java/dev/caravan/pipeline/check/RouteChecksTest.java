package dev.caravan.pipeline.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.config.Limits;
import dev.caravan.ledger.MediaKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteChecksTest {
    @TempDir Path folder;

    @Test
    void everyOptionOfACopyRouteIsLookedAt() throws IOException {
        Set<String> generated = new TreeSet<>();
        try (InputStream json =
                RouteChecks.class.getResourceAsStream(
                        "/META-INF/dev/caravan/pipeline/ledger.json")) {
            new ObjectMapper()
                    .readTree(json)
                    .path("properties")
                    .properties()
                    .forEach(option -> {
                        if (option.getValue().path("label").asText().equals("consumer")) {
                            generated.add(option.getKey());
                        }
                    });
        }

        generated.remove("schedule"); // of ledger:scrub, which Wiring looks at
        assertThat(CopyRouteChecks.OPTIONS).containsExactlyInAnyOrderElementsOf(generated);
    }

    @Test
    void theShippedRoutesAreClean() throws IOException {
        RouteChecks.Result result =
                RouteChecks.check(ShippedRoutes.files(), ShippedRoutes.properties());

        assertThat(result.findings()).isEmpty();
        assertThat(result.isGood()).isTrue();
        assertThat(result.copyRoutes())
                .containsExactly(
                        new CopyRoute(
                                "nas",
                                MediaKind.DISK,
                                "here",
                                "nas",
                                false,
                                Limits.NONE,
                                Path.of("routes/30-copy-nas.camel.yaml")),
                        new CopyRoute(
                                "tape",
                                MediaKind.TAPE,
                                "here",
                                "tape",
                                true,
                                Limits.NONE,
                                Path.of("routes/31-copy-tape.camel.yaml")),
                        new CopyRoute(
                                "offsite",
                                MediaKind.DISK,
                                "vault",
                                "sftp",
                                false,
                                Limits.NONE,
                                Path.of("routes/32-copy-offsite.camel.yaml")));
    }

    @Test
    void theOptionalRouteIsCleanBesideThem() throws IOException {
        List<Path> files = new ArrayList<>(ShippedRoutes.files());
        files.add(ShippedRoutes.FOLDER.resolve("optional/33-copy-s3.camel.yaml"));

        RouteChecks.Result result = RouteChecks.check(files, ShippedRoutes.properties());

        assertThat(result.findings()).isEmpty();
        assertThat(result.copyRoutes()).extracting(CopyRoute::target).endsWith("s3");
    }

    @Test
    void whatThePolicyWantsAndNoTargetGivesIsNamed() throws IOException {
        ShippedRoutes.copyTo(folder);
        for (String gone : List.of("31-copy-tape", "32-copy-offsite", "33-copy-s3")) {
            Files.delete(folder.resolve(gone + ".camel.yaml"));
        }

        RouteChecks.Result result =
                RouteChecks.check(RouteChecks.files(folder), ShippedRoutes.properties());

        assertThat(result.isGood()).isFalse();
        assertThat(result.findings())
                .singleElement()
                .extracting(finding -> finding.what())
                .isEqualTo(
                        "source 'docs' can never be in policy: 2 copies with the original, want 3,"
                                + " 1 kind of media (disk), want 2, 0 offsite (all are at 'here'),"
                                + " want 1");
    }

    @Test
    void aPolicyOfOneSourceThatNoTargetCanMeetIsNamed() throws IOException {
        ShippedRoutes.copyTo(folder);
        Map<String, String> properties = ShippedRoutes.properties();
        properties.put("caravan.source.pics.dir", "/srv/pics");
        properties.put("caravan.source.pics.policy.copies", "9");
        properties.put("caravan.source.pics.policy.media-kinds", "4");
        properties.put("caravan.source.pics.policy.offline", "2");
        properties.put("caravan.source.pics.policy.distance", "500km");
        properties.put("caravan.site.vault.coordinates", "52.40,13.06");
        properties.put("caravan.site.here.coordinates", "52.52, 13.40");

        RouteChecks.Result result = RouteChecks.check(RouteChecks.files(folder), properties);

        assertThat(result.findings())
                .singleElement()
                .extracting(finding -> finding.what())
                .isEqualTo(
                        "source 'pics' can never be in policy: 5 copies with the original, want 9,"
                                + " 3 kinds of media, want 4, 0 offsite at least 500km from 'here',"
                                + " want 1 (set caravan.site.cloud.coordinates), 1 that could be"
                                + " offline or immutable (only a cartridge can), want 2");
    }

    @Test
    void aSiteThatIsFarEnoughAwayMeetsTheDistance() throws IOException {
        ShippedRoutes.copyTo(folder);
        Map<String, String> properties = ShippedRoutes.properties();
        properties.put("caravan.policy.distance", "200km");
        properties.put("caravan.policy.offline", "1");
        properties.put("caravan.site.vault.coordinates", "53.55,9.99");
        properties.put("caravan.site.here.coordinates", "52.52,13.40");

        RouteChecks.Result result = RouteChecks.check(RouteChecks.files(folder), properties);

        assertThat(result.findings()).isEmpty();
    }

    @Test
    void aComponentTheOperatorAllowsIsAllowedButNeverOneThatRunsPrograms() throws IOException {
        ShippedRoutes.copyTo(folder);
        Files.writeString(
                folder.resolve("50-tell.camel.yaml"),
                """
                - route:
                    id: tell
                    from:
                      uri: timer:daily
                      steps:
                        - to:
                            uri: smtp:mail.example.org
                        - to:
                            uri: exec:mail
                """);
        Map<String, String> properties = ShippedRoutes.properties();
        properties.put("caravan.routes.allow", "smtp, exec");

        RouteChecks.Result result = RouteChecks.check(RouteChecks.files(folder), properties);

        assertThat(result.findings())
                .singleElement()
                .extracting(finding -> finding.line() + " " + finding.what())
                .isEqualTo("9 component 'exec' is never allowed: it runs programs");
    }

    @Test
    void hiddenFilesEditorsCopiesAndSubFoldersAreNotLoaded() throws IOException {
        ShippedRoutes.copyTo(folder);
        int shipped = RouteChecks.files(folder).size();
        Files.writeString(folder.resolve(".30-copy-nas.camel.yaml.swp"), "x");
        Files.writeString(folder.resolve("30-copy-nas.camel.yaml~"), "x");
        Files.createDirectory(folder.resolve("optional"));

        assertThat(RouteChecks.files(folder)).hasSize(shipped).isSorted();
    }

    @Test
    void aFingerprintChangesWithContentAndWithName() throws IOException {
        Path one = Files.writeString(folder.resolve("a"), "x");
        String before = RouteChecks.fingerprint(List.of(one));

        Files.writeString(one, "y");
        String changed = RouteChecks.fingerprint(List.of(one));
        Files.writeString(one, "x");
        Path other = Files.writeString(folder.resolve("b"), "x");

        assertThat(before).matches("[0-9a-f]{64}").isNotEqualTo(changed);
        assertThat(RouteChecks.fingerprint(List.of(one))).isEqualTo(before);
        assertThat(RouteChecks.fingerprint(List.of(other))).isNotEqualTo(before);
    }
}
