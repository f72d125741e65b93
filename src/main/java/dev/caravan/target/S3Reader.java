package dev.caravan.target;

import dev.caravan.item.Sha256;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/// Looks at stored objects in a bucket.
public final class S3Reader implements ObjectReader {
    private final S3Bucket bucket;
    private final S3Sentinel sentinel;
    private final S3Locks locks;

    public S3Reader(String target, S3Address address) {
        this.bucket = new S3Bucket(target, address);
        this.sentinel = new S3Sentinel(target, bucket);
        this.locks = new S3Locks(target, bucket);
    }

    @Override
    public String place(String object) {
        return bucket.address().uri(S3Layout.object(object));
    }

    @Override
    public String attested() {
        return "head+checksum";
    }

    @Override
    public String readBack() {
        return "get+sha256";
    }

    @Override
    public void check(@Nullable String identity) throws TargetException {
        sentinel.require(identity);
    }

    @Override
    public Opened open(String object) throws IOException {
        return S3Input.open(bucket, S3Layout.object(object), 0, Long.MAX_VALUE);
    }

    /// Only a server that refused a wrong checksum when objects were put there is believed: it is
    /// the one that keeps them.
    @Override
    public Optional<Sha256> attest(String object, long bytes) throws IOException {
        HeadObjectResponse head = head(object);
        boolean whole =
                head.checksumSHA256() != null
                        && head.checksumType() != ChecksumType.COMPOSITE
                        && head.contentLength() == bytes;
        return whole
                ? Optional.of(Sha256.of(Base64.getDecoder().decode(head.checksumSHA256())))
                : Optional.empty();
    }

    private HeadObjectResponse head(String object) throws IOException {
        String below = S3Layout.object(object);
        HeadObjectResponse head = there(below);
        if (head == null) {
            throw new NoSuchFileException(place(object), null, "it is not there any more");
        }
        return head;
    }

    private @Nullable HeadObjectResponse there(String below) throws TargetException {
        HeadObjectResponse head = bucket.head(below, null);
        if (head != null) {
            return head;
        }
        String hidden = bucket.hidden(below);
        return hidden == null ? null : bucket.head(below, hidden);
    }

    @Override
    public Optional<Duration> locksFor() {
        return Optional.ofNullable(bucket.address().lock()).map(S3Address.Lock::period);
    }

    @Override
    public Optional<Instant> relock(String object, boolean segment, Instant before)
            throws IOException {
        if (bucket.address().lock() == null) {
            return Optional.empty();
        }
        HeadObjectResponse head = head(object);
        if (!segment) {
            String manifest = S3Layout.manifest(object);
            HeadObjectResponse described = there(manifest);
            if (described != null) {
                locks.relock(manifest, described, before);
            }
        }
        return Optional.ofNullable(locks.relock(S3Layout.object(object), head, before));
    }

    @Override
    public void hold(String object, boolean segment, boolean held) throws IOException {
        HeadObjectResponse head = head(object);
        if (!segment) {
            String manifest = S3Layout.manifest(object);
            HeadObjectResponse described = there(manifest);
            if (described != null) {
                locks.hold(manifest, described, held);
            }
        }
        locks.hold(S3Layout.object(object), head, held);
    }

    @Override
    public void close() {
        bucket.close();
    }
}
