package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.item.Content;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What workers make ahead of the stream.
@Timeout(60)
class SegmentStreamTest {
    private static final int SMALL = 60_000;

    private final FakeContents files = new FakeContents();
    private final Versions versions = new Versions();

    @Test
    void workersMakeTheBytesThatOneThreadMakes() throws IOException {
        for (int seed = 0; seed < 4; seed++) {
            Versions tree = new Versions();
            FakeContents contents = new FakeContents();
            randomTree(tree, contents, new Random(seed));
            Layout layout = layout(tree, contents);
            SegmentStream alone = new SegmentStream(layout, contents, true, false);
            SegmentStream beside = new SegmentStream(layout, contents, true, true);

            byte[] expected = alone.readAllBytes();

            assertThat(beside.readAllBytes()).as("seed %d", seed).isEqualTo(expected);
            assertThat(beside.result()).isPresent();
            assertThat(beside.result().orElseThrow().sha256())
                    .isEqualTo(SegmentBodyTest.hash(expected));
            assertThat(results(beside)).isEqualTo(results(alone));
            assertThat(contents.open()).isZero();
        }
    }

    private static void randomTree(Versions tree, FakeContents contents, Random random) {
        for (int i = 0; i < 60; i++) {
            String path = "%04d".formatted(i);
            switch (random.nextInt(12)) {
                case 0 -> tree.folder(path);
                case 1 -> tree.symlink(path, Versions.raw("to"));
                case 2, 3 -> tree.linked(path, 5000, 9, 1 + random.nextInt(3));
                case 4 -> tree.file(path, 4_200_000 + random.nextInt(1_000_000));
                case 5 -> {
                    Version sparse = tree.file(path, 1_500_000 + random.nextInt(4_000_000));
                    contents.fate(sparse).extents =
                            List.of(new Content.Extent(4096, 300_000), extent(random, 700_000));
                }
                default -> tree.file(path, random.nextInt(100_000));
            }
        }
        for (Version version : tree.all) {
            FakeContents.Fate fate = contents.fate(version);
            if (version.metadata().hardLinked()) {
                fate.salt = (int) (version.fingerprint().inode() * 50 - version.id() * 7);
            } else if (random.nextInt(9) == 0) {
                fate.atEnd = FakeContents.gone("another now");
            }
        }
    }

    private static Content.Extent extent(Random random, long offset) {
        return new Content.Extent(offset, 1L + random.nextInt(500_000));
    }

    private static List<String> results(SegmentStream stream) {
        return stream.result().orElseThrow().members().stream().map(Object::toString).toList();
    }

    @Test
    void aSlowFileIsOvertakenByTheNextStretchAndStaysInItsPlace() throws IOException {
        addSmall(60);
        CountDownLatch next = new CountDownLatch(1);
        List<Member> members = layout(versions, files).members();
        Version ofNext = members.get(Stretch.end(members, 0)).version();
        Contents slow =
                version -> {
                    if (version.id() == 1) {
                        uninterrupted(next);
                    } else if (version.equals(ofNext)) {
                        next.countDown();
                    }
                    return files.open(version);
                };

        SegmentStream stream = new SegmentStream(layout(versions, files), slow, false, true);
        List<Read> read = Read.all(stream.readAllBytes(), 0);

        for (int i = 0; i < versions.all.size(); i++) {
            Version version = versions.all.get(i);
            assertThat(read.get(i + 1).entry().path()).isEqualTo(version.path());
            assertThat(read.get(i + 1).bytes()).isEqualTo(files.bytes(version));
        }
    }

    @Test
    void aFileThatVanishesBehindItsReadingIsWrittenWhole() throws IOException {
        addSmall(20);
        Layout layout = layout(versions, files);
        List<Member> members = layout.members();
        int second = Stretch.end(members, 0);
        SegmentStream stream = new SegmentStream(layout, files, false, true);
        byte[] first = stream.readNBytes((int) members.getFirst().contentOffset());
        await().until(() -> files.opened() == 20 && files.open() == 0);

        files.fate(members.get(second).version()).onOpen = FakeContents.gone("gone");
        byte[] rest = stream.readAllBytes();

        assertThat(first.length + rest.length).isEqualTo((int) layout.length());
        assertThat(stream.result().orElseThrow().members())
                .hasSize(20)
                .allMatch(MemberResult.Written.class::isInstance);
    }

    @Test
    void aFailureInTheMiddleOfAStretchConcernsItsMemberOnly() throws IOException {
        addSmall(40);
        Version broken = versions.all.get(20);
        files.fate(broken).onRead = new IOException("Input/output error");
        files.fate(broken).failAt = 0;

        Passed passed = Passed.of(versions.body(files));

        assertThat(passed.voids()).containsExactly(broken);
        assertThat(passed.items().get(20).bytes()).containsOnly(0);
        assertThat(passed.items().get(21).bytes()).isEqualTo(files.bytes(versions.all.get(21)));
    }

    @Test
    void whatIsNoErrorOfAFileIsThrownWhereTheSegmentIsRead() throws IOException {
        addSmall(40);
        Contents wrong =
                version -> {
                    if (version.id() == 30) {
                        throw new UncheckedIOException(new IOException("no such source"));
                    }
                    return files.open(version);
                };
        SegmentStream stream = new SegmentStream(layout(versions, files), wrong, false, true);

        assertThatThrownBy(stream::readAllBytes).hasMessageContaining("no such source");

        stream.close();
        assertThat(files.open()).isZero();
        assertThat(stream.result()).isEmpty();
    }

