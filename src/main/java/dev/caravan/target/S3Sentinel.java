package dev.caravan.target;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The sentinel of a target's bucket: the object that says which target the bucket is. Thread-safe.
/// [TargetException] says that the server failed, or that the bucket is another one.
final class S3Sentinel {
    private final String target;
    private final S3Bucket bucket;

    S3Sentinel(String target, S3Bucket bucket) {
        this.target = target;
        this.bucket = bucket;
    }

    /// The id in the sentinel.
    ///
    /// @return null if there is no sentinel
    @Nullable String id() throws TargetException {
        byte[] content = bucket.small(S3Layout.SENTINEL);
        if (content == null) {
            return null;
        }
        try {
            return UUID.fromString(new String(content, StandardCharsets.UTF_8).strip()).toString();
        } catch (IllegalArgumentException e) {
            throw new TargetException(
                    TargetException.Remedy.PERSON,
                    "%s holds no target id: is it damaged?"
                            .formatted(bucket.address().uri(S3Layout.SENTINEL)),
                    e);
        }
    }

    /// Looks whether the bucket is the one that the ledger knows a target by.
    ///
    /// @param identity as [S3Proof#identity]; null if nothing was ever proven there
    /// @return the id in its sentinel
    String require(@Nullable String identity) throws TargetException {
        String found = id();
        String known = identity == null ? found : identity.substring(identity.indexOf(' ') + 1);
        if (found == null || !found.equals(known)) {
            throw another(found, known);
        }
        return found;
    }

    /// Makes sure that the bucket is the one that is known, or has a sentinel from now on.
    ///
    /// @param known id; null if nothing was ever proven there
    /// @return the id in its sentinel
    String establish(@Nullable String known) throws TargetException {
        bucket.asked(
                "",
                () ->
                        bucket.client()
                                .listObjectsV2(request ->
                                        request.bucket(bucket.address().bucket())
                                                .prefix(bucket.key(S3Layout.SENTINEL))
                                                .maxKeys(1)));
        String there = id();
        if (known != null && !known.equals(there)) {
            throw another(there, known);
        }
        if (there == null) {
            there = UUID.randomUUID().toString();
            if (bucket.small(S3Layout.README) == null) {
                bucket.put(
                        S3Layout.README,
                        S3Layout.README_TEXT.getBytes(StandardCharsets.UTF_8),
                        false);
            }
            bucket.put(S3Layout.SENTINEL, (there + "\n").getBytes(StandardCharsets.UTF_8), false);
        }
        return there;
    }

    private TargetException another(@Nullable String found, @Nullable String known) {
        return new TargetException(
                TargetException.Remedy.PERSON,
                "%s is not what target '%s' is known by: its sentinel %s, expected %s; is this the right bucket and prefix?"
                        .formatted(
                                bucket.address().uri(""),
                                target,
                                found == null ? "is missing" : "says " + found,
                                known == null ? "one" : known));
    }
}
