package dev.caravan.tape.pool;

import static dev.caravan.tape.pool.PoolFixture.BLOCK;
import static dev.caravan.tape.pool.PoolFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.PoolFixture.Bytes;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RecordFeedTest {
    private static final long SEED = 20261124;

    @TempDir Path directory;
    private PoolFixture setup;

    @BeforeEach
    void makeLibrary() throws IOException {
        setup =
                PoolFixture.over(
                        VirtualLibrary.create(directory.resolve("library"), 1, 3, 1 << 20, 0));
    }

    /// Whatever a test did to the two threads, the one that read the body has ended.
    @AfterEach
    void nobodyReadsOn() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("tape-feed-"));
    }

    /// A body that knows who reads it, and whether somebody does.
    private static class Watched extends InputStream implements Body {
        private final InputStream in;
        private volatile boolean reading;
        private volatile int reads;
        private final AtomicReference<Thread> reader = new AtomicReference<>();

        Watched(InputStream in) {
            this.in = in;
        }

        /// Another cartridge begins with a feed of its own.
        @Override
        public InputStream open() {
            reads = 0;
            return this;
        }

        @Override
        public OptionalLong length() {
            return OptionalLong.empty();
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("one byte at a time");
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (reads == 0) {
                reader.set(Thread.currentThread());
            }
            assertThat(Thread.currentThread()).isSameAs(reader.get());
            reading = true;
            try {
                reads++;
                return in.read(to, offset, length);
            } finally {
                reading = false;
            }
        }
    }

    /// Gives so many bytes, and then does what a test wants.
    private abstract static class Then extends InputStream {
        private int left;

        Then(int bytes) {
            left = bytes;
        }

        abstract int then() throws IOException;

        @Override
        public int read() throws IOException {
            return left-- > 0 ? 7 : then();
        }
    }

    private void theVolumeGoesOn() throws IOException {
        byte[] next = random(3 * BLOCK + 1, SEED);
        TapeFile file = setup.pool("weekly").write(Bytes.of(next));
        assertThat(setup.readAll(file)).isEqualTo(next);
        assertThat(file.volume().text()).isEqualTo("VT0001L8");
    }

    @Test
    void aBodyIsReadByOneOtherThreadAndByNobodyAfterwards() throws IOException {
        byte[] bytes = random(100 * BLOCK + 5, SEED);
        Watched body = new Watched(new ByteArrayInputStream(bytes));

        TapeFile file = setup.pool("weekly").write(body);

        assertThat(body.reader.get()).isNotSameAs(Thread.currentThread());
        assertThat(body.reader.get().isAlive()).isFalse();
        assertThat(setup.readAll(file)).isEqualTo(bytes);
        assertThat(file.streaming().records()).isEqualTo(101);
        assertThat(file.streaming().bytes()).isEqualTo(bytes.length);
        assertThat(file.streaming().backHitches()).as("a virtual drive has no floor").isZero();
    }

    @Test
    void aBodyThatIsAChannelIsReadIntoTheRecordsDirectly() throws IOException {
        byte[] bytes = random(20 * BLOCK + 5, SEED);
        class Channel extends ByteArrayInputStream implements ReadableByteChannel {
            private final ReadableByteChannel channel =
                    Channels.newChannel(new ByteArrayInputStream(bytes));
            private boolean direct = true;

            Channel() {
                super(new byte[0]);
            }

            @Override
            public int read(ByteBuffer to) throws IOException {
                direct &= to.isDirect();
                ByteBuffer some = to.slice().limit(Math.min(to.remaining(), 1000));
                int count = channel.read(some);
                to.position(to.position() + Math.max(count, 0));
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }
        }
        Channel body = new Channel();

        TapeFile file =
                setup.pool("weekly")
                        .write(
                                new Watched(body) {
                                    @Override
                                    public InputStream open() {
                                        return body;
                                    }
                                });

        assertThat(setup.readAll(file)).isEqualTo(bytes);
        assertThat(body.direct).isTrue();
    }

    @Test
    void theEndOfTheTapeEndsTheReadingBeforeTheBodyIsOpenedAgain() throws IOException {
        setup.pool("weekly").write(Bytes.of(random(200 * BLOCK, SEED)));
        byte[] bytes = random(100 * BLOCK, SEED + 1);
        Watched first = new Watched(new ByteArrayInputStream(bytes));
        Body again =
                new Body() {
                    private boolean opened;

                    @Override
                    public InputStream open() {
                        if (!opened) {
                            opened = true;
                            return first;
                        }
                        assertThat(first.reading).isFalse();
                        assertThat(first.reader.get().isAlive()).isFalse();
                        return new ByteArrayInputStream(bytes);
                    }

                    @Override
                    public OptionalLong length() {
                        return OptionalLong.empty();
                    }
                };

        TapeFile file = setup.pool("weekly").write(again);

        assertThat(file.voidAttempts()).isEqualTo(1);
        assertThat(setup.readAll(file)).isEqualTo(bytes);
        assertThat(setup.bays().metrics())
                .singleElement()
                .satisfies(drive -> {
                    assertThat(drive.tapeFiles()).isEqualTo(2);
                    assertThat(drive.voidTapeFiles()).isEqualTo(1);
                    assertThat(drive.streaming().records()).isGreaterThan(300);
                });
    }

    @Test
    void aDriveErrorStopsTheReadingAndIsTheOneThatIsTold() {
        setup.library().faults().failWrite(3); // the label is the first
        Watched body =
                new Watched(
                        new Then(1 << 20) {
                            @Override
                            int then() {
                                return -1;
                            }
                        });

        assertThatThrownBy(() -> setup.pool("weekly").write(body))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("medium error");

        assertThat(body.reading).isFalse();
        assertThat(body.reads).isLessThan(2 * RecordRing.RECORDS);
    }

    @Test
    void aBodyThatThrowsWhatIsNoIoErrorIsToldAsItIs() throws IOException {
        Body body =
                new Watched(
                        new Then(30 * BLOCK) {
                            @Override
                            int then() {
                                throw new IllegalStateException("a bug of the body");
                            }
                        });

        assertThatThrownBy(() -> setup.pool("weekly").write(body))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a bug of the body");

        theVolumeGoesOn();
        assertThat(setup.volume("VT0001L8").gaps()).hasSize(1);
    }

    @Test
    void aBodyThatFailsBeforeItsFirstRecordLeavesNothing() throws IOException {
        Body body =
                new Watched(
                        new Then(5) {
                            @Override
                            int then() throws IOException {
                                throw new IOException("the source is gone");
                            }
                        });

        assertThatThrownBy(() -> setup.pool("weekly").write(body)).hasMessage("the source is gone");
        assertThatThrownBy(() -> setup.pool("weekly").write(Bytes.of(new byte[0])))
                .hasMessageContaining("the body is empty");

        theVolumeGoesOn();
        assertThat(setup.volume("VT0001L8").gaps()).isEmpty();
    }

    @Test
    void anInterruptOfTheReadingThreadIsAFailureOfTheBody() throws IOException {
        Body body =
                new Watched(
                        new Then(30 * BLOCK) {
                            @Override
                            int then() throws IOException {
                                Thread.currentThread().interrupt();
                                throw new InterruptedIOException("told to stop");
                            }
                        });

        assertThatThrownBy(() -> setup.pool("weekly").write(body)).hasMessage("told to stop");

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        theVolumeGoesOn();
    }

    /// `Thread.interrupt` sets the flag first and closes a channel in use afterwards: a writer that
    /// was quick would have the image closed under its filemark, so the body is held until then.
    @Test
    void anInterruptOfTheWriterEndsABodyThatBlocksAndTheTapeIsEndedWithAFilemark()
            throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        AtomicReference<Thread> writer = new AtomicReference<>();
        Body body =
                new Watched(
                        new Then(30 * BLOCK) {
                            @Override
                            int then() throws IOException {
                                blocked.countDown();
                                try {
                                    new CountDownLatch(1).await();
                                    return -1;
                                } catch (InterruptedException e) {
                                    await().until(() -> told.getCount() == 0);
                                    throw new InterruptedIOException();
                                }
                            }
                        });
        CompletableFuture<Boolean> interrupted =
                CompletableFuture.supplyAsync(() -> {
                    writer.set(Thread.currentThread());
                    assertThatThrownBy(() -> setup.pool("weekly").write(body))
                            .isInstanceOf(InterruptedIOException.class);
                    return Thread.interrupted();
                });

        blocked.await();
        await().until(() -> writer.get().getState() == Thread.State.WAITING);
        writer.get().interrupt();
        told.countDown();

        assertThat(interrupted.get(30, TimeUnit.SECONDS)).as("the flag stays set").isTrue();
        assertThat(setup.volume("VT0001L8").gaps()).hasSize(1);
        theVolumeGoesOn();
    }

    /// An interrupt in the middle of a system call of the virtual drive closes its image, so there
    /// the torn end is found at the next mount, as after a crash.
    @Test
    void anInterruptAtAnyMomentLeavesAVolumeThatGoesOn() throws Exception {
        for (int round = 0; round < 20; round++) {
            long after = 1L << (round + 5);
            CountDownLatch begun = new CountDownLatch(1);
            AtomicReference<Thread> writer = new AtomicReference<>();
            Body body =
                    new Watched(
                            new Then(30 * BLOCK) {
                                @Override
                                public int read(byte[] to, int offset, int length)
                                        throws IOException {
                                    begun.countDown();
                                    return super.read(to, offset, length);
                                }

                                @Override
                                int then() {
                                    return -1;
                                }
                            });
            CompletableFuture<Boolean> interrupted =
                    CompletableFuture.supplyAsync(() -> {
                        writer.set(Thread.currentThread());
                        try {
                            setup.pool("weekly").write(body);
                        } catch (IOException e) {
                            // it was too late for some
                        }
                        return Thread.interrupted();
                    });
            begun.await();
            LockSupport.parkNanos(after);
            writer.get().interrupt();
            interrupted.get(30, TimeUnit.SECONDS);

            byte[] next = random(BLOCK + round, SEED);
            assertThat(setup.readAll(setup.pool("weekly").write(Bytes.of(next)))).isEqualTo(next);
        }
    }

    @Test
    void aLibraryThatIsClosedCutsOffWhatIsWrittenAndWhatIsRead() throws Exception {
        TapeFile written = setup.pool("weekly").write(Bytes.of(random(50 * BLOCK, SEED)));
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Body body =
                new Watched(
                        new Then(30 * BLOCK) {
                            @Override
                            int then() throws IOException {
                                blocked.countDown();
                                try {
                                    goOn.await();
                                    return 7; // for ever
                                } catch (InterruptedException e) {
                                    throw new InterruptedIOException();
                                }
                            }
                        });
        CompletableFuture<TapeFile> writing =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return setup.pool("weekly").write(body);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });

        blocked.await();
        assertThat(setup.bays().stop(Duration.ZERO)).as("the body is still being read").isFalse();
        goOn.countDown();
        assertThatThrownBy(writing::get).hasMessageContaining("the tape library is being closed");
        assertThat(setup.bays().stop(Duration.ofSeconds(30))).isTrue();

        assertThat(setup.volume("VT0001L8").gaps()).hasSize(1);
        assertThatThrownBy(() -> setup.readAll(written)).hasMessageContaining("is closed");
        setup = PoolFixture.over(setup.library());
        assertThat(setup.readAll(written)).isEqualTo(random(50 * BLOCK, SEED));
        theVolumeGoesOn();
    }

    @Test
    void aReaderWhoseLibraryIsClosedIsToldSoAndTheDriveIsFree() throws Exception {
        TapeFile written = setup.pool("weekly").write(Bytes.of(random(50 * BLOCK, SEED)));
        try (InputStream in = setup.read(written, 0)) {
            assertThat(in.readNBytes(10)).hasSize(10);

            assertThat(setup.bays().stop(Duration.ZERO)).isTrue();

            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("closed while VT0001L8 was read");
        }
    }
}
