package dev.caravan.hook;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One source's commands, and whether what `before` made is there now: then the source is held.
/// Thread-safe.
final class SourceHook {
    private static final Logger LOG = LoggerFactory.getLogger(SourceHook.class);

    private static final String BEFORE = "before";
    private static final String AFTER = "after";

    private final Commands commands;
    private final Path home;
    private final Mark mark;
    private final Runnable letGo;
    private final Failures failures;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile @Nullable Long heldSince;
    private volatile @Nullable Command running;
    private volatile boolean stopped;

    /// Takes, in one line each, what nobody waits for.
    interface Failures {
        void add(String what);
    }

    /// @param letGo closes what is open of the source's folder, which would keep it from being
    ///   unmounted
    SourceHook(Commands commands, Path home, Mark mark, Runnable letGo, Failures failures) {
        this.commands = commands;
        this.home = home;
        this.mark = mark;
        this.letGo = letGo;
        this.failures = failures;
    }

    /// Runs `before`, unless what it made is still there: then the scan sees the same again.
    ///
    /// @throws IOException in one line, if there is nothing to be scanned now
    void prepare() throws IOException {
        lock.writeLock().lock();
        try {
            if (heldSince != null) {
                return;
            }
            undoLeftOver();
            letGo.run();
            mark.set();
            before();
            heldSince = System.nanoTime();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void before() throws IOException {
        try {
            run(BEFORE, commands.before());
        } catch (IOException failed) {
            undo();
            throw new IOException(
                    "source '%s': its command before %s; nothing of it was picked up"
                            .formatted(commands.source(), failed.getMessage()),
                    failed);
        }
    }

    /// Undoes what an earlier program left, whose command may run still.
    void undoLeftOver() {
        if (!mark.isSet()) {
            return;
        }
        LOG.warn("source {}: what its command before made is still there", commands.source());
        try {
            mark.process().map(ProcessTree::new).ifPresent(ProcessTree::end);
        } catch (IOException unreadable) {
            LOG.warn("source {}: {}", commands.source(), unreadable.toString());
        }
        undo();
    }

    /// Runs `after`, if the source is held.
    void release() {
        lock.writeLock().lock();
        try {
            if (heldSince != null) {
                heldSince = null;
                letGo.run();
                undo();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /// The mark stays if `after` fails: then the next scan, or the next program, tries again.
    private void undo() {
        try {
            run(AFTER, commands.after());
            mark.clear();
        } catch (IOException failed) {
            failures.add(
                    "source '%s': its command after %s"
                            .formatted(commands.source(), failed.getMessage()));
        }
    }

    private void run(String word, List<String> words) throws IOException {
        if (words.isEmpty()) {
            return;
        }
        Command command =
                new Command(
                        "source %s: %s".formatted(commands.source(), word),
                        words,
                        home,
                        Map.of(
                                "CARAVAN_SOURCE", commands.source(),
                                "CARAVAN_DIR", commands.place(),
                                "CARAVAN_HOME", home.toString()));
        if (word.equals(BEFORE)) { // nothing stops what undoes
            running = command;
            if (stopped) {
                command.stop();
            }
        }
        try {
            command.run(commands.timeout(), this::note);
        } finally {
            running = null;
        }
    }

    private void note(ProcessHandle process) {
        try {
            mark.note(process);
        } catch (IOException failed) {
            LOG.warn("source {}: {}", commands.source(), failed.toString());
        }
    }

    /// Ends a `before` that runs, and lets no other begin.
    void stop() {
        stopped = true;
        Command now = running;
        if (now != null) {
            now.stop();
        }
    }

    boolean isHeld() {
        return heldSince != null;
    }

    boolean isOverdue() {
        Long since = heldSince;
        return since != null && System.nanoTime() - since > commands.hold().toNanos();
    }

    /// Opens something of the source, while nothing is made or undone.
    ///
    /// @return null if the source is not there now
    <T> @Nullable T open(SourceHooks.Opening<T> opening) throws IOException {
        if (!lock.readLock().tryLock()) {
            return null;
        }
        try {
            return heldSince != null || commands.after().isEmpty() ? opening.open() : null;
        } finally {
            lock.readLock().unlock();
        }
    }
}
