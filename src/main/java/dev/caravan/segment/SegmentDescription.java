package dev.caravan.segment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;

/// The first member of a segment: what the segment says of itself (`segment-format.md`).
///
/// @param id the name the copies in it are recorded under
/// @param created when its layout was settled
/// @param program name and version of the program that wrote it
public record SegmentDescription(SegmentId id, Instant created, String program) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// More than any program writes.
    private static final int MOST_BYTES = 64 << 10;

    /// Reads the content of the first member.
    ///
    /// @throws SegmentFormatException if it is no description, or of a format this program does not
    ///   know
    public static SegmentDescription read(InputStream in) throws IOException {
        try {
            JsonNode node = JSON.readTree(in.readNBytes(MOST_BYTES));
            int format = node.path("format").asInt();
            if (format != Format.VERSION) {
                throw new SegmentFormatException(
                        0,
                        "segment format %d, this program knows %d"
                                .formatted(format, Format.VERSION));
            }
            return new SegmentDescription(
                    new SegmentId(node.path("segment").asText()),
                    Instant.parse(node.path("created").asText()),
                    node.path("program").asText());
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            throw new SegmentFormatException(0, "its first member describes no segment");
        }
    }
}
