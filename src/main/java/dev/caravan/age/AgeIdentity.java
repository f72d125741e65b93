package dev.caravan.age;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;
import org.jspecify.annotations.Nullable;

/// The secret half of a key. Immutable; shows itself nowhere but in [#secret] and [#file].
public final class AgeIdentity {
    private static final String PREFIX = "age-secret-key-";

    private final X25519PrivateKeyParameters key;
    private final AgeRecipient recipient;

    private AgeIdentity(byte[] bytes) {
        this.key = new X25519PrivateKeyParameters(bytes);
        this.recipient = new AgeRecipient(key.generatePublicKey());
    }

    /// A new one.
    public static AgeIdentity generate() {
        return new AgeIdentity(Keys.random(X25519PrivateKeyParameters.KEY_SIZE));
    }

    /// @param text as `age-keygen` writes it: `AGE-SECRET-KEY-1…`
    /// @throws IllegalArgumentException if it is none; the message does not show the text
    public static AgeIdentity parse(String text) {
        byte[] bytes;
        try {
            bytes = Bech32.decode(PREFIX, text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "identity " + e.getMessage() + ": want AGE-SECRET-KEY-1…", e);
        }
        if (bytes.length != X25519PrivateKeyParameters.KEY_SIZE) {
            throw new IllegalArgumentException("identity is of another kind of key");
        }
        return new AgeIdentity(bytes);
    }

    /// Reads a file as `age-keygen` writes it: an identity a line, comments begin with `#`.
    ///
    /// @throws IOException if there is none in it, or a line that is none
    public static List<AgeIdentity> readAll(Path file) throws IOException {
        List<AgeIdentity> identities = new ArrayList<>();
        int number = 0;
        for (String line : Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList()) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            try {
                identities.add(parse(line.strip()));
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "identity file '" + file + "', line " + number + ": " + e.getMessage(), e);
            }
        }
        if (identities.isEmpty()) {
            throw new IOException("identity file '" + file + "' has no identity in it");
        }
        return List.copyOf(identities);
    }

    /// The public half.
    public AgeRecipient recipient() {
        return recipient;
    }

    /// As [#parse] reads it: for a file that nobody else can read.
    public String secret() {
        return Bech32.encode(PREFIX, key.getEncoded()).toUpperCase(Locale.ROOT);
    }

    /// The text of a file that `age -i` reads.
    public String file(Instant created) {
        return "# created: %s%n# public key: %s%n%s%n"
                .formatted(created.truncatedTo(ChronoUnit.SECONDS), recipient, secret());
    }

    /// The file's key, or null if no stanza is for this one.
    ///
    /// @throws AgeException if a stanza is not as its type says
    byte @Nullable [] unwrap(List<Stanza> stanzas) throws AgeException {
        for (Stanza stanza : stanzas) {
            byte[] fileKey = stanza.isOf(AgeRecipient.TYPE) ? unwrap(stanza) : null;
            if (fileKey != null) {
                return fileKey;
            }
        }
        return null;
    }

    private byte @Nullable [] unwrap(Stanza stanza) throws AgeException {
        try {
            byte[] share = Stanza.decode(stanza.argument(1, 2));
            if (share.length != AgeRecipient.BYTES || stanza.body().length != Keys.WRAPPED) {
                throw new IllegalArgumentException("is of a wrong length");
            }
            byte[] secret = AgeRecipient.secret(key, new X25519PublicKeyParameters(share));
            return Keys.unwrap(AgeRecipient.wrappingKey(secret, share, recipient), stanza.body());
        } catch (IllegalArgumentException e) {
            throw new AgeException.NotAge("a stanza of type X25519 " + e.getMessage());
        }
    }

    /// The public half only.
    @Override
    public String toString() {
        return "identity of " + recipient;
    }
}
