package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.VolumeUse.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A set of volumes with one purpose, and the way to write to it: continue the newest writable
/// volume unless the [Allocation] begins a new media set, else label the next cartridge of the
/// supply, else recycle a volume nobody needs. Writers queue, first come first served. Thread-safe.
public final class MediaPool {
    private static final Logger LOG = LoggerFactory.getLogger(MediaPool.class);

    /// Errors that may be the cartridge's own.
    private static final Set<Errno> UNFIT = EnumSet.of(Errno.EIO, Errno.EACCES, Errno.EROFS);

    private final String name;
    private final int blockBytes;
    private final DriveBays bays;
    private final VolumeInventory inventory;
    private final Clock clock;
    private final PoolRules rules;
    private final Labelling labelling;
    private final ReentrantLock writing = new ReentrantLock(true);

    /// Cartridges that were found unfit since the library was last full, and why.
    private final Map<Barcode, String> refused = new LinkedHashMap<>();

    /// Cartridges that could not be recycled, and why.
    private final Map<Barcode, String> kept = new LinkedHashMap<>();

    /// The media set that this run of the writer has begun; 0 before it has.
    private int begun;

    /// A pool by the default rules.
    ///
    /// @param blockBytes the record size of volumes that are labelled from now on
    public MediaPool(
            String name,
            int blockBytes,
            DriveBays bays,
            VolumeInventory inventory,
            Clock clock,
            Supplier<UUID> ids) {
        this(name, blockBytes, bays, inventory, clock, ids, PoolRules.DEFAULT);
    }

    /// @param blockBytes the record size of volumes that are labelled from now on
    /// @param clock its zone is the one whose midnight begins a day
    public MediaPool(
            String name,
            int blockBytes,
            DriveBays bays,
            VolumeInventory inventory,
            Clock clock,
            Supplier<UUID> ids,
            PoolRules rules) {
        if (name.equals(SupplyPool.NAME)) {
            throw new IllegalArgumentException(
                    "pool '%s' is the supply, which holds no data".formatted(name));
        }
        this.name = name;
        this.blockBytes = blockBytes;
        this.bays = bays;
        this.inventory = inventory;
        this.clock = clock;
        this.rules = rules;
        this.labelling = new Labelling(inventory, rules.use(), clock, ids);
    }

    /// Writes a body as one tape file and returns when it is proven to be on the medium.
    ///
    /// @throws LibraryFullException if no cartridge takes more
    /// @throws SegmentTooLargeException if an empty cartridge is too small for it
    public TapeFile write(Body body) throws IOException {
        try {
            writing.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            IOException interrupted =
                    new InterruptedIOException("interrupted in the queue of " + name);
            interrupted.initCause(e);
            throw interrupted;
        }
        try {
            for (int voidAttempts = 0; ; voidAttempts++) {
                Optional<TapeFile> file = writeOnce(body, voidAttempts);
                if (file.isPresent()) {
                    return file.get();
                }
            }
        } finally {
            writing.unlock();
        }
    }

    private Optional<TapeFile> writeOnce(Body body, int voidAttempts) throws IOException {
        try (MountedVolume mounted = nextVolume()) {
            Volume volume = mounted.volume();
            long largest = volume.capacityBytes() - volume.bytes();
            long length = body.length().orElse(0);
            if (mounted.holdsOnlyItsLabel() && volume.capacityBytes() > 0 && length > largest) {
                throw tooLarge(volume, length + " bytes");
            }
            @SuppressWarnings("resource") // whoever made the body closes it
            InputStream in = body.open();
            mounted.willWrite();
            Optional<TapeFile> file = mounted.append(in, voidAttempts);
            mounted.wrote();
            if (file.isEmpty()) {
                LOG.info("{} of pool {} is full", volume.barcode(), name);
                if (volume.files() == 1) {
                    mounted.emptyAgain();
                    throw tooLarge(volume, "more");
                }
            }
            return file;
        }
    }

