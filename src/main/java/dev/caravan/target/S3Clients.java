package dev.caravan.target;

import java.time.Duration;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/// Makes clients of S3 with the server, region and access keys of an address. Thread-safe. No
/// server is asked yet; a file of access keys that can not be read fails as the SDK says.
final class S3Clients {
    private static final int CONNECTIONS = 32;
    private static final Duration TO_CONNECT = Duration.ofSeconds(10);

    /// Without a byte; longer than a server takes to put together an object of many parts.
    private static final Duration TO_ANSWER = Duration.ofSeconds(60);

    private S3Clients() {}

    /// @param pace that sending is held to; it may change
    static S3Client of(S3Address address, Supplier<Pace> pace) {
        S3ClientBuilder builder =
                S3Client.builder()
                        .region(
                                Region.of(
                                        address.region().isEmpty()
                                                ? "us-east-1"
                                                : address.region()))
                        .credentialsProvider(credentials(address))
                        .httpClientBuilder(
                                S3PacedHttp.of(
                                        ApacheHttpClient.builder()
                                                .maxConnections(CONNECTIONS)
                                                .connectionTimeout(TO_CONNECT)
                                                .socketTimeout(TO_ANSWER),
                                        pace))
                        // we send the checksums ourselves, in headers: not every server takes them
                        // behind the body, and one that has none is asked for no others
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .overrideConfiguration(config ->
                                config.retryStrategy(AwsRetryStrategy.standardRetryStrategy()));
        if (address.endpoint() != null) {
            builder.endpointOverride(address.endpoint()).forcePathStyle(true);
        }
        return builder.build();
    }

    private static AwsCredentialsProvider credentials(S3Address address) {
        return address.credentials() == null
                ? DefaultCredentialsProvider.builder().build()
                : ProfileCredentialsProvider.builder()
                        .profileName("default")
                        .profileFile(
                                ProfileFile.builder()
                                        .content(address.credentials())
                                        .type(ProfileFile.Type.CREDENTIALS)
                                        .build())
                        .build();
    }
}
