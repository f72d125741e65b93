package dev.caravan.age;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;

/// A sealed file whose header was read, to be opened from any place. Immutable.
public final class AgeFile {
    private final Stored stored;
    private final long length;
    private final int header;
    private final SecretKeySpec payloadKey;
    private final List<String> recipients;

    AgeFile(Stored stored, long length, AgeOpener.Opened opened) {
        this.stored = stored;
        this.length = length;
        this.header = opened.header().length();
        this.payloadKey = opened.payloadKey();
        this.recipients = Stanza.named(opened.header().stanzas());
    }

    /// The recipients (`age1…`) that its header names, each of whom can open it; empty if another
    /// program wrote it.
    public List<String> recipients() {
        return recipients;
    }

    /// Bytes of content, as the length of the file has it. It is proven with the last chunk.
    public long plainLength() {
        return length;
    }

    /// The content from there to its end; at the end there are no bytes.
    ///
    /// @throws IndexOutOfBoundsException if there is no such place
    public InputStream from(long offset) throws IOException {
        if (offset < 0 || offset > length) {
            throw new IndexOutOfBoundsException(
                    "no byte " + offset + " in a content of " + length + " bytes");
        }
        // At the very end it is the last chunk that is read, not one behind it.
        long chunk = Math.min(offset, Math.max(0, length - 1)) / Layout.PLAIN;
        InputStream source = stored.from(Layout.offset(header, chunk));
        ChunkStream content =
                new ChunkStream(
                        new byte[0], source, ChunkCipher.opening(payloadKey, header), chunk);
        try {
            content.skipNBytes(offset - chunk * Layout.PLAIN);
            return content;
        } catch (Throwable e) {
            try (content) {
                throw e;
            }
        }
    }
}