    @Test
    void aStreamClosedInTheMiddleLeavesNoFileAndNoThread() throws IOException {
        addSmall(500);
        versions.file("large", 50_000_000);
        SegmentStream stream = new SegmentStream(layout(versions, files), files, false, true);
        stream.readNBytes(1_000_000);

        stream.close();

        assertThat(files.open()).isZero();
        int opened = files.opened();
        noWorkers();
        assertThat(files.opened()).isEqualTo(opened).isLessThan(400);
        assertThatThrownBy(stream::readAllBytes).hasMessageContaining("closed");
    }

    @Test
    void aStreamThatNobodyClosesLeavesNoThreadEither() throws IOException {
        addSmall(500);
        SegmentStream stream = new SegmentStream(layout(versions, files), files, false, true);
        stream.readNBytes(1_000_000);

        noWorkers();

        assertThat(files.open()).isZero();
        assertThat(files.opened()).isLessThan(400);
    }

    static void noWorkers() {
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        Thread.getAllStackTraces().keySet().stream()
                                .noneMatch(t -> t.getName().startsWith(Workers.NAME)));
    }

    @Test
    void aStreamIsClosedOnceTheFileAWorkerIsAtIsClosed() throws Exception {
        addSmall(40);
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Contents slow =
                version -> {
                    Content content = files.open(version);
                    if (version.id() == 30) {
                        opened.countDown();
                        uninterrupted(goOn);
                    }
                    return content;
                };
        SegmentStream stream = new SegmentStream(layout(versions, files), slow, false, true);
        stream.readNBytes(100_000);
        opened.await();
        AtomicInteger openAtEnd = new AtomicInteger(-1);
        Thread closing =
                Thread.ofPlatform()
                        .start(() -> {
                            close(stream);
                            openAtEnd.set(files.open());
                        });
        await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);

        assertThat(files.open()).isEqualTo(1);
        goOn.countDown();
        closing.join();

        assertThat(openAtEnd).hasValue(0);
    }

    @Test
    void anInterruptReachesAFileThatHangs() throws Exception {
        addSmall(40);
        CountDownLatch hanging = new CountDownLatch(1);
        Contents hangs =
                version -> {
                    hanging.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        throw new ClosedByInterruptException();
                    }
                    return files.open(version);
                };
        SegmentStream stream = new SegmentStream(layout(versions, files), hangs, false, true);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicBoolean kept = new AtomicBoolean();
        Thread reader =
                Thread.ofPlatform()
                        .start(() -> {
                            try (stream) {
                                stream.readAllBytes();
                            } catch (Throwable e) {
                                thrown.set(e);
                            }
                            kept.set(Thread.currentThread().isInterrupted());
                        });
        hanging.await();

        reader.interrupt();
        reader.join();

        assertThat(thrown.get()).isInstanceOf(ClosedByInterruptException.class);
        assertThat(kept).isTrue();
        noWorkers();
    }

    @Test
    void noMoreThanAFewStretchesAreMadeAhead() throws IOException {
        addSmall(200);
        Layout layout = layout(versions, files);
        int end = 0;
        for (int stretch = 0; stretch <= StretchesAhead.MOST; stretch++) {
            end = Stretch.end(layout.members(), end);
        }
        SegmentStream stream = new SegmentStream(layout, files, false, true);
        stream.readNBytes((int) layout.members().getFirst().contentOffset());

        int atMost = end;
        await().until(() -> files.opened() == atMost && files.open() == 0);
        noWorkers();

        assertThat(files.opened()).isEqualTo(atMost);
        assertThat(layout.members().get(end).offset())
                .isLessThanOrEqualTo((1 + StretchesAhead.MOST) * Stretch.BYTES + 4096);
        stream.close();
    }

    @Test
    void ofTheLargestFilesThatAreReadAsAWholeOneIsReadAhead() throws IOException {
        for (int i = 0; i < 9; i++) {
            versions.file("file-" + i, Format.SMALL);
        }
        Layout layout = layout(versions, files);
        int before = files.opened();
        SegmentStream stream = new SegmentStream(layout, files, false, true);
        stream.readNBytes((int) layout.members().getFirst().contentOffset());

        await().until(() -> files.opened() - before == 2 && files.open() == 0);
        noWorkers();

        assertThat(files.opened() - before).isEqualTo(2);
        stream.close();
    }

    @Test
    void aChannelReadsTheBytesOfTheStream() throws IOException {
        addSmall(30);
        Layout layout = layout(versions, files);
        ByteBuffer all = ByteBuffer.allocateDirect((int) layout.length() + 1);
        SegmentStream stream = new SegmentStream(layout, files, true, true);

        int first = stream.read(all.limit(100_001));
        int rest = stream.read(all.limit(all.capacity()));

        assertThat(first).isEqualTo(100_001);
        assertThat(first + rest).isEqualTo((int) layout.length());
        assertThat(stream.read(all)).isEqualTo(-1);
        byte[] bytes = new byte[first + rest];
        all.flip().get(bytes);
        assertThat(bytes).isEqualTo(versions.body(files).open().readAllBytes());
        assertThat(stream.result().orElseThrow().sha256()).isEqualTo(SegmentBodyTest.hash(bytes));
    }

    private void addSmall(int count) {
        for (int i = 0; i < count; i++) {
            versions.file("small-%04d".formatted(i), SMALL);
        }
    }

    static Layout layout(Versions versions, Contents contents) {
        return Layout.of(
                new SegmentId("s-1"), versions.all, contents, Versions.CREATED, "caravan 0.1.0");
    }

    static void uninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void close(SegmentStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
