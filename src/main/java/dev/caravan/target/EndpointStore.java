package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;

/// Reads copies back from an [Endpoint]. Thread-safe; what it opens is confined to one thread.
public final class EndpointStore implements CopyStore {

    /// Headers of a member before its content.
    private static final long HEADERS = 16 << 10;

    private final Endpoint endpoint;
    private final Decryption decryption;

    public EndpointStore(Endpoint endpoint, Decryption decryption) {
        this.endpoint = endpoint;
        this.decryption = decryption;
    }

    @Override
    public InputStream open(Version version, Catalog.Copy copy) throws IOException {
        StoredObject object = object(version, copy);
        long expected = version.metadata().size() + (object.segment() ? HEADERS : 0);
        return object.isEncrypted()
                ? decryption.open(
                        offset -> open(object, offset, offset == 0 ? HEADERS : expected),
                        object.bytes(),
                        copy.offset())
                : open(object, copy.offset(), expected);
    }

    private InputStream open(StoredObject object, long offset, long expected) throws IOException {
        try {
            return EndpointInput.open(endpoint, object.name(), offset, expected);
        } catch (NoSuchFileException gone) {
            throw new IOException(endpoint.place(object.name()) + " is not there any more", gone);
        }
    }

    @Override
    public String location(Version version, Catalog.Copy copy) {
        StoredObject object = object(version, copy);
        return endpoint.place(object.name()) + (object.segment() ? "#" + copy.offset() : "");
    }

    private static StoredObject object(Version version, Catalog.Copy copy) {
        if (copy.object() == null) {
            throw new IllegalArgumentException(
                    "copy of '%s' on '%s' lies in no object"
                            .formatted(version.path(), copy.target().name()));
        }
        return copy.object();
    }

    @Override
    public void close() {}
}
