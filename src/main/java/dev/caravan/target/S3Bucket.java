package dev.caravan.target;

import dev.caravan.target.S3Address.Lock;
import dev.caravan.target.S3Address.Sse;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.DeleteMarkerEntry;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/// A bucket, and what is asked of it beside putting stored objects. Failures are those of the
/// target that it is, or of the bucket itself where it is somebody's source. Thread-safe.
final class S3Bucket implements AutoCloseable {
    /// Forbidden, and not known there.
    private static final Set<Integer> NOT_TOLD = Set.of(400, 403, 405, 501);

    private final @Nullable String target;
    private final S3Address address;
    private final S3Client client;
    private volatile Pace pace = Pace.UNLIMITED;

    /// @param target null where what is in it is somebody's own
    S3Bucket(@Nullable String target, S3Address address) {
        this.target = target;
        this.address = address;
        this.client = S3Clients.of(address, () -> pace);
    }

    /// From here on what is sent is held to a pace.
    void hold(Pace pace) {
        this.pace = pace;
    }

    S3Client client() {
        return client;
    }

    S3Address address() {
        return address;
    }

    String key(String below) {
        return address.prefix() + below;
    }

    /// Runs something on the client.
    ///
    /// @throws TargetException if it fails
    <T extends @Nullable Object> T asked(String below, Supplier<T> work) throws TargetException {
        try {
            return work.get();
        } catch (RuntimeException failed) {
            throw failure(below, failed);
        }
    }

    TargetException failure(String below, RuntimeException failed) {
        String place = address.uri(below);
        return S3Failures.of(
                target == null ? place : "target '%s' at %s".formatted(target, place), failed);
    }

    /// What the server says of an object, its checksums too.
    ///
    /// @return null if it is not there
    @Nullable HeadObjectResponse head(String below, @Nullable String version)
            throws TargetException {
        try {
            return client.headObject(request ->
                    request.bucket(address.bucket())
                            .key(key(below))
                            .versionId(version)
                            .checksumMode(ChecksumMode.ENABLED));
        } catch (S3Exception said) {
            if (said.statusCode() == 404) {
                return null;
            }
            throw failure(below, said);
        } catch (RuntimeException failed) {
            throw failure(below, failed);
        }
    }

    /// The version of an object whose bytes are still there although somebody deleted the object: a
    /// delete marker only hides it.
    ///
    /// @return null if there is none
    @Nullable String hidden(String below) throws TargetException {
        ListObjectVersionsResponse all = versions(below);
        return all == null
                ? null
                : all.versions().stream()
                        .filter(version -> version.key().equals(key(below)))
                        .map(ObjectVersion::versionId)
                        .findFirst()
                        .orElse(null);
    }

    /// How many versions of an object there are; 0 where the server knows none.
    long versionsOf(String below) throws TargetException {
        ListObjectVersionsResponse all = versions(below);
        return all == null
                ? 0
                : all.versions().stream()
                        .filter(version -> version.key().equals(key(below)))
                        .count();
    }

    /// @return null where the server knows no versions
    private @Nullable ListObjectVersionsResponse versions(String below) throws TargetException {
        try {
            return client.listObjectVersions(
                    request -> request.bucket(address.bucket()).prefix(key(below)));
        } catch (S3Exception said) {
            if (said.statusCode() == 501) {
                return null;
            }
            throw failure(below, said);
        } catch (RuntimeException failed) {
            throw failure(below, failed);
        }
    }

    /// Bytes of an object.
    ///
    /// @param match the entity tag that it must have; null for any
    /// @param last the last byte; below 0 for all that follow
    /// @throws NoSuchFileException if it is not there, or another one is
    /// @throws ColdObjectException if its storage class must be thawed first
    ResponseInputStream<GetObjectResponse> get(
            String below, @Nullable String version, @Nullable String match, long first, long last)
            throws IOException {
        GetObjectRequest.Builder request =
                GetObjectRequest.builder()
                        .bucket(address.bucket())
                        .key(key(below))
                        .versionId(version)
                        .ifMatch(match);
        if (first > 0 || last >= 0) {
            request.range("bytes=%d-%s".formatted(first, last < 0 ? "" : last));
        }
        try {
            return client.getObject(request.build());
        } catch (S3Exception said) {
            if (said.statusCode() == 404 && !S3Failures.code(said).equals("NoSuchBucket")) {
                throw new NoSuchFileException(address.uri(below), null, "it is not there any more");
            }
            if (said.statusCode() == 412) {
                throw new NoSuchFileException(address.uri(below), null, "it is another one now");
            }
            if (S3Failures.code(said).equals("InvalidObjectState")) {
                throw new ColdObjectException(address.uri(below), below, version);
            }
            throw failure(below, said);
        } catch (RuntimeException failed) {
            throw failure(below, failed);
        }
    }

