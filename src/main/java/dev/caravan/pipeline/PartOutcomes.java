package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Version;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.PartProof;
import dev.caravan.ledger.Parts;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Records the parts of a lane's large copies, and tells whoever carries them what became of each.
/// A copy is settled with its last part, or with the first that fails. Thread-safe.
final class PartOutcomes {
    private static final Logger LOG = LoggerFactory.getLogger(PartOutcomes.class);

    private final TargetLane lane;
    private final Map<Long, Parts.Outcome> outcomes = new ConcurrentHashMap<>();

    PartOutcomes(TargetLane lane) {
        this.lane = lane;
    }

    /// Records proven parts.
    void record(Evidence evidence, List<PartProof> proofs) {
        if (proofs.isEmpty()) {
            return;
        }
        List<Parts.Outcome> recorded;
        try {
            recorded =
                    lane.pipeline()
                            .ledger()
                            .parts()
                            .record(lane.target(), lane.pipeline().lease(), evidence, proofs);
        } catch (LedgerException failed) {
            for (PartProof proof : proofs) {
                lane.claims()
                        .itemFailed(proof.version(), new IOException(failed.getMessage(), failed));
            }
            return;
        }
        for (int i = 0; i < proofs.size(); i++) {
            PartProof proof = proofs.get(i);
            LOG.info(
                    "{}: recorded part {} of {} of '{}'",
                    lane.target(),
                    proof.part().number(),
                    proof.part().count(),
                    proof.version().path());
            outcomes.put(proof.version().id(), recorded.get(i));
            settle(proof.version(), recorded.get(i), proof.part().size());
        }
    }

    /// Settles a copy by what became of its latest part.
    ///
    /// @param bytes of content that are recorded with it
    void settle(Version version, Parts.Outcome outcome, long bytes) {
        switch (outcome) {
            case RECORDED -> count(version, 0, bytes);
            case COMPLETE -> count(version, 1, bytes);
            case OTHER_HASH ->
                    lane.claims()
                            .itemFailed(
                                    version,
                                    new ContentUnavailableException(
                                            ContentUnavailableException.Reason.CHANGED,
                                            "'%s' has another hash than an earlier read of the same version"
                                                    .formatted(version.path())));
            case NOT_OURS ->
                    lane.claims()
                            .itemFailed(
                                    version,
                                    new IOException(
                                            "the claim of '%s' ran out".formatted(version.path())));
        }
    }

    private void count(Version version, long copies, long bytes) {
        boolean users = TargetLane.isUsers(version);
        lane.count(copies, users ? copies : 0, users ? bytes : 0);
    }

    /// What became of the part that was sent last; null if it failed before it could be recorded.
    Parts.@Nullable Outcome take(Version version) {
        return outcomes.remove(version.id());
    }
}
