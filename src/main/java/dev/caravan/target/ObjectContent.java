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
    private final ObjectReading reading;
    private final String name;
    private final long stored;
    private final @Nullable AgeFile file;

    private ObjectContent(
            ObjectReading reading, String name, long stored, @Nullable AgeFile file) {
        this.reading = reading;
        this.name = name;
        this.stored = stored;
        this.file = file;
    }

    /// Looks at its first bytes.
    ///
    /// @throws dev.caravan.age.AgeException if it is encrypted, and no identity opens it
    static ObjectContent of(ObjectReading reading, String name, long stored) throws IOException {
        byte[] head;
        try (InputStream in = reading.openObject(name, 0, Decryption.magicLength())) {
            head = in.readNBytes(Decryption.magicLength());
        }
        return Decryption.isEncrypted(head)
                ? encrypted(reading, name, stored)
                : new ObjectContent(reading, name, stored, null);
    }

    /// That of an object the ledger knows.
    public static ObjectContent of(ObjectReading reading, StoredObject object) throws IOException {
        return object.isEncrypted()
                ? encrypted(reading, object.name(), object.bytes())
                : new ObjectContent(reading, object.name(), object.bytes(), null);
    }

    private static ObjectContent encrypted(ObjectReading reading, String name, long stored)
            throws IOException {
        AgeFile file =
                reading.decryption()
                        .file(
                                offset -> reading.openObject(name, offset, stored - offset),
                                stored);
        return new ObjectContent(reading, name, stored, file);
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
        return file == null ? reading.openObject(name, offset, expected) : file.from(offset);
    }
}
