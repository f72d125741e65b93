package dev.caravan.restore;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.TapeFiles.PartHere;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Hashes files whose parts are verified one after the other, over as many cartridges as they lie
/// on: each part proves itself, and only all of them in their order prove the whole. A part that
/// comes out of its order ends that, and the whole is not proven. Confined to one thread.
public final class WholeHashes {
    /// How far a file is.
    private record Chain(int next, MessageDigest digest) {}

    private final Map<Long, Chain> chains = new HashMap<>();

    /// What the bytes of this part are to be added to; null if the parts before it were not read.
    @Nullable MessageDigest before(Version version, PartHere part) {
        Chain chain =
                part.number() == 1 ? new Chain(1, Sha256.digest()) : chains.remove(version.id());
        return chain != null && chain.next == part.number() ? chain.digest : null;
    }

    /// Notes that the part was read and is good.
    ///
    /// @param digest as [#before] gave it, with the part added
    /// @return the hash of the whole, if this was the last part; else null
    @Nullable Sha256 after(Version version, PartHere part, MessageDigest digest) {
        if (part.number() == part.count()) {
            return Sha256.of(digest.digest());
        }
        chains.put(version.id(), new Chain(part.number() + 1, digest));
        return null;
    }
}
