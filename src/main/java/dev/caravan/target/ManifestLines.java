package dev.caravan.target;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.item.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A manifest without the lines of some versions, every other byte as it was. A line that can not
/// be read is nobody's, and stays.
final class ManifestLines {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<Long, Version> dropped = new HashMap<>();

    ManifestLines(Collection<Version> dropped) {
        dropped.forEach(version -> this.dropped.put(version.id(), version));
    }

    /// @return null if it has no line of them; else what is left, which may be nothing
    byte @Nullable [] without(byte[] manifest) {
        ByteArrayOutputStream left = new ByteArrayOutputStream(manifest.length);
        boolean any = false;
        int from = 0;
        while (from < manifest.length) {
            int end = from;
            while (end < manifest.length && manifest[end] != '\n') {
                end++;
            }
            int next = Math.min(end + 1, manifest.length);
            if (isDropped(Arrays.copyOfRange(manifest, from, end))) {
                any = true;
            } else {
                left.write(manifest, from, next - from);
            }
            from = next;
        }
        return any ? left.toByteArray() : null;
    }

    /// Ids alone say too little: a ledger that was put back to an older state gave some a second
    /// time.
    private boolean isDropped(byte[] line) {
        try {
            JsonNode node = JSON.readTree(line);
            Version version = dropped.get(node.path("id").asLong());
            if (version == null) {
                return false;
            }
            byte[] path =
                    node.has("pathBytes")
                            ? node.path("pathBytes").binaryValue()
                            : node.path("path").asText().getBytes(StandardCharsets.UTF_8);
            return node.path("source").asText().equals(version.source())
                    && Arrays.equals(path, version.path().bytes())
                    && node.path("version").asInt() == version.number()
                    && node.path("kind").asText().equals(version.metadata().kind().name());
        } catch (JsonProcessingException unreadable) {
            return false;
        } catch (IOException unreadable) {
            return false;
        }
    }
}
