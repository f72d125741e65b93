package dev.caravan.cli;

import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LegalHolds;
import dev.caravan.ledger.Target;
import dev.caravan.restore.Medium;
import dev.caravan.target.ObjectReader;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has targets that lock objects refuse to remove what a hold is on, whoever asks them to.
final class HomeLegalHolds {
    private static final Logger LOG = LoggerFactory.getLogger(HomeLegalHolds.class);

    private HomeLegalHolds() {}

    /// Brings the legal holds of all targets in line with the holds in force.
    ///
    /// @return what did not work, in one line each: it is due again the next time
    static List<String> apply(Ledger ledger, TargetParts parts) {
        List<String> troubles = new ArrayList<>();
        for (Target target : ledger.targets().active()) {
            List<LegalHolds.Due> due =
                    parts.locks(target.name())
                            ? ledger.legalHolds().due(target.name(), HomeRetention.GLOBS)
                            : List.of();
            if (due.isEmpty()) {
                continue;
            }
            try (Medium medium = parts.medium(target.name())) {
                if (medium instanceof Medium.Server(ObjectReader reader, var _)) {
                    reader.check(target.identity());
                    for (LegalHolds.Due each : due) {
                        apply(ledger, target.name(), reader, each);
                    }
                }
            } catch (IOException failed) {
                troubles.add(
                        "the legal holds of target '%s' wait for its next verify: %s"
                                .formatted(target.name(), failed.getMessage()));
            }
        }
        return List.copyOf(troubles);
    }

    private static void apply(Ledger ledger, String target, ObjectReader reader, LegalHolds.Due due)
            throws IOException {
        try {
            reader.hold(due.name(), due.segment(), due.hold());
            ledger.legalHolds().note(target, due.name(), due.hold());
        } catch (NoSuchFileException gone) {
            LOG.debug("{}: {}", target, gone.getMessage()); // which verifying is there to find out
        }
    }
}
