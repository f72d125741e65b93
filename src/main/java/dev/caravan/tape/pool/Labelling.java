package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.Labels.Found;
import dev.caravan.tape.pool.VolumeUse.Verdict;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides whether a cartridge may be labelled, and labels it. Nothing is written on one that
/// another program has written on, or that holds a copy somebody needs. Thread-safe; each cartridge
/// is in one hand at a time, because it is in a drive.
final class Labelling {
    private static final Logger LOG = LoggerFactory.getLogger(Labelling.class);

    private final VolumeInventory inventory;
    private final VolumeUse use;
    private final Clock clock;
    private final Supplier<UUID> ids;

    Labelling(VolumeInventory inventory, VolumeUse use, Clock clock, Supplier<UUID> ids) {
        this.inventory = inventory;
        this.use = use;
        this.clock = clock;
        this.ids = ids;
    }

    /// What a label is to say.
    record Wanted(String pool, int blockBytes, MediaSet set) {
        VolumeLabel label(Barcode barcode, UUID id, Clock clock) {
            return new VolumeLabel(barcode, id, pool, blockBytes, clock.instant(), set);
        }
    }

    /// Labels a cartridge of the supply. A label of ours with nothing behind it was left by a crash
    /// before the inventory knew it, and is written again.
    MountedVolume take(DriveBays.Mount mount, Wanted wanted) throws IOException {
        Barcode barcode = mount.barcode();
        Optional<Volume> known = inventory.find(barcode);
        Found found = look(mount, known);
        UUID id =
                switch (found) {
                    case Found.Blank _ -> {
                        if (known.isPresent()) {
                            throw refused(
                                    barcode, "it is blank, the inventory says it is labelled");
                        }
                        yield ids.get();
                    }
                    case Found.Foreign _ ->
                            throw refused(barcode, "another program has written on it");
                    case Found.Labelled(VolumeLabel label) ->
                            known.isPresent()
                                    ? again(mount, known.get(), label)
                                    : leftByACrash(mount, label, wanted.pool());
                };
        return write(mount, wanted, id);
    }

    /// Gives up a volume and labels it anew: first whoever counts copies, then the inventory, then
    /// the cartridge. A crash in between leaves it in the supply.
    MountedVolume recycle(DriveBays.Mount mount, Volume old, Wanted wanted) throws IOException {
        Labels.verify(mount, old);
        look(mount, Optional.of(old));
        requireFree(old.barcode(), old.id());
        inventory.put(old.toSupply());
        LOG.info(
                "recycling {}: volume {} of pool {} is given up",
                old.barcode(),
                old.id(),
                old.pool());
        return write(mount, wanted, ids.get());
    }

    /// Labels the cartridge that a person named.
    ///
    /// @param force whether what is on it may be lost
    MountedVolume byHand(DriveBays.Mount mount, Wanted wanted, boolean force) throws IOException {
        Barcode barcode = mount.barcode();
        Optional<Volume> known = inventory.find(barcode);
        if (known.filter(v -> v.status() == VolumeStatus.RETIRED).isPresent()) {
            throw refused(barcode, "it is retired, and never written on again");
        }
        Found found = look(mount, Optional.empty());
        boolean used = !(found instanceof Found.Blank) && !endsBehindLabel(mount);
        if (found instanceof Found.Foreign) {
            used = true;
        }
        if (used || known.filter(v -> !v.isEmpty()).isPresent()) {
            if (!force) {
                throw refused(barcode, holds(found, known) + "; --force labels it all the same");
            }
            if (known.isPresent()) {
                refuseNeeded(barcode, known.get().id());
            }
            if (found instanceof Found.Labelled(VolumeLabel label)
                    && !known.map(Volume::id).equals(Optional.of(label.id()))) {
                refuseNeeded(label.barcode(), label.id());
            }
        }
        if (known.isPresent()) {
            inventory.put(known.get().toSupply());
        }
        return write(mount, wanted, ids.get());
    }

