package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.target.S3Address.Keys;
import dev.caravan.target.S3Address.Sse;
import dev.caravan.target.TargetException.Remedy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3SseTest {
    private static final String ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234-abcd";

    @ParameterizedTest
    @CsvSource({
        "OF_THE_SERVER,               , AES256 ,             , true",
        "OF_THE_SERVER,               , aws:kms, " + ARN + " , false",
        "OF_THE_SERVER,               ,        ,             , false",
        "OF_KMS       ,               , aws:kms,             , true",
        "OF_KMS       ,               , aws:kms, " + ARN + " , true",
        "OF_KMS       ,               , AES256 ,             , false",
        "OF_KMS       ,               ,        , " + ARN + " , false",
        "OF_KMS       , 1234-abcd     , aws:kms, " + ARN + " , true",
        "OF_KMS       , " + ARN + "   , aws:kms, " + ARN + " , true",
        "OF_KMS       , alias/backup  , aws:kms, " + ARN + " , true",
        "OF_KMS       , alias/backup  , aws:kms,             , false",
        "OF_KMS       , abcd          , aws:kms, " + ARN + " , false",
        "OF_KMS       , other-key     , aws:kms, " + ARN + " , false",
        "OF_KMS       , testkey-1     , aws:kms, testkey-1   , true",
        "OF_KMS       , testkey-1     , aws:kms,             , false",
    })
    void whatTheServerSaysIsComparedWithWhatItWasAskedFor(
            Keys keys,
            @Nullable String wanted,
            @Nullable String algorithm,
            @Nullable String key,
            boolean met) {
        assertThat(new Sse(keys, wanted).isMet(algorithm, key)).isEqualTo(met);
    }

    /// As Amazon and Ceph say them.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400|KMS.NotFoundException|Key 'x' does not exist|PERSON|does the server know that KMS key",
                "400|KMS.DisabledException|x is disabled.|PERSON|does the server know that KMS key",
                "403|AccessDenied|User: y is not authorized to perform: kms:GenerateDataKey on this resource|PERSON|may the access key use it",
                "403|InvalidAccessKeyId|Failed to retrieve the actual key, kms-keyid: x|PERSON|may the access key use it",
                "400|InvalidArgument|Server Side Encryption with KMS managed key requires HTTP header z|PERSON|may the access key use it",
                "400|ThrottlingException|You have exceeded the rate of calls to KMS|WAIT|exceeded",
                "503|KMS.KMSInternalException|try again|WAIT|try again",
                "403|AccessDenied|not authorized to perform: s3:PutObject on arn:aws:s3:::kms-backup|PERSON|may the key do that on this bucket",
                "403|InvalidAccessKeyId||PERSON|is it the right key",
            })
    void aFailureOfTheKeyThatEncryptsIsToldFromOneOfTheAccessKey(
            int status, String code, @Nullable String words, Remedy remedy, String advice) {
        TargetException failure =
                S3Failures.of(
                        "target 's3'",
                        (RuntimeException)
                                S3Exception.builder()
                                        .statusCode(status)
                                        .awsErrorDetails(
                                                AwsErrorDetails.builder()
                                                        .errorCode(code)
                                                        .errorMessage(words)
                                                        .build())
                                        .build());

        assertThat(failure.remedy()).isEqualTo(remedy);
        assertThat(failure).hasMessageContaining(code).hasMessageContaining(advice);
    }
}
