package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The drives of a library and who uses them. Whoever wants a cartridge waits, first come first
/// served, for the drive that holds it or else for any drive; cartridges stay loaded afterwards.
/// Thread-safe.
public final class DriveBays {
    /// How soon a drive is tried again that another process holds.
    private static final Duration RETRY = Duration.ofMillis(100);

    private final Library library;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Waiter> waiting = new ArrayList<>();
    private final Map<Integer, Barcode> used = new HashMap<>();
    private final Map<Barcode, UUID> verified = new HashMap<>();
    private final DriveUse use = new DriveUse();
    private final Set<Barcode> examined = new HashSet<>();

    /// @param patience how long to wait for a drive
    public DriveBays(Library library, Duration patience) {
        this.library = library;
        this.patience = patience;
    }

    LibraryInventory inventory() throws TapeException {
        return library.changer().inventory();
    }

    /// What each drive that was written to has written.
    public List<DriveMetrics> metrics() {
        return use.metrics();
    }

    /// Ends all use of the drives: what is being written is cut off and ended with a filemark, what
    /// is being read is closed, whoever waits is sent away, and nobody gets a drive any more.
    ///
    /// @param grace how long to wait for those who use a drive
    /// @return whether all drives are free
    public boolean stop(Duration grace) throws InterruptedException {
        use.stop();
        long left = grace.toNanos();
        lock.lock();
        try {
            changed.signalAll();
            while (!used.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return used.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /// Whether somebody in this process has the cartridge in a drive now.
    boolean inUse(Barcode barcode) {
        lock.lock();
        try {
            return used.containsValue(barcode);
        } finally {
            lock.unlock();
        }
    }

    /// Waits for a drive and loads the cartridge into it.
    ///
    /// @throws VolumeRefusedException if the cartridge is not in the library, or is for cleaning
    /// @throws TapeException with `EBUSY` if no drive became free in time
    Mount mount(Barcode barcode) throws IOException {
        if (barcode.cleaning()) {
            throw new VolumeRefusedException(barcode, "it is a cleaning cartridge");
        }
        LibraryInventory inside = inventory();
        if (!inside.cartridges().contains(barcode)) {
            throw VolumeRefusedException.outside(barcode, Optional.empty());
        }
        if (inside.driveHolding(barcode).filter(bay -> !bay.usable()).isPresent()) {
            throw new VolumeRefusedException(
                    barcode, "it is in a drive that no device of this machine belongs to");
        }
        long deadline = System.nanoTime() + patience.toNanos();
        int bay = reserve(barcode, deadline);
        try {
            load(barcode, bay, deadline);
            return new Mount(barcode, bay, whenFree(deadline, () -> library.open(bay)));
        } catch (IOException | RuntimeException e) {
            release(bay);
            throw e;
        }
    }

    /// Unloads the cartridge and puts it back into its slot, if a drive holds it: what is read
    /// after the next mount comes from the medium and not from what a drive still holds of it.
    public void putAway(Barcode barcode) throws IOException {
        if (inventory().driveHolding(barcode).isEmpty()) {
            return;
        }
        long deadline = System.nanoTime() + patience.toNanos();
        int bay = reserve(barcode, deadline);
        try {
            if (inventory().driveHolding(barcode).filter(b -> b.drive() == bay).isPresent()) {
                empty(bay, deadline);
            }
            lock.lock();
            try {
                verified.remove(barcode);
            } finally {
                lock.unlock();
            }
        } finally {
            release(bay);
        }
    }

    /// A cartridge in an open drive, for one user.
    final class Mount implements AutoCloseable {
        private final Barcode barcode;
        private final int bay;
        private final Drive drive;
        private boolean open = true;

        private Mount(Barcode barcode, int bay, Drive drive) {
            this.barcode = barcode;
            this.bay = bay;
            this.drive = drive;
        }

        Barcode barcode() {
            return barcode;
        }

        Drive drive() {
            return drive;
        }

        /// The drive's ring for records of this size.
        RecordRing ring(int blockBytes) {
            return use.ring(bay, blockBytes);
        }

        void streamed(boolean proven, Streaming streaming) {
            use.streamed(bay, proven, streaming);
        }

        /// How to tell the user of this mount, from another thread, to end.
        void whenStopped(Runnable stop) {
            use.whenStopped(bay, stop);
        }

        /// Whether this label was read from the cartridge since it was loaded.
        boolean verified(UUID id) {
            lock.lock();
            try {
                return id.equals(verified.get(barcode));
            } finally {
                lock.unlock();
            }
        }

        void verify(UUID id) {
            lock.lock();
            try {
                verified.put(barcode, id);
            } finally {
                lock.unlock();
            }
        }

        /// Whether the cartridge's memory was looked at since it was loaded.
        boolean examined() {
            lock.lock();
            try {
                return examined.contains(barcode);
            } finally {
                lock.unlock();
            }
        }

        void examine() {
            lock.lock();
            try {
                examined.add(barcode);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() throws TapeException {
            if (!open) {
                return;
            }
            open = false;
            try {
                drive.close();
            } finally {
                release(bay);
            }
        }
    }

    private static final class Waiter {
        private final Barcode barcode;

        Waiter(Barcode barcode) {
            this.barcode = barcode;
        }
    }

    private int reserve(Barcode barcode, long deadline) throws IOException {
        Waiter waiter = new Waiter(barcode);
        lock.lock();
        try {
            waiting.add(waiter);
            Optional<Integer> bay = choose(waiter);
            while (bay.isEmpty() && !use.stopped()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new TapeException(
                            "load " + barcode, "library", Errno.EBUSY, "no drive became free");
                }
                long _ = changed.awaitNanos(left);
                bay = choose(waiter);
            }
            if (bay.isEmpty() || use.stopped()) {
                throw new IOException("the tape library is closed; " + barcode + " is not loaded");
            }
            used.put(bay.get(), barcode);
            return bay.get();
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            waiting.remove(waiter);
            changed.signalAll();
            lock.unlock();
        }
    }

    private void release(int bay) {
        lock.lock();
        try {
            used.remove(bay);
            use.released(bay);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The drive for `waiter`, after those who came earlier have taken theirs.
    private Optional<Integer> choose(Waiter waiter) throws TapeException {
        List<Bay> bays = inventory().drives();
        Set<Integer> free = new TreeSet<>();
        bays.stream()
                .filter(Bay::usable)
                .map(Bay::drive)
                .filter(d -> !used.containsKey(d))
                .forEach(free::add);
        for (Waiter earlier : waiting) {
            Optional<Integer> bay = choose(earlier.barcode, bays, free);
            if (earlier == waiter) {
                return bay;
            }
            bay.ifPresent(free::remove);
        }
        return Optional.empty();
    }

    private Optional<Integer> choose(Barcode barcode, List<Bay> bays, Set<Integer> free) {
        if (used.containsValue(barcode)) {
            return Optional.empty();
        }
        Optional<Integer> empty = Optional.empty();
        Optional<Integer> loaded = Optional.empty();
        for (Bay bay : bays) {
            if (bay.cartridge().equals(Optional.of(barcode))) {
                return Optional.of(bay.drive()).filter(free::contains);
            }
            if (free.contains(bay.drive())) {
                if (bay.cartridge().isPresent()) {
                    loaded = Optional.of(bay.drive());
                } else if (empty.isEmpty()) {
                    empty = Optional.of(bay.drive());
                }
            }
        }
        return empty.isPresent() ? empty : loaded;
    }

    private void load(Barcode barcode, int bay, long deadline) throws IOException {
        Optional<Barcode> inside =
                inventory().drives().stream()
                        .filter(b -> b.drive() == bay)
                        .findFirst()
                        .flatMap(Bay::cartridge);
        if (inside.equals(Optional.of(barcode)) && usable(barcode, bay, deadline)) {
            return;
        }
        if (inside.isPresent()) {
            empty(bay, deadline);
        }
        lock.lock();
        try {
            inside.ifPresent(verified::remove);
            inside.ifPresent(examined::remove);
            verified.remove(barcode);
            examined.remove(barcode);
        } finally {
            lock.unlock();
        }
        library.changer().load(barcode, bay);
    }

    /// Whether the cartridge in a drive can be used: it may have been put out when the changer
    /// could not take it, and the changer's drive may be another one than is opened.
    private boolean usable(Barcode barcode, int bay, long deadline) throws IOException {
        try (Drive drive = whenFree(deadline, () -> library.open(bay))) {
            if (!drive.status().ready()) {
                return false;
            }
        }
        return whenFree(deadline, () -> library.confirms(barcode, bay));
    }

    private void empty(int bay, long deadline) throws IOException {
        try (Drive drive = whenFree(deadline, () -> library.open(bay))) {
            if (drive.status().ready()) { // else only the changer is left to do its part
                drive.unload();
            }
        }
        library.changer().unload(bay);
    }

    private interface Use<T> {
        T drive() throws TapeException;
    }

    /// Another process may hold the drive: a restore beside the service, for example.
    private static <T> T whenFree(long deadline, Use<T> use) throws IOException {
        while (true) {
            try {
                return use.drive();
            } catch (TapeException e) {
                if (e.errno() != Errno.EBUSY || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            try {
                TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        IOException interrupted =
                new InterruptedIOException("interrupted while waiting for a drive");
        interrupted.initCause(e);
        return interrupted;
    }
}
