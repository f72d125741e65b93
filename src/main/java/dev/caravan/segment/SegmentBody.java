package dev.caravan.segment;

import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One pax archive, made on the fly from versions while it is read. Its length is known before the
/// first byte, and it can be opened again and again: the layout is settled once, in the
/// constructor, and a file that turns out changed or gone becomes a void member of the same length.
/// Memory does not depend on the sizes of the files, only on how many there are. Confined to one
/// thread at a time.
public final class SegmentBody {
    private final SegmentId id;
    private final Contents contents;
    private final Layout layout;
    private final boolean digestWhole;
    private @Nullable SegmentStream latest;

    /// A body that also digests the segment as a whole.
    public SegmentBody(
            SegmentId id,
            List<Version> versions,
            Contents contents,
            Instant created,
            String program) {
        this(id, versions, contents, created, program, true);
    }

    /// Settles the layout. Files of 1 MiB and more are opened here once, to learn where their holes
    /// are; those that cannot be opened are void from the start.
    ///
    /// @param program name and version of the writing program, for the description
    /// @param digestWhole whether [Result#sha256] is wanted; it costs a second SHA-256 over all
    public SegmentBody(
            SegmentId id,
            List<Version> versions,
            Contents contents,
            Instant created,
            String program,
            boolean digestWhole) {
        this.id = id;
        this.contents = contents;
        this.layout = Layout.of(id, versions, contents, created, program);
        this.digestWhole = digestWhole;
    }

    public SegmentId id() {
        return id;
    }

    /// Bytes of the segment; every complete pass has exactly as many.
    public long length() {
        return layout.length();
    }

    /// A new pass from byte 0; only the pass opened last can give a result. The bytes are those of
    /// an earlier pass unless a file became void, or was void and no longer is. No error of a file
    /// ends the stream: see [MemberResult.Void]. Reading fails only if the thread is interrupted.
    public InputStream open() {
        SegmentStream stream = new SegmentStream(layout, contents, digestWhole, Workers.ANY);
        latest = stream;
        return stream;
    }

    /// What was written; empty until the stream opened last was read from 0 to its end.
    public Optional<Result> result() {
        return latest == null ? Optional.empty() : latest.result();
    }
}
