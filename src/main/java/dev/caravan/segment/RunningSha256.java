package dev.caravan.segment;

import dev.caravan.item.Sha256;
import java.security.MessageDigest;

/// The SHA-256 of what was read so far, which can be taken up again from any point it was copied
/// at: a part that must be written again begins where the part before ended. Confined to one thread
/// at a time.
public final class RunningSha256 {
    private final MessageDigest digest;

    /// Of nothing yet.
    public RunningSha256() {
        this(Sha256.digest());
    }

    private RunningSha256(MessageDigest digest) {
        this.digest = digest;
    }

    /// The same state, from here on apart.
    public RunningSha256 copy() {
        try {
            return new RunningSha256((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException("SHA-256 of this JDK cannot be copied", impossible);
        }
    }

    void update(byte[] bytes, int offset, int length) {
        Sha256.update(digest, bytes, offset, length);
    }

    /// The SHA-256 of all so far; the state can go on from there.
    public Sha256 sha256() {
        return Sha256.of(copy().digest.digest());
    }
}
