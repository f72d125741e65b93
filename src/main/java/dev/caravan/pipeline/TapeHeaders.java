package dev.caravan.pipeline;

import dev.caravan.ledger.StoredObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the `tape:` component says of where it wrote. It imports nothing of ours: the names of its
/// headers are its contract.
final class TapeHeaders {
    private static final String VOLUME = "CamelTapeVolume";
    private static final String VOLUME_ID = "CamelTapeVolumeId";
    private static final String FILE = "CamelTapeFile";
    private static final String BLOCK = "CamelTapeBlock";
    private static final String PROVEN = "CamelTapePositionProven";

    private TapeHeaders() {}

    /// Where a tape file lies; null if no drive has written one.
    static StoredObject.@Nullable OnTape place(Map<String, Object> headers) {
        return headers.get(VOLUME) instanceof String volume
                        && headers.get(VOLUME_ID) instanceof String uuid
                        && headers.get(FILE) instanceof Number file
                        && headers.get(BLOCK) instanceof Number block
                ? new StoredObject.OnTape(volume, uuid, file.intValue(), block.longValue())
                : null;
    }

    /// How that place was proven, in one word; null if it was not.
    static @Nullable String evidence(Map<String, Object> headers) {
        return (String) headers.get(PROVEN);
    }
}
