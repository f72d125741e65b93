package dev.caravan.hook;

import dev.caravan.hook.SourceHook.Failures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The commands of all sources of a home: `before` makes what a scan sees (a snapshot, a dump),
/// `after` undoes it once it was copied. In between the source is held.
///
/// Whatever happens, a `before` that began is followed by its `after`: at once if it failed, at the
/// next start if this program is killed. Thread-safe.
public final class SourceHooks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SourceHooks.class);

    private final Map<String, SourceHook> hooks = new LinkedHashMap<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Path marks;

    /// Opens something of a source.
    @FunctionalInterface
    public interface Opening<T> {
        T open() throws IOException;
    }

    /// @param home where they run
    /// @param marks the folder where it is noted which sources are held
    /// @param letGo closes what is open of the folder of a source
    public SourceHooks(List<Commands> all, Path home, Path marks, Consumer<String> letGo) {
        this.marks = marks;
        Failures take = failures::add;
        for (Commands commands : all) {
            String source = commands.source();
            Mark mark = new Mark(marks.resolve(source));
            hooks.put(
                    source, new SourceHook(commands, home, mark, () -> letGo.accept(source), take));
        }
    }

    /// Undoes what a program that was killed left behind.
    public void undoLeftOver() throws IOException {
        if (!Files.isDirectory(marks)) {
            return;
        }
        try (Stream<Path> left = Files.list(marks)) {
            for (Path mark : left.sorted().toList()) {
                SourceHook hook = hooks.get(String.valueOf(mark.getFileName()));
                if (hook != null) {
                    hook.undoLeftOver();
                } else {
                    LOG.warn(
                            "source {} has no commands any more: look yourself whether anything is left of its last one",
                            mark.getFileName());
                    Files.delete(mark);
                }
            }
        }
    }

    /// Makes a source ready for a scan.
    ///
    /// @throws IOException in one line, if there is nothing to be scanned now
    public void prepare(String source) throws IOException {
        SourceHook hook = hooks.get(source);
        if (hook != null) {
            hook.prepare();
        }
    }

    public boolean anyHeld() {
        return hooks.values().stream().anyMatch(SourceHook::isHeld);
    }

    /// Undoes what was made for all sources: nothing is copied from them any more.
    public void release() {
        hooks.values().forEach(SourceHook::release);
    }

    /// Undoes what was made for sources that were held for as long as they may be.
    public void releaseOverdue() {
        hooks.values().stream().filter(SourceHook::isOverdue).forEach(SourceHook::release);
    }

    /// Opens something of a source, which is not undone meanwhile.
    ///
    /// @return null if what is to be read of the source is not there now
    public <T> @Nullable T open(String source, Opening<T> opening) throws IOException {
        SourceHook hook = hooks.get(source);
        return hook == null ? opening.open() : hook.open(opening);
    }

    /// What failed since the last call and nobody was told, in one line each.
    public List<String> takeFailures() {
        List<String> taken = new ArrayList<>();
        for (String one = failures.poll(); one != null; one = failures.poll()) {
            taken.add(one);
        }
        return taken;
    }

    /// Ends a `before` that runs, and lets no other begin. What it did is undone.
    public void stop() {
        hooks.values().forEach(SourceHook::stop);
    }

    @Override
    public void close() {
        stop();
        release();
    }
}
