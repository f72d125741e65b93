package dev.caravan.target;

import dev.caravan.item.Sha256;
import dev.caravan.target.S3Journal.Upload;
import dev.caravan.target.S3Sending.Parts;
import dev.caravan.target.S3Uploads.Put;
import dev.caravan.target.S3Uploads.Sent;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Puts large objects in parts, several at the same time. All bytes are read twice: first to know
/// the hash that goes into the metadata, and with it whether an upload of the same bytes was broken
/// off, then to be sent. Thread-safe.
final class S3Parts implements AutoCloseable {
    /// Source: Amazon S3 User Guide, "Amazon S3 multipart upload limits".
    private static final int MOST_PARTS = 10_000;

    private static final int THREADS = 4;

    /// Nobody goes on with an upload that is older.
    private static final Duration DEAD = Duration.ofDays(1);

    private final S3Bucket bucket;
    private final S3Memory memory;
    private final S3Journal journal;
    private final Set<String> active = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads =
            Executors.newFixedThreadPool(
                    THREADS, Thread.ofPlatform().daemon().name("s3-part-", 1).factory());

    S3Parts(S3Bucket bucket, S3Memory memory, S3Journal journal) {
        this.bucket = bucket;
        this.memory = memory;
        this.journal = journal;
    }

    /// What all the bytes are.
    ///
    /// @param crc32c by which those that are sent are known again; the processor has it for nothing
    private record Whole(Sha256 sha256, long crc32c) {}

    /// Puts an object.
    ///
    /// @param checksums whether the server compares and keeps them
    /// @throws TargetException if the server fails
    /// @throws IOException if the bytes can not be read
    Put put(String name, long length, ContentStreamProvider source, boolean checksums)
            throws IOException, InterruptedException {
        Whole whole = look(source, length);
        Upload upload = resumable(whole, length);
        if (upload != null && !active.add(upload.name())) {
            upload = null; // another file of the same bytes is under way in it
        }
        String used = upload == null ? name : upload.name();
        active.add(used);
        try {
            return put(name, upload, whole, length, source, checksums);
        } finally {
            active.remove(used);
        }
    }

    private Put put(
            String name,
            @Nullable Upload earlier,
            Whole whole,
            long length,
            ContentStreamProvider source,
            boolean checksums)
            throws IOException, InterruptedException {
        Upload upload = earlier;
        Map<Integer, Part> there = upload == null ? Map.of() : there(upload);
        if (upload == null || there.isEmpty()) {
            S3Address.Lock lock = bucket.address().lock();
            Instant until = lock == null ? null : lock.untilFrom(Instant.now());
            upload =
                    new Upload(
                            name,
                            create(name, whole, until, checksums),
                            partBytes(length),
                            until == null ? 0 : until.getEpochSecond());
            there = Map.of();
            journal.note(whole.sha256, length, upload);
        }
        Parts parts =
                new S3Sending(bucket, memory, threads, upload, there, checksums)
                        .send(source, length, whole.crc32c);
        Sent sent = complete(upload, parts, length);
        journal.forget(whole.sha256, length);
        return new Put(
                upload.name(),
                sent.version(),
                length,
                whole.sha256,
                parts.crc(),
                upload.locked(),
                sent.wasThere());
    }

    private long partBytes(long length) throws TargetException {
        long least = (length + MOST_PARTS - 1) / MOST_PARTS;
        long blocks = Math.max(1, (least + S3Memory.BLOCK - 1) / S3Memory.BLOCK);
        if (blocks > S3Memory.BLOCKS / 2) {
            throw new TargetException(
                    Remedy.WAIT,
                    "%s: an object of %d bytes is larger than can be put in %d parts"
                            .formatted(bucket.address().uri(""), length, MOST_PARTS));
        }
        return blocks * S3Memory.BLOCK;
    }

