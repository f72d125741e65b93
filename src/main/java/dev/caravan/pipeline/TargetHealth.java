package dev.caravan.pipeline;

import dev.caravan.ledger.LedgerException;
import dev.caravan.target.TargetException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether a lane's target takes copies: made ready, waiting after a failure, or stopped until a
/// person looks. Also noted in the ledger, for `status`. Thread-safe.
final class TargetHealth {
    private static final Logger LOG = LoggerFactory.getLogger(TargetHealth.class);

    private final Pipeline pipeline;
    private final String target;
    private final Claims claims;
    private boolean prepared;
    private boolean stopped;
    private int inARow;
    private final AtomicLong failures = new AtomicLong();
    private Instant notBefore = Instant.MIN;

    TargetHealth(Pipeline pipeline, String target, Claims claims) {
        this.pipeline = pipeline;
        this.target = target;
        this.claims = claims;
    }

    /// How often it failed since the start.
    long failures() {
        return failures.get();
    }

    /// Whether it may be tried now.
    synchronized boolean isOpen() {
        return !stopped && !pipeline.now().isBefore(notBefore);
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    /// Whether nothing is tried up to a moment.
    synchronized boolean restsUntilAfter(Instant moment) {
        return stopped || notBefore.isAfter(moment);
    }

    /// Whether it was looked at and made ready, and took no harm since.
    synchronized boolean isPrepared() {
        return prepared && !stopped;
    }

    synchronized void prepared() {
        prepared = true;
    }

    /// Whether it has failed and not yet worked again.
    synchronized boolean isDoubted() {
        return inARow > 0;
    }

    /// It has taken a copy.
    synchronized void works() {
        if (inARow > 0) {
            inARow = 0;
            pipeline.ledger().targets().ready(target);
        }
    }

    /// The ledger itself failed: nothing counts meanwhile, and it is tried again as a target is.
    synchronized void ledgerFailed(LedgerException failed) {
        failures.incrementAndGet();
        notBefore = pipeline.now().plus(Backoff.after(inARow++));
        LOG.error("{}: {}", target, failed.getMessage());
    }

    /// It failed: it is tried again later, or not before a person has looked. Many exchanges fail
    /// for the same reason, so until it is tried again only the first of them is told and counted.
    synchronized void failed(TargetException.Remedy remedy, String message) {
        if (stopped || inARow > 0 && !prepared && pipeline.now().isBefore(notBefore)) {
            return;
        }
        failures.incrementAndGet();
        prepared = false;
        if (remedy == TargetException.Remedy.PERSON) {
            stopped = true;
            claims.settling(0, () -> pipeline.ledger().targets().stop(target, message));
            LOG.error("{}: stopped, a person must look: {}", target, message);
        } else {
            Duration wait = Backoff.after(inARow++);
            notBefore = pipeline.now().plus(wait);
            claims.settling(0, () -> pipeline.ledger().targets().suspend(target, message, wait));
            LOG.warn("{}: next try in {}: {}", target, wait, message);
        }
    }
}
