package dev.caravan.target;

import dev.caravan.target.S3Address.Lock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;

/// Locks and legal holds of objects that are in a target's bucket. What a server says it did is not
/// believed: each is looked at afterwards. Thread-safe. [TargetException] says why the server does
/// not do it.
final class S3Locks {
    private final String target;
    private final S3Bucket bucket;

    S3Locks(String target, S3Bucket bucket) {
        this.target = target;
        this.bucket = bucket;
    }

    /// Locks an object that is there, if the target locks and its lock ends before `before`.
    ///
    /// @param head what the server says of it
    /// @return until when it is locked now, as the server says; null if the target does not lock
    /// @throws TargetException if the server does not lock it
    @Nullable Instant relock(String below, HeadObjectResponse head, Instant before)
            throws TargetException {
        Lock lock = bucket.address().lock();
        if (lock == null) {
            return null;
        }
        Instant until = head.objectLockRetainUntilDate();
        if (until != null
                && !until.isBefore(before)
                && lock.mode().equals(head.objectLockModeAsString())) {
            return until;
        }
        Instant wanted = lock.untilFrom(Instant.now());
        bucket.asked(
                below,
                () ->
                        bucket.client()
                                .putObjectRetention(request ->
                                        request.bucket(bucket.address().bucket())
                                                .key(bucket.key(below))
                                                .versionId(head.versionId())
                                                .retention(kept ->
                                                        kept.mode(lock.mode())
                                                                .retainUntilDate(wanted))));
        HeadObjectResponse after = bucket.head(below, head.versionId());
        Instant now = after == null ? null : after.objectLockRetainUntilDate();
        if (after == null
                || now == null
                || now.isBefore(wanted)
                || !lock.mode().equals(after.objectLockModeAsString())) {
            throw new TargetException(
                    TargetException.Remedy.PERSON,
                    "target '%s': %s was to be locked %s until %s, the server says until %s"
                            .formatted(
                                    target, bucket.address().uri(below), lock.mode(), wanted, now));
        }
        return now;
    }

    /// Puts a legal hold on an object that is there, or takes it off.
    ///
    /// @param head what the server says of it
    /// @throws TargetException if the server does not do it
    void hold(String below, HeadObjectResponse head, boolean held) throws TargetException {
        ObjectLockLegalHoldStatus wanted =
                held ? ObjectLockLegalHoldStatus.ON : ObjectLockLegalHoldStatus.OFF;
        bucket.asked(
                below,
                () ->
                        bucket.client()
                                .putObjectLegalHold(request ->
                                        request.bucket(bucket.address().bucket())
                                                .key(bucket.key(below))
                                                .versionId(head.versionId())
                                                .legalHold(hold -> hold.status(wanted))));
        HeadObjectResponse after = bucket.head(below, head.versionId());
        boolean is =
                after != null && after.objectLockLegalHoldStatus() == ObjectLockLegalHoldStatus.ON;
        if (after == null || is != held) {
            throw new TargetException(
                    TargetException.Remedy.PERSON,
                    "target '%s': the legal hold of %s was to be %s, the server says %s"
                            .formatted(
                                    target,
                                    bucket.address().uri(below),
                                    wanted,
                                    after == null
                                            ? "it is not there"
                                            : after.objectLockLegalHoldStatusAsString()));
        }
    }
}
