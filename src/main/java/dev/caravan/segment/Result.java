package dev.caravan.segment;

import dev.caravan.item.Sha256;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one complete pass over a [SegmentBody] wrote.
///
/// @param length bytes of the whole segment
/// @param sha256 of the whole segment; null if the body was made without `digestWhole`
/// @param members one for each version, in the order of the versions
public record Result(long length, @Nullable Sha256 sha256, List<MemberResult> members) {
    public Result {
        members = List.copyOf(members);
    }
}
