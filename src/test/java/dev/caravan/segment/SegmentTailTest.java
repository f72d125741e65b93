package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Content;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// The index of a segment, found from its end.
class SegmentTailTest {
    private int opened;

    private OptionalLong find(byte[] segment) throws IOException {
        opened = 0;
        return SegmentTail.indexOffset(
                segment.length,
                offset -> {
                    opened++;
                    return new ByteArrayInputStream(
                            segment, (int) offset, segment.length - (int) offset);
                });
    }

    private static byte[] segment(Versions tree) throws IOException {
        return tree.body(new FakeContents()).open().readAllBytes();
    }

    private static long index(byte[] segment) throws IOException {
        return Read.all(segment, 0).getLast().entry().offset();
    }

    @Test
    void theIndexIsFoundWithOneLookAtTheEnd() throws IOException {
        Versions tree = new Versions();
        tree.file("large", 3_000_000);

        byte[] segment = segment(tree);

        assertThat(find(segment)).hasValue(index(segment));
        assertThat(opened).isOne();
    }

    @Test
    void anIndexLargerThanTheFirstLookIsFoundWithTheNext() throws IOException {
        Versions tree = new Versions();
        tree.file("large", 5_000_000);
        for (int i = 0; i < 2000; i++) {
            tree.file("folder/of/many/small/files/with/long/names/" + i, 10);
        }

        byte[] segment = segment(tree);

        assertThat(find(segment)).hasValue(index(segment));
        assertThat(opened).isEqualTo(2);
    }

    @Test
    void anEmptySegmentHasAnIndex() throws IOException {
        byte[] segment = segment(new Versions());

        assertThat(find(segment)).hasValue(index(segment));
    }

    @Test
    void aSegmentInAFileIsNotTakenForTheSegmentItself() throws IOException {
        Versions inner = new Versions();
        inner.file("small", 100);
        byte[] stored = segment(inner);
        Versions outer = new Versions();
        outer.file("backup-of-a-backup.tar", stored.length);
        SegmentBody body =
                new SegmentBody(
                        new SegmentId("s-2"),
                        outer.all,
                        of(stored),
                        Versions.CREATED,
                        "caravan 0.1.0");

        byte[] segment = body.open().readAllBytes();

        assertThat(find(segment)).hasValue(index(segment));
    }

    @Test
    void aCutSegmentHasNone() throws IOException {
        Versions tree = new Versions();
        tree.file("file", 100_000);
        byte[] segment = segment(tree);

        for (int cut : new int[] {1, 511, 512, 1024, 2048, 50_000}) {
            assertThat(find(Arrays.copyOf(segment, segment.length - cut)))
                    .as("- %d", cut)
                    .isEmpty();
        }
        assertThat(find(new byte[0])).isEmpty();
        assertThat(find(new byte[10_240])).isEmpty();
    }

    @Test
    void theDescriptionSaysWhatTheSegmentIs() throws IOException {
        try (SegmentReader reader =
                new SegmentReader(new ByteArrayInputStream(segment(new Versions())))) {
            Entry first = java.util.Objects.requireNonNull(reader.next());

            assertThat(SegmentDescription.read(first.content()))
                    .isEqualTo(
                            new SegmentDescription(
                                    new SegmentId("s-1"), Versions.CREATED, "caravan 0.1.0"));
        }
    }

    private static Contents of(byte[] bytes) {
        return version -> new Bytes(version, new ByteArrayInputStream(bytes));
    }

    private record Bytes(Version version, InputStream in) implements Content {
        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return in.read(buffer, offset, length);
        }

        @Override
        public List<Extent> extents() {
            return List.of(new Extent(0, version.metadata().size()));
        }

        @Override
        public void verifyUnchanged() {}

        @Override
        public void close() {}
    }
}
