package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import dev.caravan.restore.Readers;
import dev.caravan.target.CopyStores;
import dev.caravan.target.S3Address;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.impl.DefaultCamelContext;

/// A home that is only read: its ledger beside whoever writes it, and the stores of its targets.
/// The composition root of `restore`.
final class ReadingHome implements AutoCloseable {
    private final Ledger ledger;
    private final DefaultCamelContext camel;
    private final TargetParts parts;
    private final HomeChecks.Checked checked;

    ReadingHome(Home home) throws IOException {
        this.checked = HomeChecks.requireToRestore(home);
        Clock clock = Clock.systemUTC();
        this.ledger = Ledger.openReadOnly(home.ledger(), clock);
        this.camel = new DefaultCamelContext();
        this.parts = new TargetParts(checked, ledger, camel, clock);
        parts.configureTape();
    }

    /// By which rule each target's copies are proven.
    Map<String, String> rules() {
        return checked.rules();
    }

    Ledger ledger() {
        return ledger;
    }

    Settings settings() {
        return checked.settings();
    }

    /// As many as each target can feed.
    Readers readers() {
        return parts.readers();
    }

    /// Targets whose copies must be thawed before they can be read, as far as the settings tell.
    Set<String> coldTargets() {
        boolean cold =
                settings()
                        .s3()
                        .flatMap(Settings.S3::storageClass)
                        .filter(S3Address.COLD_CLASSES::contains)
                        .isPresent();
        return cold ? targets("s3") : Set.of();
    }

    /// The targets whose copies are proven by a rule.
    Set<String> targets(String rule) {
        return rules().entrySet().stream()
                .filter(target -> target.getValue().equals(rule))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
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
