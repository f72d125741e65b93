package dev.caravan.pipeline.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.config.Finding;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// A YAML file as a tree, with the line of every node.
///
/// @param lines by JSON pointer (RFC 6901), counted from 1; of a field, the line of its key
record YamlFile(Path path, JsonNode root, Map<String, Integer> lines) {

    /// Reads with the parser that Camel's YAML DSL uses. Empty if it cannot be parsed.
    static Optional<YamlFile> read(Path path, List<Finding> findings) {
        try {
            String text = Files.readString(path);
            LoadSettings settings = LoadSettings.builder().setLabel(path.toString()).build();
            Iterator<Node> documents =
                    new Compose(settings).composeAllFromReader(new StringReader(text)).iterator();
            if (!documents.hasNext()) {
                findings.add(Finding.error(path, 0, "is empty: want a list of routes"));
                return Optional.empty();
            }
            Builder builder = new Builder(path, findings);
            JsonNode root = builder.convert(documents.next(), "");
            if (documents.hasNext()) {
                findings.add(
                        Finding.error(
                                path,
                                line(documents.next()),
                                "a second YAML document: put its routes in a file of their own"));
                return Optional.empty();
            }
            return Optional.of(new YamlFile(path, root, Map.copyOf(builder.lines)));
        } catch (CharacterCodingException e) {
            findings.add(Finding.error(path, 0, "not UTF-8: save it as UTF-8"));
        } catch (IOException e) {
            findings.add(Finding.error(path, 0, "cannot be read: " + e.getMessage()));
        } catch (MarkedYamlEngineException e) {
            findings.add(
                    Finding.error(
                            path,
                            e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0),
                            "not YAML: " + oneLine(e.getProblem())));
        } catch (YamlEngineException e) {
            findings.add(
                    Finding.error(path, 0, "not YAML: " + oneLine(String.valueOf(e.getMessage()))));
        }
        return Optional.empty();
    }

    /// The line of a node, or of the nearest one above it.
    int line(String pointer) {
        for (String at = pointer; ; at = at.substring(0, at.lastIndexOf('/'))) {
            Integer line = lines.get(at);
            if (line != null) {
                return line;
            }
            if (at.isEmpty()) {
                return 0;
            }
        }
    }

    static String child(String pointer, String key) {
        return pointer + "/" + key.replace("~", "~0").replace("/", "~1");
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    private static String oneLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private static final class Builder {
        private final Path path;
        private final List<Finding> findings;
        private final Map<String, Integer> lines = new HashMap<>();
        private final Deque<Node> open = new ArrayDeque<>();

        Builder(Path path, List<Finding> findings) {
            this.path = path;
            this.findings = findings;
        }

        JsonNode convert(Node node, String pointer) {
            lines.putIfAbsent(pointer, line(node));
            if (open.contains(node)) {
                findings.add(Finding.error(path, line(node), "an alias that contains itself"));
                return JsonNodeFactory.instance.nullNode();
            }
            open.push(node);
            JsonNode converted =
                    switch (node) {
                        case MappingNode mapping -> mapping(mapping, pointer);
                        case SequenceNode sequence -> sequence(sequence, pointer);
                        case ScalarNode scalar -> scalar(scalar);
                        default -> JsonNodeFactory.instance.nullNode();
                    };
            open.pop();
            return converted;
        }

        private JsonNode mapping(MappingNode mapping, String pointer) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (NodeTuple tuple : mapping.getValue()) {
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    findings.add(
                            Finding.error(path, line(tuple.getKeyNode()), "a key must be text"));
                    continue;
                }
                String name = key.getValue();
                String child = child(pointer, name);
                if (object.has(name)) {
                    findings.add(
                            Finding.error(
                                    path,
                                    line(key),
                                    "'"
                                            + name
                                            + "' is set twice: the first is in line "
                                            + lines.get(child)));
                }
                lines.put(child, line(key));
                object.set(name, convert(tuple.getValueNode(), child));
            }
            return object;
        }

        private JsonNode sequence(SequenceNode sequence, String pointer) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (Node element : sequence.getValue()) {
                array.add(convert(element, pointer + "/" + array.size()));
            }
            return array;
        }

        private static JsonNode scalar(ScalarNode scalar) {
            JsonNodeFactory json = JsonNodeFactory.instance;
            String text = scalar.getValue();
            Tag tag = scalar.getTag();
            if (tag.equals(Tag.NULL)) {
                return json.nullNode();
            }
            if (tag.equals(Tag.BOOL)) {
                return json.booleanNode(Boolean.parseBoolean(text));
            }
            try {
                if (tag.equals(Tag.INT)) {
                    return json.numberNode(Long.parseLong(text));
                }
                if (tag.equals(Tag.FLOAT)) {
                    return json.numberNode(new BigDecimal(text));
                }
            } catch (NumberFormatException notInDecimal) {
                // .inf, or a number that no option of a route can hold: as text
            }
            return json.textNode(text);
        }
    }
}
