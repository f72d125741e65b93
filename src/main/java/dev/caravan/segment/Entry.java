package dev.caravan.segment;

import dev.caravan.item.Content.Extent;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One member of a segment, as read. Its content can be taken once, by [#content] or by
/// [#transferTo], until the reader goes on. Confined to one thread.
public final class Entry {

    /// What a member is for.
    public enum Role {
        /// A version of an item.
        ITEM,
        /// `.caravan/segment.json`
        DESCRIPTION,
        /// `.caravan/index.jsonl`
        INDEX,
        /// The place of a version that could not be read.
        VOID,
        /// A part of a file, under `.caravan/parts/`; other parts are members like an item's.
        PART,
        /// `.caravan/parts/VERSION/name`
        PART_NAME
    }

    private final Header header;
    private final Role role;
    private final String source;
    private final ItemPath path;
    private final Stored stored;

    Entry(Header header, Role role, String source, ItemPath path, Stored stored) {
        this.header = header;
        this.role = role;
        this.source = source;
        this.path = path;
        this.stored = stored;
    }

    public Role role() {
        return role;
    }

    /// Bytes from the start of the segment to the member's first header block.
    public long offset() {
        return header.offset();
    }

    /// Bytes from the start of the segment to the first stored byte.
    public long contentOffset() {
        return stored.start();
    }

    /// The name as it is in the archive, `source/path`, without the slash at a folder's end.
    public byte[] name() {
        return header.name().clone();
    }

    /// The source of the item; empty for our own members.
    public String source() {
        return source;
    }

    /// The path of the item below its source; the root for our own members.
    public ItemPath path() {
        return path;
    }

    /// As far as the archive tells: `links` is 2 for a hard link and 1 otherwise, `size` counts
    /// holes and is 0 for a hard link.
    public Metadata metadata() {
        return header.metadata();
    }

    /// The name of the earlier member this one is a hard link to; null if it is none.
    public byte @Nullable [] hardLinkTo() {
        return header.hardLinkTo() == null ? null : header.hardLinkTo().clone();
    }

    /// Where the data lies; one extent over everything when there are no holes.
    public List<Extent> extents() {
        return stored.extents();
    }

    /// The content, holes as zeros.
    public InputStream content() {
        return new EntryStream(stored);
    }

    /// Gives the content to `sink`, data and holes apart.
    ///
    /// @throws SegmentFormatException if the segment ends before the content does
    public void transferTo(ContentSink sink) throws IOException {
        byte[] buffer = new byte[Math.clamp(stored.left(), 1, 256 << 10)];
        while (stored.left() > 0) {
            long hole = stored.holeLeft();
            if (hole > 0) {
                stored.skipHole(hole);
                sink.hole(hole);
            } else {
                sink.data(buffer, 0, stored.readData(buffer, 0, buffer.length));
            }
        }
    }

    @Override
    public String toString() {
        return ItemPath.show(header.name()) + " at byte " + offset();
    }
}
