package dev.caravan.age;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The keys of a sealed file: one for the file, wrapped for each recipient, and those derived from
/// it.
final class Keys {
    /// Of the file's key.
    static final int BYTES = 16;

    /// Of a wrapped one.
    static final int WRAPPED = BYTES + Layout.TAG;

    static final String CIPHER = "ChaCha20-Poly1305";
    private static final int DERIVED = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Keys() {}

    static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK lacks SHA-256", e);
        }
    }

    /// HKDF-SHA-256.
    static byte[] derive(byte[] secret, byte[] salt, String purpose) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(secret)
                                    .addSalt(salt)
                                    .thenExpand(
                                            purpose.getBytes(StandardCharsets.US_ASCII), DERIVED));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK lacks HKDF-SHA256", e);
        }
    }

    static byte[] mac(byte[] fileKey, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(derive(fileKey, new byte[0], "header"), "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK lacks HmacSHA256", e);
        }
    }

    static SecretKeySpec payload(byte[] fileKey, byte[] nonce) {
        return new SecretKeySpec(derive(fileKey, nonce, "payload"), "ChaCha20");
    }

    /// The nonce is zero: a wrapping key is used once.
    static byte[] wrap(byte[] wrappingKey, byte[] fileKey) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, wrappingKey).doFinal(fileKey);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("unable to wrap a key", e);
        }
    }

    /// The file's key, or null if it was wrapped with another key.
    static byte @Nullable [] unwrap(byte[] wrappingKey, byte[] wrapped) {
        try {
            return cipher(Cipher.DECRYPT_MODE, wrappingKey).doFinal(wrapped);
        } catch (AEADBadTagException anotherKey) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("unable to unwrap a key", e);
        }
    }

    private static Cipher cipher(int mode, byte[] key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, new SecretKeySpec(key, "ChaCha20"), new IvParameterSpec(new byte[12]));
        return cipher;
    }
}
