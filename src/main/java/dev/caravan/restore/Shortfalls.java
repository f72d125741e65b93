package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.posix.PosixException;
import java.util.ArrayList;
import java.util.List;

/// What of the metadata could not be brought back: a file system may have no attributes, a user no
/// right to give files away. The contents are worth having all the same. Thread-safe.
final class Shortfalls {

    private static final int SHOWN = 20;

    private final List<String> first = new ArrayList<>();
    private int count;

    @FunctionalInterface
    interface Step {
        void run() throws PosixException;
    }

    /// Tries it, and takes down that it failed.
    ///
    /// @return whether it worked
    boolean attempt(ItemPath path, Step step) {
        try {
            step.run();
            return true;
        } catch (PosixException failed) {
            add(path, failed.getMessage());
            return false;
        }
    }

    synchronized void add(ItemPath path, String what) {
        count++;
        if (first.size() < SHOWN) {
            first.add(path + ": " + what);
        }
    }

    synchronized int count() {
        return count;
    }

    synchronized List<String> first() {
        return List.copyOf(first);
    }
}
