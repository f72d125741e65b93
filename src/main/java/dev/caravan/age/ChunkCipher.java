package dev.caravan.age;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Seals or opens chunks of one file in any order. Immutable: a nonce is the number of the chunk,
/// and whether it is the last.
final class ChunkCipher {
    private final SecretKeySpec key;
    private final boolean sealing;
    private final int header;

    private ChunkCipher(SecretKeySpec key, boolean sealing, int header) {
        this.key = key;
        this.sealing = sealing;
        this.header = header;
    }

    static ChunkCipher sealing(SecretKeySpec key) {
        return new ChunkCipher(key, true, 0);
    }

    /// @param header bytes before the nonce
    static ChunkCipher opening(SecretKeySpec key, int header) {
        return new ChunkCipher(key, false, header);
    }

    /// Bytes that a full chunk has before it is worked on.
    int chunkBytes() {
        return sealing ? Layout.PLAIN : Layout.SEALED;
    }

    /// @param lengths of the chunks, before and after
    /// @param first number of the first of them
    /// @param withLast whether the last of them is the last of the file
    void process(byte[] bytes, int[] lengths, int count, long first, boolean withLast)
            throws AgeException {
        Cipher cipher = cipher();
        for (int i = 0; i < count; i++) {
            boolean last = withLast && i == count - 1;
            int at = i * Layout.SEALED;
            if (sealing) {
                lengths[i] = seal(cipher, bytes, at, lengths[i], nonce(first + i, last));
            } else {
                lengths[i] = open(cipher, bytes, at, lengths[i], first + i, last);
            }
        }
    }

    private int seal(Cipher cipher, byte[] bytes, int at, int length, IvParameterSpec nonce) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, nonce);
            return cipher.doFinal(bytes, at, length, bytes, at);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("unable to seal a chunk", e);
        }
    }

    private int open(Cipher cipher, byte[] bytes, int at, int length, long chunk, boolean last)
            throws AgeException {
        long offset = Layout.offset(header, chunk);
        if (length < Layout.TAG) {
            throw new AgeException.CutOff(offset + length);
        }
        int opened = open(cipher, bytes, at, length, nonce(chunk, last));
        if (opened < 0) {
            if (open(cipher, bytes, at, length, nonce(chunk, !last)) < 0) {
                throw new AgeException.Damaged(offset, "the tag of chunk " + chunk + " is wrong");
            }
            throw last
                    ? new AgeException.CutOff(offset + length)
                    : new AgeException.Appended(offset + length);
        }
        if (opened == 0 && chunk > 0) {
            throw new AgeException.Damaged(offset, "chunk " + chunk + " is empty");
        }
        return opened;
    }

    /// The JDK checks the tag before it writes a byte.
    ///
    /// @return bytes of content, or -1 if the tag is wrong
    private int open(Cipher cipher, byte[] bytes, int at, int length, IvParameterSpec nonce) {
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, nonce);
            return cipher.doFinal(bytes, at, length, bytes, at);
        } catch (AEADBadTagException wrong) {
            return -1;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("unable to open a chunk", e);
        }
    }

    private static IvParameterSpec nonce(long chunk, boolean last) {
        byte[] nonce = new byte[12];
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[10 - i] = (byte) (chunk >>> 8 * i);
        }
        nonce[11] = (byte) (last ? 1 : 0);
        return new IvParameterSpec(nonce);
    }

    private static Cipher cipher() {
        try {
            return Cipher.getInstance(Keys.CIPHER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK lacks " + Keys.CIPHER, e);
        }
    }
}
