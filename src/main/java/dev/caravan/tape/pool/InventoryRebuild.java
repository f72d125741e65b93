package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.pool.Labels.Found;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the inventory anew from the cartridges alone, by reading every one of them through. Which
/// tape files are void cannot be seen on a tape, so a rebuilt inventory lists no gaps; the
/// segments' own indexes tell.
public final class InventoryRebuild {
    private static final Logger LOG = LoggerFactory.getLogger(InventoryRebuild.class);

    private InventoryRebuild() {}

    /// Replaces the inventory. Blank and foreign cartridges are left out of it.
    public static List<Volume> run(DriveBays bays, VolumeInventory inventory) throws IOException {
        List<Volume> volumes = new ArrayList<>();
        for (Barcode barcode : bays.inventory().cartridges()) {
            if (barcode.cleaning()) {
                continue;
            }
            try (DriveBays.Mount mount = bays.mount(barcode)) {
                if (Labels.read(mount.drive(), barcode) instanceof Found.Labelled(var label)
                        && label.barcode().equals(barcode)) {
                    volumes.add(read(mount.drive(), label));
                }
            }
        }
        inventory.replace(volumes);
        LOG.warn("the tape inventory was missing; rebuilt it from {} volumes", volumes.size());
        return volumes;
    }

    private static Volume read(Drive drive, VolumeLabel label) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Drive.MAX_RECORD_BYTES);
        long block = 0;
        long bytes = 0;
        Volume volume = Volume.of(label, drive.status().capacityBytes().orElse(0));
        drive.rewind();
        while (true) {
            switch (TapeEnd.read(drive, buffer.clear(), label.blockBytes())) {
                case ReadResult.Data(int length) -> {
                    block++;
                    bytes += length;
                }
                case ReadResult.Filemark _ -> {
                    block++;
                    volume = volume.appended(1, bytes, block);
                    bytes = 0;
                }
                case ReadResult.EndOfData _ -> {
                    return drive.status().earlyWarning() ? volume.with(VolumeStatus.FULL) : volume;
                }
            }
        }
    }
}
