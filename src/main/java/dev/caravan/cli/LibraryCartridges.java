package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.BarcodePattern;
import dev.caravan.tape.pool.SupplyPool;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeStatus;
import dev.caravan.target.TapeProof;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The cartridges in the library of a home, as the proof of its tape copies asks for them.
/// Immutable; looks at the library anew each time.
record LibraryCartridges(Settings.Tape tape) implements TapeProof.Cartridges {

    @Override
    public Map<String, Optional<String>> inside() throws IOException {
        Map<String, Optional<String>> inside = new HashMap<>();
        library()
                .volumes()
                .forEach((barcode, id) -> inside.put(barcode.text(), id.map(UUID::toString)));
        return inside;
    }

    /// Blank ones take all they hold, volumes of the pool what is left on them.
    @Override
    public Optional<List<Long>> room() throws IOException {
        if (tape.pools().retention().isPresent()) {
            return Optional.empty(); // what may be written over is decided when it is needed
        }
        return room(library().cartridges());
    }

    Optional<List<Long>> room(List<TapeCartridge> cartridges) {
        List<Barcode> supply = supply(cartridges);
        List<Long> room = new ArrayList<>();
        for (TapeCartridge cartridge : cartridges) {
            Optional<Volume> volume = cartridge.volume();
            boolean usable =
                    cartridge.inside()
                            && (supply.contains(cartridge.barcode())
                                    || volume.filter(this::takesMore).isPresent());
            if (usable && cartridge.capacityBytes() == 0) {
                return Optional.empty();
            }
            if (usable) {
                room.add(cartridge.capacityBytes() - volume.map(Volume::bytes).orElse(0L));
            }
        }
        return Optional.of(room);
    }

    private List<Barcode> supply(List<TapeCartridge> cartridges) {
        return SupplyPool.free(
                cartridges.stream()
                        .filter(TapeCartridge::inside)
                        .map(TapeCartridge::barcode)
                        .toList(),
                cartridges.stream().map(TapeCartridge::volume).flatMap(Optional::stream).toList(),
                BarcodePattern.list(String.join(",", tape.pools().supply())));
    }

    private boolean takesMore(Volume volume) {
        return volume.status() == VolumeStatus.WRITABLE && volume.pool().equals(tape.pool());
    }

    private TapeLibrary library() throws IOException {
        return TapeLibrary.open(TargetParts.place(tape));
    }
}
