package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Version;
import dev.caravan.ledger.Copies;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.OwnSource;
import dev.caravan.ledger.Problem;
import dev.caravan.ledger.Target;
import dev.caravan.segment.MemberResult;
import dev.caravan.target.Carried;
import dev.caravan.target.Encryption;
import dev.caravan.target.KeptUploads;
import dev.caravan.target.Pace;
import dev.caravan.target.Proof;
import dev.caravan.target.TargetException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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
    private static final int MOST_PACKED = 20_000;
    private static final int MOST_SINGLES = 1000;

    private final Pipeline pipeline;
    private final LaneOptions options;
    private final Recorder recorder;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger carrying = new AtomicInteger();
    private final AtomicLong copies = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final PartOutcomes parts = new PartOutcomes(this);
    private final KeptUploads kept = new KeptUploads();
    private final Queue<String> leftBehind = new ConcurrentLinkedQueue<>();
    private final Object gate = new Object();

    /// Apart from the gate, which a medium that does not answer must not hold.
    private final Object preparation = new Object();

    private final Stillness stillness = new Stillness(System::nanoTime);
    private final AtomicBoolean toldHanging = new AtomicBoolean();
    private final Pace wanted;
    private Pace pace;
    private @Nullable Proof proof;
    private Optional<Encryption> encryption = Optional.empty();
    private volatile boolean lostTrack;
    private boolean prepared;
    private boolean running = true;
    private boolean stopped;
    private boolean toldClosed;
    private int targetFailures;
    private Instant notBefore = Instant.MIN;

    TargetLane(Pipeline pipeline, LaneOptions options) {
        this.pipeline = pipeline;
        this.options = options;
        this.wanted = Pace.of(options.limits().bytesPerSecond());
        this.pace = wanted;
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

    /// Copies recorded since the start.
    public long copies() {
        return copies.get();
    }

    /// Copies claimed and not yet settled.
    public long underWay() {
        return underWay.get();
    }

    /// Bytes of content recorded since the start.
    public long bytes() {
        return bytes.get();
    }

    /// Failed attempts since the start.
    public long failures() {
        return failures.get();
    }

    Proof proof() throws TargetException {
        synchronized (gate) {
            if (proof == null) {
                proof = pipeline.proofs().of(options.target(), options.rule());
                pace = proof.hold(wanted) ? Pace.UNLIMITED : wanted;
            }
            return proof;
        }
    }

    /// The pace at which bodies are read.
    Pace pace() {
        synchronized (gate) {
            return pace;
        }
    }

    /// When the target's window opens; empty while it is open.
    public Optional<Instant> closedUntil() {
        return options.limits().window().closedUntil(pipeline.localTime());
    }

    /// Whether a pass that is only hashed comes before the one that is sent.
    boolean hashesFirst() {
        synchronized (gate) {
            return proof != null && proof.hashesFirst();
        }
    }

    /// What encrypts what goes this way; empty until [#claim] has given something, and where all
    /// stays plain.
    Optional<Encryption> encryption() {
        synchronized (gate) {
            return encryption;
        }
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
            if (open() && inWindow() && worthwhile() && prepare()) {
                List<Version> due = claimNow();
                if (!due.isEmpty()) {
                    return due;
                }
            }
            pipeline.awaitWork();
        }
    }

    /// The ledger itself failed: nothing counts meanwhile, and it is tried again as a target is.
    void ledgerFailed(LedgerException failed) {
        synchronized (gate) {
            failures.incrementAndGet();
            notBefore = pipeline.now().plus(Backoff.after(targetFailures++));
        }
        LOG.error("{}: {}", options.target(), failed.getMessage());
    }

    /// A target that has failed is probed with one copy before it gets more.
    private List<Version> claimNow() {
        int most = options.packs() ? MOST_PACKED : MOST_SINGLES;
        long mostBytes = options.packs() ? options.segmentBytes() : Long.MAX_VALUE;
        List<Version> due;
        synchronized (gate) {
            if (lostTrack && underWay.get() == 0) {
                pipeline.ledger().copies().putBack(options.target(), pipeline.lease());
                lostTrack = false;
            }
            boolean probing = targetFailures > 0;
            if (probing && underWay.get() > 0) {
                return List.of();
            }
            due =
                    pipeline.ledger()
                            .copies()
                            .claim(
                                    options.target(),
                                    pipeline.lease(),
                                    probing ? 1 : most,
                                    mostBytes);
            underWay.addAndGet(due.size());
        }
        return due;
    }

    private boolean open() {
        synchronized (gate) {
            return !stopped && !pipeline.now().isBefore(notBefore);
        }
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
        Copies copies = pipeline.ledger().copies();
        boolean due = lostTrack || copies.isDue(options.target(), pipeline.now());
        if (due && options.packs()) {
            long until = System.nanoTime() + options.linger().toNanos();
            while (System.nanoTime() < until
                    && !copies.isWorth(options.target(), MOST_PACKED, options.segmentBytes())
                    && pipeline.awaitScan()) {
                // a scan goes on and may find more
            }
        }
        return due || unlooked() || !withdrawals().isEmpty();
    }

    /// A mounted folder is looked at once in every run, also when there is nothing to copy: a NAS
    /// that is gone is no news to be told by the next file.
    private boolean unlooked() {
        synchronized (gate) {
            return options.rule().equals(PLAIN_TREE) && !prepared && !stopped;
        }
    }

    private List<Version> withdrawals() {
        return options.rule().equals(PLAIN_TREE)
                ? pipeline.ledger().plainTree().toWithdraw(options.target(), 1)
                : List.of();
    }

    private boolean prepare() {
        try (var _ = stillness.step()) {
            synchronized (preparation) {
                if (!isPrepared()) {
                    Optional<Encryption> found = pipeline.proofs().encryption(options.target());
                    proof().prepare();
                    identify(proof().identity());
                    synchronized (gate) {
                        encryption = found;
                        prepared = true;
                    }
                }
            }
            proof().withdraw();
            return true;
        } catch (TargetException failed) {
            targetFailed(failed.remedy(), Fault.chain(failed));
            return false;
        } catch (RuntimeException failed) {
            targetFailed(TargetException.Remedy.WAIT, Fault.chain(failed));
            return false;
        }
    }

    private boolean isPrepared() {
        synchronized (gate) {
            return prepared;
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
            targetFailed(
                    TargetException.Remedy.WAIT,
                    "its folder has not answered for %d s: is the server of this folder there?"
                            .formatted(patience.toSeconds()));
        }
        return true;
    }

    private boolean isStillFor(Duration span) {
        return options.rule().equals(PLAIN_TREE) && stillness.lasts(span, underWay.get() > 0);
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

    private void identify(@Nullable String identity) throws TargetException {
        var targets = pipeline.ledger().targets();
        String known = targets.find(options.target()).map(Target::identity).orElse(null);
        if (identity != null && !identity.equals(known)) {
            targets.identify(options.target(), identity);
        }
        String domain = proof().domain();
        if (domain != null) {
            targets.liesOn(options.target(), domain);
        }
    }

    /// Whether the target took no harm since the claim, and its window is still open, so that going
    /// on with it makes sense.
    boolean stillOpen() {
        if (closedUntil().isPresent()) {
            return false;
        }
        synchronized (gate) {
            return running && prepared && !stopped;
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
                        voidMembers(p.members());
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
        giveBack(List.of(version));
        targetFailed(why.remedy(), Fault.chain(why));
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
                                        proven.proofs());
        long recorded = proven.proofs().size() - refused.size();
        List<CopyProof> users =
                proven.proofs().stream().filter(proof -> isUsers(proof.version())).toList();
        long refusedUsers = refused.stream().filter(proof -> isUsers(proof.version())).count();
        count(recorded, users.size() - refusedUsers, bytes(users));
        pipeline.ledger().locks().note(options.target(), proven.lockedUntil());
        parts.record(proven.evidence(), proven.parts());
        for (CopyProof proof : refused) {
            itemFailed(
                    proof.version(),
                    new ContentUnavailableException(
                            ContentUnavailableException.Reason.CHANGED,
                            "'%s' has another hash than an earlier read of the same version"
                                    .formatted(proof.version().path())));
        }
        for (Proof.Refused item : proven.refused()) {
            itemFailed(item.version(), item.why());
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
        copies.addAndGet(users);
        bytes.addAndGet(more);
        settling(Math.toIntExact(recorded), this::works);
        discardLeftBehind();
    }

    /// What a target kept of failed attempts, now that it answers again.
    private void discardLeftBehind() {
        for (String name = leftBehind.poll(); name != null; name = leftBehind.poll()) {
            discard(name);
        }
    }

    private void works() {
        synchronized (gate) {
            if (targetFailures > 0) {
                targetFailures = 0;
                pipeline.ledger().targets().ready(options.target());
            }
        }
    }

    /// Settles the members of a segment that are void.
    void voidMembers(List<MemberResult> members) {
        for (MemberResult member : members) {
            if (member instanceof MemberResult.Void(Version version, long _, IOException why)) {
                itemFailed(version, why);
            }
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
                    itemFailed(version, why);
                }
            }
            case Fault.OfTarget(TargetException.Remedy remedy, String message) -> {
                boolean isKept = false;
                if (remedy == TargetException.Remedy.PERSON) {
                    giveBack(load.versions());
                } else {
                    isKept = keep(load);
                    letOthersFirst(load.versions(), message);
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
                targetFailed(remedy, message);
            }
        }
    }

    /// Keeps what the next attempt at the same bytes needs to go on where this one broke off.
    private boolean keep(Load load) {
        boolean byName = goesOnByName();
        return !load.hasArrived()
                && goesOn(load.length())
                && (!byName || load.goesOn())
                && load.keep()
                && byName;
    }

    /// Whether an upload of so many bytes that broke off is gone on with.
    boolean goesOn(long length) {
        synchronized (gate) {
            return proof != null && proof.goesOn(length);
        }
    }

    /// Tells the target how much its endpoint was given.
    void given(String copyName, long bytes) throws IOException {
        Proof known;
        synchronized (gate) {
            known = proof;
        }
        if (known != null) {
            known.given(copyName, bytes);
        }
    }

    /// Whether the next attempt needs the name of the one before.
    boolean goesOnByName() {
        synchronized (gate) {
            return proof != null && proof.goesOnByName();
        }
    }

    /// An attempt at these very bytes that broke off; null if there was none.
    KeptUploads.@Nullable Again goingOn(Version version) {
        return kept.take(version, encryption().orElse(null), pipeline.now());
    }

    /// Puts back what the target would not take. It may be something about this load (larger than a
    /// cartridge, say), so it waits longer than the target and the others come first.
    private void letOthersFirst(List<Version> versions, String message) {
        Copies ledger = pipeline.ledger().copies();
        settling(
                versions.size(),
                () ->
                        ledger.retry(
                                options.target(),
                                pipeline.lease(),
                                versions,
                                message,
                                Backoff.after(
                                        1
                                                + ledger.attempts(
                                                        options.target(), versions.getFirst()))));
    }

    private void discard(String copyName) {
        try {
            proof().discard(copyName);
        } catch (TargetException failed) {
            targetFailed(failed.remedy(), Fault.chain(failed));
        }
    }

    /// Gives claimed copies back untouched.
    void giveBack(List<Version> versions) {
        settling(
                versions.size(),
                () ->
                        pipeline.ledger()
                                .copies()
                                .release(options.target(), pipeline.lease(), versions));
    }

    /// Settles claimed copies in the ledger. If the ledger itself fails (its disk is full), they
    /// are ours in its rows and nobody's in fact: they are put back before the next claim.
    private void settling(int settled, Runnable inLedger) {
        try {
            inLedger.run();
        } catch (LedgerException failed) {
            if (!lostTrack) { // many copies fail for the same reason: it is said once
                LOG.error("{}: {}", options.target(), failed.getMessage());
            }
            lostTrack = true;
        } finally {
            underWay.addAndGet(-settled);
        }
    }

    /// One copy failed and its target is well.
    void itemFailed(Version version, IOException why) {
        failures.incrementAndGet();
        settling(1, () -> settleItem(version, why));
        LOG.warn("{}: '{}' not copied: {}", options.target(), version.path(), Fault.chain(why));
    }

    private void settleItem(Version version, IOException why) {
        Copies ledger = pipeline.ledger().copies();
        String said = Fault.chain(why);
        Duration wait = Backoff.after(ledger.attempts(options.target(), version));
        if (why instanceof ContentUnavailableException content) {
            switch (content.reason()) {
                case UNREADABLE -> {
                    pipeline.problem(version, Problem.Kind.UNREADABLE, said);
                    ledger.retry(options.target(), pipeline.lease(), version, said, wait);
                }
                case CHANGED, VANISHED -> {
                    Copies.Abandoned fate =
                            ledger.abandon(options.target(), pipeline.lease(), version, said, wait);
                    if (fate == Copies.Abandoned.FORGOTTEN) {
                        pipeline.movedOn(version, content.reason(), said);
                    }
                }
            }
        } else {
            ledger.retry(options.target(), pipeline.lease(), version, said, wait);
        }
    }

    private void targetFailed(TargetException.Remedy remedy, String message) {
        synchronized (gate) {
            if (stopped || targetFailures > 0 && !prepared && pipeline.now().isBefore(notBefore)) {
                return; // many exchanges fail for the same reason: it is said and counted once
            }
            failures.incrementAndGet();
            prepared = false;
            if (remedy == TargetException.Remedy.PERSON) {
                stopped = true;
                settling(0, () -> pipeline.ledger().targets().stop(options.target(), message));
                LOG.error("{}: stopped, a person must look: {}", options.target(), message);
            } else {
                Duration wait = Backoff.after(targetFailures++);
                notBefore = pipeline.now().plus(wait);
                settling(
                        0,
                        () -> pipeline.ledger().targets().suspend(options.target(), message, wait));
                LOG.warn("{}: next try in {}: {}", options.target(), wait, message);
            }
        }
    }

    /// Whether this lane has nothing more to do in the running pass: all is recorded, or what is
    /// left waits for its window, or for a retry that is not due soon.
    boolean passDone() {
        if (hangs()) {
            return true;
        }
        if (underWay.get() > 0) {
            return false;
        }
        if (closedUntil().isPresent()) {
            return true;
        }
        Instant soon = pipeline.now().plus(Backoff.WITHIN_PASS);
        synchronized (gate) {
            if (stopped || notBefore.isAfter(soon)) {
                return true;
            }
        }
        return !unlooked()
                && !pipeline.ledger().copies().isDue(options.target(), soon)
                && withdrawals().isEmpty()
                && underWay.get() == 0;
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
        synchronized (gate) {
            if (proof != null && ended && !stillness.hasSteps()) {
                proof.close();
            }
        }
    }
}
