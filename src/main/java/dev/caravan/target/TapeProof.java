package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.PartProof;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Volumes;
import dev.caravan.segment.MemberResult;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Evidence of copies on tape. The drive has done the proving when its endpoint returns: the
/// synchronous filemark came back without error and the position after it is the one that follows
/// from what was written. An exchange that does not say so proves nothing.
public final class TapeProof implements Proof {
    /// The cartridges in the library.
    @FunctionalInterface
    public interface Cartridges {
        /// The id of the volume on each, by barcode; nothing for a blank one.
        ///
        /// @throws IOException if the library is not there
        Map<String, Optional<String>> inside() throws IOException;

        /// How many bytes each cartridge that may be written on still takes; empty if that can not
        /// be told of one of them.
        ///
        /// @throws IOException if the library is not there
        default Optional<List<Long>> room() throws IOException {
            return Optional.empty();
        }
    }

    private final String target;
    private final Ledger ledger;
    private final Cartridges cartridges;
    private final Clock clock;
    private final String program;

    public TapeProof(
            String target, Ledger ledger, Cartridges cartridges, Clock clock, String program) {
        this.target = target;
        this.ledger = ledger;
        this.cartridges = cartridges;
        this.clock = clock;
        this.program = program;
    }

    /// The drive looks at each medium itself, at every write. But that this is another library
    /// altogether, with cartridges of the same names, can only be told from the volumes that the
    /// ledger knows.
    @Override
    public void prepare() throws TargetException {
        Map<String, Optional<String>> inside;
        try {
            inside = cartridges.inside();
        } catch (IOException failed) {
            throw new TargetException(
                    TargetException.Remedy.WAIT, String.valueOf(failed.getMessage()), failed);
        }
        for (Map.Entry<String, String> known : ledger.targets().volumes(target).entrySet()) {
            Optional<String> found = inside.get(known.getKey());
            if (found != null
                    && !found.equals(Optional.of(known.getValue()))
                    && holdsCopies(known.getKey(), known.getValue())) {
                throw new TargetException(
                        TargetException.Remedy.PERSON,
                        "cartridge %s in the library %s, but the ledger knows it as volume %s: is this the right library? One that begins anew needs a target of another name"
                                .formatted(
                                        known.getKey(),
                                        found.map(id -> "holds volume " + id).orElse("is blank"),
                                        known.getValue()));
            }
        }
    }

    /// A volume whose copies were all given up may have been labelled again.
    private boolean holdsCopies(String barcode, String id) {
        return ledger.volumes()
                .contents(barcode, id, new Volumes.Rule(Policy.THREE_TWO_ONE, Duration.ZERO))
                .filter(contents -> contents.copies() > 0)
                .isPresent();
    }

    @Override
    public Optional<List<Long>> room() throws TargetException {
        try {
            return cartridges.room();
        } catch (IOException failed) {
            throw new TargetException(
                    TargetException.Remedy.WAIT, String.valueOf(failed.getMessage()), failed);
        }
    }

    @Override
    public Proven prove(List<Carried> batch) {
        List<CopyProof> proofs = new ArrayList<>();
        List<PartProof> parts = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        String how = "position";
        for (Carried carried : batch) {
            if (carried instanceof Carried.Packed packed
                    && packed.tape() != null
                    && packed.tapeEvidence() != null) {
                how = packed.tapeEvidence();
                proofs.addAll(packed.proofs(packed.object(packed.copyName(), packed.tape())));
            } else if (carried instanceof Carried.Part part
                    && part.tape() != null
                    && part.tapeEvidence() != null) {
                how = part.tapeEvidence();
                parts.add(
                        new PartProof(
                                part.version(),
                                part.part(),
                                part.sha256(),
                                part.object(part.copyName(), part.tape()),
                                part.offset(),
                                part.whole()));
            } else {
                refuse(carried, refused);
            }
        }
        return new Proven(
                new Evidence(
                        "synchronous-filemark+" + how, Evidence.Level.V1, clock.instant(), program),
                proofs,
                parts,
                refused);
    }

    private void refuse(Carried carried, List<Refused> refused) {
        IOException why =
                new IOException(
                        "target '%s': the endpoint did not say where on tape it wrote; proof 'tape' wants a tape: endpoint and segments"
                                .formatted(target));
        switch (carried) {
            case Carried.Part part -> refused.add(new Refused(part.version(), why));
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
