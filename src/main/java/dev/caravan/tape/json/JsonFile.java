package dev.caravan.tape.json;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;

/// Reads and replaces one JSON object on disk. A replaced file is either the old or the new one,
/// even after a power cut: written aside, synced, renamed, and the directory synced.
public final class JsonFile {
    private JsonFile() {}

    /// @param format what the field `format` must say
    public static Fields read(Path file, int format) throws IOException {
        Fields fields = parse(Files.readString(file), file.toString());
        if (fields.integer("format") != format) {
            throw new IOException(
                    "%s has format %d, this program knows %d"
                            .formatted(file, fields.integer("format"), format));
        }
        return fields;
    }

    /// @param origin where the text came from, for messages
    public static Fields parse(String text, String origin) throws IOException {
        try {
            if (Jsoner.deserialize(new StringReader(text)) instanceof JsonObject object) {
                return new Fields(object, origin);
            }
        } catch (DeserializationException e) {
            // its own message tells what to do with the text, which no person wrote
            throw new IOException(origin + " is damaged: not valid JSON", e);
        }
        throw new IOException(origin + " is not a JSON object");
    }

    public static String text(Map<String, ?> object) {
        return Jsoner.prettyPrint(Jsoner.serialize(new JsonObject(object))) + "\n";
    }

    /// Replaces `directory/name`.
    public static void replace(Path directory, String name, Map<String, ?> object)
            throws IOException {
        Path file = directory.resolve(name);
        Path aside = directory.resolve(name + "." + UUID.randomUUID() + ".new");
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            aside, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(text(object));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
        syncDirectory(directory);
    }

    /// Makes the names in a directory durable.
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
