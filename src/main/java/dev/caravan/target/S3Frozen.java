package dev.caravan.target;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// An object is in a storage class that must be thawed before it can be read.
final class S3Frozen extends IOException {
    final String below;
    final @Nullable String version;

    S3Frozen(String uri, String below, @Nullable String version) {
        super(uri + " is in a cold storage class: it must be thawed first");
        this.below = below;
        this.version = version;
    }
}
