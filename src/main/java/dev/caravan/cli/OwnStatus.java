package dev.caravan.cli;

import dev.caravan.audit.LedgerExport;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.OwnCopies.OnTarget;
import dev.caravan.ledger.SignedHead;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where the ledger itself has copies.
///
/// @param head the newest signed one; null before the first export
/// @param heads the newest copy of a head on each target
/// @param snapshots the newest copy of a snapshot on each target
/// @param wanted copies of it that are still to be made
record OwnStatus(
        @Nullable SignedHead head, List<OnTarget> heads, List<OnTarget> snapshots, long wanted) {

    /// Before the first backup.
    static final OwnStatus NOTHING = new OwnStatus(null, List.of(), List.of(), 0);

    static OwnStatus of(Ledger ledger) {
        return new OwnStatus(
                ledger.heads().last().orElse(null),
                ledger.ownCopies().newest(LedgerExport.HEAD),
                ledger.ownCopies().newest(LedgerExport.SNAPSHOT),
                ledger.ownCopies().wanted());
    }

    /// When the newest snapshot that any target has was made.
    @Nullable Instant snapshot() {
        return snapshots.stream()
                .map(OnTarget::made)
                .filter(Objects::nonNull)
                .max(Instant::compareTo)
                .orElse(null);
    }

    /// One line: how old the newest snapshot is, and which targets have it.
    String words(Instant now) {
        if (head == null) {
            return "the ledger itself is on no target yet";
        }
        Instant snapshot = snapshot();
        List<String> on = new ArrayList<>();
        for (OnTarget each : snapshots) {
            if (snapshot != null && snapshot.equals(each.made())) {
                on.add(each.target().name() + (each.target().simulated() ? "*" : ""));
            }
        }
        String copies =
                snapshot == null
                        ? "no snapshot is on a target yet"
                        : "snapshot of %s on %s"
                                .formatted(Words.ago(snapshot, now), String.join(", ", on));
        return "Ledger: %s, log signed %s%s"
                .formatted(
                        copies,
                        Words.ago(head.head().at(), now),
                        wanted == 0
                                ? ""
                                : "; " + Words.count(wanted, "copy", "copies") + " to be made");
    }

    /// As the member `ledger` of an object.
    void write(Json json) throws IOException {
        json.object(
                "ledger",
                object -> {
                    object.number("seq", head == null ? null : head.head().seq())
                            .hash("hash", head == null ? null : head.head().hash())
                            .time("signed", head == null ? null : head.head().at())
                            .time("snapshot", snapshot())
                            .number("wanted", wanted);
                    object.array(
                            "targets",
                            targets -> {
                                for (int i = 0; i < heads.size(); i++) {
                                    OnTarget of = heads.get(i);
                                    Instant snapshot = snapshotOn(of.target().name());
                                    targets.object(each ->
                                            each.text("name", of.target().name())
                                                    .flag("simulated", of.target().simulated())
                                                    .time("head", of.made())
                                                    .time("snapshot", snapshot));
                                }
                            });
                });
    }

    /// When the newest snapshot on a target was made; null if it has none.
    @Nullable Instant snapshotOn(String target) {
        for (OnTarget each : snapshots) {
            if (each.target().name().equals(target)) {
                return each.made();
            }
        }
        return null;
    }
}
