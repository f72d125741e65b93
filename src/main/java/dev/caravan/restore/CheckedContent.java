package dev.caravan.restore;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.segment.ContentSink;
import java.io.IOException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// Writes what is read from a copy and hashes it at the same time. Confined.
final class CheckedContent implements ContentSink {
    private static final byte[] ZEROS = new byte[64 << 10];

    private final Pending pending;
    private final MessageDigest digest = Sha256.digest();
    private long length;

    CheckedContent(Pending pending) {
        this.pending = pending;
    }

    @Override
    public void data(byte[] bytes, int offset, int count) throws IOException {
        digest.update(bytes, offset, count);
        length += count;
        try {
            pending.write(bytes, offset, count);
        } catch (IOException destination) {
            throw new DestinationException(destination);
        }
    }

    @Override
    public void hole(long count) throws IOException {
        for (long left = count; left > 0; left -= ZEROS.length) {
            digest.update(ZEROS, 0, (int) Math.min(left, ZEROS.length));
        }
        length += count;
        try {
            pending.skip(count);
        } catch (IOException destination) {
            throw new DestinationException(destination);
        }
    }

    /// What is wrong with what was read; null if nothing is.
    @Nullable String difference(Version version) {
        if (length != version.metadata().size()) {
            return "copy has %d bytes, the version %d".formatted(length, version.metadata().size());
        }
        Sha256 found = Sha256.of(digest.digest());
        return version.sha256() != null && found.equals(version.sha256())
                ? null
                : "copy has SHA-256 %s, the version %s".formatted(found, version.sha256());
    }
}
