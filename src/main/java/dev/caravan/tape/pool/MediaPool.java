package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.Labels.Found;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A set of volumes with one purpose, and the way to write to it: continue the newest writable
/// volume, else label the next blank cartridge. Writers queue, first come first served.
/// Thread-safe.
public final class MediaPool {
    private static final Logger LOG = LoggerFactory.getLogger(MediaPool.class);

    private final String name;
    private final int blockBytes;
    private final DriveBays bays;
    private final VolumeInventory inventory;
    private final Clock clock;
    private final Supplier<UUID> ids;
    private final ReentrantLock writing = new ReentrantLock(true);

    /// Cartridges that were found unfit since the library was last full, and why.
    private final Map<Barcode, String> refused = new LinkedHashMap<>();

    /// @param blockBytes the record size of volumes that are labelled from now on
    public MediaPool(
            String name,
            int blockBytes,
            DriveBays bays,
            VolumeInventory inventory,
            Clock clock,
            Supplier<UUID> ids) {
        this.name = name;
        this.blockBytes = blockBytes;
        this.bays = bays;
        this.inventory = inventory;
        this.clock = clock;
        this.ids = ids;
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
            Optional<TapeFile> file = mounted.append(in, voidAttempts);
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
                "a body of %s does not fit on an empty cartridge such as %s of %d bytes: it needs larger cartridges or smaller segments"
                        .formatted(length, volume.barcode(), volume.capacityBytes()));
    }

    private MountedVolume nextVolume() throws IOException {
        List<Barcode> inside = bays.inventory().cartridges();
        List<Volume> known = inventory.volumes();
        List<Volume> candidates =
                known.stream()
                        .filter(v -> v.pool().equals(name) && v.status() == VolumeStatus.WRITABLE)
                        .filter(v -> inside.contains(v.barcode()))
                        .filter(v -> !refused.containsKey(v.barcode()))
                        .sorted(Comparator.comparing(Volume::labelled).reversed())
                        .toList();
        for (Volume volume : candidates) {
            Optional<MountedVolume> mounted = mount(volume.barcode());
            if (mounted.isPresent()) {
                return mounted.get();
            }
        }
        List<Barcode> unknown = new ArrayList<>(inside);
        known.forEach(v -> unknown.remove(v.barcode()));
        for (Barcode barcode : unknown) {
            if (barcode.cleaning() || refused.containsKey(barcode)) {
                continue;
            }
            Optional<MountedVolume> mounted = mount(barcode);
            if (mounted.isPresent()) {
                return mounted.get();
            }
        }
        throw full();
    }

    /// A refused cartridge is not an error while there is another one.
    private Optional<MountedVolume> mount(Barcode barcode) throws IOException {
        DriveBays.Mount mount = bays.mount(barcode);
        try {
            Optional<Volume> volume = inventory.find(barcode);
            return Optional.of(
                    volume.isPresent()
                            ? MountedVolume.at(mount, inventory, ours(volume.get()))
                            : labelled(mount));
        } catch (VolumeRefusedException e) {
            LOG.warn("{}", e.getMessage());
            refused.put(barcode, e.reason());
            mount.close();
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            try (mount) {
                throw e;
            }
        }
    }

    private Volume ours(Volume volume) throws VolumeRefusedException {
        if (!volume.pool().equals(name) || volume.status() != VolumeStatus.WRITABLE) {
            throw new VolumeRefusedException(
                    volume.barcode(),
                    "it is a %s volume of pool %s".formatted(volume.status(), volume.pool()));
        }
        return volume;
    }

    /// Labels a blank cartridge. A label of ours with nothing behind it was left by a crash before
    /// the inventory knew it, and is written again.
    private MountedVolume labelled(DriveBays.Mount mount) throws IOException {
        Barcode barcode = mount.barcode();
        Found found = Labels.read(mount.drive(), barcode);
        if (mount.drive().status().writeProtected()) {
            throw new VolumeRefusedException(barcode, "it is write-protected");
        }
        UUID id =
                switch (found) {
                    case Found.Blank _ -> ids.get();
                    case Found.Foreign _ ->
                            throw new VolumeRefusedException(
                                    barcode, "another program has written on it");
                    case Found.Labelled(VolumeLabel label)
                            when label.barcode().equals(barcode)
                                    && label.pool().equals(name)
                                    && endsBehindLabel(mount) ->
                            label.id();
                    case Found.Labelled(VolumeLabel label) ->
                            throw new VolumeRefusedException(
                                    barcode,
                                    "it is volume %s of pool %s, which the inventory does not know; rebuild the inventory"
                                            .formatted(label.id(), label.pool()));
                };
        LOG.info("labelling {} for pool {}", barcode, name);
        return MountedVolume.label(
                mount, inventory, new VolumeLabel(barcode, id, name, blockBytes, clock.instant()));
    }

    private static boolean endsBehindLabel(DriveBays.Mount mount) throws IOException {
        mount.drive().seekToEndOfData();
        return mount.drive().position().orElse(Long.MAX_VALUE) <= 2;
    }

    private LibraryFullException full() throws IOException {
        List<Barcode> inside = bays.inventory().cartridges();
        List<Volume> full =
                inventory.volumes().stream()
                        .filter(v -> v.pool().equals(name) && inside.contains(v.barcode()))
                        .filter(v -> v.status() == VolumeStatus.FULL)
                        .toList();
        String capacities =
                full.stream()
                        .map(v -> v.capacityBytes() / (1 << 20) + " MiB")
                        .distinct()
                        .collect(Collectors.joining(" or "));
        StringBuilder message = new StringBuilder();
        message.append(
                "no cartridge for pool %s: of %d in the library, %d are full"
                        .formatted(name, inside.size(), full.size()));
        if (!full.isEmpty()) {
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
        message.append("; add cartridges");
        refused.clear();
        return new LibraryFullException(message.toString());
    }
}
