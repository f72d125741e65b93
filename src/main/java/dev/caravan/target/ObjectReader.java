package dev.caravan.target;

import dev.caravan.item.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Looks at stored objects of a target, to prove their copies again: reads them anew, or has the
/// target say what they are. Confined to one thread.
public interface ObjectReader extends AutoCloseable {

    /// For evidence: where an object is.
    String place(String object);

    /// As the evidence says that the target said a hash.
    String attested();

    /// As the evidence says that all bytes were read back.
    String readBack();

    /// Looks whether this is what the ledger knows the target by.
    ///
    /// @param identity as [Proof#identity]; null if nothing was ever proven there
    /// @throws TargetException if it can not be reached, or is another one
    void check(@Nullable String identity) throws TargetException;

    /// Opens an object; what is read can not come from something that was kept for an older reader.
    ///
    /// @throws java.nio.file.NoSuchFileException if it is not there
    /// @throws java.nio.file.AccessDeniedException if the target does not let us read it
    /// @throws TargetException if the target can not be reached
    Opened open(String object) throws IOException;

    /// The SHA-256 that the target says an object has; empty where it does not say one.
    ///
    /// @throws java.nio.file.NoSuchFileException if it is not there
    Optional<Sha256> attest(String object, long bytes) throws IOException;

    /// Locks an object anew, and what describes it, if the target locks and a lock ends before
    /// `before`.
    ///
    /// @param segment whether it describes itself
    /// @return until when it is locked now, as the target says; empty if it is not
    /// @throws java.nio.file.NoSuchFileException if it is not there
    default Optional<Instant> relock(String object, boolean segment, Instant before)
            throws IOException {
        return Optional.empty();
    }

    /// Has the target refuse to remove an object, and what describes it, or ends that. Only where
    /// [#locksFor] is not empty.
    ///
    /// @param segment whether it describes itself
    /// @throws java.nio.file.NoSuchFileException if it is not there
    default void hold(String object, boolean segment, boolean held) throws IOException {
        throw new UnsupportedOperationException("no object is locked here");
    }

    /// How long objects are locked when they are written; empty where the target does not lock.
    default Optional<Duration> locksFor() {
        return Optional.empty();
    }

    /// An object that is being read.
    abstract class Opened extends InputStream {
        /// That reading ended because the target could not be reached, and not because of the
        /// object; null if that is not so.
        public abstract @Nullable TargetException lost();
    }

    @Override
    void close();
}
