package dev.caravan.restore;

import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.TapeFiles.Held;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a cartridge that is not the volume it should be means for the copies the ledger has on it.
public final class CartridgeLabels {
    private CartridgeLabels() {}

    /// Nothing on the cartridge can be read as that volume: what the ledger has on it is not
    /// proven.
    ///
    /// @return how many copies counted until now
    public static long gone(Ledger ledger, String barcode, String why) {
        long fell = 0;
        for (String uuid : uuids(ledger, barcode)) {
            fell += ledger.tapeFiles().suspectAll(barcode, uuid, why);
        }
        return fell;
    }

    /// Copies under an earlier label of this cartridge are overwritten.
    ///
    /// @return by earlier volume, how many copies counted until now
    public static Map<String, Long> relabelled(Ledger ledger, TapeVolume volume) {
        Map<String, Long> fell = new TreeMap<>();
        for (String uuid : uuids(ledger, volume.barcode())) {
            if (!uuid.equals(volume.uuid())) {
                long counted =
                        ledger.tapeFiles()
                                .suspectAll(
                                        volume.barcode(),
                                        uuid,
                                        "the cartridge is volume %s now".formatted(volume.uuid()));
                if (counted > 0) {
                    fell.put(uuid, counted);
                }
            }
        }
        return fell;
    }

    private static TreeSet<String> uuids(Ledger ledger, String barcode) {
        TreeSet<String> uuids = new TreeSet<>();
        for (Held held : ledger.tapeFiles().on(barcode)) {
            uuids.add(held.uuid());
        }
        return uuids;
    }
}
