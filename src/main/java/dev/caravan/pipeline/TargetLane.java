package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.OwnSource;
import dev.caravan.target.Carried;
import dev.caravan.target.KeptUploads;
import dev.caravan.target.Proof;
import dev.caravan.target.TargetException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One target's way through the pipeline: what is claimed, under way, proven and recorded for it,
/// and whether it can take copies at all. Each target has its own lane, so a slow or failing one
/// holds up no other. Thread-safe.
public final class TargetLane {
    private static final Logger LOG = LoggerFactory.getLogger(TargetLane.class);

    /// The rule of targets that show a plain current tree.
    private static final String PLAIN_TREE = "nas";

    /// How long a folder that does not answer is waited for at the end.
    private static final Duration LAST_WAIT = Duration.ofSeconds(30);

    private static final Duration A_MOMENT = Duration.ofMillis(500);

    private final Pipeline pipeline;
    private final LaneOptions options;
    private final Recorder recorder;
    private final Claims claims;
    private final TargetHealth health;
    private final LaneProof proof;
    private final AtomicInteger carrying = new AtomicInteger();
    private final PartOutcomes parts = new PartOutcomes(this);
    private final KeptUploads kept = new KeptUploads();
    private final Queue<String> leftBehind = new ConcurrentLinkedQueue<>();
    private final Object gate = new Object();

    /// Apart from the gate, which a medium that does not answer must not hold.
    private final Object preparation = new Object();

    private final Stillness stillness = new Stillness(System::nanoTime);
    private final AtomicBoolean toldHanging = new AtomicBoolean();
    private boolean running = true;
    private boolean toldClosed;

    TargetLane(Pipeline pipeline, LaneOptions options) {
        this.pipeline = pipeline;
        this.options = options;
        this.claims = new Claims(pipeline, options);
        this.health = new TargetHealth(pipeline, options.target(), claims);
        this.proof = new LaneProof(pipeline, options);
        this.recorder = new Recorder(this);
        recorder.start();
    }

    public String target() {
        return options.target();
    }

    LaneOptions options() {
        return options;
    }

    Pipeline pipeline() {
        return pipeline;
    }

    PartOutcomes parts() {
        return parts;
    }

    /// What broke off on its way there.
    KeptUploads kept() {
        return kept;
    }

    /// What was claimed.
    Claims claims() {
        return claims;
    }

    /// How copies are proven, and bodies made for it.
    LaneProof proof() {
        return proof;
    }

    /// The user's copies recorded since the start.
    public long copies() {
        return claims.copies();
    }

    /// Copies claimed and not yet settled.
    public long underWay() {
        return claims.underWay();
    }

    /// Bytes of the user's content recorded since the start.
    public long bytes() {
        return claims.bytes();
    }

    /// Failed attempts since the start.
    public long failures() {
        return claims.failures() + health.failures();
    }

    /// When the target's window opens; empty while it is open.
    public Optional<Instant> closedUntil() {
        return options.limits().window().closedUntil(pipeline.localTime());
    }

    /// Claims what is due; waits until there is something. Empty only when the lane ends.
    List<Version> claim() throws InterruptedException {
        while (true) {
            synchronized (gate) {
                if (!running) {
                    return List.of();
                }
            }
            leftBehind.addAll(kept.forgetOld(pipeline.now()));
            if (health.isOpen() && inWindow() && worthwhile() && prepare()) {
                List<Version> due = claims.claim(health::isDoubted);
                if (!due.isEmpty()) {
                    return due;
                }
            }
            pipeline.awaitWork();
        }
    }

    /// The ledger itself failed.
    void ledgerFailed(LedgerException failed) {
        health.ledgerFailed(failed);
    }

    /// Says once that it is closed.
    private boolean inWindow() {
        Optional<Instant> opens = closedUntil();
        synchronized (gate) {
            if (opens.isPresent() && !toldClosed) {
                LOG.info(
                        "{}: outside its window ({}) until {}",
                        options.target(),
                        options.limits().window(),
                        opens.get());
            }
            toldClosed = opens.isPresent();
        }
        return opens.isEmpty();
    }

    /// Whether there is enough to do: a segment that is not full waits a moment for more while a
    /// scan goes on.
    private boolean worthwhile() throws InterruptedException {
        boolean due = claims.isDue();
        if (due && options.packs()) {
            long until = System.nanoTime() + options.linger().toNanos();
            while (System.nanoTime() < until && !claims.fillASegment() && pipeline.awaitScan()) {
                // a scan goes on and may find more
            }
        }
        return due || unlooked() || !withdrawals().isEmpty();
    }

