package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Volumes;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.Allocation;
import dev.caravan.tape.pool.BarcodePattern;
import dev.caravan.tape.pool.Location;
import dev.caravan.tape.pool.PoolRules;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeUse;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The tape library of a home, for a command that changes it or its inventory: under the home's
/// lock, and with the ledger, if there is one, asked about every volume.
final class ChangingTape implements AutoCloseable {
    private final HomeLock lock;
    private final @Nullable Ledger ledger;
    private final Settings.Tape settings;
    private final TapeLibrary library;

    private ChangingTape(
            HomeLock lock, @Nullable Ledger ledger, Settings.Tape settings, TapeLibrary library) {
        this.lock = lock;
        this.ledger = ledger;
        this.settings = settings;
        this.library = library;
    }

    /// @throws CommandException if another caravan is at work, or there is no library yet
    static ChangingTape open(OpenHome home) throws IOException {
        Settings.Tape settings = home.settings().tape();
        requireLibrary(settings);
        HomeLock lock = HomeLock.take(home.home());
        @Nullable Ledger ledger = null;
        try {
            if (Files.exists(home.home().ledger())) {
                ledger = OpenLedger.toWrite(home.settings());
            }
            TapeLibrary library = TapeLibrary.open(TargetParts.place(settings));
            library.govern(
                    rules(
                            settings,
                            ledger == null
                                    ? VolumeUse.UNKNOWN
                                    : new LedgerVolumeUse(
                                            ledger.volumes(),
                                            HomePolicies.of(home.settings()),
                                            retention(settings))));
            return new ChangingTape(lock, ledger, settings, library);
        } catch (IOException | RuntimeException failed) {
            if (ledger != null) {
                ledger.close();
            }
            lock.close();
            throw failed;
        }
    }

    /// @throws CommandException if it is a virtual one that the first backup has not made yet
    static void requireLibrary(Settings.Tape settings) {
        if (settings.virtual() && !Files.exists(settings.library().resolve("library.json"))) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "no tape library in '%s' yet: the first backup makes it"
                            .formatted(settings.library()));
        }
    }

    static PoolRules rules(Settings.Tape settings, VolumeUse use) {
        Settings.Pools pools = settings.pools();
        return new PoolRules(
                Allocation.parse(pools.allocation()),
                BarcodePattern.list(pools.supply().stream().collect(Collectors.joining(","))),
                pools.retention(),
                use);
    }

    static Duration retention(Settings.Tape settings) {
        return settings.pools().retention().orElse(Duration.ZERO);
    }

    /// A barcode as a person typed it.
    ///
    /// @throws CommandException with exit 2 if it can be none
    static Barcode barcode(String typed) {
        try {
            return new Barcode(typed);
        } catch (IllegalArgumentException none) {
            throw new CommandException(
                    ExitCode.USAGE, Words.shown(String.valueOf(none.getMessage())), none);
        }
    }

    Settings.Tape settings() {
        return settings;
    }

    TapeLibrary library() {
        return library;
    }

    /// What becomes of the copies on a volume that was taken out of use.
    ///
    /// @return nothing if there is no ledger, or it does not know the volume
    Optional<Volumes.Retired> retire(Volume volume, boolean lost) {
        return ledger == null
                ? Optional.empty()
                : ledger.volumes().retire(volume.barcode().text(), volume.id().toString(), lost);
    }

    /// Notes where a volume is, in the inventory and in the ledger.
    Volume locate(Barcode barcode, Optional<Location> place) throws IOException {
        Volume volume = library.locate(barcode, place);
        if (ledger != null) {
            LocatedCartridges.note(ledger, library, Clock.systemUTC());
        }
        return volume;
    }

    @Override
    public void close() throws IOException {
        if (ledger != null) {
            ledger.close();
        }
        lock.close();
    }
}
