package dev.caravan.target;

import dev.caravan.item.Content;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.PartOfCopy;
import dev.caravan.ledger.StoredObject;
import dev.caravan.segment.MemberResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one exchange has brought to a target's endpoint, accepted but not yet proven.
public sealed interface Carried {

    /// The name Caravan gave it at the far end (header `CaravanCopyName`).
    String copyName();

    /// How many bytes were handed to the endpoint.
    long bytes();

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
            @Nullable Version linkTo)
            implements Carried {}

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
            @Nullable String tapeEvidence)
            implements Carried {}

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
            @Nullable String tapeEvidence)
            implements Carried {

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
