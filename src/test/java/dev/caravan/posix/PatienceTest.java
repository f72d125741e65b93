package dev.caravan.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A folder that does not answer is a latch that nobody opens: as in a system call, no interrupt
/// ends the waiting for it.
class PatienceTest {
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofMinutes(1);

    private final CountDownLatch answer = new CountDownLatch(1);
    private final Patience patience = new Patience("NAS '/nas'", SHORT);

    @AfterEach
    void answers() {
        answer.countDown();
    }

    private void hang() {
        boolean waiting = true;
        while (waiting) {
            try {
                answer.await();
                waiting = false;
            } catch (InterruptedException ignored) {
                // nor does the kernel hear it
            }
        }
    }

    private static void pause(Duration span) {
        try {
            Thread.sleep(span);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private <T> T hung(T then) {
        hang();
        return then;
    }

    @Test
    void whatIsDoneInTimeIsGivenBackAndSoIsWhatFailed() throws Exception {
        String thread = patience.await(_ -> Thread.currentThread().getName());

        assertThat(thread).startsWith("ask NAS '/nas'");
        assertThatThrownBy(() ->
                        patience.await(_ -> {
                            throw new IOException("disk on fire");
                        }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("disk on fire");
        assertThatThrownBy(() ->
                        patience.await(_ -> {
                            throw new IllegalStateException("ours");
                        }))
                .isExactlyInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatDoesNotAnswerIsGivenUpAndNobodyWaitsAgainUntilItDoes() throws Exception {
        AtomicReference<@Nullable String> late = new AtomicReference<>();
        assertThatThrownBy(() -> patience.await(_ -> hung("late"), it -> late.set(it)))
                .isInstanceOf(NoAnswerException.class)
                .hasMessageMatching(
                        "NAS '/nas' has not answered for \\d+ s: is the server of this folder there\\?");
        AtomicInteger begun = new AtomicInteger();
        long began = System.nanoTime();

        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> patience.await(_ -> begun.incrementAndGet()))
                    .isInstanceOf(NoAnswerException.class);
        }

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SHORT.multipliedBy(10));
        assertThat(begun).hasValue(0);
        assertThat(late).hasValue(null);
        answer.countDown();
        await().untilAsserted(() -> assertThat(late).hasValue("late"));
        await().ignoreExceptions()
                .until(() -> patience.await(_ -> "well again").equals("well again"));
    }

    /// A large file takes longer than any step of it.
    @Test
    void whoeverIsAnsweredNowAndThenIsWaitedFor() throws Exception {
        AtomicLong clock = new AtomicLong();
        Patience byHand = new Patience("NAS '/nas'", SHORT, clock::get);

        int steps =
                byHand.await(pulse -> {
                    for (int i = 0; i < 8; i++) {
                        clock.addAndGet(SHORT.toNanos() * 3 / 4);
                        pause(Duration.ofMillis(300)); // whoever waits looks at it meanwhile
                        pulse.stirs();
                    }
                    return 8;
                });

        assertThat(steps).isEqualTo(8);
    }

    @Test
    void whatOthersDoMeanwhileIsNotTheFoldersTime() throws Exception {
        List<String> done = new ArrayList<>();

        patience.await(pulse -> {
            pulse.apart(() -> {
                pause(SHORT.multipliedBy(3));
                done.add("registered");
            });
            return done.size();
        });

        assertThat(done).containsExactly("registered");
    }

    @Test
    void whatWasGivenUpDoesNothingMoreOfItsOwn() throws Exception {
        AtomicInteger told = new AtomicInteger();
        AtomicReference<Exception> ended = new AtomicReference<>();
        assertThatThrownBy(() ->
                        patience.await(pulse -> {
                            hang();
                            try {
                                pulse.apart(told::incrementAndGet);
                            } catch (IOException nobodyWaits) {
                                ended.set(nobodyWaits);
                            }
                            return told.get();
                        }))
                .isInstanceOf(NoAnswerException.class);

        answer.countDown();

        await().untilAsserted(() -> assertThat(ended.get()).isInstanceOf(NoAnswerException.class));
        assertThat(told).hasValue(0);
    }

    /// The batch of a walk that hung in the middle of it is not registered when that comes back.
    @Test
    void whatHungWithinSomethingApartDoesNotGoOnThere() throws Exception {
        AtomicInteger registered = new AtomicInteger();
        assertThatThrownBy(() ->
                        patience.await(pulse -> {
                            pulse.apart(() -> {
                                String unused = patience.await(_ -> hung("attributes"));
                                registered.incrementAndGet();
                            });
                            return 1;
                        }))
                .isInstanceOf(NoAnswerException.class);

        answer.countDown();

        await().ignoreExceptions().until(() -> patience.await(_ -> true));
        assertThat(registered).hasValue(0);
    }

    /// Nor if that fails, and whoever asked takes it for something small.
    @Test
    void whatFailedWithinSomethingApartDoesNotGoOnThereEither() throws Exception {
        AtomicInteger registered = new AtomicInteger();
        assertThatThrownBy(() ->
                        patience.await(pulse -> {
                            pulse.apart(() -> {
                                try {
                                    int unused =
                                            patience.await(_ -> {
                                                hang();
                                                throw new FileSystemException("stale");
                                            });
                                } catch (FileSystemException noAttributes) {
                                    registered.incrementAndGet();
                                }
                            });
                            return 1;
                        }))
                .isInstanceOf(NoAnswerException.class);

        answer.countDown();

        await().ignoreExceptions().until(() -> patience.await(_ -> true));
        assertThat(registered).hasValue(0);
    }

    @Test
    void workWithinWorkIsDoneByTheSameThread() throws Exception {
        Boolean same =
                patience.await(_ -> {
                    Thread outer = Thread.currentThread();
                    return patience.await(_ -> Thread.currentThread() == outer);
                });

        assertThat(same).isTrue();
    }

    /// An interrupt is no reason to give up, and is not swallowed.
    @Test
    void anInterruptIsKeptForTheOneWhoWaits() throws Exception {
        Patience longer = new Patience("NAS '/nas'", LONG);
        Thread.currentThread().interrupt();

        String done =
                longer.await(_ -> {
                    pause(Duration.ofMillis(50));
                    return "done";
                });

        assertThat(done).isEqualTo("done");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void atTheEndOfTheProgramNobodyWaitsForLong() {
        Patience longer = new Patience("NAS '/nas'", LONG);
        Thread.ofVirtual()
                .start(() -> {
                    pause(SHORT);
                    longer.endsSoon(Duration.ZERO);
                });
        long began = System.nanoTime();

        assertThatThrownBy(() -> longer.await(_ -> hung(1))).isInstanceOf(NoAnswerException.class);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LONG.dividedBy(2));
    }

    @Test
    void whatIsOpenIsClosedByTheThreadThatWasLeftBehindAndOnlyOnce() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        Opened<String> file = Opened.open(patience, () -> "file", _ -> closed.incrementAndGet());
        assertThatThrownBy(() -> file.await((it, _) -> hung(it)))
                .isInstanceOf(NoAnswerException.class);

        file.close();
        assertThat(closed).hasValue(0);
        assertThatThrownBy(() -> file.await((it, _) -> it)).isInstanceOf(IOException.class);

        answer.countDown();
        await().untilAsserted(() -> assertThat(closed).hasValue(1));
        file.close();
        await().ignoreExceptions().until(() -> patience.await(_ -> true));
        assertThat(closed).hasValue(1);
    }

    @Test
    void whatNobodyIsAtIsClosedOnceTheFolderAnswers() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        Opened<String> file = Opened.open(patience, () -> "file", _ -> closed.incrementAndGet());
        assertThatThrownBy(() -> patience.await(_ -> hung(1)))
                .isInstanceOf(NoAnswerException.class);

        file.close();
        assertThat(closed).hasValue(0);

        answer.countDown();
        await().untilAsserted(() -> assertThat(closed).hasValue(1));
    }

    @Test
    void whatCameOpenTooLateIsClosed() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        assertThatThrownBy(() ->
                        Opened.open(patience, () -> hung("file"), _ -> closed.incrementAndGet()))
                .isInstanceOf(NoAnswerException.class);

        answer.countDown();

        await().untilAsserted(() -> assertThat(closed).hasValue(1));
    }

    /// Whatever the tests run on: a file system that asks another program is none of them.
    @Test
    void aDiskIsLocalAndWhatAnotherProgramServesIsNot(@TempDir Path disk) {
        assertThat(DiskDomain.isLocal(disk)).isTrue();
        assertThat(DiskDomain.isLocal(Path.of("/proc"))).isFalse();
        assertThat(DiskDomain.isLocal(disk.resolve("none"))).isFalse();
    }
}
