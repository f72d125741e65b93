package dev.caravan.target;

import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Reads copies back from a bucket: of a segment only the bytes that are asked for. Thread-safe;
/// what it opens is confined to one thread.
public final class S3Store extends ObjectStore {

    private final S3Bucket bucket;
    private final S3Thaw thaw;

    public S3Store(String target, S3Address address, Decryption decryption) {
        super(decryption);
        this.bucket = new S3Bucket(target, address);
        this.thaw = new S3Thaw(bucket);
    }

    @Override
    InputStream open(StoredObject object, long offset, long expected, String location)
            throws IOException {
        return S3Input.open(bucket, S3Layout.object(object.name()), offset, expected);
    }

    @Override
    public @Nullable Thawing thawing(Catalog.Copy copy) throws IOException {
        StoredObject object = copy.object();
        return object == null ? null : thaw.look(S3Layout.object(object.name()));
    }

    @Override
    public Thawing thaw(ColdObjectException cold) throws IOException {
        return thaw.request(cold);
    }

    @Override
    String place(StoredObject object) {
        return bucket.address().uri(S3Layout.object(object.name()));
    }

    @Override
    public void close() {
        bucket.close();
    }
}
