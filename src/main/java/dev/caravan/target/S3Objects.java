package dev.caravan.target;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Somebody's objects in a bucket, to be looked at and read. Keys are as seen from the prefix of
/// the address. Of an object that has several versions there is the newest. Thread-safe; what it
/// opens is confined to one thread.
///
/// Methods throw [TargetException] where the server can not be asked, or refuses.
public final class S3Objects implements Closeable {
    private final S3Bucket bucket;

    /// What the server says of an object.
    ///
    /// @param modified to the second, which is all that reading an object tells
    /// @param tag its entity tag: another one if the object is replaced
    public record Entry(String key, long size, Instant modified, String tag) {}

    public S3Objects(S3Address address) {
        this.bucket = new S3Bucket(null, address);
    }

    /// The objects whose keys begin so, in the order of the bytes of their keys.
    public Listing list(String begin) {
        return new Listing(begin);
    }

    /// What is at a key; null if nothing is.
    public @Nullable Entry look(String key) throws TargetException {
        HeadObjectResponse head = bucket.head(key, null);
        return head == null
                ? null
                : entry(key, head.contentLength(), head.lastModified(), head.eTag());
    }

    /// Opens an object to be read.
    ///
    /// @param expected how many bytes will probably be read
    /// @throws NoSuchFileException if it is not there
    /// @throws FileSystemException if it is in an archive that it must be brought back from first
    public Opened open(String key, long expected) throws IOException {
        try {
            return new Opened(key, S3Input.inOneState(bucket, key, expected));
        } catch (ColdObjectException frozen) {
            throw new FileSystemException(
                    bucket.address().uri(key),
                    null,
                    "its storage class is an archive: restore it in the bucket first");
        }
    }

    /// What all buckets of one account fail together with; where the owner is not told to this key,
    /// words that begin with `bucket`.
    public String account() throws TargetException {
        return bucket.account();
    }

    private static Entry entry(String key, long size, Instant modified, @Nullable String tag) {
        return new Entry(
                key,
                size,
                Instant.ofEpochSecond(modified.getEpochSecond()),
                Objects.requireNonNullElse(tag, ""));
    }

    @Override
    public void close() {
        bucket.close();
    }

    /// Objects, one by one; a thousand are asked for at a time.
    public final class Listing {
        private final String begin;
        private @Nullable Iterator<S3Object> objects;

        private Listing(String begin) {
            this.begin = begin;
        }

        /// Escaped, a key may have characters that XML has not. Ceph gives the prefix back as it
        /// was sent, and the client cannot take an escape out of a lone `%`.
        private static @Nullable EncodingType escaped(String prefix) {
            return prefix.contains("%") ? null : EncodingType.URL;
        }

        private Iterator<S3Object> asked() {
            String prefix = bucket.key(begin);
            return bucket.client()
                    .listObjectsV2Paginator(request ->
                            request.bucket(bucket.address().bucket())
                                    .prefix(prefix)
                                    .encodingType(escaped(prefix)))
                    .contents()
                    .iterator();
        }

        /// The next object; null after the last.
        public @Nullable Entry next() throws TargetException {
            try {
                Iterator<S3Object> all = objects == null ? asked() : objects;
                objects = all;
                if (!all.hasNext()) {
                    return null;
                }
                S3Object object = all.next();
                return entry(
                        object.key().substring(bucket.key("").length()),
                        object.size(),
                        object.lastModified(),
                        object.eTag());
            } catch (RuntimeException failed) {
                throw bucket.failure(begin, failed);
            }
        }
    }

    /// An object that is being read: always the one that was opened.
    public static final class Opened implements Closeable {
        private final String key;
        private final S3Input in;

        private Opened(String key, S3Input in) {
            this.key = key;
            this.in = in;
        }

        /// What the server said of it when it was opened.
        public Entry entry() {
            GetObjectResponse said = in.described();
            return S3Objects.entry(key, in.length(), said.lastModified(), said.eTag());
        }

        /// As [java.io.InputStream#read(byte\[\], int, int)].
        ///
        /// @throws NoSuchFileException if it is another one by now
        public int read(byte[] into, int offset, int length) throws IOException {
            return in.read(into, offset, length);
        }

        @Override
        public void close() {
            in.close();
        }
    }
}
