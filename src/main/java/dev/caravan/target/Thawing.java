package dev.caravan.target;

/// What a cold copy needs before it can be read.
///
/// @param uri of the object it is in
/// @param storageClass as the server calls it
/// @param underWay whether somebody asked for it
/// @param tier how fast it is thawed, as the server calls it
public record Thawing(String uri, String storageClass, boolean underWay, String tier) {

    /// How long it takes from when it is asked for. Source: Amazon S3 User Guide, "Understanding
    /// archive retrieval options".
    public String takes() {
        boolean deep = storageClass.startsWith("DEEP_ARCHIVE");
        return switch (tier) {
            case "Expedited" -> "about 5 minutes";
            case "Standard" -> deep ? "about 12 hours" : "about 5 hours";
            default -> deep ? "about 48 hours" : "about 12 hours";
        };
    }

    /// For a person, once it was asked for.
    public String text() {
        return "%s is in storage class %s and is being thawed (%s): it can be read in %s"
                .formatted(uri, storageClass, tier, takes());
    }
}
