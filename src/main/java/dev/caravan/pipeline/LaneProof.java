package dev.caravan.pipeline;

import dev.caravan.ledger.Target;
import dev.caravan.target.Encryption;
import dev.caravan.target.Pace;
import dev.caravan.target.Proof;
import dev.caravan.target.TargetException;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The proof of a lane's target, which is made when it is first asked for, and how bodies go there
/// because of it: at which pace, encrypted for whom, in which passes. Thread-safe.
final class LaneProof {
    private final Pipeline pipeline;
    private final LaneOptions options;
    private final Pace wanted;
    private Pace pace;
    private @Nullable Proof proof;
    private Optional<Encryption> encryption = Optional.empty();

    LaneProof(Pipeline pipeline, LaneOptions options) {
        this.pipeline = pipeline;
        this.options = options;
        this.wanted = Pace.of(options.limits().bytesPerSecond());
        this.pace = wanted;
    }

    /// @throws TargetException if it can not be made
    synchronized Proof get() throws TargetException {
        if (proof == null) {
            proof = pipeline.proofs().of(options.target(), options.rule());
            pace = proof.hold(wanted) ? Pace.UNLIMITED : wanted;
        }
        return proof;
    }

    private synchronized @Nullable Proof known() {
        return proof;
    }

    /// Makes the target ready, and notes in the ledger which one it is. Not under this object's
    /// lock: a target that does not answer must not hold what only asks.
    ///
    /// @throws TargetException if it can not be made ready, or is another than before
    void prepare() throws TargetException {
        Optional<Encryption> found = pipeline.proofs().encryption(options.target());
        get().prepare();
        identify(get());
        synchronized (this) {
            encryption = found;
        }
    }

    private void identify(Proof proof) throws TargetException {
        var targets = pipeline.ledger().targets();
        String identity = proof.identity();
        String known = targets.find(options.target()).map(Target::identity).orElse(null);
        if (identity != null && !identity.equals(known)) {
            targets.identify(options.target(), identity);
        }
        String domain = proof.domain();
        if (domain != null) {
            targets.liesOn(options.target(), domain);
        }
    }

    /// The pace at which bodies are read.
    synchronized Pace pace() {
        return pace;
    }

    /// What encrypts what goes this way; empty before [#prepare], and where all stays plain.
    synchronized Optional<Encryption> encryption() {
        return encryption;
    }

    /// Whether a pass that is only hashed comes before the one that is sent.
    boolean hashesFirst() {
        Proof known = known();
        return known != null && known.hashesFirst();
    }

    /// Whether an upload of so many bytes that broke off is gone on with.
    boolean goesOn(long length) {
        Proof known = known();
        return known != null && known.goesOn(length);
    }

    /// Whether the next attempt needs the name of the one before.
    boolean goesOnByName() {
        Proof known = known();
        return known != null && known.goesOnByName();
    }

    /// Tells the target how much its endpoint was given.
    void given(String copyName, long bytes) throws IOException {
        Proof known = known();
        if (known != null) {
            known.given(copyName, bytes);
        }
    }

    void close() {
        Proof known = known();
        if (known != null) {
            known.close();
        }
    }
}
