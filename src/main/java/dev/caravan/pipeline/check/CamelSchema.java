package dev.caravan.pipeline.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.caravan.config.Finding;
import dev.caravan.config.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Camel's own schema of its YAML DSL. Thread-safe.
final class CamelSchema {
    private static final String RESOURCE = "/schema/camelYamlDsl.json";

    private final JsonNode json;
    private final JsonSchema schema;

    private CamelSchema() {
        try (InputStream in = CamelSchema.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is not on the class path");
            }
            json = new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE, e);
        }
        JsonMetaSchema dialect =
                JsonMetaSchema.builder(JsonMetaSchema.getV4())
                        .keyword(new NonValidationKeyword("deprecated"))
                        .build();
        schema =
                JsonSchemaFactory.builder(JsonSchemaFactory.getInstance(VersionFlag.V4))
                        .metaSchema(dialect)
                        .build()
                        .getSchema(
                                json,
                                SchemaValidatorsConfig.builder()
                                        .pathType(PathType.JSON_POINTER)
                                        // Camel's schema refers to itself everywhere: whole, it
                                        // takes
                                        // hundreds of megabytes
                                        .preloadJsonSchema(false)
                                        .cacheRefs(false)
                                        .build());
    }

    /// Read once: it takes a second, and the reloader checks often.
    static CamelSchema shared() {
        return Holder.SHARED;
    }

    private static final class Holder {
        static final CamelSchema SHARED = new CamelSchema();
    }

    /// What may stand at the top of a route file, by Camel's own measure.
    Set<String> topLevel() {
        return names(json.at("/items/properties"));
    }

    void check(YamlFile file, List<Finding> findings) {
        Map<String, List<ValidationMessage>> byPlace = new TreeMap<>();
        for (ValidationMessage message : schema.validate(file.root())) {
            byPlace.computeIfAbsent(
                            message.getInstanceLocation().toString(), _ -> new ArrayList<>())
                    .add(message);
        }
        byPlace.forEach((place, messages) -> {
            boolean deeper =
                    byPlace.keySet().stream().anyMatch(other -> other.startsWith(place + "/"));
            atOnePlace(file, place.equals("/") ? "" : place, messages, deeper, findings);
        });
    }

    /// One mistake makes several messages, one for each alternative that does not fit: keep those
    /// that say what was wrong.
    private void atOnePlace(
            YamlFile file,
            String place,
            List<ValidationMessage> messages,
            boolean deeper,
            List<Finding> findings) {
        int before = findings.size();
        Set<String> meant = new HashSet<>();
        for (ValidationMessage message : of("additionalProperties", messages)) {
            String field = message.getProperty();
            Set<String> known = siblings(message);
            meant.addAll(
                    known.stream()
                            .filter(name -> !Nearest.hint(field, Set.of(name)).isEmpty())
                            .toList());
            findings.add(
                    Finding.error(
                            file.path(),
                            file.line(YamlFile.child(place, field)),
                            "unknown field '" + field + "'" + Nearest.hint(field, known)));
        }
        for (ValidationMessage message : of("required", messages)) {
            if (!isAlternative(message) && !meant.contains(message.getProperty())) {
                findings.add(
                        Finding.error(
                                file.path(),
                                file.line(place),
                                "field '" + message.getProperty() + "' is missing"));
            }
        }
        if (findings.size() == before && !deeper) {
            types(file, place, messages, findings);
        }
        if (findings.size() == before && !deeper) {
            findings.add(
                    Finding.error(
                            file.path(),
                            file.line(place),
                            "does not fit Camel's schema of routes"));
        }
    }

    private static void types(
            YamlFile file, String place, List<ValidationMessage> messages, List<Finding> findings) {
        Set<String> wanted = new TreeSet<>();
        for (ValidationMessage message : of("type", messages)) {
            wanted.add(String.valueOf(message.getArguments()[1]));
        }
        if (!wanted.isEmpty()) {
            Object found = of("type", messages).getFirst().getArguments()[0];
            findings.add(
                    Finding.error(
                            file.path(),
                            file.line(place),
                            (place.isEmpty()
                                            ? ""
                                            : "'"
                                                    + place.substring(place.lastIndexOf('/') + 1)
                                                    + "': ")
                                    + found
                                    + " found, want "
                                    + String.join(" or ", wanted)));
        }
        for (ValidationMessage message : of("enum", messages)) {
            findings.add(Finding.error(file.path(), file.line(place), message.getError()));
        }
    }

    private static List<ValidationMessage> of(String type, List<ValidationMessage> messages) {
        return messages.stream().filter(message -> message.getType().equals(type)).toList();
    }

    private static boolean isAlternative(ValidationMessage message) {
        String location = message.getSchemaLocation().toString();
        return location.contains("/oneOf/") || location.contains("/anyOf/");
    }

    /// The fields that are known where an unknown one was found.
    private Set<String> siblings(ValidationMessage message) {
        String location = message.getSchemaLocation().getFragment().toString();
        return names(json.at(location.substring(0, location.lastIndexOf('/')) + "/properties"));
    }

    private static Set<String> names(JsonNode properties) {
        Set<String> names = new TreeSet<>();
        properties.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
