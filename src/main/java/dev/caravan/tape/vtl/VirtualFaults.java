package dev.caravan.tape.vtl;

import dev.caravan.tape.drive.TapeAlert;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Faults and times that a test sets on a virtual library; counts go down over all its drives.
/// Thread-safe.
public final class VirtualFaults {
    private final AtomicInteger deferred = new AtomicInteger();
    private final AtomicInteger read = new AtomicInteger();
    private final AtomicInteger reset = new AtomicInteger();
    private final Set<TapeAlert> alerts = EnumSet.noneOf(TapeAlert.class);
    private volatile VirtualTiming timing = VirtualTiming.NONE;
    private volatile Consumer<Duration> clock = pause -> LockSupport.parkNanos(pause.toNanos());
    private final AtomicInteger write = new AtomicInteger();
    private final AtomicInteger tear = new AtomicInteger();
    private final AtomicInteger filemark = new AtomicInteger();
    private volatile boolean recordsOnNoSpace;
    private volatile boolean positionUnknown;

    VirtualFaults() {}

    /// The `n`th write from now fails with `EIO`; 1 is the next one.
    public void failWrite(int n) {
        write.set(n);
    }

    /// The `n`th write from now is acknowledged and then lost, with all that follow it: the drive
    /// says so, with `EIO`, at the next filemark, flush, move or close.
    public void deferWriteError(int n) {
        deferred.set(n);
    }

    /// The `n`th read of a record from now fails with `EIO` and the record is passed.
    public void failRead(int n) {
        read.set(n);
    }

    /// At the `n`th write, read or filemark from now the drive is reset and its position lost: that
    /// and everything else fails with `EIO` until a rewind, as newer kernels have it.
    public void losePosition(int n) {
        reset.set(n);
    }

    /// Raises alerts; whoever reads a medium report next gets and clears them.
    public void raise(TapeAlert... raised) {
        synchronized (alerts) {
            alerts.addAll(Set.of(raised));
        }
    }

    /// How long the drives take from now on.
    public void timing(VirtualTiming now) {
        timing = now;
    }

    /// Who waits, for a test that must not.
    void clock(Consumer<Duration> waits) {
        clock = waits;
    }

    /// The `n`th write from now leaves half a record and the drive is gone.
    public void tearWrite(int n) {
        tear.set(n);
    }

    /// The `n`th filemark command from now fails with `EIO`, as a deferred write error does.
    public void failFilemark(int n) {
        filemark.set(n);
    }

    /// A write that is answered with no space is recorded nevertheless, as `scsi_debug` does.
    public void recordOnNoSpace(boolean on) {
        recordsOnNoSpace = on;
    }

    /// The drives cannot tell their position, as the drive of `tgt` cannot.
    public void hidePosition(boolean on) {
        positionUnknown = on;
    }

    boolean writeFails() {
        return due(write);
    }

    VirtualTiming timing() {
        return timing;
    }

    void pause(Duration pause) {
        if (pause.isPositive()) {
            clock.accept(pause);
        }
    }

    Set<TapeAlert> takeAlerts() {
        synchronized (alerts) {
            Set<TapeAlert> taken = Set.copyOf(alerts);
            alerts.clear();
            return taken;
        }
    }

    boolean writeIsLost() {
        return due(deferred);
    }

    boolean readFails() {
        return due(read);
    }

    boolean positionIsLost() {
        return due(reset);
    }

    boolean writeTears() {
        return due(tear);
    }

    boolean filemarkFails() {
        return due(filemark);
    }

    boolean recordsOnNoSpace() {
        return recordsOnNoSpace;
    }

    boolean positionUnknown() {
        return positionUnknown;
    }

    private static boolean due(AtomicInteger countdown) {
        return countdown.getAndUpdate(n -> Math.max(0, n - 1)) == 1;
    }
}
