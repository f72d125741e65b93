package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// An entry and its content.
record Read(Entry entry, byte[] bytes) {

    /// All entries of a segment, or of its rest from `offset` on.
    static List<Read> all(byte[] segment, long offset) throws IOException {
        List<Read> all = new ArrayList<>();
        try (SegmentReader reader = rest(segment, offset)) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                all.add(new Read(entry, entry.content().readAllBytes()));
            }
        }
        return all;
    }

    /// A reader can start at each member, and leave its content.
    static void startAtEach(byte[] segment, Result result) throws IOException {
        for (MemberResult member : result.members()) {
            Entry entry = Objects.requireNonNull(rest(segment, member.offset()).next());
            assertThat(entry.path()).isEqualTo(member.version().path());
            assertThat(entry.offset()).isEqualTo(member.offset());
        }
    }

    private static SegmentReader rest(byte[] segment, long offset) {
        int from = (int) offset;
        return new SegmentReader(
                new ByteArrayInputStream(segment, from, segment.length - from), offset);
    }
}