    /// A mounted folder is looked at once in every run, also when there is nothing to copy: a NAS
    /// that is gone is no news to be told by the next file.
    private boolean unlooked() {
        return options.rule().equals(PLAIN_TREE) && !health.isPrepared() && !health.isStopped();
    }

    private List<Version> withdrawals() {
        return options.rule().equals(PLAIN_TREE)
                ? pipeline.ledger().plainTree().toWithdraw(options.target(), 1)
                : List.of();
    }

    private boolean prepare() {
        try (var _ = stillness.step()) {
            synchronized (preparation) {
                if (!health.isPrepared()) {
                    proof.prepare();
                    health.prepared();
                }
            }
            proof.get().withdraw();
            return true;
        } catch (TargetException failed) {
            health.failed(failed.remedy(), Fault.chain(failed));
            return false;
        } catch (RuntimeException failed) {
            health.failed(TargetException.Remedy.WAIT, Fault.chain(failed));
            return false;
        }
    }

    /// Something goes on.
    void stirs() {
        stillness.stirs();
    }

    /// A body that goes this way is read from here on.
    Stillness.Step reading() {
        return stillness.read();
    }

    /// Whether a mounted folder has not answered for too long; says so once. Other targets end
    /// their waiting by themselves, and a person may take hours to load a cartridge.
    boolean hangs() {
        Duration patience = pipeline.patience();
        if (!isStillFor(patience)) {
            toldHanging.set(false);
            return false;
        }
        if (toldHanging.compareAndSet(false, true)) {
            health.failed(
                    TargetException.Remedy.WAIT,
                    "its folder has not answered for %d s: is the server of this folder there?"
                            .formatted(patience.toSeconds()));
        }
        return true;
    }

    private boolean isStillFor(Duration span) {
        return options.rule().equals(PLAIN_TREE) && stillness.lasts(span, claims.underWay() > 0);
    }

    /// Waits for a thread of this lane, unless it waits for a folder that does not answer.
    ///
    /// @return whether it ended
    boolean ended(Thread thread) throws InterruptedException {
        Duration longest =
                LAST_WAIT.compareTo(pipeline.patience()) < 0 ? LAST_WAIT : pipeline.patience();
        boolean ended = thread.join(A_MOMENT);
        while (!ended && !isStillFor(longest)) {
            ended = thread.join(A_MOMENT);
        }
        return ended;
    }

    /// Whether the target took no harm since the claim, and its window is still open, so that going
    /// on with it makes sense.
    boolean stillOpen() {
        if (closedUntil().isPresent()) {
            return false;
        }
        synchronized (gate) {
            return running && health.isPrepared();
        }
    }

    void carrying(int more) {
        carrying.addAndGet(more);
    }

    /// Whether all that is being carried has arrived at the recorder.
    boolean nothingElseUnderWay(int arrived) {
        return carrying.get() <= arrived && !pipeline.scanning();
    }

    /// Hands over what was carried; `done` is called from the recorder's thread.
    void toRecord(Carried carried, Recorder.Done done) {
        recorder.add(
                carried,
                failure -> {
                    carrying.decrementAndGet();
                    done.done(failure);
                });
    }

    /// What an exchange carried has reached `ledger:record`.
    void arrived(Load load, Carried carried, Recorder.Done done) {
        stirs();
        load.arrive();
        toRecord(
                carried,
                failure -> {
                    if (failure == null && load.settle() && carried instanceof Carried.Packed p) {
                        claims.voidMembers(p.members());
                    }
                    done.done(failure);
                });
    }

    /// An exchange left its route. One that neither reached `ledger:record` nor `ledger:fail` has
    /// failed too: its endpoint is another than the ledger thinks.
    void ended(Load load, @Nullable Throwable thrown) {
        failed(
                load,
                thrown != null
                        ? thrown
                        : new IllegalStateException("the copy route ended without ledger:record"));
    }

    /// As [#failed] for what had no bytes to carry.
    void failedUncarried(Version version, TargetException why) {
        claims.giveBack(List.of(version));
        health.failed(why.remedy(), Fault.chain(why));
    }

