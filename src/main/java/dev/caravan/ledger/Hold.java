package dev.caravan.ledger;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Retention frozen by a person: nothing that it holds is retired, and no data of it is removed.
///
/// @param source the one source it is for; null for all
/// @param paths what it holds; empty for all of the source
/// @param releasedAt null while it is in force
public record Hold(
        String name,
        @Nullable String source,
        List<Path> paths,
        String reason,
        Instant setAt,
        @Nullable Instant releasedAt) {

    public Hold {
        paths = List.copyOf(paths);
    }

    /// Items that are held.
    ///
    /// @param bytes a path, and all below it; or a pattern, and all below what matches
    @SuppressWarnings("ArrayRecordComponent") // as it stands in its row
    public record Path(byte[] bytes, boolean pattern) {}
}
