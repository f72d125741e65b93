package dev.caravan.target;

import dev.caravan.ledger.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;

/// Reads copies back from an [Endpoint]. Thread-safe; what it opens is confined to one thread.
public final class EndpointStore extends ObjectStore {
    private final Endpoint endpoint;

    public EndpointStore(Endpoint endpoint, Decryption decryption) {
        super(decryption);
        this.endpoint = endpoint;
    }

    @Override
    InputStream open(StoredObject object, long offset, long expected, String location)
            throws IOException {
        try {
            return EndpointInput.open(endpoint, object.name(), offset, expected);
        } catch (NoSuchFileException gone) {
            throw new IOException(location + " is not there any more", gone);
        }
    }

    @Override
    String place(StoredObject object) {
        return endpoint.place(object.name());
    }

    /// The endpoint is the home's: whoever started its routes ends them.
    @Override
    public void close() {}
}
