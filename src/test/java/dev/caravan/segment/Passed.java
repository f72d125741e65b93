package dev.caravan.segment;

import dev.caravan.item.Version;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;

/// A complete pass over a segment, read back.
record Passed(byte[] segment, Result result, List<Read> items, List<SegmentIndex.Line> lines) {

    static Passed of(SegmentBody body) throws IOException {
        byte[] segment = body.open().readAllBytes();
        List<Read> read = Read.all(segment, 0);
        return new Passed(
                segment,
                body.result().orElseThrow(),
                read.subList(1, read.size() - 1),
                SegmentIndex.read(new ByteArrayInputStream(read.getLast().bytes())));
    }

    List<Version> voids() {
        return result.members().stream()
                .filter(MemberResult.Void.class::isInstance)
                .map(MemberResult::version)
                .toList();
    }

    List<Entry.Role> roles() {
        return items.stream().map(read -> read.entry().role()).toList();
    }
}
