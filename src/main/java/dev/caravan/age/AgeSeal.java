package dev.caravan.age;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import javax.crypto.spec.SecretKeySpec;

/// Seals files for recipients, each of whom can open them alone. Immutable.
public final class AgeSeal {
    private final List<Function<byte[], Stanza>> wrappings;
    private final int headerLength;

    private AgeSeal(List<Function<byte[], Stanza>> wrappings, int headerLength) {
        this.wrappings = wrappings;
        this.headerLength = headerLength;
    }

    /// The header names the recipients, in this order: see [AgeFile#recipients].
    ///
    /// @throws IllegalArgumentException if there is no recipient
    public static AgeSeal to(Collection<AgeRecipient> recipients) {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("no recipient to seal for");
        }
        List<AgeRecipient> each = recipients.stream().distinct().toList();
        Stanza names = Stanza.naming(each.stream().map(AgeRecipient::toString).toList());
        List<Function<byte[], Stanza>> wrappings = new ArrayList<>();
        wrappings.add(fileKey -> names);
        each.forEach(recipient -> wrappings.add(recipient::wrap));
        return new AgeSeal(
                List.copyOf(wrappings), header(wrappings, Keys.random(Keys.BYTES)).length);
    }

    /// Takes about a second a file.
    public static AgeSeal to(AgePassphrase passphrase) {
        return new AgeSeal(List.of(passphrase::wrap), passphrase.headerLength());
    }

    /// The sealed bytes of a content. Every call makes another key, so no two are alike: a hash of
    /// them, and a part sent again, must be of the same stream.
    ///
    /// @param plain is closed with the stream
    public InputStream seal(InputStream plain) {
        return once().seal(plain);
    }

    /// Begins a file whose content may be read more than once: to know its hash before it is sent,
    /// or to send what is missing of it.
    public Once once() {
        return new Once();
    }

    /// One file with one key, which is for one content: with the same content its sealed bytes are
    /// always the same, and of another content no stream gives a byte where one has given bytes of
    /// the first. So whoever sees all that its streams gave sees no two contents under one key and
    /// nonce, which would give both away. Thread-safe.
    public final class Once {
        private final byte[] first;
        private final SecretKeySpec payloadKey;
        private final Given given = new Given();

        private Once() {
            byte[] fileKey = Keys.random(Keys.BYTES);
            byte[] header = header(wrappings, fileKey);
            byte[] nonce = Keys.random(Layout.NONCE);
            first = Arrays.copyOf(header, header.length + nonce.length);
            System.arraycopy(nonce, 0, first, header.length, nonce.length);
            payloadKey = Keys.payload(fileKey, nonce);
        }

        /// The sealed bytes. Reading them fails with [AgeException.OtherContent] before the first
        /// ones that would be of another content, and from then on for every stream of this file.
        ///
        /// @param plain is closed with the stream
        public InputStream seal(InputStream plain) {
            return new ChunkStream(first.clone(), plain, ChunkCipher.sealing(payloadKey), given);
        }

        /// Whether its key was met by another content, and is of no use any more.
        public boolean isSpent() {
            return given.isSpent();
        }

        /// How many bytes it holds to know its content again: 4 KiB for every 64 MiB.
        public int memory() {
            return given.memory();
        }
    }

    /// The exact number of bytes that [#seal] gives for a content.
    public long sealedLength(long plainLength) {
        return Layout.sealedLength(headerLength, plainLength);
    }

    private static byte[] header(List<Function<byte[], Stanza>> wrappings, byte[] fileKey) {
        return Header.write(
                wrappings.stream().map(wrapping -> wrapping.apply(fileKey)).toList(), fileKey);
    }
}
