package dev.caravan.hook;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A process and what it started. Immutable.
final class ProcessTree {
    private static final long GRACE_MILLIS = 5_000;
    private static final long LOOK_MILLIS = 50;

    private final ProcessHandle root;

    ProcessTree(ProcessHandle root) {
        this.root = root;
    }

    /// Asks all of them to end, which a script may use to clean up, and kills those that do not.
    ///
    /// They are listed first: a process whose parent has ended is nobody's descendant any more.
    void end() {
        List<ProcessHandle> all = Stream.concat(Stream.of(root), root.descendants()).toList();
        all.forEach(ProcessHandle::destroy);
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GRACE_MILLIS);
        boolean interrupted = false;
        while (all.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() - until < 0) {
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException hurried) {
                interrupted = true;
                break;
            }
        }
        all.stream()
                .flatMap(each -> Stream.concat(Stream.of(each), each.descendants()))
                .forEach(ProcessHandle::destroyForcibly);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
