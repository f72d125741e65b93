package dev.caravan.target;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.Tier;

/// Has objects of cold storage classes made readable for some days. Source: Amazon S3 User Guide,
/// "Restoring an archived object". Thread-safe.
final class S3Thaw {
    private final S3Bucket bucket;

    S3Thaw(S3Bucket bucket) {
        this.bucket = bucket;
    }

    /// Asks for an object, if nobody has.
    ///
    /// @return what to tell the reader
    /// @throws TargetException if the server does not do it
    S3ThawingException request(S3Frozen frozen) throws IOException {
        S3Address.Thaw how = bucket.address().thaw();
        HeadObjectResponse head = bucket.head(frozen.below, frozen.version);
        String kind = head == null ? "" : head.storageClassAsString();
        if (!isUnderWay(head)) {
            try {
                bucket.client()
                        .restoreObject(request ->
                                request.bucket(bucket.address().bucket())
                                        .key(bucket.key(frozen.below))
                                        .versionId(frozen.version)
                                        .restoreRequest(restore ->
                                                restore.days(how.days())
                                                        .glacierJobParameters(job ->
                                                                job.tier(
                                                                        Tier.fromValue(
                                                                                how.tier())))));
            } catch (S3Exception said) {
                if (!S3Failures.code(said).equals("RestoreAlreadyInProgress")) {
                    throw bucket.failure(frozen.below, said);
                }
            } catch (RuntimeException failed) {
                throw bucket.failure(frozen.below, failed);
            }
        }
        return new S3ThawingException(
                bucket.address().uri(frozen.below), kind == null ? "" : kind, how.tier());
    }

    /// `ongoing-request="true"`, until it can be read.
    static boolean isUnderWay(@Nullable HeadObjectResponse head) {
        return head != null
                && head.restore() != null
                && head.restore().contains("ongoing-request=\"true\"");
    }
}
