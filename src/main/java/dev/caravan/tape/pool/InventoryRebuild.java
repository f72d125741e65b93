package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the inventory anew from the cartridges alone. Where a drive can tell its position this is
/// one locate for each tape file; elsewhere every cartridge is read through. Which tape files are
/// void cannot be seen on a tape, so a rebuilt inventory lists no gaps; the segments' own indexes
/// tell.
public final class InventoryRebuild {
    private static final Logger LOG = LoggerFactory.getLogger(InventoryRebuild.class);

    private InventoryRebuild() {}

    /// Replaces the inventory. Blank, foreign and unreadable cartridges are left out of it, so that
    /// one bad cartridge does not keep all others from being used.
    ///
    /// @throws TapeException if none could be read
    public static List<Volume> run(DriveBays bays, VolumeInventory inventory) throws IOException {
        List<Volume> volumes = new ArrayList<>();
        TapeException failed = null;
        for (Barcode barcode : bays.inventory().cartridges()) {
            if (barcode.cleaning()) {
                continue;
            }
            try (VolumeReader reader = VolumeReader.open(bays, barcode)) {
                volumes.add(reader.volume());
            } catch (NotThatVolumeException none) {
                LOG.info("{}", none.getMessage());
            } catch (TapeException unreadable) {
                if (unreadable.errno() != Errno.EIO) {
                    throw unreadable;
                }
                failed = unreadable;
                LOG.warn("{} stays out of the inventory: {}", barcode, unreadable.getMessage());
            }
        }
        if (volumes.isEmpty() && failed != null) {
            throw failed;
        }
        inventory.replace(volumes);
        LOG.warn("the tape inventory was missing; rebuilt it from {} volumes", volumes.size());
        return volumes;
    }

    /// Puts one volume into the inventory, or what is on the tape beyond what the inventory knows
    /// of it. What it knows better (gaps, a status) stays.
    ///
    /// @return whether the inventory had anything to learn
    /// @throws VolumeRefusedException if the tape holds less than the inventory says; the inventory
    ///   stays as it is
    public static boolean update(VolumeReader reader, VolumeInventory inventory)
            throws IOException {
        Volume found = reader.volume();
        Optional<Volume> known =
                inventory.find(found.barcode()).filter(v -> v.id().equals(found.id()));
        if (known.isEmpty()) {
            inventory.put(found);
            return true;
        }
        Volume before = known.get();
        if (found.endOfData() < before.endOfData()) {
            throw new VolumeRefusedException(
                    found.barcode(),
                    "its data ends at block %d, the inventory says %d; verify it"
                            .formatted(found.endOfData(), before.endOfData()));
        }
        if (found.endOfData() == before.endOfData()) {
            return false;
        }
        Volume after =
                before.appended(
                        found.files() - before.files(),
                        found.bytes() - before.bytes(),
                        found.endOfData());
        if (found.status() == VolumeStatus.FULL && before.status() == VolumeStatus.WRITABLE) {
            after = after.with(VolumeStatus.FULL);
        }
        inventory.put(after);
        return true;
    }
}
