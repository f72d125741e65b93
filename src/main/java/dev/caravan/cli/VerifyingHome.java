package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.ledger.Ledger;
import dev.caravan.restore.Medium;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import org.apache.camel.impl.DefaultCamelContext;

/// A home whose copies are verified: its ledger open to write, its targets open to be read. The
/// composition root of `verify`. Holds the home's lock.
final class VerifyingHome implements AutoCloseable {
    private final HomeLock lock;
    private final Ledger ledger;
    private final HomeChecks.Checked checked;
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final TargetParts parts;

    private VerifyingHome(HomeLock lock, Ledger ledger, HomeChecks.Checked checked) {
        this.lock = lock;
        this.ledger = ledger;
        this.checked = checked;
        this.parts = new TargetParts(checked, ledger, camel, Clock.systemUTC());
    }

    /// Opens a home whose sources may be lost.
    ///
    /// @return empty before its first backup
    /// @throws CommandException if the home is in use, or something in it is wrong
    static Optional<VerifyingHome> open(Home home) throws IOException {
        HomeChecks.Checked checked = HomeChecks.requireToRestore(home);
        if (!java.nio.file.Files.exists(home.ledger())) {
            return Optional.empty();
        }
        HomeLock lock = HomeLock.take(home);
        Ledger ledger = null;
        try {
            ledger = OpenLedger.toWrite(checked.settings());
            SourceRoots.declare(ledger, checked.settings());
            ledger.targets().declare(checked.targets());
            return Optional.of(new VerifyingHome(lock, ledger, checked));
        } catch (RuntimeException failed) {
            if (ledger != null) {
                ledger.close();
            }
            lock.close();
            throw failed;
        }
    }

    Ledger ledger() {
        return ledger;
    }

    HomeChecks.Checked checked() {
        return checked;
    }

    TargetParts parts() {
        return parts;
    }

    Medium.Media media() {
        return parts::medium;
    }

    @Override
    public void close() throws IOException {
        parts.close();
        camel.stop();
        ledger.close();
        lock.close();
    }
}
