package dev.caravan.target;

import dev.caravan.item.Content;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.PartOfCopy;
import dev.caravan.ledger.StoredObject;
import dev.caravan.segment.MemberResult;
import dev.caravan.target.Encryption.Encrypted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one exchange has brought to a target's endpoint, accepted but not yet proven.
public sealed interface Carried {

    /// The name Caravan gave it at the far end (header `CaravanCopyName`).
    String copyName();

    /// How many bytes it has, before it was encrypted.
    long bytes();

    /// What was handed to the endpoint, if that was encrypted.
    @Nullable Encrypted encrypted();

    /// The same, encrypted.
    Carried as(Encrypted encrypted);

    /// How many bytes were handed to the endpoint.
    default long storedBytes() {
        Encrypted encrypted = encrypted();
        return encrypted == null ? bytes() : encrypted.bytes();
    }

    /// The hash of the bytes that were handed to the endpoint; null if they were not hashed.
    default @Nullable Sha256 storedSha256() {
        Encrypted encrypted = encrypted();
        return encrypted == null ? plainSha256() : encrypted.sha256();
    }

    /// The hash of all bytes before they were encrypted; null if they were not hashed.
    @Nullable Sha256 plainSha256();

    /// What is recorded of it once its object is proven. Of a part nothing is: there is no hash of
    /// its object.
    ///
    /// @param name of the object at the target
    default List<CopyProof> proofs(String name) {
        return switch (this) {
            case Single single ->
                    List.of(
                            new CopyProof(
                                    single.version(),
                                    single.sha256(),
                                    single.bytes(),
                                    single.object(name, null),
                                    0));
            case Part _ -> List.of();
            case Packed packed -> packed.proofs(packed.object(name, null));
        };
    }

    /// As the ledger has what was stored.
    ///
    /// @param name at the target
    default StoredObject object(String name, StoredObject.@Nullable OnTape tape) {
        Encrypted encrypted = encrypted();
        return new StoredObject(
                name,
                storedBytes(),
                !(this instanceof Single),
                tape,
                storedSha256(),
                encrypted == null ? List.of() : encrypted.recipients());
    }

    /// One version as itself.
    ///
    /// @param sha256 of the bytes handed over, from 0 to the end; null for what has no bytes
    /// @param extents where data lies in it; empty for what has no bytes
    /// @param linkTo a hard link of the same file already on this target (or earlier in the batch);
    ///   then nothing was handed over
    record Single(
            Version version,
            String copyName,
            long bytes,
            @Nullable Sha256 sha256,
            List<Content.Extent> extents,
            @Nullable Version linkTo,
            @Nullable Encrypted encrypted)
            implements Carried {

        /// Plain.
        public Single(
                Version version,
                String copyName,
                long bytes,
                @Nullable Sha256 sha256,
                List<Content.Extent> extents,
                @Nullable Version linkTo) {
            this(version, copyName, bytes, sha256, extents, linkTo, null);
        }

        @Override
        public @Nullable Sha256 plainSha256() {
            return sha256;
        }

        @Override
        public Single as(Encrypted sealed) {
            return new Single(version, copyName, bytes, sha256, extents, linkTo, sealed);
        }
    }

    /// One part of a version that is too large for a segment, in a segment of its own.
    ///
    /// @param bytes of the segment
    /// @param sha256 of the bytes of the part
    /// @param whole hash of the whole file; null in all parts but the last
    /// @param offset of the member in the segment
    /// @param tape where a tape drive says it wrote it; null for other media
    /// @param tapeEvidence how the drive's position was proven, in one word; null for other media
    record Part(
            Version version,
            String copyName,
            long bytes,
            PartOfCopy part,
            Sha256 sha256,
            @Nullable Sha256 whole,
            long offset,
            StoredObject.@Nullable OnTape tape,
            @Nullable String tapeEvidence,
            @Nullable Encrypted encrypted)
            implements Carried {

        /// Plain.
        public Part(
                Version version,
                String copyName,
                long bytes,
                PartOfCopy part,
                Sha256 sha256,
                @Nullable Sha256 whole,
                long offset,
                StoredObject.@Nullable OnTape tape,
                @Nullable String tapeEvidence) {
            this(version, copyName, bytes, part, sha256, whole, offset, tape, tapeEvidence, null);
        }

        /// There is none of the segment as a whole.
        @Override
        public @Nullable Sha256 plainSha256() {
            return null;
        }

        @Override
        public Part as(Encrypted sealed) {
            return new Part(
                    version,
                    copyName,
                    bytes,
                    part,
                    sha256,
                    whole,
                    offset,
                    tape,
                    tapeEvidence,
                    sealed);
        }
    }

    /// Many versions in one pax segment.
    ///
    /// @param sha256 of the whole segment; null if it was not asked for
    /// @param members of which those that are void are not to be proven
    /// @param tape where a tape drive says it wrote it; null for other media
    /// @param tapeEvidence how the drive's position was proven, in one word; null for other media
    record Packed(
            String copyName,
            long bytes,
            @Nullable Sha256 sha256,
            List<MemberResult> members,
            StoredObject.@Nullable OnTape tape,
            @Nullable String tapeEvidence,
            @Nullable Encrypted encrypted)
            implements Carried {

        /// Plain.
        public Packed(
                String copyName,
                long bytes,
                @Nullable Sha256 sha256,
                List<MemberResult> members,
                StoredObject.@Nullable OnTape tape,
                @Nullable String tapeEvidence) {
            this(copyName, bytes, sha256, members, tape, tapeEvidence, null);
        }

        @Override
        public @Nullable Sha256 plainSha256() {
            return sha256;
        }

        @Override
        public Packed as(Encrypted sealed) {
            return new Packed(copyName, bytes, sha256, members, tape, tapeEvidence, sealed);
        }

        /// One proof for each written member, once the object as a whole is proven. A hard link's
        /// copy is found where its bytes are: at the member it links to.
        public List<CopyProof> proofs(StoredObject object) {
            Map<Long, Long> headers = new HashMap<>();
            List<CopyProof> proofs = new ArrayList<>(members.size());
            for (MemberResult member : members) {
                if (member instanceof MemberResult.Written written) {
                    if (!written.linked()) {
                        headers.put(written.contentOffset(), written.offset());
                    }
                    long offset =
                            written.linked()
                                    ? headers.getOrDefault(
                                            written.contentOffset(), written.offset())
                                    : written.offset();
                    Version version = written.version();
                    proofs.add(
                            new CopyProof(
                                    version,
                                    written.sha256(),
                                    version.metadata().size(),
                                    object,
                                    offset));
                }
            }
            return proofs;
        }
    }
}
