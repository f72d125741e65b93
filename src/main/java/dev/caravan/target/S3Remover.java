package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.Removals.Whole;
import dev.caravan.target.TargetException.Remedy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/// Removes objects from a bucket, with all their versions: of a large file first its manifest, then
/// the object; a segment describes itself and goes alone. An object that is locked, or not as long
/// as it was written, is left alone. Doing it twice, or after a kill, does no harm. Confined to one
/// thread.
public final class S3Remover implements AutoCloseable {
    private final S3Bucket bucket;

    /// @param identity that the ledger knows the target by, as [S3Proof#identity]
    /// @throws TargetException if it can not be reached, or is another one
    public S3Remover(String target, S3Address address, @Nullable String identity)
            throws TargetException {
        if (identity == null) {
            throw new TargetException(
                    Remedy.PERSON, "target '%s': nothing was ever proven there".formatted(target));
        }
        this.bucket = new S3Bucket(target, address);
        boolean done = false;
        try {
            new S3Sentinel(target, bucket).require(identity);
            done = true;
        } finally {
            if (!done) {
                bucket.close();
            }
        }
    }

    /// Removes objects.
    ///
    /// @throws TargetException if the server fails: then what was removed is not known
    public Removed remove(List<Whole> objects) throws TargetException {
        List<Version> gone = new ArrayList<>();
        List<String> left = new ArrayList<>();
        long bytes = 0;
        for (Whole object : objects) {
            String below = S3Layout.object(object.name());
            String version = bucket.hidden(below);
            HeadObjectResponse head = bucket.head(below, version);
            String why = head == null ? null : why(object, head);
            if (why == null && !object.segment()) {
                HeadObjectResponse manifest = bucket.head(S3Layout.manifest(object.name()), null);
                why = manifest == null ? null : locked(object.name(), manifest);
            }
            if (why != null) {
                left.add(why);
                continue;
            }
            if (!object.segment()) {
                bucket.remove(S3Layout.manifest(object.name()));
            }
            bucket.remove(below);
            bytes += head == null ? 0 : head.contentLength();
            gone.addAll(object.versions());
        }
        return new Removed(gone, bytes, left);
    }

    private static @Nullable String why(Whole object, HeadObjectResponse head) {
        String locked = locked(object.name(), head);
        if (locked != null) {
            return locked;
        }
        return head.contentLength() == object.bytes()
                ? null
                : "object '%s' has %d bytes, %d were written: it is left alone, look at it"
                        .formatted(object.name(), head.contentLength(), object.bytes());
    }

    private static @Nullable String locked(String name, HeadObjectResponse head) {
        Instant until = head.objectLockRetainUntilDate();
        if (until != null && until.isAfter(Instant.now())) {
            return "object '%s' is locked until %s: it is removed after that"
                    .formatted(name, until);
        }
        return "ON".equals(head.objectLockLegalHoldStatusAsString())
                ? "object '%s' has a legal hold: it is removed when that is taken off"
                        .formatted(name)
                : null;
    }

    @Override
    public void close() {
        bucket.close();
    }
}
