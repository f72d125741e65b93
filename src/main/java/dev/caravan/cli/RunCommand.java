package dev.caravan.cli;

import dev.caravan.ledger.Counts;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.Runs;
import dev.caravan.pipeline.TargetLane;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `caravan run`: the service.
@Command(
        name = "run",
        description =
                "Run as a service: scan by the schedule, copy what is wanted, until SIGTERM; then"
                        + " let what is under way end and stop.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "1:the home is in use, or the ledger can not be opened",
            "78:the configuration or a route is wrong; nothing was started",
            "130, 143:ended by SIGINT, SIGTERM, after draining"
        })
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);
    private static final long LOOK_MILLIS = 500;
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);
    private static final Duration UPKEEP = Duration.ofSeconds(30);

    @Mixin private HomeOption home;

    @Override
    public Integer call() throws IOException, InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .unstarted(() -> {
                                    stop.countDown();
                                    awaitQuietly(stopped);
                                }));
        try (RunningHome running = RunningHome.start(home.home(), true)) {
            LOG.info("home {} is at work", home.home().root());
            Passes passes = new Passes(running);
            while (!stop.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                passes.look();
            }
            LOG.info("stopping: what is under way is ended, nothing more is begun");
            passes.stop();
        } finally {
            stopped.countDown();
        }
        return ExitCode.OK;
    }

    private static void awaitQuietly(CountDownLatch stopped) {
        try {
            stopped.await();
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    /// Keeps the run log of a service: a run begins when there is something to do and ends when it
    /// is done. Confined.
    private static final class Passes {
        private final RunningHome running;
        private long run;
        private long notBefore = System.nanoTime();
        private long upkeepAt = System.nanoTime();
        private boolean exported;

        /// As they were when the last run ended: a run is noticed only after its first copies.
        private Runs.Numbers before = new Runs.Numbers(0, 0, 0, 0, 0);

        Passes(RunningHome running) {
            this.running = running;
        }

        /// A ledger that cannot be written, because its disk is full, is no reason to end: the
        /// lanes wait for it too.
        void look() {
            if (System.nanoTime() - notBefore < 0) {
                return;
            }
            try {
                follow();
                running.releaseIdleSources();
                running.notUndone().forEach(LOG::error);
                keepUp();
            } catch (LedgerException failed) {
                LOG.error("the log of runs waits: {}", failed.getMessage());
                notBefore = System.nanoTime() + AFTER_FAILURE.toNanos();
            }
        }

        /// Cheap where nothing has happened; time and people change things without a copy too.
        private void keepUp() {
            if (System.nanoTime() - upkeepAt >= 0) {
                upkeepAt = System.nanoTime() + UPKEEP.toNanos();
                running.keepUp();
            } else {
                running.ledger().upkeep().settle();
            }
        }

        private void follow() {
            boolean done = running.pipeline().passDone();
            if (!done && run == 0) {
                run = running.ledger().runs().begin("run");
                exported = false;
            } else if (done && run != 0 && (exported || !exports())) {
                end();
            }
        }

        /// What is exported of the ledger is copied within the run, once in each.
        ///
        /// @return whether there are copies of it to be made now
        private boolean exports() {
            exported = true;
            try {
                if (running.exportDue()) {
                    running.export();
                    return true;
                }
            } catch (IOException failed) {
                LOG.error("the ledger is not exported: {}", failed.getMessage());
            }
            return false;
        }

        /// The run that is under way ends here; what is still drained belongs to none.
        void stop() {
            try {
                if (run != 0) {
                    end("stopped", running.ledger().counts().report(running.policies()));
                }
            } catch (LedgerException failed) {
                LOG.error("the log of runs is not ended: {}", failed.getMessage());
            }
        }

        private void end() {
            running.keepBooks();
            Counts.Report report = running.ledger().counts().report(running.policies());
            end(Pass.inPolicy(report), report);
        }

        private void end(String outcome, Counts.Report report) {
            Runs.Numbers now = numbers(report.items());
            running.ledger()
                    .runs()
                    .end(
                            run,
                            outcome,
                            new Runs.Numbers(
                                    report.items(),
                                    now.versions() - before.versions(),
                                    now.copies() - before.copies(),
                                    now.bytes() - before.bytes(),
                                    now.failures() - before.failures()));
            before = now;
            run = 0;
            LOG.info("{}", outcome);
        }

        private Runs.Numbers numbers(long items) {
            return new Runs.Numbers(
                    items,
                    running.scanner().versions(),
                    sum(TargetLane::copies),
                    sum(TargetLane::bytes),
                    sum(TargetLane::failures));
        }

        private long sum(ToLongFunction<TargetLane> number) {
            return running.pipeline().lanes().stream().mapToLong(number).sum();
        }
    }
}
