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

/// Has targets that lock objects refuse to remove what a hold is on, whoever asks them to.
final class HomeLegalHolds {
    private HomeLegalHolds() {}

    /// What came of it.
    ///
    /// @param changed how many objects are held now, or not any more
    /// @param troubles in one line each: they are due again the next time
    record Applied(long changed, List<String> troubles) {}

    /// Brings the legal holds of all targets in line with the holds in force.
    static Applied apply(Ledger ledger, TargetParts parts) {
        long changed = 0;
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
                        changed += apply(ledger, target.name(), reader, each) ? 1 : 0;
                    }
                }
            } catch (IOException failed) {
                troubles.add(
                        "the legal holds of target '%s' wait for its next verify: %s"
                                .formatted(target.name(), failed.getMessage()));
            }
        }
        return new Applied(changed, List.copyOf(troubles));
    }

    private static boolean apply(
            Ledger ledger, String target, ObjectReader reader, LegalHolds.Due due)
            throws IOException {
        try {
            reader.hold(due.name(), due.segment(), due.hold());
            ledger.legalHolds().note(target, due.name(), due.hold());
            return true;
        } catch (NoSuchFileException gone) {
            return false; // to find that out is what verifying is for
        }
    }
}
