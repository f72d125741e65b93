package dev.caravan.audit;

import dev.caravan.ledger.Head;
import dev.caravan.ledger.Heads;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.SignedHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Keeps a ledger of yesterday from being taken for that of today: it counts copies that may be
/// gone since, and gives ids a second time.
public final class OlderLedger {
    private OlderLedger() {}

    /// Looks at exported heads that are cheap to reach. One that is not there, is of another home,
    /// or bears no good signature says nothing; signatures are looked at only where it matters.
    ///
    /// @throws LedgerException if the ledger does not have what a head says of it
    public static void refuse(Ledger ledger, List<Path> heads) {
        for (Path file : heads) {
            Optional<SignedHead> signed = read(file);
            if (signed.isEmpty()) {
                continue;
            }
            Head head = signed.get().head();
            Heads.Verdict verdict = ledger.heads().compare(head);
            boolean refused = verdict == Heads.Verdict.AHEAD || verdict == Heads.Verdict.DIFFERS;
            if (refused && HeadDocument.isGenuine(signed.get())) {
                throw new LedgerException(
                        "the ledger does not have event %d of %s, which head '%s' is of: an older ledger was put in its place; put back the newest one, or move it away and run 'caravan rebuild --from TARGET', or go on from it with 'caravan audit accept'"
                                .formatted(head.seq(), head.at(), file));
            }
        }
    }

    private static Optional<SignedHead> read(Path file) {
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(HeadDocument.read(Files.readAllBytes(file)))
                    : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
