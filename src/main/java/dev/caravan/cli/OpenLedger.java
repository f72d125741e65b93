package dev.caravan.cli;

import dev.caravan.audit.LedgerExport;
import dev.caravan.audit.OlderLedger;
import dev.caravan.config.Asked;
import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.OwnSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/// Opens the ledger of a home to write, under the home's lock or for a short change beside whoever
/// has that, unless an exported head shows that it is older than it should be.
final class OpenLedger {
    private OpenLedger() {}

    /// @throws dev.caravan.ledger.LedgerException if it can not be opened, or is an older one
    static Ledger toWrite(Settings settings) {
        return refusingOlder(Ledger.open(settings.home().ledger(), Clock.systemUTC()), settings);
    }

    /// For a short change beside a program that may be at work in the home.
    ///
    /// @throws dev.caravan.ledger.LedgerException as [#toWrite], or if it has another schema
    static Ledger beside(Settings settings) {
        return refusingOlder(
                Ledger.openBeside(settings.home().ledger(), Clock.systemUTC()), settings);
    }

    private static Ledger refusingOlder(Ledger ledger, Settings settings) {
        try {
            OlderLedger.refuse(ledger, headsAtHand(settings));
            return ledger;
        } catch (RuntimeException older) {
            ledger.close();
            throw older;
        }
    }

    /// The exported heads that need no connection and no cartridge: in the home, and on a NAS.
    static List<Path> headsAtHand(Settings settings) {
        List<Path> heads = new ArrayList<>();
        heads.add(inHome(settings.home()));
        settings.nas()
                .map(OpenLedger::onNas)
                .filter(head -> Asked.about(head, () -> Files.exists(head)).orElse(false))
                .ifPresent(heads::add);
        return heads;
    }

    static Path inHome(Home home) {
        return home.export().resolve(LedgerExport.HEAD.text());
    }

    static Path onNas(Settings.Nas nas) {
        return nas.dir().resolve(OwnSource.NAME).resolve(LedgerExport.HEAD.text());
    }
}
