package dev.caravan.segment;

import dev.caravan.item.Content.Extent;
import dev.caravan.item.Metadata;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All that the header blocks of a member say.
///
/// @param offset of its first header block
/// @param name without a slash at the end
/// @param hardLinkTo the name of an earlier member; null if it is no hard link
/// @param extents where the data lies, ascending
record Header(
        long offset,
        byte[] name,
        Metadata metadata,
        byte @Nullable [] hardLinkTo,
        List<Extent> extents) {}
