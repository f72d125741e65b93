package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.StoredObject;
import dev.caravan.segment.MemberResult;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/// Evidence of copies on tape. The drive has done the proving when its endpoint returns: the
/// synchronous filemark came back without error and the position after it is the one that follows
/// from what was written. An exchange that does not say so proves nothing.
public final class TapeProof implements Proof {
    private final String target;
    private final Clock clock;
    private final String program;

    public TapeProof(String target, Clock clock, String program) {
        this.target = target;
        this.clock = clock;
        this.program = program;
    }

    /// The drive looks at its medium itself, at every write.
    @Override
    public void prepare() {}

    @Override
    public Proven prove(List<Carried> batch) {
        List<CopyProof> proofs = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        String how = "position";
        for (Carried carried : batch) {
            if (carried instanceof Carried.Packed packed
                    && packed.tape() != null
                    && packed.tapeEvidence() != null) {
                how = packed.tapeEvidence();
                proofs.addAll(
                        packed.proofs(
                                new StoredObject(
                                        packed.copyName(), packed.bytes(), true, packed.tape())));
            } else {
                refuse(carried, refused);
            }
        }
        return new Proven(
                new Evidence(
                        "synchronous-filemark+" + how, Evidence.Level.V1, clock.instant(), program),
                proofs,
                refused);
    }

    private void refuse(Carried carried, List<Refused> refused) {
        IOException why =
                new IOException(
                        "target '%s': the endpoint did not say where on tape it wrote; proof 'tape' wants a tape: endpoint and segments"
                                .formatted(target));
        switch (carried) {
            case Carried.Single single -> refused.add(new Refused(single.version(), why));
            case Carried.Packed packed -> {
                for (MemberResult member : packed.members()) {
                    if (member instanceof MemberResult.Written written) {
                        Version version = written.version();
                        refused.add(new Refused(version, why));
                    }
                }
            }
        }
    }

    @Override
    public void close() {}
}
