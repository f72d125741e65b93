package dev.caravan.target;

import dev.caravan.item.Sha256;
import dev.caravan.target.TargetException.Remedy;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What the server of a target's bucket can do that copies there rely on, asked of it before any is
/// put. Thread-safe. [TargetException] says that it can not do what the target asks for, or that it
/// could not be asked.
final class S3Abilities {
    /// `BadDigest` at Amazon, `XAmzContentChecksumMismatch` at others.
    private static final Pattern WRONG_CHECKSUM = Pattern.compile("Digest|Mismatch");

    private final String target;
    private final S3Bucket bucket;

    S3Abilities(String target, S3Bucket bucket) {
        this.target = target;
        this.bucket = bucket;
    }

    /// Looks whether the bucket has Object Lock, if the target locks.
    ///
    /// @throws TargetException if it does not
    void requireLock() throws TargetException {
        if (bucket.address().lock() == null) {
            return;
        }
        ObjectLockEnabled enabled;
        try {
            enabled =
                    bucket.client()
                            .getObjectLockConfiguration(
                                    request -> request.bucket(bucket.address().bucket()))
                            .objectLockConfiguration()
                            .objectLockEnabled();
        } catch (S3Exception said) {
            if (said.statusCode() != 404) {
                throw bucket.failure("", said);
            }
            enabled = null;
        } catch (RuntimeException failed) {
            throw bucket.failure("", failed);
        }
        if (enabled != ObjectLockEnabled.ENABLED) {
            throw new TargetException(
                    Remedy.PERSON,
                    "target '%s' at %s: the bucket has no Object Lock, which caravan.s3.lock asks for: make one with Object Lock, or lock nothing"
                            .formatted(target, bucket.address().uri("")));
        }
    }

    /// Looks whether the server encrypts before anything is sent that must not lie there plain.
    ///
    /// @throws TargetException if it does not
    void requireEncryption() throws TargetException {
        S3Address.Sse wanted = bucket.address().sse();
        if (wanted == null) {
            return;
        }
        HeadObjectResponse shown = bucket.head(S3Layout.ENCRYPTED, null);
        boolean known =
                shown != null
                        && wanted.isMet(shown.serverSideEncryptionAsString(), shown.ssekmsKeyId());
        if (!known) {
            bucket.put(
                    S3Layout.ENCRYPTED,
                    "The server was asked to encrypt this.\n".getBytes(StandardCharsets.UTF_8),
                    false);
        }
    }

    /// Whether the server compares a checksum with what it gets: one that is wrong is refused for
    /// that. One that refuses the header as such keeps none.
    boolean compares() throws TargetException {
        if (bucket.small(S3Layout.PROBE) != null) {
            return false;
        }
        byte[] content =
                "This server takes objects whose checksum is wrong.\n"
                        .getBytes(StandardCharsets.UTF_8);
        byte[] wrong = Sha256.digest().digest();
        try {
            PutObjectRequest.Builder request =
                    PutObjectRequest.builder()
                            .bucket(bucket.address().bucket())
                            .key(bucket.key(S3Layout.PROBE))
                            .checksumSHA256(Base64.getEncoder().encodeToString(wrong));
            bucket.encrypt(request); // a bucket may take nothing that is not to be encrypted
            bucket.client().putObject(request.build(), RequestBody.fromBytes(content));
            return false;
        } catch (S3Exception said) {
            if (said.statusCode() == 400) {
                return WRONG_CHECKSUM.matcher(S3Failures.code(said)).find();
            }
            throw bucket.failure(S3Layout.PROBE, said);
        } catch (RuntimeException failed) {
            throw bucket.failure(S3Layout.PROBE, failed);
        }
    }
}
