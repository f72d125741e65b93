package dev.caravan.target;

import dev.caravan.age.AgeFile;
import dev.caravan.ledger.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The content of a stored object that is looked at as it is, decrypted where it is encrypted.
/// Confined to one thread.
public final class ObjectContent {
    private final Source source;
    private final long stored;
    private final @Nullable AgeFile file;

    private ObjectContent(Source source, long stored, @Nullable AgeFile file) {
        this.source = source;
        this.stored = stored;
        this.file = file;
    }

    /// Opens a stored object at any byte of it.
    @FunctionalInterface
    public interface Source {
        /// @param expected how many bytes will probably be read
        InputStream open(long offset, long expected) throws IOException;
    }

    /// That of an object that is not encrypted.
    public static ObjectContent plain(Source source, long stored) {
        return new ObjectContent(source, stored, null);
    }

    /// That of one that is.
    ///
    /// @throws dev.caravan.age.AgeException if no identity opens it
    public static ObjectContent encrypted(Source source, long stored, Decryption decryption)
            throws IOException {
        AgeFile file = decryption.file(offset -> source.open(offset, stored - offset), stored);
        return new ObjectContent(source, stored, file);
    }

    /// Looks at its first bytes.
    ///
    /// @throws dev.caravan.age.AgeException if it is encrypted, and no identity opens it
    static ObjectContent of(ObjectReading reading, String name, long stored) throws IOException {
        Source source = (offset, expected) -> reading.openObject(name, offset, expected);
        byte[] head;
        try (InputStream in = source.open(0, Decryption.magicLength())) {
            head = in.readNBytes(Decryption.magicLength());
        }
        return Decryption.isEncrypted(head)
                ? encrypted(source, stored, reading.decryption())
                : plain(source, stored);
    }

    /// That of an object the ledger knows.
    public static ObjectContent of(ObjectReading reading, StoredObject object) throws IOException {
        Source source = (offset, expected) -> reading.openObject(object.name(), offset, expected);
        return object.isEncrypted()
                ? encrypted(source, object.bytes(), reading.decryption())
                : plain(source, object.bytes());
    }

    /// Its length.
    public long length() {
        return file == null ? stored : file.plainLength();
    }

    /// Who can read it; empty if anybody can.
    public List<String> encryptedFor() {
        return file == null ? List.of() : file.recipients();
    }

    /// Opens it at any byte of it.
    ///
    /// @param expected how many bytes will probably be read
    public InputStream open(long offset, long expected) throws IOException {
        return file == null ? source.open(offset, expected) : file.from(offset);
    }
}
