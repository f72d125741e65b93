package dev.caravan.target;

import dev.caravan.item.Sha256;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.model.HeadBucketRequest;
import software.amazon.awssdk.services.s3.model.HeadBucketResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// The client that the endpoint `aws2-s3:` puts stored objects with, bound in Camel's registry as
/// [#BEAN]. It puts them where the target keeps objects, and does what the endpoint has no options
/// for: every object goes with a checksum of all its bytes, with its SHA-256 in its metadata, with
/// its lock, and never over another. What fits in memory is put in one request; the rest goes in
/// parts, several at a time, and goes on where it was if it is broken off. What was put waits here
/// to be proven. Thread-safe; memory is bounded by [S3Memory].
public final class S3Uploads extends DelegatingS3Client {

    /// Its name in the registry.
    public static final String BEAN = "caravan-s3";

    private final S3Bucket bucket;
    private final S3Memory memory = new S3Memory();
    private final S3Parts parts;
    private final Map<String, Put> put = new ConcurrentHashMap<>();

    /// Whether the server compares checksums, and keeps them; not known before it was asked.
    private volatile boolean checksums;

    /// @param journal a folder in which to note what is under way in parts
    public S3Uploads(String target, S3Address address, Path journal) {
        this(new S3Bucket(target, address), journal);
    }

    private S3Uploads(S3Bucket bucket, Path journal) {
        super(bucket.client());
        this.bucket = bucket;
        this.parts = new S3Parts(bucket, memory, new S3Journal(journal, bucket.address().sse()));
    }

    /// An object that the server has acknowledged.
    ///
    /// @param name of the object, which is an earlier attempt's if that one was completed
    /// @param version null in a bucket without versions
    /// @param sha256 of the bytes that were sent
    /// @param crc of the bytes that were sent in parts, as S3 writes it; null for one request
    /// @param lockedUntil null if it was not locked
    /// @param wasThere whether one of that name was there already: that of an answer that was lost,
    ///   or anybody's
    record Put(
            String name,
            @Nullable String version,
            long bytes,
            Sha256 sha256,
            @Nullable String crc,
            @Nullable Instant lockedUntil,
            boolean wasThere) {}

    S3Bucket bucket() {
        return bucket;
    }

    S3Parts parts() {
        return parts;
    }

    S3Memory memory() {
        return memory;
    }

    boolean checksums() {
        return checksums;
    }

    void useChecksums(boolean kept) {
        checksums = kept;
    }

    /// What was put under a copy's name; null if nothing was.
    @Nullable Put of(String copyName) {
        return put.get(copyName);
    }

    /// What was put under a copy's name is settled.
    void settle(String copyName) {
        put.remove(copyName);
    }

    /// Camel asks for the bucket when it starts. A server that is away then must not stop the
    /// start: the proof looks at the bucket before anything is put there.
    @Override
    public HeadBucketResponse headBucket(HeadBucketRequest request) {
        return HeadBucketResponse.builder().build();
    }

    @Override
    public PutObjectResponse putObject(PutObjectRequest request, RequestBody body) {
        String name = request.key();
        try {
            long length =
                    body.optionalContentLength()
                            .orElseThrow(() -> new IOException("its length is not known"));
            Put done =
                    length <= S3Memory.LARGEST_AT_ONCE
                            ? atOnce(name, length, body.contentStreamProvider())
                            : parts.put(name, length, body.contentStreamProvider(), checksums);
            put.put(name, done);
            return PutObjectResponse.builder().versionId(done.version()).build();
        } catch (IOException failed) {
            throw SdkClientException.create(String.valueOf(failed.getMessage()), failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            TargetException why =
                    new TargetException(
                            Remedy.WAIT,
                            "%s: interrupted while it was put"
                                    .formatted(bucket.address().uri(S3Layout.object(name))),
                            stopped);
            throw SdkClientException.create(String.valueOf(why.getMessage()), why);
        }
    }

    private Put atOnce(String name, long length, ContentStreamProvider source)
            throws IOException, InterruptedException {
        try (S3Memory.Held held = memory.hold(length);
                InputStream in = source.newStream()) {
            MessageDigest digest = Sha256.digest();
            boolean wantsMd5 = !checksums && bucket.address().lock() != null;
            MessageDigest md5 = wantsMd5 ? Md5.digest() : null;
            held.fill(
                    in,
                    length,
                    (bytes, count) -> {
                        Sha256.update(digest, bytes, 0, count);
                        if (md5 != null) {
                            md5.update(bytes, 0, count);
                        }
                    });
            if (in.read() >= 0) {
                throw new IOException("it has more bytes than were announced");
            }
            byte[] sha256 = digest.digest();
            PutObjectRequest.Builder request =
                    PutObjectRequest.builder()
                            .bucket(bucket.address().bucket())
                            .key(bucket.key(S3Layout.object(name)))
                            .metadata(Map.of(S3Layout.SHA256, Sha256.of(sha256).hex()))
                            .storageClass(bucket.address().storageClass())
                            .ifNoneMatch("*");
            if (checksums) {
                request.checksumSHA256(Base64.getEncoder().encodeToString(sha256));
            } else if (md5 != null) {
                request.contentMD5(Base64.getEncoder().encodeToString(md5.digest()));
            }
            bucket.encrypt(request);
            Instant until = bucket.lock(request);
            Sent sent = send(name, request.build(), held.body(length));
            return new Put(
                    name, sent.version, length, Sha256.of(sha256), null, until, sent.wasThere);
        }
    }

    /// One that is there already is what an answer that was lost had been about: names are never
    /// used twice. The proof looks at what it is.
    private Sent send(String name, PutObjectRequest request, RequestBody body)
            throws TargetException {
        try {
            return new Sent(bucket.client().putObject(request, body).versionId(), false);
        } catch (S3Exception said) {
            if (said.statusCode() == 412) {
                return new Sent(null, true);
            }
            throw bucket.failure(S3Layout.object(name), said);
        } catch (RuntimeException failed) {
            throw bucket.failure(S3Layout.object(name), failed);
        }
    }

    /// What sending an object came to.
    record Sent(@Nullable String version, boolean wasThere) {}

    /// Removes what a failed attempt left, if it was put as a whole and by it; parts stay a day, in
    /// case the same bytes come again.
    void discard(String copyName) throws TargetException {
        Put left = put.remove(copyName);
        if (left != null && !left.wasThere() && bucket.address().lock() == null) {
            bucket.remove(S3Layout.object(left.name()));
        }
    }

    @Override
    public void close() {
        parts.close();
        bucket.close();
    }
}
