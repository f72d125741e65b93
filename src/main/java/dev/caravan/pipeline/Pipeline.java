package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the routes of one running program share: the ledger, where bytes come from, the proofs, and
/// one lane for each target. Bound in Camel's registry as [#BEAN]. Thread-safe.
public final class Pipeline implements AutoCloseable {

    /// Its name in the registry.
    public static final String BEAN = "caravan";

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final long IDLE_MILLIS = 500;

    private final Ledger ledger;
    private final Contents contents;
    private final Proofs proofs;
    private final Clock clock;
    private final String program;
    private final long lease;
    private final String namePrefix;
    private final AtomicLong names = new AtomicLong();
    private final AtomicInteger scans = new AtomicInteger();
    private final AtomicLong movedOn = new AtomicLong();
    private final List<TargetLane> lanes = new CopyOnWriteArrayList<>();
    private final Object work = new Object();
    private final ScheduledExecutorService renewal;
    private volatile Duration patience = Duration.ofMinutes(3);

    /// @param contents where the bytes of versions come from
    /// @param clock of the zone that the windows of targets are in
    /// @param program name and version of this program, for evidence
    public Pipeline(Ledger ledger, Contents contents, Proofs proofs, Clock clock, String program) {
        this.ledger = ledger;
        this.contents = contents;
        this.proofs = proofs;
        this.clock = clock;
        this.program = program;
        this.lease = ledger.copies().lease("pid " + ProcessHandle.current().pid(), LEASE);
        this.namePrefix =
                ledger.homeId().substring(0, 8)
                        + "-"
                        + Long.toString(clock.millis(), Character.MAX_RADIX)
                        + "-";
        this.renewal =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("lease").factory());
        renewal.scheduleAtFixedRate(
                this::renew, LEASE.toSeconds() / 4, LEASE.toSeconds() / 4, TimeUnit.SECONDS);
    }

    /// A ledger that fails now (its disk is full) may work the next time; an exception would end
    /// the renewals for good.
    private void renew() {
        try {
            ledger.copies().renew(lease, LEASE);
            lanes.forEach(TargetLane::hangs);
        } catch (LedgerException failed) {
            LOG.warn("claims are not renewed: {}", failed.getMessage());
        }
    }

    /// How long one step on a mounted folder may take before it is said not to answer.
    public void beginsToWorryAfter(Duration step) {
        patience = step;
    }

    Duration patience() {
        return patience;
    }

    public Ledger ledger() {
        return ledger;
    }

    Contents contents() {
        return contents;
    }

    Proofs proofs() {
        return proofs;
    }

    String program() {
        return program;
    }

    long lease() {
        return lease;
    }

    Instant now() {
        return clock.instant();
    }

    /// The time on the wall here.
    ZonedDateTime localTime() {
        return ZonedDateTime.now(clock);
    }

    /// A name nobody was given before: the home's mark, this start's time, a counter.
    String newCopyName(char kind) {
        return namePrefix + kind + Long.toString(names.incrementAndGet(), Character.MAX_RADIX);
    }

    TargetLane openLane(LaneOptions options) {
        TargetLane lane = new TargetLane(this, options);
        lanes.add(lane);
        return lane;
    }

    /// The lanes of all loaded copy routes.
    public List<TargetLane> lanes() {
        return List.copyOf(lanes);
    }

    /// There may be something to claim.
    void wake() {
        synchronized (work) {
            work.notifyAll();
        }
    }

    /// Waits for [#wake], a little while at most: retries come due by the clock.
    void awaitWork() throws InterruptedException {
        synchronized (work) {
            work.wait(scanning() ? IDLE_MILLIS / 10 : IDLE_MILLIS);
        }
    }

    /// Waits for the end of the running scans, a little while at most.
    ///
    /// @return whether a scan goes on
    boolean awaitScan() throws InterruptedException {
        synchronized (work) {
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS / 2);
            long left = IDLE_MILLIS / 2;
            while (scanning() && left > 0) {
                work.wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            }
            return scanning();
        }
    }

    /// A scan begins: lanes may wait a moment for fuller segments.
    public void scanBegins() {
        scans.incrementAndGet();
    }

    /// A scan ended.
    public void scanEnded() {
        scans.decrementAndGet();
        wake();
    }

    public boolean scanning() {
        return scans.get() > 0;
    }

    /// Whether nothing is under way and nothing is due soon on any target.
    public boolean passDone() {
        return !scanning() && lanes.stream().allMatch(TargetLane::passDone);
    }

    /// How many items changed or vanished between being seen and being read, since the last call:
    /// another scan would see their new state.
    public long takeMovedOn() {
        return movedOn.getAndSet(0);
    }

    void movedOn(Version version, ContentUnavailableException.Reason reason, String said) {
        movedOn.incrementAndGet();
        if (reason == ContentUnavailableException.Reason.CHANGED) {
            problem(version, Problem.Kind.UNSTABLE, said);
        }
    }

    void problem(Version version, Problem.Kind kind, String reason) {
        ledger.scans().problem(new Problem(version.source(), version.path(), kind, reason));
    }

    /// Ends all lanes: what is under way is recorded, nothing more is claimed.
    @Override
    public void close() {
        renewal.shutdown();
        List<TargetLane> open = new ArrayList<>(lanes);
        lanes.clear();
        try {
            for (TargetLane lane : open) {
                lane.end();
            }
            for (TargetLane lane : open) {
                lane.close();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
