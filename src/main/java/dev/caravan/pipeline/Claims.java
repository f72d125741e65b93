package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Version;
import dev.caravan.ledger.Copies;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.Problem;
import dev.caravan.segment.MemberResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The copies that one lane has claimed from the ledger, until each is settled there: recorded, put
/// back to be tried again, given back untouched, or abandoned. Thread-safe.
final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);
    private static final int MOST_PACKED = 20_000;
    private static final int MOST_SINGLES = 1000;

    private final Pipeline pipeline;
    private final LaneOptions options;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicLong copies = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile boolean lostTrack;

    Claims(Pipeline pipeline, LaneOptions options) {
        this.pipeline = pipeline;
        this.options = options;
    }

    private Copies ledger() {
        return pipeline.ledger().copies();
    }

    /// Claimed and not yet settled.
    int underWay() {
        return underWay.get();
    }

    /// Recorded since the start; without what was recorded of a segment before the ledger failed.
    long copies() {
        return copies.get();
    }

    /// Bytes of content recorded since the start.
    long bytes() {
        return bytes.get();
    }

    /// Copies that failed since the start while their target was well.
    long failures() {
        return failures.get();
    }

    /// Whether something is due.
    boolean isDue() {
        return lostTrack || ledger().isDue(options.target(), pipeline.now());
    }

    /// Whether a segment would be full.
    boolean fillASegment() {
        return ledger().isWorth(options.target(), MOST_PACKED, options.segmentBytes());
    }

    /// Claims what is due.
    ///
    /// @param isDoubted whether the target has failed: then it gets one copy, once nothing else is
    ///   under way
    /// @throws LedgerException if the ledger can not be read or written
    synchronized List<Version> claim(BooleanSupplier isDoubted) {
        if (lostTrack && underWay.get() == 0) {
            ledger().putBack(options.target(), pipeline.lease());
            lostTrack = false;
        }
        boolean probing = isDoubted.getAsBoolean();
        if (probing && underWay.get() > 0) {
            return List.of();
        }
        int most = options.packs() ? MOST_PACKED : MOST_SINGLES;
        long mostBytes = options.packs() ? options.segmentBytes() : Long.MAX_VALUE;
        List<Version> due =
                ledger().claim(options.target(), pipeline.lease(), probing ? 1 : most, mostBytes);
        underWay.addAndGet(due.size());
        return due;
    }

    /// Settles what the ledger has recorded, and counts what of it is the user's.
    ///
    /// @param more bytes of the user's content
    /// @param then what else is to be noted in the ledger, before they are settled
    void recorded(long recorded, long users, long more, Runnable then) {
        copies.addAndGet(users);
        bytes.addAndGet(more);
        settling(Math.toIntExact(recorded), then);
    }

    /// Gives copies back untouched.
    void giveBack(List<Version> versions) {
        settling(
                versions.size(),
                () -> ledger().release(options.target(), pipeline.lease(), versions));
    }

    /// Puts back what the target would not take. It may be something about this load (larger than a
    /// cartridge, say), so it waits longer than the target and the others come first.
    void letOthersFirst(List<Version> versions, String message) {
        settling(
                versions.size(),
                () -> {
                    int tried = ledger().attempts(options.target(), versions.getFirst());
                    Duration wait = Backoff.after(1 + tried);
                    ledger().retry(options.target(), pipeline.lease(), versions, message, wait);
                });
    }

    /// Settles the members of a segment that are void.
    void voidMembers(List<MemberResult> members) {
        for (MemberResult member : members) {
            if (member instanceof MemberResult.Void(Version version, long _, IOException why)) {
                itemFailed(version, why);
            }
        }
    }

    /// One copy failed and its target is well.
    void itemFailed(Version version, IOException why) {
        failures.incrementAndGet();
        settling(1, () -> settleItem(version, why));
        LOG.warn("{}: '{}' not copied: {}", options.target(), version.path(), Fault.chain(why));
    }

    private void settleItem(Version version, IOException why) {
        String said = Fault.chain(why);
        Duration wait = Backoff.after(ledger().attempts(options.target(), version));
        if (why instanceof ContentUnavailableException content) {
            switch (content.reason()) {
                case UNREADABLE -> {
                    ledger().retry(options.target(), pipeline.lease(), version, said, wait);
                    pipeline.problem(version, Problem.Kind.UNREADABLE, said);
                }
                case CHANGED, VANISHED -> {
                    Copies.Abandoned fate =
                            ledger().abandon(
                                            options.target(),
                                            pipeline.lease(),
                                            version,
                                            said,
                                            wait);
                    if (fate == Copies.Abandoned.FORGOTTEN) {
                        pipeline.movedOn(version, content.reason(), said);
                    }
                }
            }
        } else {
            ledger().retry(options.target(), pipeline.lease(), version, said, wait);
        }
    }

    /// Settles claimed copies in the ledger. If the ledger itself fails (its disk is full), they
    /// are ours in its rows and nobody's in fact: they are put back before the next claim.
    void settling(int settled, Runnable inLedger) {
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
}
