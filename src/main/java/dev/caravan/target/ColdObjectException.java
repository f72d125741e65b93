package dev.caravan.target;

import java.nio.file.AccessDeniedException;
import org.jspecify.annotations.Nullable;

/// An object is in a storage class that must be thawed before it can be read. That says nothing of
/// what it is.
public final class ColdObjectException extends AccessDeniedException {
    private static final long serialVersionUID = 1L;

    final String below;
    final @Nullable String version;

    ColdObjectException(String uri, String below, @Nullable String version) {
        super(uri, null, "it is in a cold storage class and must be thawed first");
        this.below = below;
        this.version = version;
    }
}
