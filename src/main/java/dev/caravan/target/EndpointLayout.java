package dev.caravan.target;

import dev.caravan.target.TargetException.Remedy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What lies at an [Endpoint]: each stored object under its own name, a large file's description
/// beside it, a sentinel and a text for people. Everything lies side by side, because not every
/// endpoint has folders.
final class EndpointLayout {
    private static final String SENTINEL = "caravan-sentinel.txt";
    private static final String README = "caravan-readme.txt";
    private static final String MANIFEST = ".jsonl";
    private static final Pattern OBJECT = Pattern.compile("[a-z0-9-]{3,64}");
    private static final int MOST_BYTES = 64 << 10;

    private static final String README_TEXT =
            """
            Backup copies made by Caravan. They can be restored without Caravan.

            NAME       A stored object. Two kinds:
                       - Segments: pax archives with many small files, folders and links.
                             tar -xpf NAME -C DESTINATION
                         .caravan/index.jsonl, the last member, says what is in it. Leave out
                         what the index calls void. If a path is in several segments, the one
                         with the highest version is the newest.
                       - Large files as they are. Their names say nothing: the manifests do.
            NAME.jsonl The manifest of the large file NAME, one JSON object in one line: "source"
                       and "path" say where it belongs, beside its size, times, mode, owner and
                       "sha256" (check it with sha256sum).
            What begins with "age-encryption.org" is encrypted: age -d -i KEY-FILE NAME gives it as
            described here (https://age-encryption.org).

            caravan-sentinel.txt says which target this is; without it Caravan writes nothing here.
            """;

    private EndpointLayout() {}

    static String manifest(String object) {
        return object + MANIFEST;
    }

    static boolean isObject(String name) {
        return OBJECT.matcher(name).matches();
    }

    /// The object that a file describes; null if it is no manifest.
    static @Nullable String described(String name) {
        if (!name.endsWith(MANIFEST)) {
            return null;
        }
        Matcher object = OBJECT.matcher(name.substring(0, name.length() - MANIFEST.length()));
        return object.matches() ? object.group() : null;
    }

    static boolean isForPeople(String name) {
        return name.equals(README) || name.equals(SENTINEL);
    }

    /// The id in the sentinel; null if there is none.
    static @Nullable String sentinel(Endpoint endpoint) throws TargetException {
        byte[] content = small(endpoint, SENTINEL);
        if (content == null) {
            return null;
        }
        String id = new String(content, StandardCharsets.UTF_8).strip();
        try {
            return UUID.fromString(id).toString();
        } catch (IllegalArgumentException damaged) {
            throw new TargetException(
                    Remedy.PERSON,
                    "%s holds no target id: is it damaged?".formatted(endpoint.place(SENTINEL)),
                    damaged);
        }
    }

    /// Makes it a target: the sentinel comes last, so that what has one is complete.
    static String create(Endpoint endpoint) throws IOException {
        if (small(endpoint, README) == null) {
            put(endpoint, README, README_TEXT.getBytes(StandardCharsets.UTF_8));
        }
        String id = UUID.randomUUID().toString();
        put(endpoint, SENTINEL, (id + "\n").getBytes(StandardCharsets.UTF_8));
        return id;
    }

    static void put(Endpoint endpoint, String name, byte[] content) throws IOException {
        endpoint.put(name, new ByteArrayInputStream(content), content.length);
    }

    /// A file of a few bytes; null if there is none.
    private static byte @Nullable [] small(Endpoint endpoint, String name) throws TargetException {
        Endpoint.Answer answer = endpoint.get(name, 0, Long.MAX_VALUE);
        if (answer == null) {
            return null;
        }
        try (InputStream in = answer.in()) {
            return in.readNBytes(MOST_BYTES);
        } catch (IOException broken) {
            throw EndpointInput.failure(endpoint.place(name), broken);
        }
    }

    /// @param known as of [Proof#identity]; null to take whatever is there
    /// @return the id
    /// @throws TargetException if there is none, or another
    static String require(Endpoint endpoint, String target, @Nullable String known)
            throws TargetException {
        String there = sentinel(endpoint);
        if (there == null || (known != null && !there.equals(known))) {
            throw new TargetException(
                    Remedy.PERSON,
                    "%s is not what target '%s' is known by: its sentinel %s, expected %s; is the address in its routes right?"
                            .formatted(
                                    endpoint.place(""),
                                    target,
                                    there == null ? "is missing" : "says " + there,
                                    known == null ? "one" : known));
        }
        return there;
    }
}
