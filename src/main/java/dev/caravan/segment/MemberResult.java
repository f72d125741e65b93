package dev.caravan.segment;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What became of one version in a pass over a segment.
public sealed interface MemberResult {

    Version version();

    /// Where the member's pax header block (or ustar header, if it has no pax header) begins in the
    /// segment: a reader may start there.
    long offset();

    /// The version is in the segment, unchanged from its first byte to its last.
    ///
    /// @param contentOffset where the stored bytes begin; those of the linked-to member for a hard
    ///   link
    /// @param sha256 of the content; null for folders and symlinks
    /// @param linked whether the member is a hard link to an earlier one
    record Written(
            Version version,
            long offset,
            long contentOffset,
            @Nullable Sha256 sha256,
            boolean linked)
            implements MemberResult {}

    /// The member's place in the segment holds nothing of use: write the version again in a later
    /// segment.
    ///
    /// @param why a [dev.caravan.item.ContentUnavailableException] if it concerns this item alone,
    ///   any other [IOException] if the medium it was read from failed
    record Void(Version version, long offset, IOException why) implements MemberResult {}
}
