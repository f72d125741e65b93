package dev.caravan.target;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Xattr;
import dev.caravan.ledger.Rebuild.Found;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads manifests line by line (`src/main/docs/manifest-format.md`), in memory for one line. They
/// may be damaged or hostile: a line that is none is told and passed, and the next one is read.
public final class ManifestReader {
    /// More than any line has: extended attributes are the most of one.
    private static final int MOST_BYTES = 8 << 20;

    private static final String XATTR = "xattr:";

    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxStringLength(MOST_BYTES)
                                                    .maxNestingDepth(4)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .build();

    private ManifestReader() {}

    /// One line.
    ///
    /// @param object path of the object that holds the bytes; null on a NAS
    /// @param stored how many bytes that has
    /// @param encryptedFor who can read it; empty if anybody can
    public record Line(
            Found found, @Nullable String object, long stored, List<String> encryptedFor) {}

    /// Takes what is read.
    public interface Lines {
        void take(Line line) throws IOException;

        /// @param number of the line, from 1
        /// @param why in words, safe to show
        void bad(long number, String why) throws IOException;
    }

    /// Reads a manifest to its end. Does not close `in`.
    ///
    /// @throws IOException if it can not be read
    public static void read(InputStream in, Lines lines) throws IOException {
        byte[] buffer = new byte[64 << 10];
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long number = 1;
        boolean tooLong = false;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            int from = 0;
            for (int at = 0; at < count; at++) {
                if (buffer[at] == '\n') {
                    line.write(buffer, from, at - from);
                    take(line, number++, tooLong, true, lines);
                    line.reset();
                    tooLong = false;
                    from = at + 1;
                }
            }
            line.write(buffer, from, count - from);
            if (line.size() > MOST_BYTES) {
                tooLong = true;
                line.reset();
            }
        }
        if (line.size() > 0 || tooLong) {
            take(line, number, tooLong, false, lines);
        }
    }

    private static void take(
            ByteArrayOutputStream text, long number, boolean tooLong, boolean ended, Lines lines)
            throws IOException {
        if (tooLong || text.size() > MOST_BYTES) {
            lines.bad(number, "longer than %d bytes".formatted(MOST_BYTES));
            return;
        }
        Line line;
        try {
            line = line(JSON.readTree(text.toByteArray()));
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException wrong) {
            lines.bad(number, ended ? shown(wrong) : "cut off: " + shown(wrong));
            return;
        }
        lines.take(line);
    }

    private static String shown(Exception wrong) {
        String message =
                wrong instanceof JsonProcessingException json
                        ? json.getOriginalMessage()
                        : String.valueOf(wrong.getMessage());
        return ItemPath.show(message.getBytes(StandardCharsets.UTF_8));
    }

    private static Line line(@Nullable JsonNode node) throws IOException {
        if (node == null || !node.isObject()) {
            throw new IllegalArgumentException("no JSON object");
        }
        Metadata metadata = metadata(node);
        boolean file = metadata.kind() == Kind.FILE;
        Found found =
                new Found(
                        text(node, "source"),
                        ItemPath.of(path(node)),
                        (int) number(node, "version", 1, Integer.MAX_VALUE),
                        number(node, "id", 1, Long.MAX_VALUE),
                        metadata,
                        fingerprint(node, metadata),
                        file ? Sha256.ofHex(text(node, "sha256")) : null,
                        0);
        boolean encrypted = node.has("encryptedFor");
        return new Line(
                found,
                node.has("object") ? text(node, "object") : null,
                encrypted ? number(node, "stored", 0, Long.MAX_VALUE) : metadata.size(),
                encrypted ? recipients(text(node, "encryptedFor")) : List.of());
    }

    private static List<String> recipients(String said) {
        List<String> recipients = List.of(said.split(","));
        if (!recipients.stream().allMatch(one -> one.matches("[a-z0-9]{1,2048}"))) {
            throw new IllegalArgumentException("no recipients in 'encryptedFor'");
        }
        return recipients;
    }

    private static byte[] path(JsonNode node) throws IOException {
        return node.has("pathBytes")
                ? binary(node, "pathBytes")
                : text(node, "path").getBytes(StandardCharsets.UTF_8);
    }

    private static Metadata metadata(JsonNode node) throws IOException {
        Kind kind = Kind.valueOf(text(node, "kind"));
        List<Xattr> xattrs = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (field.getKey().startsWith(XATTR)) {
                xattrs.add(
                        new Xattr(
                                field.getKey().substring(XATTR.length()),
                                binary(node, field.getKey())));
            }
        }
        return new Metadata(
                kind,
                number(node, "size", 0, Long.MAX_VALUE),
                Instant.parse(text(node, "modified")),
                Integer.parseInt(text(node, "mode"), 8) & 07777,
                (int) number(node, "uid", Integer.MIN_VALUE, 0xFFFFFFFFL),
                (int) number(node, "gid", Integer.MIN_VALUE, 0xFFFFFFFFL),
                kind == Kind.SYMLINK ? binary(node, "linkTarget") : Metadata.NO_TARGET,
                links(node),
                xattrs);
    }

    /// Before 0.2 a manifest did not say how many links there were, only that there were several.
    private static int links(JsonNode node) {
        return node.has("links")
                ? (int) number(node, "links", 1, Integer.MAX_VALUE)
                : node.has("hardLink") ? 2 : 1;
    }

    private static @Nullable Fingerprint fingerprint(JsonNode node, Metadata metadata) {
        if (node.has("changed")) {
            return new Fingerprint(
                    number(node, "device", Long.MIN_VALUE, Long.MAX_VALUE),
                    Long.parseUnsignedLong(node.path("inode").asText()),
                    metadata.size(),
                    metadata.modified(),
                    Instant.parse(text(node, "changed")));
        }
        if (!node.has("hardLink")) {
            return null;
        }
        String[] link = text(node, "hardLink").split(":", -1);
        if (link.length != 2) {
            throw new IllegalArgumentException("no DEVICE:INODE in 'hardLink'");
        }
        return new Fingerprint(
                Long.parseLong(link[0]),
                Long.parseLong(link[1]),
                metadata.size(),
                metadata.modified(),
                metadata.modified());
    }

    private static byte[] binary(JsonNode node, String field) throws IOException {
        JsonNode value = node.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("no base64 text in '" + field + "'");
        }
        return value.binaryValue();
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("no text '" + field + "'");
        }
        return value.textValue();
    }

    private static long number(JsonNode node, String field, long least, long most) {
        JsonNode value = node.path(field);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > most) {
            throw new IllegalArgumentException(
                    "no number '%s' from %d to %d".formatted(field, least, most));
        }
        return value.longValue();
    }
}