    private static SegmentTooLargeException tooLarge(Volume volume, String length) {
        return new SegmentTooLargeException(
                "a body of %s does not fit on an empty cartridge such as %s%s: it needs larger cartridges or smaller segments"
                        .formatted(
                                length,
                                volume.barcode(),
                                volume.capacityBytes() == 0
                                        ? ""
                                        : " of %d bytes".formatted(volume.capacityBytes())));
    }

    private MountedVolume nextVolume() throws IOException {
        List<Barcode> inside = behindTheDoor(bays.inventory());
        List<Volume> known = inventory.volumes();
        MediaSets sets = MediaSets.of(name, known);
        boolean anew =
                rules.allocation()
                        .beginsAnew(sets.began(), begun > 0 && sets.newest() == begun, clock);
        for (Volume volume : anew ? List.<Volume>of() : writable(known, sets)) {
            Optional<MountedVolume> mounted = mount(inside, volume.barcode(), this::continued);
            if (mounted.isPresent()) {
                return mounted.get();
            }
        }
        Labelling.Wanted wanted = new Labelling.Wanted(name, blockBytes, sets.next(anew));
        for (Barcode barcode : fresh(inside, known, anew)) {
            Optional<MountedVolume> mounted =
                    mount(inside, barcode, mount -> labelling.take(mount, wanted));
            if (mounted.isPresent()) {
                begun = wanted.set().number();
                return mounted.get();
            }
        }
        Instant now = clock.instant();
        for (Volume old : Recycling.candidates(known, inside, rules.retention(), now)) {
            Optional<MountedVolume> mounted =
                    isNeeded(old)
                            ? Optional.empty()
                            : mount(
                                    inside,
                                    old.barcode(),
                                    mount -> labelling.recycle(mount, old, wanted));
            if (mounted.isPresent()) {
                begun = wanted.set().number();
                return mounted.get();
            }
        }
        throw full(anew && sets.began().isPresent());
    }

    /// What is in a mail slot is on its way out, or not yet in.
    private static List<Barcode> behindTheDoor(LibraryInventory library) {
        List<Barcode> inside = new ArrayList<>(library.cartridges());
        library.slots().stream()
                .filter(LibraryInventory.Slot::mail)
                .forEach(slot -> slot.cartridge().ifPresent(inside::remove));
        return inside;
    }

    /// The volumes to go on with, the one begun last first: one that is being filled before those
    /// that a person labelled ahead.
    private List<Volume> writable(List<Volume> known, MediaSets sets) {
        List<Volume> among =
                rules.allocation() instanceof Allocation.Continue ? known : sets.volumes();
        return among.stream()
                .filter(v -> v.pool().equals(name) && v.status() == VolumeStatus.WRITABLE)
                .sorted(
                        Comparator.comparing(Volume::isEmpty)
                                .thenComparing(
                                        Volume::labelled, Comparator.<Instant>reverseOrder()))
                .toList();
    }

    /// The cartridges to label: those of the pool on which nothing was written before a new media
    /// set began, then the supply.
    private List<Barcode> fresh(List<Barcode> inside, List<Volume> known, boolean anew) {
        List<Barcode> fresh = new ArrayList<>();
        known.stream()
                .filter(v -> anew && v.pool().equals(name) && v.isEmpty() && !v.worm())
                .filter(v -> v.status() == VolumeStatus.WRITABLE)
                .forEach(v -> fresh.add(v.barcode()));
        fresh.addAll(SupplyPool.free(inside, known, rules.supply()));
        return fresh;
    }

    private boolean isNeeded(Volume old) throws IOException {
        Optional<String> reason =
                bays.inUse(old.barcode())
                        ? Optional.of("it is being read")
                        : switch (rules.use().of(old.barcode(), old.id())) {
                            case Verdict.Free _ -> Optional.empty();
                            case Verdict.Needed(String needed) -> Optional.of(needed);
                            case Verdict.Unknown(String unknown) -> Optional.of(unknown);
                        };
        reason.ifPresent(why -> kept.put(old.barcode(), why));
        return reason.isPresent();
    }

