package dev.caravan.restore;

import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import dev.caravan.ledger.TapeFiles.PartHere;
import dev.caravan.segment.Entry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was read of the members of one segment, in the order they lie there: 64 bytes for each, so
/// that a segment of a million small files takes 64 MiB. Confined to one thread.
final class ReadMembers {
    private static final int HASH = 32;
    private static final byte[] NO_HASH = new byte[HASH];

    private long[] offsets = new long[64];
    private long[] contents = new long[64];
    private long[] sizes = new long[64];
    private long[] marks = new long[64];
    private byte[] hashes = new byte[64 * HASH];
    private int count;

    /// @param sha256 of its content; null if it has none of its own
    void add(Entry entry, @Nullable Sha256 sha256) {
        if (count == offsets.length) {
            int more = count * 2;
            offsets = Arrays.copyOf(offsets, more);
            contents = Arrays.copyOf(contents, more);
            sizes = Arrays.copyOf(sizes, more);
            marks = Arrays.copyOf(marks, more);
            hashes = Arrays.copyOf(hashes, more * HASH);
        }
        offsets[count] = entry.offset();
        contents[count] = entry.contentOffset();
        sizes[count] = entry.metadata().size();
        marks[count] = mark(entry.name(), entry.metadata());
        byte[] hash = sha256 == null ? NO_HASH : sha256.bytes();
        System.arraycopy(hash, 0, hashes, count * HASH, HASH);
        count++;
    }

    int count() {
        return count;
    }

    /// Whether a member that begins at `offset` was read.
    boolean has(long offset) {
        return Arrays.binarySearch(offsets, 0, count, offset) >= 0;
    }

    boolean contentBegins(long contentOffset) {
        return Arrays.binarySearch(contents, 0, count, contentOffset) >= 0;
    }

    /// Where the content of the member that begins at `offset` begins; -1 if none begins there.
    long contentAt(long offset) {
        int at = Arrays.binarySearch(offsets, 0, count, offset);
        return at < 0 ? -1 : contents[at];
    }

    /// Why the member that begins at `offset` is no copy of a version; null if it is one.
    @Nullable String difference(long offset, Version version) {
        int at = Arrays.binarySearch(offsets, 0, count, offset);
        if (at < 0) {
            return "no whole member begins at byte " + offset;
        }
        Metadata m = version.metadata();
        // a further link of a file is found at the member that has the bytes, under another name
        if (!m.hardLinked() && marks[at] != mark(name(version), m)) {
            return "the member at byte " + offset + " is another item, or of another time or mode";
        }
        return m.kind() == Kind.FILE ? contentDifference(at, m.size(), version.sha256()) : null;
    }

    /// Why the member that begins at `offset` is not this part of a copy; null if it is.
    @Nullable String difference(long offset, PartHere part) {
        int at = Arrays.binarySearch(offsets, 0, count, offset);
        String why =
                at < 0
                        ? "no whole member begins at byte " + offset
                        : contentDifference(at, part.size(), part.sha256());
        return why == null ? null : "part %d of %d: %s".formatted(part.number(), part.count(), why);
    }

    /// Why the content that begins at `contentOffset` is not what an index says; null if it is.
    @Nullable String contentDifference(long contentOffset, long size, @Nullable Sha256 sha256) {
        int at = Arrays.binarySearch(contents, 0, count, contentOffset);
        return at < 0
                ? "no content begins at byte " + contentOffset
                : contentDifference(at, size, sha256);
    }

    private @Nullable String contentDifference(int at, long size, @Nullable Sha256 sha256) {
        if (sizes[at] != size) {
            return "it has %d bytes, want %d".formatted(sizes[at], size);
        }
        Sha256 read = Sha256.of(Arrays.copyOfRange(hashes, at * HASH, (at + 1) * HASH));
        return sha256 != null && read.equals(sha256)
                ? null
                : "it has SHA-256 %s, want %s".formatted(read, sha256 == null ? "none" : sha256);
    }

    private static byte[] name(Version version) {
        byte[] source = version.source().getBytes(StandardCharsets.US_ASCII);
        byte[] path = version.path().bytes();
        byte[] name =
                Arrays.copyOf(source, source.length + (path.length == 0 ? 0 : 1 + path.length));
        if (path.length > 0) {
            name[source.length] = '/';
            System.arraycopy(path, 0, name, source.length + 1, path.length);
        }
        return name;
    }

    /// 64 bits of all that a header says, to see a member that was taken for another. FNV-1a.
    private static long mark(byte[] name, Metadata m) {
        long mark = add(0xcbf29ce484222325L, name);
        mark = add(mark, m.linkTarget());
        String rest =
                "%s %o %d %d %s"
                        .formatted(
                                m.kind(),
                                m.mode(),
                                Integer.toUnsignedLong(m.uid()),
                                Integer.toUnsignedLong(m.gid()),
                                m.modified());
        mark = add(mark, rest.getBytes(StandardCharsets.US_ASCII));
        List<Xattr> xattrs = new ArrayList<>(m.xattrs());
        xattrs.sort(Comparator.comparing(Xattr::name));
        for (Xattr xattr : xattrs) {
            mark = add(mark, xattr.name().getBytes(StandardCharsets.UTF_8));
            mark = add(mark, xattr.value());
        }
        return mark;
    }

    private static long add(long mark, byte[] bytes) {
        long sum = mark;
        for (byte each : bytes) {
            sum = (sum ^ (each & 0xFF)) * 0x100000001b3L;
        }
        return (sum ^ bytes.length) * 0x100000001b3L;
    }
}
