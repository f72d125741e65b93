package dev.caravan.cli;

import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Volumes;
import dev.caravan.ledger.Volumes.Contents;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.VolumeUse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Tells the tape library from the ledger whether a volume is needed. Thread-safe.
final class LedgerVolumeUse implements VolumeUse {
    private final Volumes volumes;
    private final Volumes.Rule rule;

    /// @param policies what the copies that are left must meet, by the source
    /// @param retention zero where none is set: then copies are kept for what they are, not for
    ///   their age
    LedgerVolumeUse(Volumes volumes, Policies policies, Duration retention) {
        this.volumes = volumes;
        this.rule = new Volumes.Rule(policies, retention, HomeRetention.GLOBS);
    }

    @Override
    public Verdict of(Barcode barcode, UUID id) throws IOException {
        return asked(barcode, id, () -> volumes.contents(barcode.text(), id.toString(), rule));
    }

    @Override
    public Verdict giveUp(Barcode barcode, UUID id) throws IOException {
        return asked(barcode, id, () -> volumes.giveUp(barcode.text(), id.toString(), rule));
    }

    private interface Question {
        Optional<Contents> ask();
    }

    private Verdict asked(Barcode barcode, UUID id, Question question) throws IOException {
        Optional<Contents> contents;
        try {
            contents = question.ask();
        } catch (LedgerException failed) {
            throw new IOException(
                    "unable to look up volume %s: %s".formatted(barcode, failed.getMessage()),
                    failed);
        }
        if (contents.isPresent()) {
            return contents.get().needed() == 0
                    ? new Verdict.Free()
                    : new Verdict.Needed(needed(contents.get()));
        }
        List<String> ids = volumes.ids(barcode.text());
        return new Verdict.Unknown(
                ids.isEmpty()
                        ? "the ledger does not know it"
                        : "the ledger knows it as %s, not as %s".formatted(ids.getLast(), id));
    }

    /// How many copies are needed, and why.
    static String needed(Contents contents) {
        List<String> why = new ArrayList<>();
        if (contents.current() > 0) {
            why.add(Words.count(contents.current()) + " of what is there now");
        }
        if (contents.few() > 0) {
            why.add(Words.count(contents.few()) + " with too few others");
        }
        if (contents.young() > 0) {
            why.add(
                    Words.count(contents.young())
                            + " younger than the retention, or retired lately");
        }
        if (contents.held() > 0) {
            why.add(Words.count(contents.held()) + " under a hold");
        }
        if (contents.begun() > 0) {
            why.add(Words.count(contents.begun()) + " begun in parts, and not all written yet");
        }
        return "%s on it %s needed (%s)"
                .formatted(
                        Words.count(contents.needed(), "copy", "copies"),
                        contents.needed() == 1 ? "is" : "are",
                        String.join(", ", why));
    }
}
