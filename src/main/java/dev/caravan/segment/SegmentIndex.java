package dev.caravan.segment;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Xattr;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The last member of a segment: what is in it and where.
public final class SegmentIndex {

    private static final JsonMapper JSON =
            new JsonMapper(
                    JsonFactory.builder()
                            .streamReadConstraints(
                                    StreamReadConstraints.builder()
                                            .maxStringLength(2 * Format.MAX_PAX)
                                            .maxNestingDepth(4)
                                            .build())
                            .build());

    private SegmentIndex() {}

    /// One version in the segment.
    ///
    /// @param sha256 of the content; null for folders, symlinks and what is void
    /// @param offset of the member's first header block
    /// @param contentOffset where the stored bytes begin, those of the linked-to member for a hard
    ///   link; `offset` for folders and symlinks
    /// @param stored bytes stored, without holes; 0 for a hard link
    /// @param hardLinkTo id of the version this one is a hard link to
    /// @param isVoid whether the member holds nothing of use
    /// @param part which part of its file the member is; null where it is the whole version. Then
    ///   `metadata` is that of the whole file, `sha256` too, and null if the file had not been read
    ///   to its end
    /// @param fingerprint by which the item was known in its source; null in an index of a program
    ///   before 0.2
    public record Line(
            String source,
            ItemPath path,
            long versionId,
            int number,
            Metadata metadata,
            @Nullable Sha256 sha256,
            long offset,
            long contentOffset,
            long stored,
            boolean sparse,
            OptionalLong hardLinkTo,
            boolean isVoid,
            @Nullable OfPart part,
            @Nullable Fingerprint fingerprint) {}

    /// Which part of its file a member is.
    ///
    /// @param count how many parts the file has
    /// @param set parts of one set belong together
    /// @param offset of its first byte in the file
    /// @param size bytes of content, holes included
    /// @param sha256 of these bytes
    public record OfPart(
            int number, int count, String set, long offset, long size, Sha256 sha256) {}

    /// Takes lines one by one.
    @FunctionalInterface
    public interface Lines {
        void take(Line line) throws IOException;
    }

    /// Reads an index to its end; fields it does not know are left alone. Does not close `in`.
    ///
    /// @throws SegmentFormatException if it is not an index; its offset counts lines
    public static List<Line> read(InputStream in) throws IOException {
        List<Line> lines = new ArrayList<>();
        read(in, lines::add);
        return lines;
    }

    /// Reads an index line by line, in memory for one line: an index may be larger than the heap.
    ///
    /// @throws SegmentFormatException if it is not an index; its offset counts lines
    public static void read(InputStream in, Lines lines) throws IOException {
        long number = 1;
        try (JsonParser parser =
                JSON.createParser(in).disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)) {
            while (true) {
                Line line = next(parser, number);
                if (line == null) {
                    return;
                }
                lines.take(line);
                number++;
            }
        }
    }

    private static @Nullable Line next(JsonParser parser, long number) throws IOException {
        try {
            if (parser.nextToken() == null) {
                return null;
            }
            if (!parser.isExpectedStartObjectToken()) {
                throw new IllegalArgumentException("no JSON object");
            }
            return line(JSON.readTree(parser));
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            throw new SegmentFormatException(
                    0, "line %d of the index: %s".formatted(number, shown(e)));
        }
    }

    private static String shown(Exception e) {
        String message =
                e instanceof JsonProcessingException json
                        ? json.getOriginalMessage()
                        : String.valueOf(e.getMessage());
        return ItemPath.show(message.getBytes(StandardCharsets.UTF_8));
    }

    private static Line line(JsonNode node) throws IOException {
        Kind kind = Kind.valueOf(text(node, "kind").toUpperCase(Locale.ROOT));
        long offset = number(node, "offset", Long.MAX_VALUE);
        JsonNode sha256 = node.path("sha256");
        Metadata metadata = metadata(node, kind);
        return new Line(
                text(node, "source"),
                ItemPath.of(bytes(node, "path")),
                number(node, "version", Long.MAX_VALUE),
                (int) number(node, "number", Integer.MAX_VALUE),
                metadata,
                sha256.isTextual() ? Sha256.ofHex(sha256.textValue()) : null,
                offset,
                node.has("contentOffset") ? number(node, "contentOffset", Long.MAX_VALUE) : offset,
                node.has("stored") ? number(node, "stored", Long.MAX_VALUE) : 0,
                node.path("sparse").asBoolean(),
                node.has("hardLinkTo")
                        ? OptionalLong.of(number(node, "hardLinkTo", Long.MAX_VALUE))
                        : OptionalLong.empty(),
                bool(node, "void"),
                node.has("part") ? part(node) : null,
                fingerprint(node, metadata));
    }

    private static OfPart part(JsonNode node) {
        int count = (int) number(node, "parts", Integer.MAX_VALUE);
        return new OfPart(
                (int) number(node, "part", count),
                count,
                text(node, "partSet"),
                number(node, "partOffset", Format.MAX_SIZE),
                number(node, "partSize", Format.MAX_SIZE),
                Sha256.ofHex(text(node, "partSha256")));
    }

    private static @Nullable Fingerprint fingerprint(JsonNode node, Metadata metadata) {
        if (!node.has("changed")) {
            return null;
        }
        JsonNode device = node.path("device");
        JsonNode inode = node.path("inode");
        if (!device.canConvertToLong() || !inode.isIntegralNumber()) {
            throw new IllegalArgumentException("no number 'device' or 'inode' beside 'changed'");
        }
        return new Fingerprint(
                device.longValue(),
                Long.parseUnsignedLong(inode.asText()),
                metadata.size(),
                metadata.modified(),
                Instant.parse(text(node, "changed")));
    }

    private static Metadata metadata(JsonNode node, Kind kind) throws IOException {
        List<Xattr> xattrs = new ArrayList<>();
        for (Map.Entry<String, JsonNode> xattr : node.path("xattrs").properties()) {
            xattrs.add(new Xattr(xattr.getKey(), binary(xattr.getValue(), "xattrs")));
        }
        return new Metadata(
                kind,
                number(node, "size", Long.MAX_VALUE),
                Instant.parse(text(node, "modified")),
                Integer.parseInt(text(node, "mode"), 8) & 07777,
                (int) number(node, "uid", 0xFFFFFFFFL),
                (int) number(node, "gid", 0xFFFFFFFFL),
                kind == Kind.SYMLINK ? bytes(node, "linkTarget") : Metadata.NO_TARGET,
                (int) number(node, "links", Integer.MAX_VALUE),
                xattrs);
    }

    /// The raw bytes beside a text where they are not UTF-8, else those of the text.
    private static byte[] bytes(JsonNode node, String field) throws IOException {
        return node.has(field + "Bytes")
                ? binary(node.path(field + "Bytes"), field)
                : text(node, field).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] binary(JsonNode value, String field) throws IOException {
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

    private static long number(JsonNode node, String field, long most) {
        JsonNode value = node.path(field);
        if (!value.canConvertToLong() || value.longValue() < 0 || value.longValue() > most) {
            throw new IllegalArgumentException("no number '" + field + "' up to " + most);
        }
        return value.longValue();
    }

    private static boolean bool(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (!value.isBoolean()) {
            throw new IllegalArgumentException("no true or false '" + field + "'");
        }
        return value.booleanValue();
    }
}
