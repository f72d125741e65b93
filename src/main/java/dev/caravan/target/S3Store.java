package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredObject;
import java.io.IOException;
import java.io.InputStream;

/// Reads copies back from a bucket: of a segment only the bytes that are asked for. Thread-safe;
/// what it opens is confined to one thread.
public final class S3Store implements CopyStore {

    /// Headers of a member before its content.
    private static final long HEADERS = 16 << 10;

    private final S3Bucket bucket;
    private final Decryption decryption;
    private final S3Thaw thaw;

    public S3Store(String target, S3Address address, Decryption decryption) {
        this.decryption = decryption;
        this.bucket = new S3Bucket(target, address);
        this.thaw = new S3Thaw(bucket);
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
            return S3Input.open(bucket, S3Layout.object(object.name()), offset, expected);
        } catch (S3Frozen frozen) {
            throw thaw.request(frozen);
        }
    }

    @Override
    public String location(Version version, Catalog.Copy copy) {
        StoredObject object = object(version, copy);
        return bucket.address().uri(S3Layout.object(object.name()))
                + (object.segment() ? "#" + copy.offset() : "");
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
    public void close() {
        bucket.close();
    }
}
