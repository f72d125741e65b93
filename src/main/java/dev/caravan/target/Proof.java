package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.PartProof;
import dev.caravan.posix.WriteBehind;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The rule by which copies on one target become durable and proven. Calls for one target come one
/// at a time, but from different threads; [#given] alone comes beside the others.
public interface Proof extends AutoCloseable {

    /// Looks, before anything is claimed, whether the medium is there and is the right one, and
    /// clears what a dead run left half-made.
    ///
    /// @throws TargetException if the target can not take copies now
    void prepare() throws TargetException;

    /// What was derived of the medium itself when it was prepared, to be remembered in the ledger:
    /// it must be the same the next time. Null where there is nothing to tell it by.
    default @Nullable String identity() {
        return null;
    }

    /// Whether the endpoint reads a body once to know its hash, before the pass that it sends.
    default boolean hashesFirst() {
        return false;
    }

    /// Whether an upload of so many bytes that broke off goes on where it was when the same bytes
    /// come again.
    default boolean goesOn(long bytes) {
        return false;
    }

    /// Whether it goes on behind what lies on the target under the name it had, so that the next
    /// attempt needs that name. Otherwise the target knows the bytes again by itself.
    default boolean goesOnByName() {
        return false;
    }

    /// Takes over holding the target to its pace, where bytes leave elsewhere than where the body
    /// of an exchange is read.
    ///
    /// @return whether it did; if not, the body is read at that pace
    default boolean hold(Pace pace) {
        return false;
    }

    /// What fails as one with the copies here, as far as it was found when the target was prepared:
    /// two targets that say the same are one medium. Null where each copy's place says it.
    default @Nullable String domain() {
        return null;
    }

    /// How many bytes of a body an endpoint has asked for, as often as a further [#GIVEN] of them
    /// are full: what it was given before lies on the target or on its way there. From any thread,
    /// also while another batch is being proven.
    ///
    /// @throws IOException if the target could not keep what it was given
    default void given(String copyName, long bytes) throws IOException {}

    /// How often [#given] is called.
    long GIVEN = WriteBehind.WINDOW;

    /// Makes a batch durable, proves it and puts it under its final names.
    ///
    /// @throws TargetException if the target failed as a whole: then nothing of the batch counts
    Proven prove(List<Carried> batch) throws TargetException;

    /// Removes what a failed attempt left on the target, so that it does not lie there until the
    /// next start. Harmless if there is nothing. What was proven stays: some of it may be recorded.
    ///
    /// @throws TargetException if the target can not do it now
    default void discard(String copyName) throws TargetException {}

    /// Takes copies of deleted items out of what a person sees as the current tree, where the
    /// target shows one. Nothing is lost by it.
    ///
    /// @throws TargetException if the target can not do it now
    default void withdraw() throws TargetException {}

    @Override
    void close();

    /// How many bytes each medium at hand still takes, as far as the target can tell.
    ///
    /// @return empty if it can not tell, or more media may be fetched
    /// @throws TargetException if the target can not be asked now
    default Optional<List<Long>> room() throws TargetException {
        return Optional.empty();
    }

    /// What may be recorded, by which evidence, and what may not.
    ///
    /// @param parts of copies that are too large for one piece
    /// @param lockedUntil by the names of objects, until when nobody can change them, as the target
    ///   itself says
    record Proven(
            Evidence evidence,
            List<CopyProof> proofs,
            List<PartProof> parts,
            List<Refused> refused,
            Map<String, Instant> lockedUntil) {

        /// Without locks.
        public Proven(
                Evidence evidence,
                List<CopyProof> proofs,
                List<PartProof> parts,
                List<Refused> refused) {
            this(evidence, proofs, parts, refused, Map.of());
        }

        /// Without parts.
        public Proven(Evidence evidence, List<CopyProof> proofs, List<Refused> refused) {
            this(evidence, proofs, List.of(), refused);
        }
    }

    /// One copy that could not be proven, although the target is well.
    record Refused(Version version, IOException why) {}
}
