package dev.caravan.target;

import java.io.IOException;

/// A copy is being thawed; it can be read in some hours.
public final class S3ThawingException extends IOException {
    S3ThawingException(String uri, String storageClass, String tier) {
        super(
                "%s is in storage class %s and is being thawed (%s): it can be read in %s"
                        .formatted(uri, storageClass, tier, hours(storageClass, tier)));
    }

    /// Source: Amazon S3 User Guide, "Understanding archive retrieval options".
    private static String hours(String storageClass, String tier) {
        boolean deep = storageClass.equals("DEEP_ARCHIVE");
        return switch (tier) {
            case "Expedited" -> "about 5 minutes";
            case "Standard" -> deep ? "about 12 hours" : "about 5 hours";
            default -> deep ? "about 48 hours" : "about 12 hours";
        };
    }
}
