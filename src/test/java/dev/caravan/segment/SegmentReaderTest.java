package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.Content.Extent;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentReaderTest {
    private final FakeContents contents = new FakeContents();
    private final Versions versions = new Versions();

    @Test
    void aFlippedBitInAHeaderIsNeverAWrongEntry() throws IOException {
        versions.xattrs = List.of(new Xattr("user.a", Versions.raw("value")));
        versions.file("folder/name", 1000);
        versions.xattrs = List.of();
        Version sparse = versions.file("sparse", 2 << 20);
        contents.fate(sparse).extents = List.of(new Extent(1 << 20, 4096));
        versions.modified = Versions.CREATED.minusNanos(500_000_000);
        versions.file("no pax header", 10);
        versions.symlink("link", Versions.raw("x".repeat(150)));
        Passed passed = Passed.of(versions.body(contents));

        for (Read read : passed.items()) {
            Entry right = read.entry();
            byte[] header =
                    Arrays.copyOfRange(
                            passed.segment(), (int) right.offset(), (int) right.contentOffset());
            for (int bit = 0; bit < 8 * header.length; bit++) {
                byte[] wrong = header.clone();
                wrong[bit / 8] ^= (byte) (1 << bit % 8);
                assertRightOrRefused(wrong, right, "bit " + bit + " of " + right);
            }
        }
    }

    private static void assertRightOrRefused(byte[] header, Entry right, String what)
            throws IOException {
        try {
            Entry entry = first(header);
            assertThat(entry.name()).as(what).isEqualTo(right.name());
            assertThat(entry.metadata()).as(what).isEqualTo(right.metadata());
            assertThat(entry.extents()).as(what).isEqualTo(right.extents());
        } catch (SegmentFormatException refused) {
            assertThat(refused.offset()).isBetween(0L, (long) header.length);
        }
    }

    @Test
    void aSegmentCutAnywhereGivesWholeMembersAndThenSaysSo() throws IOException {
        versions.file("one", 1000);
        versions.file("two", 700);
        byte[] segment = versions.body(contents).open().readAllBytes();

        for (int cut = 0; cut < segment.length - 1024; cut += 100) {
            byte[] torn = Arrays.copyOf(segment, cut);
            assertThatThrownBy(() -> Read.all(torn, 0))
                    .as("cut at %d", cut)
                    .isInstanceOf(SegmentFormatException.class)
                    .hasMessageContaining("it ends here");
        }
    }

    @Test
    void contentGoesToASinkWithItsHoles() throws IOException {
        Version version = versions.file("sparse", 3 << 20);
        contents.fate(version).extents =
                List.of(new Extent(1 << 20, 4096), new Extent(2 << 20, 8192));
        byte[] segment = versions.body(contents).open().readAllBytes();
        List<Object> seen = new ArrayList<>();
        ByteArrayOutputStream data = new ByteArrayOutputStream();

        try (SegmentReader reader = new SegmentReader(new ByteArrayInputStream(segment))) {
            reader.next();
            Objects.requireNonNull(reader.next())
                    .transferTo(
                            new ContentSink() {
                                @Override
                                public void data(byte[] bytes, int offset, int length) {
                                    seen.add("data");
                                    data.write(bytes, offset, length);
                                }

                                @Override
                                public void hole(long length) {
                                    seen.add(length);
                                }
                            });
        }

        assertThat(seen)
                .containsExactly(1L << 20, "data", (1L << 20) - 4096, "data", (1L << 20) - 8192);
        assertThat(data.size()).isEqualTo(4096 + 8192);
    }

    @Test
    void anEntryLeftBehindIsNoLongerReadable() throws IOException {
        versions.file("one", 1000);
        byte[] segment = versions.body(contents).open().readAllBytes();
        SegmentReader reader = new SegmentReader(new ByteArrayInputStream(segment));
        Entry description = Objects.requireNonNull(reader.next());
        reader.next();

        assertThatThrownBy(() -> description.content().read())
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docs/../../etc/passwd",
                "docs/a//b",
                "docs/.",
                "/etc/passwd",
                "docs",
                "docs/",
                "..",
                "UPPER/a",
                ".caravan",
                ".caravan/other",
                ".caravan/../x"
            })
    void aNameThatIsNoItemIsRefused(String name) {
        byte[] header = header(name, 0);

        assertThatThrownBy(() -> first(header))
                .isInstanceOf(SegmentFormatException.class)
                .hasMessageContaining(name);
    }

    @Test
    void aLyingSizeNeedsNoMemory() throws IOException {
        byte[] header = header("docs/huge", Format.MAX_SIZE);

        Entry entry = first(header);

        assertThat(entry.metadata().size()).isEqualTo(Format.MAX_SIZE);
        assertThatThrownBy(() -> entry.content().readAllBytes())
                .isInstanceOf(SegmentFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "99999999 path=x\n",
                "5 a=b\n",
                "11 path=docs",
                "6 =ab\n",
                "x",
                " ",
                "13 size=1e10\n",
                "12 mtime=--1\n",
                "54 mtime=9999999999999999999999999999999999999999999\n",
                "28 mtime=999999999999999999\n",
                "10 uid=-1\n",
                "24 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
            })
    void aBrokenPaxRecordIsRefused(String records) {
        byte[] archive = extended(records.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> Read.all(archive, 0))
                .isInstanceOf(SegmentFormatException.class)
                .hasMessageContaining("segment is damaged at byte");
    }

    /// An extended header under a name that carries no CRC, so that the records are judged.
    private static byte[] extended(byte[] records) {
        HeaderWriter headers = new HeaderWriter();
        headers.own("x", records.length, Instant.EPOCH);
        byte[] block = Arrays.copyOf(headers.bytes(), 512);
        block[156] = 'x';
        checksum(block);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(block);
        out.writeBytes(Arrays.copyOf(records, 512));
        out.writeBytes(header("docs/a", 0));
        out.writeBytes(new byte[2048]);
        return out.toByteArray();
    }

    private static void checksum(byte[] block) {
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xFF;
        }
        System.arraycopy(Versions.raw("%06o\0".formatted(sum)), 0, block, 148, 7);
    }

    private static byte[] header(String name, long size) {
        HeaderWriter headers = new HeaderWriter();
        if (size > Format.MAX_OCTAL_11) {
            headers.voidMember(name, size + 3 * Format.BLOCK);
        } else {
            headers.own(name, size, Instant.EPOCH);
        }
        return Arrays.copyOf(headers.bytes(), headers.length());
    }

    @Test
    void anIndexThatIsNoneIsRefusedWithItsLine() {
        for (String index :
                List.of("{", "[]", "{}", "{\"kind\":\"file\"}", "{\"kind\":\"x\\u001b\"}", "\0")) {
            assertThatThrownBy(() ->
                            SegmentIndex.read(
                                    new ByteArrayInputStream(
                                            index.getBytes(StandardCharsets.UTF_8))))
                    .as(index)
                    .isInstanceOf(SegmentFormatException.class)
                    .hasMessageContaining("line 1")
                    .hasMessageNotContaining("\u001b");
        }
    }

    @Test
    void theIndexKeepsEveryByteOfNamesAndLinkTargets() throws IOException {
        versions.file(Versions.raw("\u00ff\\x41"), 1, 1, 0);
        versions.symlink("link", Versions.raw("\u00fe"));
        versions.symlink("empty", Metadata.NO_TARGET);

        Passed passed = Passed.of(versions.body(contents));

        for (int i = 0; i < versions.all.size(); i++) {
            assertThat(passed.lines().get(i).path()).isEqualTo(versions.all.get(i).path());
            assertThat(passed.lines().get(i).metadata()).isEqualTo(versions.all.get(i).metadata());
        }
    }

    private static Entry first(byte[] header) throws IOException {
        return Objects.requireNonNull(new SegmentReader(new ByteArrayInputStream(header)).next());
    }
}
