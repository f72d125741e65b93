package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.Content.Extent;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PartBodyTest {
    private static final PartBody.Place BESIDE = new PartBody.Place("s-first", false);
    private static final PartBody.Place HIDDEN = new PartBody.Place("s-first", true);

    private final Versions versions = new Versions();
    private final FakeContents contents = new FakeContents();

    /// What a reader finds of one part.
    private record Found(Entry entry, byte[] bytes, SegmentIndex.Line line, List<Entry> all) {}

    @Test
    void thePartsInTheirOrderAreTheFile() throws IOException {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            Version version = versions.file("dir/file-" + seed, 1 + random.nextLong(6 << 20));
            long size = version.metadata().size();
            if (random.nextBoolean()) {
                contents.fate(version).extents = extents(random, size);
            }
            long most = 512 + random.nextLong(3 << 20);
            List<Extent> data = contents.open(version).extents();

            ByteArrayOutputStream joined = new ByteArrayOutputStream();
            RunningSha256 soFar = new RunningSha256();
            Sha256 whole = null;
            try (PartSource source = new PartSource(version, contents)) {
                for (Part part : Part.cut(data, size, most)) {
                    PartBody body = body(part, BESIDE, source, soFar);
                    byte[] segment = read(body, random);
                    PartResult result = body.result().orElseThrow();
                    Found found = found(segment);
                    joined.writeBytes(found.bytes);
                    check(version, part, result, found, segment);
                    soFar = result.upToHere();
                    whole = result.whole();
                }
            }
            assertThat(joined.toByteArray()).as("seed %d", seed).isEqualTo(contents.bytes(version));
            assertThat(whole).isEqualTo(hash(contents.bytes(version)));
        }
    }

    private static void check(
            Version version, Part part, PartResult result, Found found, byte[] segment) {
        SegmentIndex.Line line = found.line;
        SegmentIndex.OfPart of = java.util.Objects.requireNonNull(line.part());
        assertThat(segment.length)
                .isEqualTo((int) result.length())
                .isLessThan((int) part.stored() + (16 << 10));
        assertThat(found.entry.offset()).isEqualTo(result.offset()).isEqualTo(line.offset());
        assertThat(found.entry.contentOffset()).isEqualTo(line.contentOffset());
        assertThat(line.path()).isEqualTo(version.path());
        assertThat(line.metadata()).isEqualTo(version.metadata());
        assertThat(line.isVoid()).isFalse();
        assertThat(line.stored()).isEqualTo(part.stored());
        assertThat(of.number()).isEqualTo(part.number());
        assertThat(of.count()).isEqualTo(part.count());
        assertThat(of.set()).isEqualTo("s-first");
        assertThat(of.offset()).isEqualTo(part.offset());
        assertThat(of.size()).isEqualTo(part.size());
        assertThat(of.sha256()).isEqualTo(result.sha256()).isEqualTo(hash(found.bytes));
        assertThat(line.sha256()).isEqualTo(result.whole());
        assertThat(new String(found.entry.name(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "docs/%s.part-%05d-of-%05d"
                                .formatted(version.path(), part.number(), part.count()));
    }

    @Test
    void aSecondPassHasTheSameBytes() throws IOException {
        Version version = versions.file("file", 300_000);
        try (PartSource source = new PartSource(version, contents)) {
            Part second = Part.cut(List.of(new Extent(0, 300_000)), 300_000, 100_000).get(1);
            PartBody body = body(second, BESIDE, source, new RunningSha256());
            byte[] first = body.open().readAllBytes();
            assertThat(body.open().readNBytes(50_000)).isEqualTo(Arrays.copyOf(first, 50_000));
            assertThat(body.result()).isEmpty();

            assertThat(body.open().readAllBytes()).isEqualTo(first);
            assertThat(body.result()).isPresent();
        }
    }

    @Test
    void whatHasNoRoomForItsNumbersIsHiddenAndNamed() throws IOException {
        byte[] name = Versions.raw("n\u00ff\n".repeat(85));
        Version version = versions.file(name, 1000, 1, 0);
        Part part = Part.cut(List.of(new Extent(0, 1000)), 1000, 600).get(1);

        assertThat(PartNames.tooLong(version, 2)).isTrue();
        assertThat(PartNames.tooLong(versions.file("n".repeat(235), 1), 2)).isFalse();
        assertThat(PartNames.tooLong(versions.file("n".repeat(236), 1), 2)).isTrue();
        assertThat(PartNames.tooLong(versions.file("n".repeat(234), 1), 100_000)).isTrue();
        assertThat(PartNames.tooLong(versions.file("d/".repeat(2030) + "n", 1), 2)).isFalse();
        assertThat(PartNames.tooLong(versions.file("d/".repeat(2040) + "n", 1), 2)).isTrue();
        try (PartSource source = new PartSource(version, contents)) {
            Found found =
                    found(body(part, HIDDEN, source, new RunningSha256()).open().readAllBytes());

            assertThat(new String(found.entry.name(), StandardCharsets.US_ASCII))
                    .isEqualTo(".caravan/parts/1/part-00002-of-00002");
            assertThat(found.entry.role()).isEqualTo(Entry.Role.PART);
            assertThat(found.line.path()).isEqualTo(ItemPath.of(name));
            assertThat(found.all).extracting(Entry::role).contains(Entry.Role.PART_NAME);
        }
    }

    @Test
    void aLaterVersionHasOtherNames() {
        Version first = versions.file("film", 1);
        Version third =
                new Version(
                        9, "docs", first.path(), 3, first.metadata(), first.fingerprint(), null);

        assertThat(PartNames.stem(first)).asString().isEqualTo("film.part-");
        assertThat(PartNames.stem(third)).asString().isEqualTo("film.version-3.part-");
    }

    @Test
    void theFirstPartHasTheAttributesAndNoneIsSetuid() throws IOException {
        versions.mode = 04021;
        versions.xattrs = List.of(new Xattr("user.note", new byte[] {1, 2}));
        Version version = versions.file("file", 1000);
        List<Part> parts = Part.cut(List.of(new Extent(0, 1000)), 1000, 512);
        try (PartSource source = new PartSource(version, contents)) {
            RunningSha256 nothing = new RunningSha256();
            Entry first =
                    found(body(parts.get(0), BESIDE, source, nothing).open().readAllBytes()).entry;
            Entry second =
                    found(body(parts.get(1), BESIDE, source, nothing).open().readAllBytes()).entry;

            assertThat(first.metadata().xattrs()).hasSize(1);
            assertThat(second.metadata().xattrs()).isEmpty();
            assertThat(first.metadata().mode()).isEqualTo(0421);
        }
    }

    @Test
    void aFileThatChangesEndsTheSegmentWithItsReason() throws IOException {
        Version version = versions.file("file", 300_000);
        Part first = Part.cut(List.of(new Extent(0, 300_000)), 300_000, 100_000).getFirst();
        contents.fate(version).atEnd =
                new ContentUnavailableException(
                        ContentUnavailableException.Reason.CHANGED, "it was touched");
        try (PartSource source = new PartSource(version, contents)) {
            PartBody body = body(first, BESIDE, source, new RunningSha256());

            assertThatThrownBy(() -> body.open().readAllBytes()).hasMessage("it was touched");
            assertThat(body.result()).isEmpty();
        }
        contents.fate(version).atEnd = null;
        contents.fate(version).endsAt = 50_000;
        try (PartSource source = new PartSource(version, contents)) {
            PartBody body = body(first, BESIDE, source, new RunningSha256());

            assertThatThrownBy(() -> body.open().readAllBytes())
                    .hasMessageContaining("ended early in part 1 of 4");
        }
    }

    @Test
    void dataInAHoleIsAChange() throws IOException {
        Version version = versions.file("sparse", 4 << 20);
        List<Extent> data = List.of(new Extent(0, 1 << 20), new Extent(3 << 20, 1 << 20));
        contents.fate(version).extents = data;
        contents.fate(version).strayDataAt = 2 << 20;
        Part second = Part.cut(data, 4 << 20, 1 << 20).get(1);
        try (PartSource source = new PartSource(version, contents)) {
            PartBody body = body(second, BESIDE, source, new RunningSha256());

            assertThatThrownBy(() -> body.open().readAllBytes())
                    .hasMessageContaining("has data where it had a hole in part 2 of 2");
        }
    }

    @Test
    void theLastPartIsRefusedIfTheWholeIsNotWhatWasRegistered() throws IOException {
        versions.sha256 = Sha256.OF_NOTHING;
        Version version = versions.file("file", 1000);
        List<Part> parts = Part.cut(List.of(new Extent(0, 1000)), 1000, 512);
        try (PartSource source = new PartSource(version, contents)) {
            PartBody first = body(parts.get(0), BESIDE, source, new RunningSha256());
            first.open().readAllBytes();
            RunningSha256 soFar = first.result().orElseThrow().upToHere();
            PartBody last = body(parts.get(1), BESIDE, source, soFar);

            assertThatThrownBy(() -> last.open().readAllBytes())
                    .isInstanceOf(ContentUnavailableException.class)
                    .hasMessageContaining("registered is");
        }
    }

    @Test
    void aPartOnTapeIsPassedOverOnlyIfItsBytesAreTheSame() throws IOException {
        Version version = versions.file("file", 1000);
        Part first = Part.cut(List.of(new Extent(0, 1000)), 1000, 512).getFirst();
        Sha256 same = hash(Arrays.copyOf(contents.bytes(version), 512));
        try (PartSource source = new PartSource(version, contents)) {
            RunningSha256 nothing = new RunningSha256();

            assertThat(PartBody.passOver(first, source, nothing, same))
                    .hasValueSatisfying(after -> assertThat(after.sha256()).isEqualTo(same));
            assertThat(PartBody.passOver(first, source, nothing, Sha256.OF_NOTHING)).isEmpty();
        }
        assertThat(contents.open()).isZero();
    }

    private static PartBody body(
            Part part, PartBody.Place place, PartSource source, RunningSha256 before)
            throws IOException {
        return new PartBody(
                new SegmentId("s-" + part.number()),
                part,
                place,
                source,
                before,
                Versions.CREATED,
                "caravan test");
    }

    /// In reads of any size.
    private static byte[] read(PartBody body, Random random) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (InputStream in = body.open()) {
            byte[] buffer = new byte[1 + random.nextInt(600_000)];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                all.write(buffer, 0, n);
            }
        }
        assertThat(all.size()).isEqualTo((int) body.length());
        return all.toByteArray();
    }

    private static Found found(byte[] segment) throws IOException {
        List<Entry> all = new ArrayList<>();
        Entry part = null;
        byte[] bytes = {};
        SegmentIndex.Line line = null;
        try (SegmentReader reader = new SegmentReader(new ByteArrayInputStream(segment))) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                all.add(entry);
                switch (entry.role()) {
                    case ITEM, PART -> {
                        part = entry;
                        bytes = entry.content().readAllBytes();
                    }
                    case INDEX -> line = SegmentIndex.read(entry.content()).getFirst();
                    default -> {}
                }
            }
        }
        return new Found(
                java.util.Objects.requireNonNull(part),
                bytes,
                java.util.Objects.requireNonNull(line),
                all);
    }

    private static List<Extent> extents(Random random, long size) {
        List<Extent> extents = new ArrayList<>();
        long at = random.nextLong(size);
        while (at < size) {
            long length = Math.min(size - at, 1 + random.nextLong(1 << 20));
            extents.add(new Extent(at, length));
            at += length + 1 + random.nextLong(1 << 20);
        }
        return extents;
    }

    private static Sha256 hash(byte[] bytes) {
        return Sha256.of(Sha256.digest().digest(bytes));
    }
}
