package dev.caravan.target;

import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.sshd.sftp.client.SftpClient.DirEntry;
import org.jspecify.annotations.Nullable;

/// What lies where in a target's folder on an SFTP server: `objects/`, `manifests/`, `README.txt`,
/// and Caravan's own `.caravan/incoming` and `.caravan/sentinel`.
final class SftpLayout {

    static final String OWN = ".caravan";
    static final String INCOMING = OWN + "/incoming";
    static final String OBJECTS = "objects";
    static final String MANIFESTS = "manifests";

    private static final String SENTINEL = OWN + "/sentinel";
    private static final String README = "README.txt";

    /// Older than this in `incoming`, nothing of ours can still be on its way.
    private static final Duration DEAD = Duration.ofDays(1);

    private static final String README_TEXT =
            """
            Backup copies made by Caravan. They can be restored without Caravan.

            objects/   One file per stored object, in folders named after the first two
                       characters of its name. Two kinds:
                       - Segments: pax archives with many small files, folders and links.
                             tar -xpf objects/ab/NAME -C DESTINATION
                         .caravan/index.jsonl, the last member, says what is in it. Leave out
                         what the index calls void. If a path is in several segments, the one
                         with the highest version is the newest.
                       - Large files as they are. Their names say nothing: the manifests do.
            manifests/ *.jsonl, one JSON object per line for each large file: "object" is its
                       name below objects/, "source" and "path" say where it belongs, beside its
                       size, times, mode, owner and "sha256" (check it with sha256sum).
            What begins with "age-encryption.org" is encrypted: age -d -i KEY-FILE NAME gives it as
            described here (https://age-encryption.org).

            .caravan/  incoming/ holds uploads that do not count yet. sentinel says which
                       target this is; without it Caravan writes nothing here.
            """;

    private SftpLayout() {}

    static String incoming(String name) {
        return INCOMING + "/" + name;
    }

    static String objectFolder(String name) {
        return OBJECTS + "/" + name.substring(0, 2);
    }

    static String object(String name) {
        return objectFolder(name) + "/" + name;
    }

    static String manifest(String name) {
        return MANIFESTS + "/" + name + ".jsonl";
    }

    /// The target's id in its sentinel, or null if there is no sentinel.
    static @Nullable String sentinel(SftpConnection sftp, SftpAddress address) throws IOException {
        byte[] content = sftp.readSmall(address.path(SENTINEL));
        if (content == null) {
            return null;
        }
        String id = new String(content, StandardCharsets.UTF_8).strip();
        try {
            return UUID.fromString(id).toString();
        } catch (IllegalArgumentException e) {
            throw new TargetException(
                    Remedy.PERSON,
                    "%s holds no target id: is it damaged?".formatted(address.uri(SENTINEL)),
                    e);
        }
    }

    /// Makes a folder that exists a target: the sentinel comes last, so that a folder with a
    /// sentinel is complete.
    static String create(SftpConnection sftp, SftpAddress address) throws IOException {
        for (String folder : List.of(OWN, INCOMING, OBJECTS, MANIFESTS)) {
            sftp.makeDirectory(address.path(folder));
        }
        String id = UUID.randomUUID().toString();
        if (sftp.readSmall(address.path(README)) == null) {
            sftp.writeDurably(
                    address.path(incoming(id + ".readme")),
                    address.path(README),
                    README_TEXT.getBytes(StandardCharsets.UTF_8));
        }
        sftp.writeDurably(
                address.path(incoming(id + ".sentinel")),
                address.path(SENTINEL),
                (id + "\n").getBytes(StandardCharsets.UTF_8));
        return id;
    }

    /// Removes from `incoming` what begins with `prefix`: all of it, or only what has been dead for
    /// a day.
    static void sweep(SftpConnection sftp, SftpAddress address, String prefix, boolean all)
            throws IOException {
        Instant dead = Instant.now().minus(DEAD);
        List<String> leftovers = new ArrayList<>();
        for (DirEntry entry : sftp.list(address.path(INCOMING))) {
            if (entry.getFilename().startsWith(prefix)
                    && (all || entry.getAttributes().getModifyTime().toInstant().isBefore(dead))) {
                leftovers.add(entry.getFilename());
            }
        }
        for (String name : leftovers) {
            sftp.remove(address.path(incoming(name)));
        }
    }
}
