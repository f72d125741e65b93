package dev.caravan.restore;

import dev.caravan.item.Version;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// Gives checked files their names. They wait for one sync and then get them together: a power cut
/// leaves no half file under a final name, and small files do not pay a sync each. Thread-safe; one
/// thread at a time publishes.
final class Publisher {
    /// As many wait, and as many more while these are published: two descriptors each.
    private static final int READY_FILES = 128;

    private static final long READY_BYTES = 256L << 20;

    private final TreeWriter tree;
    private final Outcomes outcomes;
    private final ReentrantLock publishing = new ReentrantLock();
    private List<Ready> ready = new ArrayList<>();
    private long readyBytes;

    private record Ready(Pending pending, Version version, String target) {}

    Publisher(TreeWriter tree, Outcomes outcomes) {
        this.tree = tree;
        this.outcomes = outcomes;
    }

    /// Takes a file that was read and checked.
    ///
    /// @param pending becomes this object's to end
    void ready(Pending pending, Version version, String target) throws DestinationException {
        boolean full;
        synchronized (this) {
            ready.add(new Ready(pending, version, target));
            readyBytes += version.metadata().size();
            full = ready.size() >= READY_FILES || readyBytes >= READY_BYTES;
        }
        if (full) {
            publish();
        }
    }

    private synchronized List<Ready> take() {
        List<Ready> taken = ready;
        ready = new ArrayList<>();
        readyBytes = 0;
        return taken;
    }

    /// Publishes all that is ready.
    void publish() throws DestinationException {
        publishing.lock();
        try {
            publish(take());
        } finally {
            publishing.unlock();
        }
    }

    private void publish(List<Ready> files) throws DestinationException {
        if (files.isEmpty()) {
            return;
        }
        try {
            tree.sync();
        } catch (IOException destination) {
            files.forEach(this::abandon);
            throw new DestinationException(destination);
        }
        List<Ready> published = new ArrayList<>();
        for (Ready file : files) {
            try (Pending pending = file.pending) {
                pending.publish();
                published.add(file);
            } catch (IOException inTheWay) {
                outcomes.lost(file.version, String.valueOf(inTheWay.getMessage()));
            }
        }
        try {
            tree.published(published.stream().map(Ready::version).toList());
        } catch (IOException destination) {
            throw new DestinationException(destination);
        } finally {
            published.forEach(file -> outcomes.restored(file.version, file.target));
        }
    }

    private void abandon(Ready file) {
        try {
            file.pending.abandon();
        } catch (IOException left) {
            outcomes.lost(file.version, "its unfinished file is left: " + left.getMessage());
        }
    }
}
