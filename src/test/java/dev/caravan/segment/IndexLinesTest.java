package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Kind;
import dev.caravan.item.Sha256;
import dev.caravan.item.Xattr;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IndexLinesTest {
    private static final int KEPT = IndexLines.MOST_BYTES;

    @Test
    void linesThatWereKeptAreThoseThatAreWrittenAnew() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            List<Member> members = members(random, 1 + random.nextInt(2000));
            IndexLines lines = new IndexLines(members, KEPT);
            List<MemberResult> results = results(members, random);

            byte[] first = all(lines.complete(results));
            byte[] anew = all(lines.complete(results));

            assertThat(first).as("seed %d", seed).isEqualTo(anew).hasSize((int) lines.length());
            checkAgainst(results, first);
        }
    }

    /// A file may be void in one pass only.
    @Test
    void whatOnePassFoundIsNotLeftInTheNext() throws IOException {
        List<Member> members = members(new Random(1), 500);
        IndexLines lines = new IndexLines(members, KEPT);
        List<MemberResult> bad =
                members.stream().<MemberResult>map(m -> m.failed(new IOException("gone"))).toList();
        List<MemberResult> good = results(members, new Random(2));

        checkAgainst(bad, all(lines.complete(bad)));
        checkAgainst(good, all(lines.complete(good)));
    }

    @Test
    void aPassThatWasLeftInTheIndexIsFollowedByAWholeOne() throws IOException {
        List<Member> members = members(new Random(5), 2000);
        List<MemberResult> bad =
                members.stream().<MemberResult>map(m -> m.failed(new IOException("gone"))).toList();
        List<MemberResult> good = results(members, new Random(6));
        IndexLines lines = new IndexLines(members, KEPT);
        Iterator<byte[]> left = lines.complete(bad);
        left.next();
        assertThat(left).hasNext();

        byte[] next = all(lines.complete(good));

        checkAgainst(good, next);
        assertThat(next).hasSize((int) lines.length());
    }

    @Test
    void whatIsTooLongToKeepIsWrittenAnew() throws IOException {
        List<Member> members = members(new Random(3), 3000);
        List<MemberResult> results = results(members, new Random(4));
        IndexLines kept = new IndexLines(members, KEPT);
        IndexLines tooLong = new IndexLines(members, (int) kept.length() - 1);

        assertThat(tooLong.length()).isEqualTo(kept.length());
        assertThat(all(tooLong.complete(results))).isEqualTo(all(kept.complete(results)));
    }

    @Test
    void noMembersHaveNoLines() {
        IndexLines lines = new IndexLines(List.of(), KEPT);

        assertThat(lines.length()).isZero();
        assertThat(lines.complete(List.of())).isExhausted();
    }

    private static void checkAgainst(List<MemberResult> results, byte[] index) throws IOException {
        List<SegmentIndex.Line> lines = SegmentIndex.read(new ByteArrayInputStream(index));
        assertThat(lines).hasSameSizeAs(results);
        for (int i = 0; i < lines.size(); i++) {
            SegmentIndex.Line line = lines.get(i);
            switch (results.get(i)) {
                case MemberResult.Void gone -> {
                    assertThat(line.path()).isEqualTo(gone.version().path());
                    assertThat(line.isVoid()).isTrue();
                    assertThat(line.sha256()).isNull();
                }
                case MemberResult.Written written -> {
                    assertThat(line.path()).isEqualTo(written.version().path());
                    assertThat(line.isVoid()).isFalse();
                    assertThat(line.sha256()).isEqualTo(written.sha256());
                }
            }
        }
    }

    private static List<Member> members(Random random, int count) {
        Versions tree = new Versions();
        for (int i = 0; i < count; i++) {
            tree.modified = Instant.ofEpochSecond(random.nextLong(90_000_000_000L), i);
            tree.xattrs =
                    random.nextInt(5) == 0
                            ? List.of(new Xattr("user.void", new byte[random.nextInt(300)]))
                            : List.of();
            // names that look like what is filled in
            String name = "%d \"sha256\":null \"void\":false}\n é".formatted(i);
            switch (random.nextInt(6)) {
                case 0 -> tree.folder(name);
                case 1 -> tree.symlink(name, Versions.raw("\"sha256\":null\u00ff"));
                case 2 -> tree.file(Versions.raw(name), random.nextInt(9), 1, 0);
                default -> tree.file(name, random.nextInt(20_000));
            }
        }
        return Layout.of(
                        new SegmentId("s-1"),
                        tree.all,
                        new FakeContents(),
                        Versions.CREATED,
                        "caravan 0.1.0")
                .members();
    }

    private static List<MemberResult> results(List<Member> members, Random random) {
        List<MemberResult> results = new ArrayList<>();
        for (Member member : members) {
            byte[] hash = new byte[32];
            random.nextBytes(hash);
            boolean file = member.version().metadata().kind() == Kind.FILE;
            results.add(
                    random.nextInt(3) == 0
                            ? member.failed(new IOException("gone"))
                            : member.written(file ? Sha256.of(hash) : null));
        }
        return results;
    }

    private static byte[] all(Iterator<byte[]> pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        pieces.forEachRemaining(all::writeBytes);
        return all.toByteArray();
    }
}
