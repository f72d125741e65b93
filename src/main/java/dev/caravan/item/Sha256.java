package dev.caravan.item;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// A SHA-256 digest (FIPS 180-4): the identity of a version's content. Immutable.
public final class Sha256 {

    /// The digest of no bytes.
    public static final Sha256 OF_NOTHING = new Sha256(digest().digest());

    /// A digest hashes what it is given in one call of a method that the optimizing compiler only
    /// replaces by the processor's instructions, for many blocks at once, after some 5000 calls.
    private static final int SLICE = 16 << 10;

    private final byte[] bytes;

    private Sha256(byte[] bytes) {
        this.bytes = bytes;
    }

    /// @throws IllegalArgumentException if it is not 32 bytes
    public static Sha256 of(byte[] bytes) {
        if (bytes.length != 32) {
            throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + bytes.length);
        }
        return new Sha256(bytes.clone());
    }

    /// @throws IllegalArgumentException if it is not 64 hexadecimal digits
    public static Sha256 ofHex(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    /// A new digest; every JDK has this algorithm.
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Feeds a digest in slices: in large pieces the first gibibyte of a process takes half as long
    /// again.
    public static void update(MessageDigest digest, byte[] bytes, int offset, int length) {
        int some;
        for (int done = 0; done < length; done += some) {
            some = Math.min(SLICE, length - done);
            digest.update(bytes, offset + done, some);
        }
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256 that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
