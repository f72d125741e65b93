package dev.caravan.target;

import dev.caravan.target.TargetException.Remedy;
import java.util.Set;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What a failure of the S3 client means for the bucket as a whole.
final class S3Failures {
    /// Codes that no retry cures. Source: Amazon S3 API Reference, "Error responses".
    private static final Set<String> FOR_A_PERSON =
            Set.of(
                    "AccessDenied",
                    "AccountProblem",
                    "AllAccessDisabled",
                    "InvalidAccessKeyId",
                    "InvalidBucketName",
                    "InvalidStorageClass",
                    "NoSuchBucket",
                    "NotSignedUp",
                    "PermanentRedirect",
                    "SignatureDoesNotMatch");

    private S3Failures() {}

    static TargetException of(String what, RuntimeException failed) {
        if (failed instanceof S3Exception said) {
            String code = code(said);
            boolean kms = isAboutKms(code, said);
            String line =
                    "%s: the server said %d %s%s"
                            .formatted(
                                    what,
                                    said.statusCode(),
                                    code,
                                    kms ? words(said) + KMS : advice(code, said));
            return new TargetException(
                    kms || FOR_A_PERSON.contains(code) ? Remedy.PERSON : Remedy.WAIT, line, failed);
        }
        if (failed.getCause() instanceof TargetException known) {
            return known;
        }
        boolean noKeys =
                failed instanceof SdkException
                        && String.valueOf(failed.getMessage()).contains("load credentials");
        return new TargetException(
                noKeys ? Remedy.PERSON : Remedy.WAIT,
                "%s: %s".formatted(what, noKeys ? NO_KEYS : reason(failed)),
                failed);
    }

    private static final String NO_KEYS =
            "no access key was found: set its credentials (caravan.s3.credentials,"
                    + " caravan.source.NAME.credentials), or AWS_ACCESS_KEY_ID and"
                    + " AWS_SECRET_ACCESS_KEY";

    /// Codes that a request has whatever it asks for.
    private static final Set<String> ABOUT_THE_KEY =
            Set.of(
                    "ExpiredToken",
                    "InvalidAccessKeyId",
                    "InvalidToken",
                    "RequestTimeTooSkewed",
                    "SignatureDoesNotMatch");

    static boolean isAboutTheKeyItself(S3Exception said) {
        return ABOUT_THE_KEY.contains(code(said));
    }

    private static final String KMS =
            ": does the server know that KMS key (caravan.s3.server-encryption), and may the access"
                    + " key use it?";

    private static final Pattern KMS_WORDS = Pattern.compile("\\bKMS\\b|\\bkms:|\\bkms-keyid\\b");

    /// Of the keys that the server encrypts with. Amazon says `KMS.NotFoundException` and the like,
    /// or `AccessDenied` with `kms:GenerateDataKey` in its words; Ceph says `InvalidAccessKeyId`.
    private static boolean isAboutKms(String code, S3Exception said) {
        return said.statusCode() < 500
                && !code.contains("Throttl")
                && (code.startsWith("KMS.") || KMS_WORDS.matcher(words(said)).find());
    }

    /// What the server said, behind a colon; empty if it said nothing.
    private static String words(S3Exception said) {
        String words =
                said.awsErrorDetails() == null ? null : said.awsErrorDetails().errorMessage();
        return words == null || words.isBlank()
                ? ""
                : ": " + words.lines().findFirst().orElse("").strip();
    }

    private static String advice(String code, S3Exception said) {
        return switch (code) {
            case "AccessDenied" -> ": may the key do that on this bucket?";
            case "InvalidAccessKeyId", "SignatureDoesNotMatch" -> ": is it the right key?";
            case "NoSuchBucket" ->
                    ": is there no such bucket yet, or is this the wrong name, server or region?";
            case "PermanentRedirect" -> ": the bucket is in another region";
            case "RequestTimeTooSkewed" -> ": set the clock of this machine";
            case "ExpiredToken" -> ": get new credentials";
            case "InvalidStorageClass" -> ": this server does not know caravan.s3.storage-class";
            default -> words(said);
        };
    }

    /// The code the server gave; an answer to HEAD has no body to say one in.
    static String code(S3Exception said) {
        String code = said.awsErrorDetails() == null ? null : said.awsErrorDetails().errorCode();
        if (code != null && !code.isBlank()) {
            return code;
        }
        return switch (said.statusCode()) {
            case 403 -> "AccessDenied";
            case 404 -> "NotFound";
            default -> "without a reason";
        };
    }

    private static String reason(Throwable failed) {
        Throwable deepest = failed;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        String said =
                message == null || message.isBlank()
                        ? deepest.getClass().getSimpleName()
                        : message.lines().findFirst().orElse(message);
        return "no answer: " + said;
    }
}