    private static Whole look(ContentStreamProvider source, long length) throws IOException {
        MessageDigest digest = Sha256.digest();
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[256 << 10];
        long read = 0;
        try (InputStream in = source.newStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                Sha256.update(digest, buffer, 0, count);
                crc.update(buffer, 0, count);
                read += count;
            }
        }
        if (read != length) {
            throw new IOException("%d bytes were announced, %d came".formatted(length, read));
        }
        return new Whole(Sha256.of(digest.digest()), crc.getValue());
    }

    private @Nullable Upload resumable(Whole whole, long length) {
        try {
            return journal.find(whole.sha256, length).orElse(null);
        } catch (IOException unreadable) {
            return null; // it is sent from the beginning
        }
    }

    /// The parts of an upload that the server has; none if it knows no such upload any more.
    private Map<Integer, Part> there(Upload upload) throws TargetException {
        Map<Integer, Part> there = new HashMap<>();
        try {
            bucket.client()
                    .listPartsPaginator(request ->
                            request.bucket(bucket.address().bucket())
                                    .key(key(upload.name()))
                                    .uploadId(upload.id()))
                    .parts()
                    .forEach(part -> there.put(part.partNumber(), part));
        } catch (S3Exception said) {
            if (said.statusCode() == 404) {
                return Map.of();
            }
            throw bucket.failure(S3Layout.object(upload.name()), said);
        } catch (RuntimeException failed) {
            throw bucket.failure(S3Layout.object(upload.name()), failed);
        }
        return there;
    }

    private String key(String name) {
        return bucket.key(S3Layout.object(name));
    }

    private String create(String name, Whole whole, @Nullable Instant until, boolean checksums)
            throws TargetException {
        S3Address address = bucket.address();
        CreateMultipartUploadRequest.Builder request =
                CreateMultipartUploadRequest.builder()
                        .bucket(address.bucket())
                        .key(key(name))
                        .storageClass(address.storageClass())
                        .metadata(Map.of(S3Layout.SHA256, whole.sha256.hex()));
        if (checksums) {
            request.checksumAlgorithm(ChecksumAlgorithm.CRC64_NVME)
                    .checksumType(ChecksumType.FULL_OBJECT);
        }
        request.serverSideEncryption(bucket.serverSide())
                .ssekmsKeyId(address.sse() == null ? null : address.sse().kmsKey());
        S3Address.Lock lock = address.lock();
        if (until != null && lock != null) {
            request.objectLockMode(ObjectLockMode.fromValue(lock.mode()))
                    .objectLockRetainUntilDate(until);
        }
        String below = S3Layout.object(name);
        CreateMultipartUploadResponse begun =
                bucket.asked(below, () -> bucket.client().createMultipartUpload(request.build()));
        bucket.requireEncrypted(below, begun.serverSideEncryptionAsString(), begun.ssekmsKeyId());
        return begun.uploadId();
    }

    private Sent complete(Upload upload, Parts parts, long length) throws TargetException {
        CompleteMultipartUploadRequest.Builder request =
                CompleteMultipartUploadRequest.builder()
                        .bucket(bucket.address().bucket())
                        .key(key(upload.name()))
                        .uploadId(upload.id())
                        .multipartUpload(list -> list.parts(parts.list()));
        if (parts.crc() != null) {
            request.checksumCRC64NVME(parts.crc()).checksumType(ChecksumType.FULL_OBJECT);
        }
        try {
            return new Sent(complete(request, length), false);
        } catch (S3Exception said) {
            boolean done =
                    said.statusCode() == 412
                            || said.statusCode() == 404
                                    && S3Failures.code(said).equals("NoSuchUpload");
            if (done) {
                // an answer that was lost said so before; the proof looks at it
                return new Sent(null, true);
            }
            throw bucket.failure(S3Layout.object(upload.name()), said);
        } catch (RuntimeException failed) {
            throw bucket.failure(S3Layout.object(upload.name()), failed);
        }
    }

    /// A server that knows no conditions here does without: no name is used twice.
    private @Nullable String complete(CompleteMultipartUploadRequest.Builder request, long length) {
        try {
            return bucket.client()
                    .completeMultipartUpload(request.ifNoneMatch("*").mpuObjectSize(length).build())
                    .versionId();
        } catch (S3Exception said) {
            if (said.statusCode() != 501) {
                throw said;
            }
            return bucket.client()
                    .completeMultipartUpload(request.ifNoneMatch(null).mpuObjectSize(null).build())
                    .versionId();
        }
    }

    /// Ends uploads of this home that nobody will go on with: those that are a day old, and those
    /// that no journal knows.
    ///
    /// @param prefix of the names of this home's objects
    void sweep(String prefix) throws TargetException {
        List<String> known;
        try {
            known = journal.ids();
        } catch (IOException unreadable) {
            known = List.of(); // they are sent from the beginning
        }
        List<String> ids = known;
        Instant dead = Instant.now().minus(DEAD);
        List<MultipartUpload> left = new ArrayList<>();
        List<String> there = new ArrayList<>();
        bucket.asked(
                S3Layout.OBJECTS,
                () -> {
                    bucket.client()
                            .listMultipartUploadsPaginator(request ->
                                    request.bucket(bucket.address().bucket()).prefix(key(prefix)))
                            .uploads()
                            .forEach(left::add);
                    return left;
                });
        left.forEach(upload -> there.add(upload.uploadId()));
        left.removeIf(upload -> active.stream().anyMatch(name -> upload.key().equals(key(name))));
        for (MultipartUpload upload : left) {
            if (!ids.contains(upload.uploadId()) || upload.initiated().isBefore(dead)) {
                abort(upload);
            }
        }
        for (String id : ids) {
            if (!there.contains(id)) {
                forget(id);
            }
        }
    }

    private void abort(MultipartUpload upload) throws TargetException {
        try {
            bucket.client()
                    .abortMultipartUpload(request ->
                            request.bucket(bucket.address().bucket())
                                    .key(upload.key())
                                    .uploadId(upload.uploadId()));
        } catch (S3Exception said) {
            if (said.statusCode() != 404) {
                throw bucket.failure(S3Layout.OBJECTS, said);
            }
        } catch (RuntimeException failed) {
            throw bucket.failure(S3Layout.OBJECTS, failed);
        }
        forget(upload.uploadId());
    }

    private void forget(String id) throws TargetException {
        try {
            journal.forgetId(id);
        } catch (IOException failed) {
            throw new TargetException(
                    Remedy.WAIT,
                    "the journal of uploads can not be written: " + failed.getMessage(),
                    failed);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
