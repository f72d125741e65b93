package dev.caravan.restore;

import dev.caravan.item.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/// Hashes all that is read through it, what is skipped too. Confined to one thread.
final class HashedInput extends FilterInputStream {
    private final MessageDigest digest = Sha256.digest();
    private final byte[] rest = new byte[64 << 10];
    private long count;

    HashedInput(InputStream in) {
        super(in);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int n = in.read(into, offset, length);
        if (n > 0) {
            digest.update(into, offset, n);
            count += n;
        }
        return n;
    }

    @Override
    public long skip(long most) throws IOException {
        return Math.max(0, read(rest, 0, (int) Math.min(most, rest.length)));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /// Reads to the end; the hash of all.
    Sha256 finish() throws IOException {
        for (int n = read(rest, 0, rest.length); n >= 0; ) {
            n = read(rest, 0, rest.length);
        }
        return Sha256.of(digest.digest());
    }

    /// Bytes read so far.
    long count() {
        return count;
    }
}
