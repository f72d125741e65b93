package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The cartridges that wait for a media pool to take them: unlabelled ones, and volumes that a
/// person or the recycling put into the pool of this name.
public final class SupplyPool {
    /// The pool of volumes that belong to no media pool. None can be written to by this name.
    public static final String NAME = "supply";

    private SupplyPool() {}

    /// Cartridges inside that any pool may label, in the order of their barcodes.
    ///
    /// @param patterns which of the unlabelled ones; none given = all
    public static List<Barcode> free(
            List<Barcode> inside, List<Volume> known, List<BarcodePattern> patterns) {
        Set<Barcode> ours = new HashSet<>();
        Set<Barcode> free = new HashSet<>();
        for (Volume volume : known) {
            ours.add(volume.barcode());
            if (volume.pool().equals(NAME) && volume.status() == VolumeStatus.WRITABLE) {
                free.add(volume.barcode());
            }
        }
        List<Barcode> supply = new ArrayList<>();
        for (Barcode barcode : inside) {
            boolean unlabelled = !ours.contains(barcode) && matches(barcode, patterns);
            if (!barcode.cleaning() && (unlabelled || free.contains(barcode))) {
                supply.add(barcode);
            }
        }
        return supply;
    }

    private static boolean matches(Barcode barcode, List<BarcodePattern> patterns) {
        return patterns.isEmpty() || patterns.stream().anyMatch(p -> p.matches(barcode));
    }
}
