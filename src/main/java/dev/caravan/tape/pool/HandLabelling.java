package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.io.IOException;
import java.time.Clock;
import java.util.UUID;

/// Labels a cartridge because a person said so. Thread-safe.
public final class HandLabelling {
    private final DriveBays bays;
    private final VolumeInventory inventory;
    private final VolumeUse use;
    private final Clock clock;

    /// @param use is asked before anything of ours is written over
    public HandLabelling(DriveBays bays, VolumeInventory inventory, VolumeUse use, Clock clock) {
        this.bays = bays;
        this.inventory = inventory;
        this.use = use;
        this.clock = clock;
    }

    /// @param pool a media pool, whose newest media set it joins, or [SupplyPool#NAME]
    /// @param blockBytes the record size of what is written on it
    /// @param force whether what is on it may be lost
    /// @throws VolumeRefusedException if it holds something, and `force` is not given or does not
    ///   help
    public Volume label(Barcode barcode, String pool, int blockBytes, boolean force)
            throws IOException {
        MediaSet set =
                pool.equals(SupplyPool.NAME)
                        ? MediaSet.NONE
                        : MediaSets.of(
                                        pool,
                                        inventory.volumes().stream()
                                                .filter(v -> !v.barcode().equals(barcode))
                                                .toList())
                                .next(false);
        Labelling labelling = new Labelling(inventory, use, clock, UUID::randomUUID);
        DriveBays.Mount mount = bays.mount(barcode);
        try (MountedVolume labelled =
                open(mount, labelling, new Labelling.Wanted(pool, blockBytes, set), force)) {
            return labelled.volume();
        }
    }

    private static MountedVolume open(
            DriveBays.Mount mount, Labelling labelling, Labelling.Wanted wanted, boolean force)
            throws IOException {
        try {
            return labelling.byHand(mount, wanted, force);
        } catch (IOException | RuntimeException failed) {
            try (mount) {
                throw failed;
            }
        }
    }
}
