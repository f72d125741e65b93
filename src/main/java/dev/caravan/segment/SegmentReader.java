package dev.caravan.segment;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a segment, or the rest of one from the first header block of any member on. The input may
/// be damaged or hostile: what is not exactly a segment ends in a [SegmentFormatException], and
/// memory stays bounded whatever lengths are claimed. Content itself has no checksum here; compare
/// its SHA-256 with the index or the ledger. Confined to one thread.
public final class SegmentReader implements Closeable {
    private static final Pattern SOURCE = Pattern.compile("[a-z0-9-]+");
    private static final Pattern PART =
            Pattern.compile(
                    Pattern.quote(Format.PARTS) + "[0-9]+/(?:name|part-[0-9]{5,}-of-[0-9]{5,})");

    private final Blocks blocks;
    private final HeaderReader headers;
    private @Nullable Stored current;
    private boolean ended;

    /// Reads from the first byte of a segment.
    public SegmentReader(InputStream in) {
        this(in, 0);
    }

    /// Reads from a member on; `in` stands at its first header block.
    ///
    /// @param offset of that block in the segment; offsets of entries and errors count from it
    public SegmentReader(InputStream in, long offset) {
        this.blocks = new Blocks(in, offset);
        this.headers = new HeaderReader(blocks);
    }

    /// Goes on to the next member, past what is left of this one.
    ///
    /// @return null at the end of the segment
    /// @throws SegmentFormatException if there is no whole, right header where one must be, or the
    ///   segment ends before its last member does
    public @Nullable Entry next() throws IOException {
        if (ended) {
            return null;
        }
        if (current != null) {
            Stored passed = current;
            current = null;
            passed.pass();
        }
        Header header = headers.next();
        if (header == null) {
            ended = true;
            return null;
        }
        Stored stored = new Stored(blocks, header.extents(), header.metadata().size());
        current = stored;
        return entry(header, stored);
    }

    private static Entry entry(Header header, Stored stored) throws SegmentFormatException {
        byte[] name = header.name();
        String text = new String(name, StandardCharsets.ISO_8859_1);
        if (text.startsWith(Format.OWN)) {
            return new Entry(header, ownRole(header, text), "", ItemPath.ROOT, stored);
        }
        int slash = text.indexOf('/');
        boolean root = slash < 0 && header.metadata().kind() == Kind.FOLDER;
        String source = root ? text : text.substring(0, Math.max(slash, 0));
        if (!SOURCE.matcher(source).matches()) {
            throw notAnItem(header);
        }
        try {
            byte[] below = root ? new byte[0] : Arrays.copyOfRange(name, slash + 1, name.length);
            ItemPath path = ItemPath.of(below);
            if (path.isRoot() && !root) {
                throw notAnItem(header);
            }
            return new Entry(header, Entry.Role.ITEM, source, path, stored);
        } catch (IllegalArgumentException e) {
            throw notAnItem(header);
        }
    }

    private static Entry.Role ownRole(Header header, String name) throws SegmentFormatException {
        if (header.metadata().kind() == Kind.FILE && header.hardLinkTo() == null) {
            if (name.equals(Format.DESCRIPTION)) {
                return Entry.Role.DESCRIPTION;
            }
            if (name.equals(Format.INDEX)) {
                return Entry.Role.INDEX;
            }
            if (name.startsWith(Format.VOID)) {
                return Entry.Role.VOID;
            }
            if (PART.matcher(name).matches()) {
                return name.endsWith("/" + Format.PART_NAME)
                        ? Entry.Role.PART_NAME
                        : Entry.Role.PART;
            }
        }
        throw notAnItem(header);
    }

    private static SegmentFormatException notAnItem(Header header) {
        return new SegmentFormatException(
                header.offset(),
                "a member named '%s', want 'source/path'".formatted(ItemPath.show(header.name())));
    }

    @Override
    public void close() throws IOException {
        blocks.close();
    }
}
