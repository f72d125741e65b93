package dev.caravan.target;

import dev.caravan.age.AgeRecipient;
import dev.caravan.age.AgeSeal;
import dev.caravan.item.Sha256;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Encrypts what goes to one target, each stored object as an `age` file of its own
/// (<https://age-encryption.org/v1>). Immutable.
public final class Encryption {
    private final AgeSeal seal;
    private final List<String> recipients;

    /// @param recipients each of whom can read what is written
    public Encryption(List<AgeRecipient> recipients) {
        this.seal = AgeSeal.to(recipients);
        this.recipients = recipients.stream().map(AgeRecipient::toString).toList();
    }

    /// The recipients, as `age` writes them.
    List<String> recipients() {
        return recipients;
    }

    /// Begins a stored object.
    ///
    /// @param samePasses whether passes must give the same bytes, and reading fails where they
    ///   would not: one that is only hashed comes before the one that is sent, or one that breaks
    ///   off is gone on with. Otherwise each pass has a key of its own, for what a pass that was
    ///   broken off has sent is out of the house, and the content may have changed since
    public Sealed begin(boolean samePasses) {
        return new Sealed(samePasses ? seal.once() : null);
    }

    /// Goes on with a stored object that was begun for the same recipients.
    Sealed again(AgeSeal.Once once) {
        return new Sealed(once);
    }

    /// All of a small one.
    byte[] seal(byte[] plain) {
        try (InputStream sealed = seal.seal(new ByteArrayInputStream(plain))) {
            return sealed.readAllBytes();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /// One stored object, which may be read from its start again. Confined to one thread at a time.
    public final class Sealed {
        private final AgeSeal.@Nullable Once once;
        private @Nullable Encrypted result;

        private Sealed(AgeSeal.@Nullable Once once) {
            this.once = once;
        }

        /// What gives the same bytes in each pass; null if each has a key of its own.
        AgeSeal.@Nullable Once once() {
            return once;
        }

        /// Whether a pass met another content than an earlier one: no more is given of it.
        public boolean isSpent() {
            return once != null && once.isSpent();
        }

        List<String> recipients() {
            return recipients;
        }

        /// How many bytes a content of `plain` bytes has when it is encrypted.
        public long length(long plain) {
            return seal.sealedLength(plain);
        }

        /// A new pass from byte 0; only the pass opened last can give a result.
        ///
        /// @param plain is closed with the stream
        public InputStream open(InputStream plain) {
            result = null;
            return new Hashed(once == null ? seal.seal(plain) : once.seal(plain));
        }

        /// What was read; null until the stream opened last was read to its end.
        public @Nullable Encrypted result() {
            return result;
        }

        private final class Hashed extends FilterInputStream {
            private final MessageDigest digest = Sha256.digest();
            private long count;

            Hashed(InputStream in) {
                super(in);
            }

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int some = in.read(into, offset, length);
                if (some > 0) {
                    Sha256.update(digest, into, offset, some);
                    count += some;
                } else if (some < 0 && result == null) {
                    result = new Encrypted(count, Sha256.of(digest.digest()), recipients);
                }
                return some;
            }
        }
    }

    /// What an encrypted object is, as it is stored.
    ///
    /// @param recipients each of whom can read it
    public record Encrypted(long bytes, Sha256 sha256, List<String> recipients) {}
}
