package dev.caravan.tape;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.junit.jupiter.api.Test;

/// The generated metadata, the sources it is generated from and the page say the same.
class TapeMetadataTest {
    private static final Set<String> CAMELS_OWN =
            Set.of(
                    "lazyStartProducer",
                    "autowiredEnabled",
                    "healthCheckConsumerEnabled",
                    "healthCheckProducerEnabled");

    private static JsonNode generated() throws IOException {
        try (InputStream in =
                TapeComponent.class.getResourceAsStream("/META-INF/dev/caravan/tape/tape.json")) {
            return new ObjectMapper().readTree(Optional.ofNullable(in).orElseThrow());
        }
    }

    private static Map<String, String> descriptions(String section) throws IOException {
        Map<String, String> descriptions = new TreeMap<>();
        generated()
                .get(section)
                .properties()
                .forEach(e ->
                        descriptions.put(e.getKey(), e.getValue().get("description").asText()));
        descriptions.keySet().removeAll(CAMELS_OWN);
        return descriptions;
    }

    @Test
    void everyEndpointOptionWasGenerated() throws IOException {
        Map<String, String> declared = new TreeMap<>();
        for (Field field : TapeConfiguration.class.getDeclaredFields()) {
            UriParam param = field.getAnnotation(UriParam.class);
            UriPath path = field.getAnnotation(UriPath.class);
            if (param != null || path != null) {
                declared.put(
                        field.getName(), param != null ? param.description() : path.description());
            }
        }

        assertThat(descriptions("properties"))
                .as("run mvn -Pgenerate process-classes and commit src/generated")
                .isEqualTo(declared);
    }

    @Test
    void everyComponentOptionAndHeaderWasGenerated() throws Exception {
        Map<String, String> options = new TreeMap<>();
        for (Field field : TapeComponent.class.getDeclaredFields()) {
            Metadata metadata = field.getAnnotation(Metadata.class);
            if (metadata != null) {
                options.put(field.getName(), metadata.description());
            }
        }
        Map<String, String> headers = new TreeMap<>();
        for (Field field : TapeConstants.class.getDeclaredFields()) {
            headers.put(
                    String.valueOf(field.get(null)),
                    field.getAnnotation(Metadata.class).description());
        }

        assertThat(descriptions("componentProperties")).isEqualTo(options);
        assertThat(descriptions("headers")).isEqualTo(headers);
    }

    @Test
    void thePageHasTheTablesOfTheMetadata() throws IOException {
        String page = Files.readString(Path.of("src/main/docs/tape-component.adoc"));

        assertThat(table(page, "Component options")).isEqualTo(descriptions("componentProperties"));
        assertThat(table(page, "Endpoint options")).isEqualTo(descriptions("properties"));
        assertThat(table(page, "Headers")).isEqualTo(descriptions("headers"));
        for (JsonNode option : generated().get("properties")) {
            if (option.has("defaultValue") && !option.get("type").asText().equals("boolean")) {
                assertThat(page).contains("| " + option.get("defaultValue").asText() + " |");
            }
        }
    }

    private static Map<String, String> table(String page, String heading) {
        String section =
                Pattern.compile(
                                "^== " + heading + "$(.*?)^\\|===$.*?^\\|===$",
                                Pattern.MULTILINE | Pattern.DOTALL)
                        .matcher(page)
                        .results()
                        .map(MatchResult::group)
                        .findFirst()
                        .orElseThrow();
        return Pattern.compile("^\\| `(\\w+)` \\| ([^|]*) \\|", Pattern.MULTILINE)
                .matcher(section)
                .results()
                .collect(
                        Collectors.toMap(
                                m -> m.group(1), m -> m.group(2), (a, _) -> a, TreeMap::new));
    }

    @Test
    void theCatalogAnswersWithOurMetadata() throws IOException {
        DefaultCamelCatalog catalog = new DefaultCamelCatalog();
        catalog.addComponent("tape", TapeComponent.class.getName(), generated().toString());

        assertThat(catalog.validateEndpointProperties("tape:weekly?blockSize=65536").isSuccess())
                .isTrue();
        assertThat(catalog.validateEndpointProperties("tape:weekly?segmentSiz=1").getUnknown())
                .containsExactly("segmentSiz");
    }

    /// The packages of the component's own jar name nothing of ours, and only the component's
    /// package and the one JSON file name Camel.
    @Test
    void theComponentStandsOnItsOwn() throws IOException {
        Set<String> ours = new TreeSet<>();
        Set<String> camel = new TreeSet<>();
        Path root = Path.of("src/main/java/dev/caravan/tape");
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                for (String line : Files.readAllLines(file)) {
                    if (line.startsWith("import dev.caravan.")
                            && !line.startsWith("import dev.caravan.tape.")) {
                        ours.add(file + ": " + line);
                    }
                    Path place = root.relativize(file);
                    if (line.contains("org.apache.camel") && place.getNameCount() > 1) {
                        camel.add(place.toString());
                    }
                }
            }
        }

        assertThat(ours).isEmpty();
        assertThat(camel).containsExactly("json/JsonFile.java");
    }
}
