package dev.caravan.target;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.posix.ColdFile;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Patience.Pulse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Looks for lines in the manifests of a NAS, in one pass over all of them.
public final class NasManifests {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int READ_BYTES = 1 << 20;

    private NasManifests() {}

    /// What was found.
    ///
    /// @param right ids of the versions of which a line says what the ledger says
    /// @param bytes of the manifests
    public record Found(Set<Long> right, long bytes) {}

    static Found find(Directory nas, List<Version> wanted, Pulse pulse) throws IOException {
        Map<Long, Version> open = new HashMap<>();
        wanted.forEach(version -> open.put(version.id(), version));
        Set<Long> right = new HashSet<>();
        long bytes = 0;
        for (byte[] name : names(nas)) {
            try (ColdFile file = ColdFile.open(nas, name)) {
                Stream in = new Stream(file, pulse);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    look(line, open, right);
                }
                bytes += in.count;
            }
        }
        return new Found(right, bytes);
    }

    static List<byte[]> names(Directory nas) throws IOException {
        List<byte[]> names = new ArrayList<>();
        try (Directory manifests = nas.openDirectory(NasLayout.MANIFESTS)) {
            manifests.list((name, folder) -> {
                if (!folder && new String(name, StandardCharsets.UTF_8).endsWith(".jsonl")) {
                    names.add(
                            NasLayout.bytes(
                                    NasLayout.OWN
                                            + "/manifests/"
                                            + new String(name, StandardCharsets.UTF_8)));
                }
            });
        }
        return names;
    }

    /// A line that can not be read says nothing of anybody.
    private static void look(String line, Map<Long, Version> open, Set<Long> right) {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JsonProcessingException damaged) {
            return;
        }
        Version version = open.get(node.path("id").asLong());
        try {
            if (version != null && isOf(node, version)) {
                right.add(version.id());
            }
        } catch (IOException | DateTimeException | NumberFormatException damaged) {
            right.remove(version == null ? -1 : version.id());
        }
    }

    private static boolean isOf(JsonNode node, Version version) throws IOException {
        Metadata m = version.metadata();
        byte[] path =
                node.has("pathBytes")
                        ? node.path("pathBytes").binaryValue()
                        : node.path("path").asText().getBytes(StandardCharsets.UTF_8);
        return node.path("source").asText().equals(version.source())
                && Arrays.equals(path, version.path().bytes())
                && node.path("version").asInt() == version.number()
                && node.path("kind").asText().equals(m.kind().name())
                && Integer.parseInt(node.path("mode").asText(), 8) == m.mode()
                && Instant.parse(node.path("modified").asText()).equals(m.modified())
                && (m.kind() != Kind.SYMLINK
                        || Arrays.equals(node.path("linkTarget").binaryValue(), m.linkTarget()));
    }

    private static final class Stream extends InputStream {
        private final ColdFile file;
        private final Pulse pulse;
        private final byte[] buffer = new byte[READ_BYTES];
        private int at;
        private int end;
        private long count;

        Stream(ColdFile file, Pulse pulse) {
            this.file = file;
            this.pulse = pulse;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (at == end) {
                int n = file.read(buffer);
                pulse.stirs();
                if (n < 0) {
                    return -1;
                }
                at = 0;
                end = n;
                count += n;
            }
            int some = Math.min(length, end - at);
            System.arraycopy(buffer, at, into, offset, some);
            at += some;
            return some;
        }
    }
}
