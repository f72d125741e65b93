package dev.caravan.target;

import dev.caravan.age.AgeFile;
import dev.caravan.age.AgeIdentity;
import dev.caravan.age.AgeOpener;
import dev.caravan.age.AgeStream;
import dev.caravan.age.Stored;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decrypts what is read from a target, with the identities of a home. Immutable.
public final class Decryption {
    private static final byte[] MAGIC =
            "age-encryption.org/v1\n".getBytes(StandardCharsets.US_ASCII);

    /// For those who read only what is plain.
    public static final Decryption NONE = new Decryption(List.of());

    private final AgeOpener opener;

    public Decryption(List<AgeIdentity> identities) {
        this.opener = AgeOpener.with(identities);
    }

    /// The content of an encrypted object from there on.
    ///
    /// @param bytes of the object as it is stored
    /// @throws dev.caravan.age.AgeException if no identity opens it, or it is damaged
    public InputStream open(Stored stored, long bytes, long offset) throws IOException {
        return opener.open(stored, bytes).from(offset);
    }

    /// An encrypted object to be read here and there.
    public AgeFile file(Stored stored, long bytes) throws IOException {
        return opener.open(stored, bytes);
    }

    /// The content of an encrypted object from its start.
    ///
    /// @param stored is closed with it
    public InputStream through(InputStream stored) throws IOException {
        return opener.open(stored);
    }

    /// The same, if it is encrypted; what is not is given as it is. Only for what cannot begin in
    /// the same way by itself: segments and manifests.
    public Opened maybe(InputStream stored) throws IOException {
        PushbackInputStream in = new PushbackInputStream(stored, MAGIC.length);
        byte[] head = in.readNBytes(MAGIC.length);
        in.unread(head);
        return isEncrypted(head) ? new Opened(in, opener.read(in)) : new Opened(in, null);
    }

    /// What was opened from its start.
    public static final class Opened {
        private final InputStream stored;
        private final @Nullable AgeStream decrypted;

        private Opened(InputStream stored, @Nullable AgeStream decrypted) {
            this.stored = stored;
            this.decrypted = decrypted;
        }

        /// Its content; closes what is stored with it.
        public InputStream content() {
            return decrypted == null ? stored : decrypted.content();
        }

        /// Who can read it; empty if anybody can.
        public List<String> encryptedFor() {
            return decrypted == null ? List.of() : decrypted.recipients();
        }

        /// How many bytes it has as it is stored, if its content has so many.
        public long storedLength(long length) {
            return decrypted == null ? length : decrypted.sealedLength(length);
        }
    }

    /// Whether the first bytes of an object are those of an `age` file.
    public static boolean isEncrypted(byte[] head) {
        return head.length >= MAGIC.length
                && Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /// How many bytes of an object [#isEncrypted] needs.
    public static int magicLength() {
        return MAGIC.length;
    }
}
