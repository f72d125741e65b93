package dev.caravan.audit;

import dev.caravan.ledger.Head;
import dev.caravan.ledger.SignedHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/// The key pair a home signs the heads of its log with: Ed25519, in two PEM files. Immutable.
public final class SigningKey {
    static final String PRIVATE = "ledger";
    static final String PUBLIC = "ledger.pub";

    private static final String ALGORITHM = "Ed25519";
    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final PrivateKey key;
    private final byte[] publicKey;

    private SigningKey(PrivateKey key, byte[] publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    /// The pair in a folder; empty if none was made yet.
    ///
    /// @throws IOException if it can not be read, or the private key is not for its owner only
    public static Optional<SigningKey> read(Path folder) throws IOException {
        Path file = folder.resolve(PRIVATE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException(
                    "private key '%s' can be used by others: chmod 600 it".formatted(file));
        }
        try {
            PrivateKey key =
                    KeyFactory.getInstance(ALGORITHM)
                            .generatePrivate(new PKCS8EncodedKeySpec(Pem.read(file)));
            return Optional.of(new SigningKey(key, Pem.read(folder.resolve(PUBLIC))));
        } catch (GeneralSecurityException damaged) {
            throw new IOException(
                    "'%s' is no Ed25519 key: move it away, and the next backup makes another"
                            .formatted(file),
                    damaged);
        }
    }

    /// The pair in a folder, made at the first use. The private key comes last: where it is, the
    /// public one is too.
    public static SigningKey readOrMake(Path folder) throws IOException {
        Optional<SigningKey> known = read(folder);
        if (known.isPresent()) {
            return known.get();
        }
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            Files.createDirectories(folder);
            SmallFile.write(
                    folder.resolve(PUBLIC),
                    Pem.text("PUBLIC KEY", pair.getPublic().getEncoded()),
                    SmallFile.READABLE);
            SmallFile.write(
                    folder.resolve(PRIVATE),
                    Pem.text("PRIVATE KEY", pair.getPrivate().getEncoded()),
                    SmallFile.PRIVATE);
            return new SigningKey(pair.getPrivate(), pair.getPublic().getEncoded());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has Ed25519", impossible);
        }
    }

    /// Base64 of its X.509 encoding.
    public String publicKey() {
        return Base64.getEncoder().encodeToString(publicKey);
    }

    /// SHA-256 of its X.509 encoding, in hexadecimal digits.
    public String id() {
        return HeadDocument.keyId(publicKey());
    }

    byte[] publicPem() {
        return Pem.text("PUBLIC KEY", publicKey);
    }

    public SignedHead sign(Head head, boolean snapshot) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(key);
            signature.update(HeadDocument.signedText(head));
            return new SignedHead(
                    head,
                    publicKey(),
                    Base64.getEncoder().encodeToString(signature.sign()),
                    snapshot);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("an Ed25519 key that does not sign", impossible);
        }
    }
}