    private static String holds(Found found, Optional<Volume> known) {
        return switch (found) {
            case Found.Blank _ ->
                    "it is blank, but the inventory knows it as volume %s"
                            .formatted(known.map(v -> v.id().toString()).orElse("?"));
            case Found.Foreign _ -> "another program has written on it";
            case Found.Labelled(VolumeLabel label) ->
                    "it is volume %s of pool %s%s"
                            .formatted(
                                    label.id(),
                                    label.pool(),
                                    known.filter(v -> v.id().equals(label.id()))
                                            .map(v -> ", with %d tape files".formatted(v.files()))
                                            .orElse(", which the inventory does not know"));
        };
    }

    /// What is on the tape, if it can be labelled at all.
    private Found look(DriveBays.Mount mount, Optional<Volume> known) throws IOException {
        Barcode barcode = mount.barcode();
        Optional<Medium> medium =
                MediumWatch.arrived(mount, known.flatMap(Volume::medium), clock.instant());
        Found found = Labels.read(mount.drive(), barcode);
        if (mount.drive().status().writeProtected()) {
            throw refused(barcode, "it is write-protected");
        }
        if (medium.isPresent() && medium.get().worm() && !(found instanceof Found.Blank)) {
            throw refused(barcode, "it is WORM and has been written on");
        }
        return found;
    }

    /// A volume that the inventory has in the supply, or one of the pool's own that is empty.
    private UUID again(DriveBays.Mount mount, Volume known, VolumeLabel label) throws IOException {
        Barcode barcode = mount.barcode();
        boolean same = label.id().equals(known.id()) && label.barcode().equals(barcode);
        if (!same) {
            boolean crashed =
                    label.barcode().equals(barcode)
                            && known.pool().equals(SupplyPool.NAME)
                            && endsBehindLabel(mount);
            if (crashed) {
                return label.id();
            }
            throw refused(
                    barcode,
                    "its label says %s %s, the inventory %s %s"
                            .formatted(label.barcode(), label.id(), barcode, known.id()));
        }
        if (endsBehindLabel(mount)) {
            return known.id();
        }
        if (known.isEmpty()) {
            throw refused(
                    barcode, "more lies behind its label than the inventory knows; look at it");
        }
        requireFree(barcode, known.id());
        return ids.get();
    }

    private static UUID leftByACrash(DriveBays.Mount mount, VolumeLabel label, String pool)
            throws IOException {
        boolean ours = label.pool().equals(pool) || label.pool().equals(SupplyPool.NAME);
        if (label.barcode().equals(mount.barcode()) && ours && endsBehindLabel(mount)) {
            return label.id();
        }
        throw refused(
                mount.barcode(),
                "it is volume %s of pool %s, which the inventory does not know; rebuild the inventory"
                        .formatted(label.id(), label.pool()));
    }

    private MountedVolume write(DriveBays.Mount mount, Wanted wanted, UUID id) throws IOException {
        Barcode barcode = mount.barcode();
        LOG.info(
                "labelling {} for pool {}, media set {}",
                barcode,
                wanted.pool(),
                wanted.set().number());
        return MountedVolume.label(mount, inventory, wanted.label(barcode, id, clock), clock);
    }

    private void requireFree(Barcode barcode, UUID id) throws IOException {
        switch (use.giveUp(barcode, id)) {
            case Verdict.Free _ -> {}
            case Verdict.Needed(String reason) -> throw refused(barcode, reason);
            case Verdict.Unknown(String reason) -> throw refused(barcode, reason);
        }
    }

    /// For a person who said that what is on it may be lost: a volume nobody counts on has nothing
    /// to lose.
    private void refuseNeeded(Barcode barcode, UUID id) throws IOException {
        if (use.giveUp(barcode, id) instanceof Verdict.Needed(String reason)) {
            throw refused(barcode, reason);
        }
    }

    private static VolumeRefusedException refused(Barcode barcode, String reason) {
        return new VolumeRefusedException(barcode, reason);
    }

    static boolean endsBehindLabel(DriveBays.Mount mount) throws IOException {
        mount.drive().seekToEndOfData();
        return mount.drive().position().orElse(Long.MAX_VALUE) <= 2;
    }
}
