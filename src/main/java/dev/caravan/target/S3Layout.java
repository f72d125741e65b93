package dev.caravan.target;

/// What lies where in a target's bucket, below its prefix: `objects/`, `manifests/`, `README.txt`,
/// and Caravan's own `.caravan/`. An object is there as a whole or not at all, so nothing needs a
/// folder to arrive in.
final class S3Layout {
    static final String OBJECTS = "objects/";
    static final String MANIFESTS = "manifests/";
    static final String SENTINEL = ".caravan/sentinel";
    static final String README = "README.txt";

    /// There only if the server took it although its checksum was wrong.
    static final String PROBE = ".caravan/checksums-are-ignored";

    /// There where the server is to encrypt: it shows whether it does.
    static final String ENCRYPTED = ".caravan/encrypted-by-the-server";

    /// Of an object's metadata: the SHA-256 of its bytes, in hexadecimal digits.
    static final String SHA256 = "sha256";

    static final String README_TEXT =
            """
            Backup copies made by Caravan. They can be restored without Caravan.

            objects/   One object for each stored object. Its metadata "sha256" is the hash of
                       its bytes. Two kinds:
                       - Segments: pax archives with many small files, folders and links.
                             tar -xpf NAME -C DESTINATION
                         .caravan/index.jsonl, the last member, says what is in it. Leave out
                         what the index calls void. If a path is in several segments, the one
                         with the highest version is the newest.
                       - Large files as they are. Their names say nothing: the manifests do.
            manifests/ NAME.jsonl for each large file, one JSON object in one line: "object" is
                       its key, "source" and "path" say where it belongs, beside its size,
                       times, mode, owner and "sha256" (check it with sha256sum).
            What begins with "age-encryption.org" is encrypted: age -d -i KEY-FILE NAME gives it as
            described here (https://age-encryption.org).

            .caravan/  sentinel says which target this is; without it Caravan writes nothing
                       here.
            """;

    private S3Layout() {}

    static String object(String name) {
        return OBJECTS + name;
    }

    static String manifest(String name) {
        return MANIFESTS + name + ".jsonl";
    }
}
