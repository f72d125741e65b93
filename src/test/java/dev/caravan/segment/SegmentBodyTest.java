package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Content.Extent;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Kind;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentBodyTest {
    private final FakeContents contents = new FakeContents();
    private final Versions versions = new Versions();

    @Test
    void anEmptySegmentHasADescriptionAndAnIndex() throws IOException {
        SegmentBody body = versions.body(contents);

        byte[] segment = body.open().readAllBytes();

        List<Read> read = Read.all(segment, 0);
        assertThat(segment).hasSize((int) body.length());
        assertThat(read)
                .extracting(r -> r.entry().role())
                .containsExactly(Entry.Role.DESCRIPTION, Entry.Role.INDEX);
        assertThat(new String(read.getFirst().bytes(), StandardCharsets.UTF_8))
                .contains("\"format\" : 1", "\"segment\" : \"s-1\"", "tar --xattrs -xpf");
    }

    @Test
    void aRandomTreeComesBackFromItsSegment() throws IOException {
        for (int seed = 0; seed < 25; seed++) {
            Versions tree = new Versions();
            FakeContents files = new FakeContents();
            randomTree(tree, files, new Random(seed));
            SegmentBody body = tree.body(files);

            byte[] segment = body.open().readAllBytes();

            Result result = body.result().orElseThrow();
            assertThat(segment.length).as("seed %d", seed).isEqualTo((int) body.length());
            assertThat(result.length()).isEqualTo(body.length());
            assertThat(result.sha256()).isEqualTo(hash(segment));
            assertThat(files.open()).isZero();
            List<Read> read = Read.all(segment, 0);
            checkMembers(tree, files, result, read.subList(1, read.size() - 1));
            checkIndex(tree, result, read.getLast().bytes());
            Read.startAtEach(segment, result);
        }
    }

    private static void checkMembers(
            Versions tree, FakeContents files, Result result, List<Read> read) {
        assertThat(read).hasSameSizeAs(tree.all);
        for (int i = 0; i < read.size(); i++) {
            Version version = tree.all.get(i);
            Entry entry = read.get(i).entry();
            var written = (MemberResult.Written) result.members().get(i);
            assertThat(entry.path()).isEqualTo(version.path());
            assertThat(entry.source()).isEqualTo(version.source());
            assertThat(entry.offset()).isEqualTo(written.offset());
            assertThat(entry.metadata().modified()).isEqualTo(version.metadata().modified());
            assertThat(entry.metadata().mode()).isEqualTo(version.metadata().mode());
            assertThat(entry.metadata().uid()).isEqualTo(version.metadata().uid());
            assertThat(entry.metadata().gid()).isEqualTo(version.metadata().gid());
            assertThat(entry.metadata().kind()).isEqualTo(version.metadata().kind());
            assertThat(entry.metadata().xattrs()).isEqualTo(version.metadata().xattrs());
            assertThat(entry.metadata().linkTarget()).isEqualTo(version.metadata().linkTarget());
            if (written.linked()) {
                assertThat(entry.hardLinkTo()).isNotNull();
            } else if (version.metadata().kind() == Kind.FILE) {
                assertThat(entry.contentOffset()).isEqualTo(written.contentOffset());
                assertThat(read.get(i).bytes()).isEqualTo(files.bytes(version));
                assertThat(written.sha256()).isEqualTo(hash(files.bytes(version)));
            }
        }
    }

    private static void checkIndex(Versions tree, Result result, byte[] index) throws IOException {
        List<SegmentIndex.Line> lines = SegmentIndex.read(new ByteArrayInputStream(index));
        assertThat(lines).hasSameSizeAs(tree.all);
        for (int i = 0; i < lines.size(); i++) {
            Version version = tree.all.get(i);
            var written = (MemberResult.Written) result.members().get(i);
            SegmentIndex.Line line = lines.get(i);
            assertThat(line.path()).isEqualTo(version.path());
            assertThat(line.metadata()).isEqualTo(version.metadata());
            assertThat(line.versionId()).isEqualTo(version.id());
            assertThat(line.offset()).isEqualTo(written.offset());
            assertThat(line.sha256()).isEqualTo(written.sha256());
            assertThat(line.isVoid()).isFalse();
            assertThat(line.fingerprint()).isEqualTo(version.fingerprint());
            assertThat(line.hardLinkTo().isPresent()).isEqualTo(written.linked());
            if (version.metadata().kind() == Kind.FILE) {
                assertThat(line.contentOffset()).isEqualTo(written.contentOffset());
            }
        }
    }

    private static void randomTree(Versions tree, FakeContents files, Random random) {
        int count = 1 + random.nextInt(30);
        for (int i = 0; i < count; i++) {
            tree.modified =
                    Instant.ofEpochSecond(
                            random.nextLong(-9_000_000_000L, 90_000_000_000L),
                            random.nextBoolean() ? 0 : random.nextInt(1_000_000_000));
            tree.mode = random.nextInt(010000);
            tree.uid = random.nextInt(4) == 0 ? random.nextInt() : 1000;
            tree.gid = random.nextInt(4) == 0 ? random.nextInt() : 1000;
            tree.xattrs = random.nextInt(4) == 0 ? randomXattrs(random) : List.of();
            byte[] path = randomPath(random, i);
            switch (random.nextInt(8)) {
                case 0 -> tree.add(path, Kind.FOLDER, 0, new byte[0], 1, 0);
                case 1 -> tree.add(path, Kind.SYMLINK, 0, randomPath(random, i), 1, 0);
                case 2 -> {
                    // Names of one inode differ in nothing but the name.
                    tree.modified = Instant.EPOCH;
                    tree.file(path, 5000, 3, 1 + random.nextInt(2));
                }
                case 3 -> {
                    Version version = tree.file(path, 1_000_000 + random.nextInt(4_000_000), 1, 0);
                    if (random.nextBoolean()) {
                        files.fate(version).extents = randomExtents(version, random);
                    }
                }
                case 4 -> tree.file(path, 0, 1, 0);
                default -> tree.file(path, random.nextInt(20_000), 1, 0);
            }
        }
        // All names of an inode have the same content.
        tree.all.stream()
                .filter(v -> v.metadata().hardLinked())
                .forEach(v ->
                        files.fate(v).salt = (int) (v.fingerprint().inode() * 50 - v.id() * 7));
    }

    private static List<Xattr> randomXattrs(Random random) {
        byte[] value = new byte[random.nextInt(600)];
        random.nextBytes(value);
        return List.of(new Xattr("user.a=%3D b", value), new Xattr("user.é", new byte[0]));
    }

    private static byte[] randomPath(Random random, int number) {
        byte[] path = new byte[4 + random.nextInt(random.nextBoolean() ? 30 : 400)];
        for (int i = 0; i < path.length; i++) {
            path[i] = (byte) (1 + random.nextInt(255));
            if (path[i] == '.' || path[i] == '/') {
                path[i] = '_';
            }
            if (i > 4 && i < path.length - 1 && path[i - 1] != '/' && random.nextInt(30) == 0) {
                path[i] = '/';
            }
        }
        System.arraycopy(Versions.raw("%04d".formatted(number)), 0, path, 0, 4);
        return path;
    }

    private static List<Extent> randomExtents(Version version, Random random) {
        List<Extent> extents = new ArrayList<>();
        long at = 0;
        long size = version.metadata().size();
        while (true) {
            at += random.nextInt(600_000);
            long length = 1L + random.nextInt(400_000);
            if (at + length > size) {
                return extents;
            }
            extents.add(new Extent(at, length));
            at += length;
        }
    }

    @Test
    void aSecondPassGivesTheSameBytesAfterAPartialOne() throws IOException {
        versions.file("a", 10_000);
        versions.file("b", 6_000_000);
        SegmentBody body = versions.body(contents);
        byte[] first = body.open().readAllBytes();

        try (InputStream partial = body.open()) {
            assertThat(partial.readNBytes(3_000_000)).hasSize(3_000_000);
            assertThat(body.result()).isEmpty();
        }
        byte[] again = body.open().readAllBytes();

        assertThat(again).isEqualTo(first);
        assertThat(body.result().orElseThrow().sha256()).isEqualTo(hash(first));
        assertThat(contents.open()).isZero();
    }

    @Test
    void onlyACompleteLastPassHasAResult() throws IOException {
        versions.file("a", 10_000);
        SegmentBody body = versions.body(contents);
        assertThat(body.result()).isEmpty();

        InputStream older = body.open();
        InputStream last = body.open();
        older.readAllBytes();
        assertThat(body.result()).isEmpty();
        last.readNBytes((int) body.length() - 1);
        assertThat(body.result()).isEmpty();
        last.read();

        assertThat(body.result()).isPresent();
    }

    @Test
    void withoutAWholeDigestOnlyMembersAreHashed() throws IOException {
        Version a = versions.file("a", 10_000);
        SegmentBody body =
                new SegmentBody(
                        new SegmentId("s"), versions.all, contents, Versions.CREATED, "x", false);

        body.open().readAllBytes();

        Result result = body.result().orElseThrow();
        assertThat(result.sha256()).isNull();
        assertThat(((MemberResult.Written) result.members().getFirst()).sha256())
                .isEqualTo(hash(contents.bytes(a)));
    }

    @Test
    void aFileThatCannotBeReadIsVoidAndTheNextIsWritten() throws IOException {
        Version gone = versions.file("gone", 9_000);
        Version changed = versions.file("changed", 9_000);
        Version shorter = versions.file("shorter", 9_000);
        Version disk = versions.file("disk", 9_000);
        Version whole = versions.file("whole", 9_000);
        contents.fate(gone).onOpen = FakeContents.gone("gone");
        contents.fate(changed).atEnd = FakeContents.gone("another now");
        contents.fate(shorter).endsAt = 8_999;
        contents.fate(disk).onRead = new IOException("Input/output error");
        contents.fate(disk).failAt = 0;

        Passed passed = Passed.of(versions.body(contents));

        assertThat(passed.voids()).containsExactly(gone, changed, shorter, disk);
        assertThat(passed.roles())
                .containsExactly(
                        Entry.Role.VOID,
                        Entry.Role.VOID,
                        Entry.Role.VOID,
                        Entry.Role.VOID,
                        Entry.Role.ITEM);
        assertThat(passed.items().get(4).bytes()).isEqualTo(contents.bytes(whole));
        assertThat(passed.items().getFirst().bytes()).containsOnly(0);
        assertThat(((MemberResult.Void) passed.result().members().get(3)).why())
                .hasMessage("Input/output error");
        assertThat(passed.lines())
                .extracting(SegmentIndex.Line::isVoid)
                .containsExactly(true, true, true, true, false);
        assertThat(contents.open()).isZero();
    }

    @Test
    void aLargeFileThatChangesInMidWriteIsPaddedAndVoid() throws IOException {
        Version shorter = versions.file("shorter", 5_000_000);
        Version changed = versions.file("changed", 5_000_000);
        Version broken = versions.file("broken", 5_000_000);
        Version after = versions.file("after", 5_000_000);
        SegmentBody body = versions.body(contents);
        contents.fate(shorter).endsAt = 4_500_000;
        contents.fate(changed).atEnd = FakeContents.gone("another now");
        contents.fate(broken).onRead = new IOException("Input/output error");
        contents.fate(broken).failAt = 1_000_000;

        Passed passed = Passed.of(body);

        assertThat(passed.voids()).containsExactly(shorter, changed, broken);
        assertThat(Arrays.copyOfRange(passed.items().getFirst().bytes(), 4_500_000, 5_000_000))
                .containsOnly(0);
        assertThat(passed.items().getLast().bytes()).isEqualTo(contents.bytes(after));
        assertThat(contents.open()).isZero();
    }

    @Test
    void aLargeFileGoneBeforeTheSegmentIsLaidOutTakesOneBlock() throws IOException {
        Version gone = versions.file("gone", 5L << 40);
        contents.fate(gone).onOpen = FakeContents.gone("gone");

        Passed passed = Passed.of(versions.body(contents));

        assertThat(passed.voids()).containsExactly(gone);
        assertThat(passed.items().getFirst().bytes()).isEmpty();
    }

    @Test
    void aLargeFileGoneAfterTheSegmentIsLaidOutKeepsItsLength() throws IOException {
        Version gone = versions.file("gone", 5_000_000);
        SegmentBody body = versions.body(contents);
        contents.fate(gone).onOpen = FakeContents.gone("gone");

        Passed passed = Passed.of(body);

        assertThat(passed.voids()).containsExactly(gone);
        assertThat(passed.roles()).containsExactly(Entry.Role.VOID);
        assertThat(passed.segment()).hasSize((int) body.length());
    }

    @Test
    void aVoidMemberOfMoreThanEightGibibytesSaysItsSizeInAPaxRecord() throws IOException {
        for (long total : List.of(8L << 30, (8L << 30) + 512, (8L << 30) + 1024, 9L << 30)) {
            HeaderWriter headers = new HeaderWriter();
            headers.voidMember(Format.VOID + 1, total);
            byte[] header = Arrays.copyOf(headers.bytes(), headers.length());

            Entry entry =
                    Objects.requireNonNull(
                            new SegmentReader(new ByteArrayInputStream(header)).next());

            assertThat(entry.metadata().size()).isEqualTo(total - header.length);
        }
    }

    @Test
    void aFileThatIsNotTheRegisteredOneIsVoid() throws IOException {
        versions.sha256 = Sha256.OF_NOTHING;
        Version small = versions.file("small", 100);
        Version large = versions.file("large", 5_000_000);

        Passed passed = Passed.of(versions.body(contents));

        assertThat(passed.voids()).containsExactly(small, large);
        assertThat(((MemberResult.Void) passed.result().members().getFirst()).why())
                .isInstanceOf(ContentUnavailableException.class)
                .hasMessageContaining("registered is " + Sha256.OF_NOTHING);
    }

    @Test
    void aHardLinkToAVoidMemberIsVoidToo() throws IOException {
        Version leader = versions.linked("a", 5_000_000, 2, 5);
        Version link = versions.linked("b", 5_000_000, 2, 5);
        contents.fate(leader).atEnd = FakeContents.gone("another now");

        Passed passed = Passed.of(versions.body(contents));

        assertThat(passed.voids()).containsExactly(leader, link);
        assertThat(((MemberResult.Void) passed.result().members().get(1)).why())
                .hasMessage("unable to link 'b' to 'a', which is void: another now");
        assertThat(passed.roles()).containsExactly(Entry.Role.ITEM, Entry.Role.VOID);
    }

    @Test
    void aHardLinkSharesTheBytesOfItsLeader() throws IOException {
        Version leader = versions.linked("a", 5_000, 2, 5);
        Version link = versions.linked("b", 5_000, 2, 5);

        Passed passed = Passed.of(versions.body(contents));

        var first = (MemberResult.Written) passed.result().members().getFirst();
        var second = (MemberResult.Written) passed.result().members().getLast();
        assertThat(second)
                .isEqualTo(
                        new MemberResult.Written(
                                link,
                                second.offset(),
                                first.contentOffset(),
                                hash(contents.bytes(leader)),
                                true));
        assertThat(passed.items().getLast().entry().hardLinkTo()).isEqualTo(Versions.raw("docs/a"));
        assertThat(contents.opened()).isEqualTo(1);
    }

    @Test
    void noLinkIsMadeToANameThatALaterVersionReplaced() throws IOException {
        versions.linked("a", 5_000, 2, 5);
        versions.file("a", 5_000);
        versions.linked("b", 5_000, 2, 5);

        Passed passed = Passed.of(versions.body(contents));

        assertThat(passed.items()).allMatch(read -> read.entry().hardLinkTo() == null);
    }

    @Test
    void dataInAHoleMakesTheFileVoidInsteadOfLosingIt() throws IOException {
        Version small = versions.file("small", 2 << 20);
        Version large = versions.file("large", 8 << 20);
        for (Version version : versions.all) {
            contents.fate(version).extents = List.of(new Extent(0, 4096));
            contents.fate(version).strayDataAt = 1_234_567;
        }

        Passed passed = Passed.of(versions.body(contents));

        assertThat(passed.voids()).containsExactly(small, large);
    }

    @Test
    void aFileWithMoreAttributesThanTarReadsIsVoid() throws IOException {
        versions.xattrs = List.of(new Xattr("user.big", new byte[Format.MAX_PAX]));
        Version big = versions.file("big", 100);

        Passed passed = Passed.of(versions.body(contents));

        assertThat(passed.voids()).containsExactly(big);
    }

    static Sha256 hash(byte[] bytes) {
        return Sha256.of(Sha256.digest().digest(bytes));
    }
}
