package dev.caravan.age;

/// Where things lie behind the header: a nonce, then the chunks.
final class Layout {
    static final int NONCE = 16;
    static final int TAG = 16;

    /// Of a chunk, as content and sealed.
    static final int PLAIN = 64 << 10;

    static final int SEALED = PLAIN + TAG;

    private Layout() {}

    static long sealedLength(long header, long plain) {
        long chunks = Math.max(1, (plain + PLAIN - 1) / PLAIN);
        return header + NONCE + plain + chunks * TAG;
    }

    static long plainLength(long header, long sealed) throws AgeException {
        long chunks = (sealed - header - NONCE + SEALED - 1) / SEALED;
        long plain = sealed - header - NONCE - chunks * TAG;
        // Only the first chunk may be empty.
        if (plain < 0 || plain <= (chunks - 1) * PLAIN && chunks > 1) {
            throw new AgeException.CutOff(sealed);
        }
        return plain;
    }

    /// Bytes from the start of the file to a chunk.
    static long offset(long header, long chunk) {
        return header + NONCE + chunk * SEALED;
    }
}
