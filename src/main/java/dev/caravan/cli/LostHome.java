package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.ledger.Ledger;
import dev.caravan.target.Decryption;
import dev.caravan.target.EndpointReading;
import dev.caravan.target.NasReading;
import dev.caravan.target.ObjectReading;
import dev.caravan.target.S3Reading;
import dev.caravan.target.SftpReading;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;

/// A home whose ledger is made again: its ledger open to write, its targets looked at as they are.
/// Its sources may be lost, and every target that is not asked for. The composition root of the
/// commands that read media back. Holds the home's lock.
final class LostHome implements AutoCloseable {
    private final HomeLock lock;
    private final Ledger ledger;
    private final HomeChecks.Checked checked;
    private @Nullable TargetParts parts;

    private LostHome(HomeLock lock, Ledger ledger, HomeChecks.Checked checked) {
        this.lock = lock;
        this.ledger = ledger;
        this.checked = checked;
    }

    /// Opens a home, and makes its targets known to the ledger.
    ///
    /// @throws CommandException if the home is in use, or something in it is wrong
    static LostHome open(Home home) throws IOException {
        HomeChecks.Checked checked = HomeChecks.requireToRestore(home);
        HomeLock lock = HomeLock.take(home);
        Ledger ledger = null;
        try {
            ledger = OpenLedger.toWrite(checked.settings());
            SourceRoots.declare(ledger, checked.settings());
            ledger.targets().declare(checked.targets());
            return new LostHome(lock, ledger, checked);
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

    /// By which rule the copies on a target are proven: it tells its kind.
    ///
    /// @throws CommandException if no copy route has it
    String rule(String target) {
        String rule = checked.rules().get(target);
        if (rule == null) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--from '%s': no copy route has that target; there are %s"
                            .formatted(target, List.copyOf(checked.rules().keySet())));
        }
        return rule;
    }

    /// The tape library of this home, which closes the home.
    HomeTapes tapes() throws IOException {
        return new HomeTapes(this);
    }

    /// What opens copies that are encrypted.
    Decryption decryption() throws IOException {
        return parts().decryption();
    }

    NasReading nas(String target) throws IOException {
        return new NasReading(parts().nasFolder(target), parts().patience());
    }

    ObjectReading objects(String target) throws IOException {
        return switch (rule(target)) {
            case "s3" -> new S3Reading(target, parts().bucket(target), decryption());
            case "readback" -> new EndpointReading(target, parts().endpoint(target), decryption());
            default -> new SftpReading(parts().address(target), decryption());
        };
    }

    TargetParts parts() {
        TargetParts made = parts;
        if (made == null) {
            made =
                    new TargetParts(
                            checked, ledger, new DefaultCamelContext(false), Clock.systemUTC());
            parts = made;
        }
        return made;
    }

    @Override
    public void close() throws IOException {
        try {
            if (parts != null) {
                parts.close();
            }
        } finally {
            ledger.close();
            lock.close();
        }
    }
}
