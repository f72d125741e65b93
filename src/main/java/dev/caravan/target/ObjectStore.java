package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredObject;
import java.io.IOException;
import java.io.InputStream;

/// Reads copies back from a target that keeps stored objects: of a segment only the bytes that are
/// asked for, and what is encrypted decrypted.
abstract class ObjectStore implements CopyStore {

    /// Headers of a member before its content.
    private static final long HEADERS = 16 << 10;

    private final Decryption decryption;

    ObjectStore(Decryption decryption) {
        this.decryption = decryption;
    }

    /// Opens an object, as it is stored, at any byte of it.
    ///
    /// @param expected how many bytes will probably be read
    /// @param location of what is wanted in it, for a person
    abstract InputStream open(StoredObject object, long offset, long expected, String location)
            throws IOException;

    /// Where an object is, for a person.
    abstract String place(StoredObject object);

    @Override
    public final InputStream open(Version version, Catalog.Copy copy) throws IOException {
        StoredObject object = object(version, copy);
        long expected = version.metadata().size() + (object.segment() ? HEADERS : 0);
        String location = location(version, copy);
        return object.isEncrypted()
                ? decryption.open(
                        offset -> open(object, offset, offset == 0 ? HEADERS : expected, location),
                        object.bytes(),
                        copy.offset())
                : open(object, copy.offset(), expected, location);
    }

    @Override
    public final String location(Version version, Catalog.Copy copy) {
        StoredObject object = object(version, copy);
        return place(object) + (object.segment() ? "#" + copy.offset() : "");
    }

    private static StoredObject object(Version version, Catalog.Copy copy) {
        if (copy.object() == null) {
            throw new IllegalArgumentException(
                    "copy of '%s' on '%s' lies in no object"
                            .formatted(version.path(), copy.target().name()));
        }
        return copy.object();
    }
}
