package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.ledger.Ledger;
import dev.caravan.target.CopyStores;
import java.io.IOException;
import java.time.Clock;
import org.apache.camel.impl.DefaultCamelContext;

/// A home that is only read: its ledger beside whoever writes it, and the stores of its targets.
/// The composition root of `restore`.
final class ReadingHome implements AutoCloseable {
    private final Ledger ledger;
    private final DefaultCamelContext camel;
    private final TargetParts parts;

    ReadingHome(Home home) throws IOException {
        HomeChecks.Checked checked = HomeChecks.requireToRestore(home);
        Clock clock = Clock.systemUTC();
        this.ledger = Ledger.openReadOnly(home.ledger(), clock);
        this.camel = new DefaultCamelContext();
        this.parts = new TargetParts(checked.settings(), checked.rules(), ledger, camel, clock);
        parts.configureTape();
    }

    Ledger ledger() {
        return ledger;
    }

    CopyStores stores() {
        return target -> {
            if (!camel.isStarted()) {
                camel.start();
            }
            return parts.of(target);
        };
    }

    @Override
    public void close() throws IOException {
        parts.close();
        camel.stop();
        ledger.close();
    }
}