    /// Records a proven batch, and settles what of it could not be proven.
    void record(Proof.Proven proven) {
        List<CopyProof> refused =
                proven.proofs().isEmpty()
                        ? List.of()
                        : pipeline.ledger()
                                .copies()
                                .record(
                                        options.target(),
                                        pipeline.lease(),
                                        proven.evidence(),
                                        proven.proofs(),
                                        proven.lockedUntil());
        long recorded = proven.proofs().size() - refused.size();
        List<CopyProof> users =
                proven.proofs().stream().filter(proof -> isUsers(proof.version())).toList();
        long refusedUsers = refused.stream().filter(proof -> isUsers(proof.version())).count();
        count(recorded, users.size() - refusedUsers, bytes(users));
        parts.record(proven.evidence(), proven.parts());
        for (CopyProof proof : refused) {
            claims.itemFailed(
                    proof.version(),
                    new ContentUnavailableException(
                            ContentUnavailableException.Reason.CHANGED,
                            "'%s' has another hash than an earlier read of the same version"
                                    .formatted(proof.version().path())));
        }
        for (Proof.Refused item : proven.refused()) {
            claims.itemFailed(item.version(), item.why());
        }
        if (proven.parts().isEmpty() || recorded > 0) {
            LOG.info(
                    "{}: recorded {} {}",
                    options.target(),
                    recorded,
                    recorded == 1 ? "copy" : "copies");
        }
    }

    private static long bytes(List<CopyProof> proofs) {
        return proofs.stream().mapToLong(CopyProof::bytesRead).sum();
    }

    /// What the home exports of its ledger is carried like anything else, and counted apart.
    static boolean isUsers(Version version) {
        return !version.source().equals(OwnSource.NAME);
    }

    /// Settles what the ledger has recorded, and counts what of it is the user's.
    ///
    /// @param more bytes of the user's content
    void count(long recorded, long users, long more) {
        claims.recorded(recorded, users, more, health::works);
        discardLeftBehind();
    }

    /// What a target kept of failed attempts, now that it answers again.
    private void discardLeftBehind() {
        for (String name = leftBehind.poll(); name != null; name = leftBehind.poll()) {
            discard(name);
        }
    }

    /// An exchange failed: decides by whose fault what becomes of the copies it carried.
    void failed(Load load, @Nullable Throwable thrown) {
        if (!load.settle()) {
            return;
        }
        if (!load.hasArrived()) {
            carrying.decrementAndGet();
        }
        switch (Fault.of(load, thrown)) {
            case Fault.OfItem(ContentUnavailableException why) -> {
                discard(load.copyName);
                for (Version version : load.versions()) {
                    claims.itemFailed(version, why);
                }
            }
            case Fault.OfTarget(TargetException.Remedy remedy, String message) -> {
                boolean isKept = false;
                if (remedy == TargetException.Remedy.PERSON) {
                    claims.giveBack(load.versions());
                } else {
                    isKept = keep(load);
                    claims.letOthersFirst(load.versions(), message);
                }
                if (isKept) {
                    // half of it stays where it is
                } else if (options.rule().equals(PLAIN_TREE)) {
                    // half a file that filled the disk would leave no room to publish the whole
                    // ones
                    discard(load.copyName);
                } else {
                    leftBehind.add(load.copyName);
                }
                health.failed(remedy, message);
            }
        }
    }

    /// Keeps what the next attempt at the same bytes needs to go on where this one broke off.
    private boolean keep(Load load) {
        boolean byName = proof.goesOnByName();
        return !load.hasArrived()
                && proof.goesOn(load.length())
                && (!byName || load.goesOn())
                && load.keep()
                && byName;
    }

    /// An attempt at these very bytes that broke off; null if there was none.
    KeptUploads.@Nullable Again goingOn(Version version) {
        return kept.take(version, proof.encryption().orElse(null), pipeline.now());
    }

    private void discard(String copyName) {
        try {
            proof.get().discard(copyName);
        } catch (TargetException failed) {
            health.failed(failed.remedy(), Fault.chain(failed));
        }
    }

    /// Whether this lane has nothing more to do in the running pass: all is recorded, or what is
    /// left waits for its window, or for a retry that is not due soon.
    boolean passDone() {
        if (hangs()) {
            return true;
        }
        if (claims.underWay() > 0) {
            return false;
        }
        if (closedUntil().isPresent()) {
            return true;
        }
        Instant soon = pipeline.now().plus(Backoff.WITHIN_PASS);
        if (health.restsUntilAfter(soon)) {
            return true;
        }
        return !unlooked()
                && !pipeline.ledger().copies().isDue(options.target(), soon)
                && withdrawals().isEmpty()
                && claims.underWay() == 0;
    }

    /// Lets what is under way be recorded and ends; nothing more is claimed.
    void end() throws InterruptedException {
        synchronized (gate) {
            running = false;
        }
        pipeline.wake();
    }

    void close() throws InterruptedException {
        boolean ended = recorder.stop();
        kept.forgetAll();
        if (ended && !stillness.hasSteps()) {
            proof.close();
        }
    }
}
