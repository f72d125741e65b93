package dev.caravan.age;

import java.util.Arrays;
import java.util.List;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;

/// The public half of a key: who has the identity to it can open what is sealed for it. Immutable.
public final class AgeRecipient {
    static final String TYPE = "X25519";
    private static final String PREFIX = "age";
    private static final String PURPOSE = "age-encryption.org/v1/X25519";
    static final int BYTES = X25519PublicKeyParameters.KEY_SIZE;

    private final X25519PublicKeyParameters key;

    AgeRecipient(X25519PublicKeyParameters key) {
        this.key = key;
    }

    /// @param text as `age-keygen` prints it: `age1…`
    /// @throws IllegalArgumentException if it is none
    public static AgeRecipient parse(String text) {
        try {
            byte[] bytes = Bech32.decode(PREFIX, text);
            if (bytes.length != BYTES) {
                throw new IllegalArgumentException("is of another kind of key");
            }
            X25519PublicKeyParameters key = new X25519PublicKeyParameters(bytes);
            // A point of small order is no key: whatever is sealed for it, all can open.
            secret(new X25519PrivateKeyParameters(Keys.random(BYTES)), key);
            return new AgeRecipient(key);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "recipient '" + text + "' " + e.getMessage() + ": want age1…", e);
        }
    }

    Stanza wrap(byte[] fileKey) {
        X25519PrivateKeyParameters once = new X25519PrivateKeyParameters(Keys.random(BYTES));
        byte[] share = once.generatePublicKey().getEncoded();
        byte[] wrappingKey = wrappingKey(secret(once, key), share, this);
        return new Stanza(List.of(TYPE, Stanza.encode(share)), Keys.wrap(wrappingKey, fileKey));
    }

    static byte[] wrappingKey(byte[] secret, byte[] share, AgeRecipient recipient) {
        byte[] salt = Arrays.copyOf(share, share.length + BYTES);
        recipient.key.encode(salt, share.length);
        return Keys.derive(secret, salt, PURPOSE);
    }

    /// @throws IllegalArgumentException if the other's key is a point of small order
    static byte[] secret(X25519PrivateKeyParameters own, X25519PublicKeyParameters other) {
        byte[] secret = new byte[X25519PrivateKeyParameters.SECRET_SIZE];
        try {
            own.generateSecret(other, secret, 0);
        } catch (IllegalStateException smallOrder) {
            throw new IllegalArgumentException("is a point of small order", smallOrder);
        }
        return secret;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AgeRecipient that
                && Arrays.equals(key.getEncoded(), that.key.getEncoded());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key.getEncoded());
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        return Bech32.encode(PREFIX, key.getEncoded());
    }
}
