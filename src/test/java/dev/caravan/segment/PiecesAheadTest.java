package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.item.Content;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PiecesAheadTest {
    private static final int LARGE = 5_000_000;

    private final FakeContents files = new FakeContents();
    private final Versions versions = new Versions();

    @Test
    void piecesComeInTheirOrderAndAreHashedInIt() throws IOException {
        for (boolean beside : List.of(false, true)) {
            PiecesAhead pieces = new PiecesAhead(beside);
            for (int size : new int[] {1, MemberFile.PIECE, LARGE, MemberFile.PIECE + 1, LARGE}) {
                Version version = versions.file("file-" + versions.all.size(), size);

                pieces.begin(file(version, files));
                byte[] bytes = all(pieces);

                assertThat(bytes).isEqualTo(files.bytes(version));
                assertThat(pieces.written().sha256()).isEqualTo(SegmentBodyTest.hash(bytes));
                assertThat(files.open()).isZero();
            }
        }
    }

    @Test
    void holesAreHashedAndNotTaken() throws IOException {
        for (boolean beside : List.of(false, true)) {
            Version version = versions.file("sparse-" + beside, LARGE);
            files.fate(version).extents =
                    List.of(
                            new Content.Extent(512_000, 299_008),
                            new Content.Extent(4_000_256, 512));
            PiecesAhead pieces = new PiecesAhead(beside);

            pieces.begin(file(version, files));

            assertThat(all(pieces)).hasSize(299_008 + 512);
            assertThat(pieces.written().sha256())
                    .isEqualTo(SegmentBodyTest.hash(files.bytes(version)));
        }
    }

    /// A hole may be long, and is gone through to its end.
    @Test
    void aPieceIsNotHeldBackByTheHoleBehindIt() throws Exception {
        Version version = versions.file("hole-behind", LARGE);
        files.fate(version).extents = List.of(new Content.Extent(0, 1024));
        CountDownLatch taken = new CountDownLatch(1);
        long[] reads = new long[1];
        Contents slow =
                reading(() -> {
                    if (++reads[0] == 10) {
                        SegmentStreamTest.uninterrupted(taken);
                    }
                });
        PiecesAhead pieces = new PiecesAhead(true);
        pieces.begin(file(version, slow));

        assertThat(pieces.take()).isEqualTo(1024);

        taken.countDown();
        assertThat(pieces.take()).isEqualTo(-1);
        assertThat(pieces.written().sha256()).isEqualTo(SegmentBodyTest.hash(files.bytes(version)));
    }

    /// What was read before is taken, then the error comes, and the next file is not the worse.
    @Test
    void anErrorComesBehindThePiecesBeforeIt() throws IOException {
        for (boolean beside : List.of(false, true)) {
            Version broken = versions.file("broken-" + beside, LARGE);
            files.fate(broken).onRead = new IOException("Input/output error");
            files.fate(broken).failAt = 3 * MemberFile.PIECE;
            Version another = versions.file("another-" + beside, LARGE);
            files.fate(another).atEnd = FakeContents.gone("another now");
            Version good = versions.file("good-" + beside, LARGE);
            PiecesAhead pieces = new PiecesAhead(beside);

            pieces.begin(file(broken, files));
            for (int i = 0; i < 3; i++) {
                assertThat(pieces.take()).isEqualTo(MemberFile.PIECE);
            }
            assertThatThrownBy(pieces::take).hasMessageContaining("Input/output error");
            assertThat(files.open()).isZero();

            pieces.begin(file(another, files));
            assertThatThrownBy(() -> all(pieces)).hasMessageContaining("another now");
            assertThat(files.open()).isZero();

            pieces.begin(file(good, files));
            assertThat(all(pieces)).isEqualTo(files.bytes(good));
        }
    }

    @Test
    void whatIsNoErrorOfTheFileIsThrownToo() throws IOException {
        for (boolean beside : List.of(false, true)) {
            Version version = versions.file("file-" + beside, LARGE);
            PiecesAhead pieces = new PiecesAhead(beside);

            pieces.begin(file(version, throwing("no such source")));

            assertThatThrownBy(pieces::take).isInstanceOf(IllegalStateException.class);
        }
    }

    /// A stream that nobody reads on, or closes, keeps no thread.
    @Test
    void theWorkerEndsWhenNoPieceIsFree() throws IOException {
        Version version = versions.file("file", LARGE);
        PiecesAhead pieces = new PiecesAhead(true);
        pieces.begin(file(version, files));
        assertThat(pieces.take()).isEqualTo(MemberFile.PIECE);

        SegmentStreamTest.noWorkers();

        assertThat(files.open()).isEqualTo(1);
        assertThat(all(pieces)).hasSize(LARGE - MemberFile.PIECE);
        pieces.close();
        assertThat(files.open()).isZero();
    }

    @Test
    void oneThatIsClosedInTheMiddleLeavesNoFileAndNoThread() throws IOException {
        PiecesAhead pieces = new PiecesAhead(true);
        pieces.begin(file(versions.file("file", LARGE), files));
        pieces.take();

        pieces.close();

        assertThat(files.open()).isZero();
        SegmentStreamTest.noWorkers();
    }

    @Test
    void anInterruptReachesAReadThatHangs() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        PiecesAhead pieces = new PiecesAhead(true);
        pieces.begin(file(versions.file("file", LARGE), hanging(hanging)));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread reader =
                Thread.ofPlatform()
                        .start(() -> {
                            try (pieces) {
                                pieces.take();
                            } catch (Throwable e) {
                                thrown.set(e);
                            }
                        });
        hanging.await();
        await().until(() -> reader.getState() == Thread.State.WAITING);

        reader.interrupt();
        reader.join();

        assertThat(thrown.get()).isInstanceOf(ClosedByInterruptException.class);
        assertThat(files.open()).isZero();
        SegmentStreamTest.noWorkers();
    }

    private MemberFile file(Version version, Contents contents) throws IOException {
        Member member =
                SegmentStreamTest.layout(versions, files)
                        .members()
                        .get(versions.all.indexOf(version));
        return new MemberFile(member, contents.open(version));
    }

    private static byte[] all(PiecesAhead pieces) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int length; (length = pieces.take()) >= 0; ) {
            all.write(pieces.piece(), 0, length);
        }
        return all.toByteArray();
    }

    private Contents throwing(String message) {
        return reading(() -> {
            throw new IllegalStateException(message);
        });
    }

    private Contents hanging(CountDownLatch begun) {
        return reading(() -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new ClosedByInterruptException();
            }
        });
    }

    private interface Before {
        void read() throws IOException;
    }

    private Contents reading(Before before) {
        return version -> {
            Content content = files.open(version);
            return new Content() {
                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    before.read();
                    return content.read(buffer, offset, length);
                }

                @Override
                public List<Extent> extents() {
                    return content.extents();
                }

                @Override
                public void verifyUnchanged() throws IOException {
                    content.verifyUnchanged();
                }

                @Override
                public void close() throws IOException {
                    content.close();
                }
            };
        };
    }
}
