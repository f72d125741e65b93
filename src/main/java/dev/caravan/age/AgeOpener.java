package dev.caravan.age;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Opens what was sealed for one of its identities. Immutable. No byte of content is given before
/// the tag of its chunk was checked.
public final class AgeOpener {
    private static final byte[] NOTHING = {};

    /// One who may be able to open a file.
    private interface Unwrapping {
        byte @Nullable [] unwrap(List<Stanza> stanzas) throws AgeException;
    }

    private final List<Unwrapping> unwrappings;

    private AgeOpener(List<Unwrapping> unwrappings) {
        this.unwrappings = unwrappings;
    }

    public static AgeOpener with(Collection<AgeIdentity> identities) {
        return new AgeOpener(
                identities.stream().map(identity -> (Unwrapping) identity::unwrap).toList());
    }

    /// Takes about a second a file.
    public static AgeOpener with(AgePassphrase passphrase) {
        return new AgeOpener(List.of(passphrase::unwrap));
    }

    /// The content of a sealed file, from its start.
    ///
    /// @param sealed is closed with the content, or if this fails
    /// @throws AgeException if it cannot be opened; the content throws it for what comes later
    public InputStream open(InputStream sealed) throws IOException {
        return read(sealed).content();
    }

    /// As [#open(InputStream)], and tells what the header says.
    public AgeStream read(InputStream sealed) throws IOException {
        BufferedInputStream source = new BufferedInputStream(sealed);
        try {
            Opened opened = readHeader(source);
            return new AgeStream(
                    new ChunkStream(
                            NOTHING,
                            source,
                            ChunkCipher.opening(opened.payloadKey, opened.header.length()),
                            0),
                    Stanza.named(opened.header.stanzas()),
                    opened.header.length());
        } catch (Throwable e) {
            try (source) {
                throw e;
            }
        }
    }

    /// A sealed file to be opened from any place; reads its header.
    ///
    /// @param length of the sealed file
    /// @throws AgeException if it cannot be opened
    public AgeFile open(Stored stored, long length) throws IOException {
        try (InputStream source = new BufferedInputStream(stored.from(0), 1024)) {
            Opened opened = readHeader(source);
            long plain = Layout.plainLength(opened.header.length(), length);
            return new AgeFile(stored, plain, opened);
        }
    }

    /// A header that one of the identities opened.
    record Opened(Header header, SecretKeySpec payloadKey) {}

    private Opened readHeader(InputStream source) throws IOException {
        Header header = Header.read(source);
        byte[] fileKey = fileKey(header);
        header.check(fileKey);
        byte[] nonce = source.readNBytes(Layout.NONCE);
        if (nonce.length < Layout.NONCE) {
            throw new AgeException.CutOff(header.length() + nonce.length);
        }
        return new Opened(header, Keys.payload(fileKey, nonce));
    }

    private byte[] fileKey(Header header) throws AgeException {
        for (Unwrapping unwrapping : unwrappings) {
            byte[] fileKey = unwrapping.unwrap(header.stanzas());
            if (fileKey != null) {
                return fileKey;
            }
        }
        throw new AgeException.NoIdentity(unwrappings.size(), header.stanzas());
    }
}
