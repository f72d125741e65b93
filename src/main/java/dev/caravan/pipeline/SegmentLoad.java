package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Version;
import dev.caravan.ledger.StoredObject;
import dev.caravan.segment.Result;
import dev.caravan.segment.SegmentBody;
import dev.caravan.target.Carried;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Many versions in one pax segment, made while it is read.
final class SegmentLoad extends Load {
    /// Set by the `tape:` component, which imports nothing of ours: the names are its contract.
    private static final String TAPE_VOLUME = "CamelTapeVolume";

    private static final String TAPE_VOLUME_ID = "CamelTapeVolumeId";
    private static final String TAPE_FILE = "CamelTapeFile";
    private static final String TAPE_BLOCK = "CamelTapeBlock";
    private static final String TAPE_PROVEN = "CamelTapePositionProven";

    private final List<Version> versions;
    private final SegmentBody segment;

    SegmentLoad(TargetLane lane, String copyName, List<Version> versions, SegmentBody segment) {
        super(lane, copyName);
        this.versions = List.copyOf(versions);
        this.segment = segment;
    }

    @Override
    List<Version> versions() {
        return versions;
    }

    @Override
    long length() {
        return segment.length();
    }

    @Override
    ReopenableBody body() {
        return new ReopenableBody() {
            @Override
            InputStream reopen() {
                return segment.open();
            }

            @Override
            public long length() {
                return segment.length();
            }
        };
    }

    @Override
    Carried carried(Map<String, Object> headers) throws IOException {
        Result result =
                segment.result()
                        .orElseThrow(() ->
                                new IOException(
                                        "the endpoint of target '%s' did not read segment '%s' to its end"
                                                .formatted(lane.target(), copyName)));
        return new Carried.Packed(
                copyName,
                result.length(),
                result.sha256(),
                result.members(),
                onTape(headers),
                (String) headers.get(TAPE_PROVEN));
    }

    private static StoredObject.@Nullable OnTape onTape(Map<String, Object> headers) {
        return headers.get(TAPE_VOLUME) instanceof String volume
                        && headers.get(TAPE_VOLUME_ID) instanceof String uuid
                        && headers.get(TAPE_FILE) instanceof Number file
                        && headers.get(TAPE_BLOCK) instanceof Number block
                ? new StoredObject.OnTape(volume, uuid, file.intValue(), block.longValue())
                : null;
    }

    @Override
    Optional<ContentUnavailableException> unreadable() {
        return Optional.empty();
    }
}
