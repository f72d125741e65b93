package dev.caravan.segment;

import dev.caravan.item.Sha256;
import org.jspecify.annotations.Nullable;

/// What one complete pass over a [PartBody] wrote.
///
/// @param length bytes of the whole segment
/// @param offset of the member's first header block
/// @param sha256 of the bytes of the part
/// @param upToHere the digest of all bytes of the file up to the end of the part
/// @param whole of the whole file, in its last part; null in others
public record PartResult(
        long length, long offset, Sha256 sha256, RunningSha256 upToHere, @Nullable Sha256 whole) {}
