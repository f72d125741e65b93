package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Upkeep.Cartridge;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.pool.Location;
import dev.caravan.tape.pool.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the ledger what the library says of its cartridges: which are out of it, and which cannot
/// be written over. It is the library that knows: what a person noted of one that is inside says
/// nothing.
final class LocatedCartridges {
    private static final Logger LOG = LoggerFactory.getLogger(LocatedCartridges.class);

    private LocatedCartridges() {}

    /// A library that cannot be asked now leaves the ledger as it is.
    static void note(Ledger ledger, Settings.Tape tape, Clock clock) {
        if (tape.virtual() && !Files.exists(tape.library().resolve("library.json"))) {
            return;
        }
        try {
            note(ledger, TapeLibrary.open(TargetParts.place(tape)), clock);
        } catch (IOException | RuntimeException failed) {
            LOG.warn("it is not known where cartridges are: {}", failed.getMessage());
        }
    }

    static void note(Ledger ledger, TapeLibrary library, Clock clock) throws IOException {
        Map<String, Instant> known = ledger.volumes().awaySince();
        Map<String, Cartridge> cartridges = new HashMap<>();
        for (TapeCartridge cartridge : library.cartridges()) {
            if (cartridge.volume().isPresent()) {
                Volume volume = cartridge.volume().get();
                String id = volume.id().toString();
                Instant since =
                        volume.outside()
                                .map(Location::since)
                                .orElseGet(() -> known.getOrDefault(id, clock.instant()));
                cartridges.put(id, new Cartridge(cartridge.inside() ? null : since, volume.worm()));
            }
        }
        ledger.upkeep().located(cartridges);
    }
}
