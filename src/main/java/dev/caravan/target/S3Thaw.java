package dev.caravan.target;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.RestoreRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.Tier;

/// Has objects of cold storage classes made readable for some days. Source: Amazon S3 User Guide,
/// "Restoring an archived object". Thread-safe.
final class S3Thaw {
    private final S3Bucket bucket;

    S3Thaw(S3Bucket bucket) {
        this.bucket = bucket;
    }

    /// What an object needs before it can be read; null if it can be read now, or is not there.
    @Nullable Thawing look(String below) throws TargetException {
        String version = null;
        HeadObjectResponse head = bucket.head(below, null);
        if (head == null) {
            version = bucket.hidden(below);
            head = version == null ? null : bucket.head(below, version);
        }
        String kind = coldClass(head);
        return kind == null || isReadable(head) ? null : thawing(below, kind, isUnderWay(head));
    }

    /// Asks for an object, if nobody has.
    ///
    /// @throws TargetException if the server does not do it
    Thawing request(ColdObjectException cold) throws IOException {
        HeadObjectResponse head = bucket.head(cold.below, cold.version);
        String kind = coldClass(head);
        if (!isUnderWay(head)) {
            try {
                bucket.client()
                        .restoreObject(request ->
                                request.bucket(bucket.address().bucket())
                                        .key(bucket.key(cold.below))
                                        .versionId(cold.version)
                                        .restoreRequest(restore -> how(restore, kind)));
            } catch (S3Exception said) {
                if (!S3Failures.code(said).equals("RestoreAlreadyInProgress")) {
                    throw bucket.failure(cold.below, said);
                }
            } catch (RuntimeException failed) {
                throw bucket.failure(cold.below, failed);
            }
        }
        return thawing(cold.below, kind == null ? "unknown" : kind, true);
    }

    /// What was moved into an archive tier of Intelligent-Tiering stays readable, once it is, and
    /// takes no number of days.
    private void how(RestoreRequest.Builder restore, @Nullable String kind) {
        S3Address.Thaw how = bucket.address().thaw();
        if (kind == null || !kind.endsWith("_ACCESS")) {
            restore.days(how.days());
        }
        restore.glacierJobParameters(job -> job.tier(Tier.fromValue(how.tier())));
    }

    private Thawing thawing(String below, String kind, boolean underWay) {
        return new Thawing(
                bucket.address().uri(below), kind, underWay, bucket.address().thaw().tier());
    }

    /// The storage class, or the archive tier of Intelligent-Tiering, that must be thawed; null if
    /// it is none.
    private static @Nullable String coldClass(@Nullable HeadObjectResponse head) {
        if (head == null) {
            return null;
        }
        if (head.archiveStatusAsString() != null) {
            return head.archiveStatusAsString();
        }
        String kind = head.storageClassAsString();
        return kind != null && S3Address.COLD_CLASSES.contains(kind) ? kind : null;
    }

    /// `ongoing-request="true"`, until it can be read.
    private static boolean isUnderWay(@Nullable HeadObjectResponse head) {
        return says(head, "ongoing-request=\"true\"");
    }

    private static boolean isReadable(@Nullable HeadObjectResponse head) {
        return says(head, "ongoing-request=\"false\"");
    }

    private static boolean says(@Nullable HeadObjectResponse head, String words) {
        return head != null && head.restore() != null && head.restore().contains(words);
    }
}