    /// What to do with a cartridge in a drive.
    private interface Opening {
        MountedVolume open(DriveBays.Mount mount) throws IOException;
    }

    /// A refused cartridge is not an error while there is another one; nor is one that cannot be
    /// read, or takes no label, before anything of a body is written on it.
    private Optional<MountedVolume> mount(List<Barcode> inside, Barcode barcode, Opening opening)
            throws IOException {
        if (!inside.contains(barcode) || refused.containsKey(barcode)) {
            return Optional.empty();
        }
        DriveBays.Mount mount;
        try {
            mount = bays.mount(barcode);
        } catch (VolumeRefusedException e) { // taken out meanwhile, or in a drive that is not ours
            LOG.warn("{}", e.getMessage());
            refused.put(barcode, e.reason());
            return Optional.empty();
        }
        try {
            return Optional.of(opening.open(mount));
        } catch (VolumeRefusedException e) {
            LOG.warn("{}", e.getMessage());
            refused.put(barcode, e.reason());
            mount.close();
            return Optional.empty();
        } catch (TapeException e) {
            try (mount) {
                if (!UNFIT.contains(e.errno())) {
                    throw e;
                }
            }
            LOG.warn("volume {} is refused: {}", barcode, e.getMessage());
            refused.put(barcode, String.valueOf(e.getMessage()));
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            try (mount) {
                throw e;
            }
        }
    }

    /// What the inventory said may have changed while the drive was waited for.
    private MountedVolume continued(DriveBays.Mount mount) throws IOException {
        Volume volume =
                inventory
                        .find(mount.barcode())
                        .orElseThrow(() ->
                                new VolumeRefusedException(
                                        mount.barcode(),
                                        "the inventory does not know it any more"));
        if (!volume.pool().equals(name) || volume.status() != VolumeStatus.WRITABLE) {
            throw new VolumeRefusedException(
                    volume.barcode(),
                    "it is a %s volume of pool %s".formatted(volume.status(), volume.pool()));
        }
        return MountedVolume.at(mount, inventory, volume, clock);
    }

    private LibraryFullException full(boolean anew) throws IOException {
        List<Barcode> inside = bays.inventory().cartridges();
        List<Volume> full =
                inventory.volumes().stream()
                        .filter(v -> v.pool().equals(name) && inside.contains(v.barcode()))
                        .filter(v -> v.status() == VolumeStatus.FULL)
                        .toList();
        String capacities =
                full.stream()
                        .filter(v -> v.capacityBytes() > 0) // else the drive does not tell
                        .map(v -> v.capacityBytes() / (1 << 20) + " MiB")
                        .distinct()
                        .collect(Collectors.joining(" or "));
        StringBuilder message = new StringBuilder();
        message.append(
                "no cartridge for pool %s: of %d in the library, %d are full"
                        .formatted(name, inside.size(), full.size()));
        if (!capacities.isEmpty()) {
            message.append(" (").append(capacities).append(" each)");
        }
        inventory.volumes().stream()
                .filter(v -> v.pool().equals(name) && inside.contains(v.barcode()))
                .filter(v ->
                        v.status() == VolumeStatus.DAMAGED && !refused.containsKey(v.barcode()))
                .forEach(v ->
                        message.append("; ")
                                .append(v.barcode())
                                .append(": it is damaged: it can be read, copy what is on it"));
        refused.forEach((barcode, reason) ->
                message.append("; ").append(barcode).append(": ").append(reason));
        kept.forEach((barcode, reason) ->
                message.append("; ").append(barcode).append(" is not recycled: ").append(reason));
        if (anew) {
            message.append("; a new media set begins (allocation ")
                    .append(rules.allocation())
                    .append("), which takes a cartridge of its own");
        }
        message.append("; add cartridges");
        refused.clear();
        kept.clear();
        return new LibraryFullException(message.toString());
    }
}
