package dev.caravan.restore;

import dev.caravan.item.Kind;
import dev.caravan.item.Sha256;
import dev.caravan.segment.ContentSink;
import dev.caravan.segment.Entry;
import dev.caravan.segment.SegmentDescription;
import dev.caravan.segment.SegmentFormatException;
import dev.caravan.segment.SegmentIndex;
import dev.caravan.segment.SegmentReader;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a tape file from its first byte to its last as a segment, hashes the content of every
/// member and compares it with the index at the end. Confined to one thread.
final class SegmentScan {
    private static final byte[] ZEROS = new byte[64 << 10];
    private static final int TOLD = 20;

    /// Takes what is whole, member by member, while it is read.
    @FunctionalInterface
    interface Members {
        /// @param sha256 of its content; null for what has none of its own
        void take(SegmentDescription segment, Entry entry, @Nullable Sha256 sha256)
                throws IOException;
    }

    private final @Nullable MessageDigest also;
    private final ReadMembers read = new ReadMembers();
    private final List<String> differences = new ArrayList<>();
    private final Set<Long> differentAt = new HashSet<>();
    private @Nullable SegmentDescription description;
    private @Nullable String why;
    private long bytes;
    private long different;
    private boolean indexed;
    private boolean whole;
    private boolean unreadable;

    private SegmentScan(@Nullable MessageDigest also) {
        this.also = also;
    }

    /// Reads as far as it can be read; what ended it is in the result.
    static SegmentScan of(InputStream in, Members members) {
        return of(in, members, null);
    }

    /// As the other, and hashes all content into `also`: for a segment with a part, whose bytes go
    /// on where those of the part before end.
    static SegmentScan of(InputStream in, Members members, @Nullable MessageDigest also) {
        SegmentScan scan = new SegmentScan(also);
        try {
            scan.read(new SegmentReader(in), members);
            scan.whole = scan.indexed;
            if (!scan.indexed) {
                scan.why = "it has no index";
            }
        } catch (SegmentFormatException format) {
            scan.why = String.valueOf(format.getMessage());
        } catch (IOException failed) {
            scan.why = String.valueOf(failed.getMessage());
            scan.unreadable = true;
        }
        return scan;
    }

    private void read(SegmentReader reader, Members members) throws IOException {
        Entry entry;
        while ((entry = reader.next()) != null) {
            switch (entry.role()) {
                case DESCRIPTION -> description = SegmentDescription.read(entry.content());
                case ITEM -> item(entry, members);
                case INDEX -> {
                    SegmentIndex.read(entry.content(), this::compare);
                    indexed = true;
                }
                case PART -> part(entry);
                case PART_NAME -> {} // for people; the index has the name too
                case VOID -> {} // its bytes mean nothing; the reader passes them
            }
        }
    }

    private void item(Entry entry, Members members) throws IOException {
        boolean own = entry.metadata().kind() == Kind.FILE && entry.hardLinkTo() == null;
        Sha256 sha256 = own ? hash(entry) : null;
        read.add(entry, sha256);
        bytes += entry.metadata().size();
        if (description != null) {
            members.take(description, entry, sha256);
        }
    }

    /// A part under a name of its own: no item, and read like one.
    private void part(Entry entry) throws IOException {
        read.add(entry, hash(entry));
        bytes += entry.metadata().size();
    }

    private Sha256 hash(Entry entry) throws IOException {
        MessageDigest digest = Sha256.digest();
        entry.transferTo(
                new ContentSink() {
                    @Override
                    public void data(byte[] data, int offset, int length) {
                        digest.update(data, offset, length);
                        if (also != null) {
                            also.update(data, offset, length);
                        }
                    }

                    @Override
                    public void hole(long length) {
                        for (long left = length; left > 0; left -= ZEROS.length) {
                            data(ZEROS, 0, (int) Math.min(left, ZEROS.length));
                        }
                    }
                });
        return Sha256.of(digest.digest());
    }

    private void compare(SegmentIndex.Line line) {
        if (line.isVoid() || line.metadata().kind() != Kind.FILE) {
            return;
        }
        SegmentIndex.OfPart part = line.part();
        String difference =
                part == null
                        ? read.contentDifference(
                                line.contentOffset(), line.metadata().size(), line.sha256())
                        : read.contentDifference(line.contentOffset(), part.size(), part.sha256());
        if (difference != null && read.contentBegins(line.contentOffset())) {
            differentAt.add(line.contentOffset());
        }
        if (difference != null && ++different <= TOLD) {
            String of =
                    part == null ? "" : "part %d of %d of ".formatted(part.number(), part.count());
            differences.add("%s'%s': %s".formatted(of, line.path(), difference));
        }
    }

    ReadMembers members() {
        return read;
    }

    @Nullable SegmentDescription description() {
        return description;
    }

    /// Bytes of content that were read and hashed.
    long bytes() {
        return bytes;
    }

    /// Whether it is a complete segment: its index was read and its end met.
    boolean whole() {
        return whole;
    }

    /// Whether the drive failed, and not the format.
    boolean unreadable() {
        return unreadable;
    }

    /// Why it is not whole; null if it is.
    @Nullable String why() {
        return why;
    }

    /// How many members are not what the index says.
    long different() {
        return different;
    }

    /// Whether the content of any member is not what the index says: then at least one of the two
    /// is damaged, and it is known whose.
    boolean memberDiffers() {
        return !differentAt.isEmpty();
    }

    /// Whether the content of the member that begins at `offset` is not what the index says.
    boolean differentAt(long offset) {
        return differentAt.contains(read.contentAt(offset));
    }

    /// The first of them, in words.
    List<String> differences() {
        return differences;
    }
}
