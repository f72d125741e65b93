package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.Catalog;
import dev.caravan.restore.Plan;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.pool.Location;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeInventory;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where the cartridges of a library are. The library is asked at the first question that only it
/// can answer; one that cannot be asked leaves their places unknown. Confined to one thread.
final class CartridgePlaces {
    private final Settings.Tape tape;
    private @Nullable Set<String> vaulted;
    private @Nullable Map<String, TapeCartridge> cartridges;

    /// @param inside whether the library has it
    record Place(String text, boolean inside) {}

    CartridgePlaces(Settings.Tape tape) {
        this.tape = tape;
    }

    /// Whether a copy lies on a cartridge that was carried to a vault, by the inventory alone: no
    /// library need be there to restore from a disk.
    boolean isVaulted(Catalog.Copy copy) {
        return Plan.onTape(copy).keySet().stream().anyMatch(vaulted()::contains);
    }

    private Set<String> vaulted() {
        Set<String> known = vaulted;
        if (known == null) {
            known = new HashSet<>();
            try {
                for (Volume volume : new VolumeInventory(tape.library()).volumes()) {
                    if (volume.outside().orElse(null) instanceof Location.Vault) {
                        known.add(volume.barcode().text());
                    }
                }
            } catch (IOException unreadable) {
                known.clear();
            }
            vaulted = known;
        }
        return known;
    }

    Place of(String barcode) {
        @Nullable TapeCartridge cartridge = cartridges().get(barcode);
        return cartridge == null
                ? new Place("unknown: not in the inventory", false)
                : new Place(cartridge.place(), cartridge.inside());
    }

    private Map<String, TapeCartridge> cartridges() {
        Map<String, TapeCartridge> known = cartridges;
        if (known == null) {
            // not closed: no drive is asked, and a real machine is shared with who writes to it
            try {
                known =
                        TapeLibrary.open(TargetParts.place(tape)).cartridges().stream()
                                .collect(Collectors.toMap(c -> c.barcode().text(), c -> c));
            } catch (IOException away) {
                known = Map.of();
            }
            cartridges = known;
        }
        return known;
    }
}
