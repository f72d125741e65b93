package dev.caravan.tape.pool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What goes with each drive of a library while it is used: its ring of records, what it has
/// written, and how its user is stopped. Thread-safe; a ring belongs to the drive's user.
final class DriveUse {
    private final Map<Integer, RecordRing> rings = new HashMap<>();
    private final Map<Integer, DriveMetrics> metrics = new TreeMap<>();
    private final Map<Integer, Runnable> stops = new HashMap<>();
    private boolean stopped;

    /// The ring of a drive, made again only if the cartridge in it has records of another size.
    synchronized RecordRing ring(int drive, int blockBytes) {
        RecordRing ring = rings.get(drive);
        if (ring == null || ring.blockBytes() != blockBytes) {
            ring = new RecordRing(blockBytes);
            rings.put(drive, ring);
        }
        return ring;
    }

    synchronized void streamed(int drive, boolean proven, Streaming more) {
        metrics.put(
                drive, metrics.getOrDefault(drive, DriveMetrics.none(drive)).with(proven, more));
    }

    synchronized List<DriveMetrics> metrics() {
        return List.copyOf(metrics.values());
    }

    /// How the user of a drive is told to end; called at once if that was asked before.
    void whenStopped(int drive, Runnable stop) {
        synchronized (this) {
            if (!stopped) {
                stops.put(drive, stop);
                return;
            }
        }
        stop.run();
    }

    synchronized void released(int drive) {
        stops.remove(drive);
    }

    synchronized boolean stopped() {
        return stopped;
    }

    /// Tells all users to end, and lets nobody begin.
    void stop() {
        List<Runnable> all;
        synchronized (this) {
            stopped = true;
            all = List.copyOf(stops.values());
            stops.clear();
        }
        all.forEach(Runnable::run);
    }
}
