package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Version;
import dev.caravan.ledger.PartOfCopy;
import dev.caravan.segment.PartBody;
import dev.caravan.segment.PartResult;
import dev.caravan.target.Carried;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One part of a version that is too large for a segment.
final class PartLoad extends Load {
    private final Version version;
    private final PartOfCopy part;
    private final PartBody segment;
    private volatile @Nullable ContentUnavailableException unreadable;

    PartLoad(TargetLane lane, String copyName, Version version, PartOfCopy part, PartBody segment) {
        super(lane, copyName);
        this.version = version;
        this.part = part;
        this.segment = segment;
    }

    @Override
    List<Version> versions() {
        return List.of(version);
    }

    @Override
    long plainLength() {
        return segment.length();
    }

    @Override
    InputStream openPlain() {
        return new Watched(segment.open());
    }

    /// What was read, once all was.
    Optional<PartResult> result() {
        return segment.result();
    }

    @Override
    Carried plainCarried(Map<String, Object> headers) throws IOException {
        PartResult result =
                result().orElseThrow(() ->
                        new IOException(
                                "the endpoint of target '%s' did not read segment '%s' to its end"
                                        .formatted(lane.target(), copyName)));
        return new Carried.Part(
                version,
                copyName,
                result.length(),
                part,
                result.sha256(),
                result.whole(),
                result.offset(),
                TapeHeaders.place(headers),
                TapeHeaders.evidence(headers));
    }

    @Override
    Optional<ContentUnavailableException> unreadable() {
        return Optional.ofNullable(unreadable);
    }

    /// Remembers why the file could not be read, whatever becomes of the exception on its way
    /// through an endpoint.
    private final class Watched extends FilterInputStream {
        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return super.read(buffer, offset, length);
            } catch (ContentUnavailableException changed) {
                unreadable = changed;
                throw changed;
            }
        }
    }
}
