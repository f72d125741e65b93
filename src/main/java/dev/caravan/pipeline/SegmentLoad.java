package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Version;
import dev.caravan.segment.Result;
import dev.caravan.segment.SegmentBody;
import dev.caravan.target.Carried;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Many versions in one pax segment, made while it is read.
final class SegmentLoad extends Load {
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
    long plainLength() {
        return segment.length();
    }

    @Override
    InputStream openPlain() {
        return segment.open();
    }

    @Override
    Carried plainCarried(Map<String, Object> headers) throws IOException {
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
                TapeHeaders.place(headers),
                TapeHeaders.evidence(headers));
    }

    @Override
    Optional<ContentUnavailableException> unreadable() {
        return Optional.empty();
    }
}
