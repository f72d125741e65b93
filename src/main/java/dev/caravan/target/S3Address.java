package dev.caravan.target;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A bucket, or the part of one below a prefix, on Amazon S3 or a server that speaks its protocol.
///
/// @param region such as `eu-central-1`; many servers take any
/// @param endpoint `https://host[:port]`; null for Amazon's own of that region
/// @param prefix of every key, empty or ending in `/`
/// @param credentials a file in the format of `~/.aws/credentials`, profile `default`; null for the
///   SDK's own chain (environment, `~/.aws`, web identity, instance)
/// @param lock how long objects cannot be deleted from when they are written; null for not at all
/// @param storageClass as S3 names it, such as `GLACIER`; null for the server's default
/// @param sse how the server encrypts; null for its default
/// @param thaw for how long an object of a cold storage class is made readable, at what speed
public record S3Address(
        String bucket,
        String region,
        @Nullable URI endpoint,
        String prefix,
        @Nullable Path credentials,
        @Nullable Lock lock,
        @Nullable String storageClass,
        @Nullable Sse sse,
        Thaw thaw) {

    /// What is stored in these must be thawed before it can be read.
    public static final Set<String> COLD_CLASSES = Set.of("GLACIER", "DEEP_ARCHIVE");

    /// Object Lock. Source: Amazon S3 User Guide, "Locking objects with Object Lock".
    ///
    /// @param mode `COMPLIANCE`: nobody can delete or shorten it; `GOVERNANCE`: those with a right
    ///   of their own can
    /// @param period from the moment of writing; a scrub renews it when half of it is over
    public record Lock(String mode, Duration period) {
        /// S3 keeps whole seconds.
        Instant untilFrom(Instant written) {
            return Instant.ofEpochSecond(written.plus(period).getEpochSecond() + 1);
        }
    }

    /// Who keeps the keys of server-side encryption.
    public enum Keys {
        /// SSE-S3.
        OF_THE_SERVER,
        /// SSE-KMS.
        OF_KMS
    }

    /// Server-side encryption.
    ///
    /// @param kmsKey null for the account's default key
    public record Sse(Keys keys, @Nullable String kmsKey) {
        /// As S3 names it.
        String algorithm() {
            return switch (keys) {
                case OF_THE_SERVER -> "AES256";
                case OF_KMS -> "aws:kms";
            };
        }

        /// Whether a server that says this encrypts as it was asked to. It may say a key's whole
        /// name where it was told the end of it; of an alias it says which key that is.
        boolean isMet(@Nullable String algorithm, @Nullable String key) {
            if (!algorithm().equals(algorithm)) {
                return false;
            }
            return kmsKey == null
                    || key != null
                            && (key.equals(kmsKey)
                                    || key.endsWith("/" + kmsKey)
                                    || kmsKey.startsWith("alias/")
                                    || kmsKey.contains(":alias/"));
        }

        /// For a person.
        static String words(@Nullable String algorithm, @Nullable String key) {
            return algorithm == null ? "nothing" : key == null ? algorithm : algorithm + ":" + key;
        }
    }

    /// How a cold object is brought back.
    ///
    /// @param days it stays readable
    /// @param tier `Bulk`, `Standard` or `Expedited`
    public record Thaw(int days, String tier) {}

    /// A key below the prefix, for a person.
    String uri(String key) {
        return "s3://" + bucket + "/" + prefix + key;
    }

    /// The server, as failure domains are told apart by.
    String server() {
        URI at = endpoint;
        if (at == null) {
            return "s3." + region + ".amazonaws.com";
        }
        String host = at.getHost().equalsIgnoreCase("localhost") ? "127.0.0.1" : at.getHost();
        int port = at.getPort() == ("https".equals(at.getScheme()) ? 443 : 80) ? -1 : at.getPort();
        return host.toLowerCase(Locale.ROOT) + (port < 0 ? "" : ":" + port);
    }
}