    /// What all buckets of one account fail together with: `account OWNER at SERVER`; where the
    /// owner is not told to this key, `bucket NAME at SERVER`.
    ///
    /// @throws TargetException if the server can not be asked
    String account() throws TargetException {
        String server = address.server();
        try {
            String owner =
                    client.getBucketAcl(request -> request.bucket(address.bucket())).owner().id();
            return "account " + owner + " at " + server;
        } catch (S3Exception said) {
            boolean notTold =
                    NOT_TOLD.contains(said.statusCode()) && !S3Failures.isAboutTheKeyItself(said);
            if (!notTold) {
                throw failure("", said);
            }
            return "bucket " + address.bucket() + " at " + server;
        } catch (RuntimeException failed) {
            throw failure("", failed);
        }
    }

    /// All of a small object.
    ///
    /// @return null if it is not there
    byte @Nullable [] small(String below) throws TargetException {
        try {
            return client.getObjectAsBytes(
                            request -> request.bucket(address.bucket()).key(key(below)))
                    .asByteArray();
        } catch (S3Exception said) {
            if (said.statusCode() == 404 && !S3Failures.code(said).equals("NoSuchBucket")) {
                return null;
            }
            throw failure(below, said);
        } catch (RuntimeException failed) {
            throw failure(below, failed);
        }
    }

    /// Puts a small object that is none yet.
    ///
    /// @param locked whether it is locked as stored objects are
    void put(String below, byte[] content, boolean locked) throws TargetException {
        PutObjectRequest.Builder request =
                PutObjectRequest.builder()
                        .bucket(address.bucket())
                        .key(key(below))
                        .contentMD5(Md5.base64(content, 0, content.length));
        encrypt(request);
        if (locked) {
            lock(request);
        }
        PutObjectResponse said =
                asked(
                        below,
                        () -> client.putObject(request.build(), RequestBody.fromBytes(content)));
        requireEncrypted(below, said.serverSideEncryptionAsString(), said.ssekmsKeyId());
    }

    /// Locks what is put, if the target locks.
    ///
    /// @return until when; null if it does not
    @Nullable Instant lock(PutObjectRequest.Builder request) {
        Lock lock = address.lock();
        if (lock == null) {
            return null;
        }
        Instant until = lock.untilFrom(Instant.now());
        request.objectLockMode(ObjectLockMode.fromValue(lock.mode()))
                .objectLockRetainUntilDate(until);
        return until;
    }

    /// Looks whether the server encrypted as it was asked to: there are some that pass over what
    /// they do not know, and store it plain.
    ///
    /// @param algorithm that the server says; null if it says none
    /// @throws TargetException if it did not
    void requireEncrypted(String below, @Nullable String algorithm, @Nullable String key)
            throws TargetException {
        Sse wanted = address.sse();
        if (wanted != null && !wanted.isMet(algorithm, key)) {
            throw new TargetException(
                    TargetException.Remedy.PERSON,
                    "target '%s': %s was to be encrypted by the server with %s, the server says with %s: set caravan.s3.server-encryption to what it can do, or encrypt before it is sent (caravan.encrypt.%s)"
                            .formatted(
                                    target,
                                    address.uri(below),
                                    Sse.words(wanted.algorithm(), wanted.kmsKey()),
                                    Sse.words(algorithm, key),
                                    target));
        }
    }

    void encrypt(PutObjectRequest.Builder request) {
        request.serverSideEncryption(serverSide())
                .ssekmsKeyId(address.sse() == null ? null : address.sse().kmsKey());
    }

    /// @return null for the server's default
    @Nullable ServerSideEncryption serverSide() {
        return address.sse() == null
                ? null
                : ServerSideEncryption.fromValue(address.sse().algorithm());
    }

    /// Removes an object for good: every version of it, and what hides them.
    ///
    /// @throws TargetException if the server refuses, for a lock too
    void remove(String below) throws TargetException {
        ListObjectVersionsResponse all = versions(below);
        if (all == null) {
            delete(below, null);
            return;
        }
        for (ObjectVersion version : all.versions()) {
            if (version.key().equals(key(below))) {
                delete(below, version.versionId());
            }
        }
        for (DeleteMarkerEntry marker : all.deleteMarkers()) {
            if (marker.key().equals(key(below))) {
                delete(below, marker.versionId());
            }
        }
    }

    private void delete(String below, @Nullable String version) throws TargetException {
        asked(
                below,
                () ->
                        client.deleteObject(request ->
                                request.bucket(address.bucket())
                                        .key(key(below))
                                        .versionId(version)));
    }

    @Override
    public void close() {
        client.close();
    }
}
