package dev.caravan.tape.vtl;

import java.util.concurrent.atomic.AtomicInteger;

/// Faults that a test sets on a virtual library; counts go down over all its drives. Thread-safe.
public final class VirtualFaults {
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
