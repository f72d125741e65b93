package dev.caravan.source;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.scan.SourceRoot;
import dev.caravan.scan.WalkVisitor;
import dev.caravan.target.S3Address;
import dev.caravan.target.S3Objects;
import dev.caravan.target.S3Objects.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The objects in a bucket as a source: a key is the path of a file, and what its parts lead
/// through are folders. Of an object there are its bytes and its time; not its headers, tags and
/// access rules, and not its older versions. Its entity tag says whether it is another one.
/// Thread-safe.
public final class BucketRoot implements SourceRoot {
    private static final int FILE_MODE = 0644;
    private static final int FOLDER_MODE = 0755;

    private final S3Objects objects;
    private final String prefix;

    public BucketRoot(S3Address address) {
        this.objects = new S3Objects(address);
        this.prefix = address.prefix();
    }

    @Override
    public void walk(ItemPath from, Selection selection, WalkVisitor visitor) throws IOException {
        String begin = from.isRoot() ? "" : key(from) + "/";
        S3Objects.Listing listing = objects.list(begin);
        Deque<Entry> first = new ArrayDeque<>();
        Entry any = listing.next();
        if (any != null) {
            first.add(any);
        } else if (from.isRoot() && !prefix.isEmpty()) {
            throw new NoSuchFileException(
                    prefix, null, "no key in the bucket begins so: is it mistyped?");
        }
        new KeyWalk(from, selection, visitor)
                .run(() -> first.isEmpty() ? listing.next() : first.remove());
    }

    static String key(ItemPath path) {
        return new String(path.bytes(), StandardCharsets.UTF_8);
    }

    @Override
    public @Nullable Sighting look(ItemPath path) throws IOException {
        if (path.isRoot()) {
            return folder(path, Instant.EPOCH);
        }
        Entry object = objects.look(key(path));
        Entry below = objects.list(key(path) + "/").next();
        if (below == null) {
            return object == null ? null : file(path, object);
        }
        // as the walk sees it: an object of the same name stands for the folder
        Entry standsForIt = below.key().equals(key(path) + "/") ? below : object;
        return folder(path, standsForIt == null ? Instant.EPOCH : standsForIt.modified());
    }

    static Seen file(ItemPath path, Entry object) {
        return new Seen(
                path,
                new Metadata(
                        Kind.FILE,
                        object.size(),
                        object.modified(),
                        FILE_MODE,
                        0,
                        0,
                        Metadata.NO_TARGET,
                        1,
                        List.of()),
                fingerprint(object));
    }

    /// @param modified that of the object that stands for the folder, if there is one
    static Seen folder(ItemPath path, Instant modified) {
        return new Seen(
                path,
                new Metadata(
                        Kind.FOLDER,
                        0,
                        modified,
                        FOLDER_MODE,
                        0,
                        0,
                        Metadata.NO_TARGET,
                        1,
                        List.of()),
                new Fingerprint(0, 0, 0, modified, modified));
    }

    private static Fingerprint fingerprint(Entry object) {
        byte[] hash = Sha256.digest().digest(object.tag().getBytes(StandardCharsets.UTF_8));
        long tag = ByteBuffer.wrap(hash).getLong();
        return new Fingerprint(0, tag, object.size(), object.modified(), object.modified());
    }

    @Override
    public boolean readable(ItemPath file) {
        return true; // the server decides, when it is opened
    }

    @Override
    public List<Xattr> xattrs(ItemPath path) {
        return List.of();
    }

    @Override
    public Content open(Version version) throws IOException {
        try {
            return version.metadata().size() == 0 ? empty(version) : opened(version);
        } catch (IOException | RuntimeException failed) {
            throw RemoteContent.unavailable(failed, Reason.VANISHED);
        }
    }

    private Content opened(Version version) throws IOException {
        S3Objects.Opened object = objects.open(key(version.path()), version.metadata().size());
        boolean done = false;
        try {
            requireSame(version, object.entry());
            done = true;
            return new RemoteContent(version, new OfObject(object));
        } finally {
            if (!done) {
                object.close();
            }
        }
    }

    /// No byte of it can be asked for.
    private Content empty(Version version) throws IOException {
        Entry object = objects.look(key(version.path()));
        if (object == null) {
            throw new NoSuchFileException(
                    version.path().toString(), null, "it is not there any more");
        }
        requireSame(version, object);
        return new RemoteContent(version, new Nothing());
    }

    private static void requireSame(Version version, Entry found) throws IOException {
        if (!fingerprint(found).equals(version.fingerprint())) {
            throw RemoteContent.changed(
                    version, "has changed since version %d".formatted(version.number()));
        }
    }

    /// All that is read is of the object that was opened: there is nothing to look at afterwards.
    private record OfObject(S3Objects.Opened object) implements RemoteContent.Bytes {
        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return object.read(buffer, offset, length);
        }

        @Override
        public void verifyUnchanged() {}

        @Override
        public void close() {
            object.close();
        }
    }

    private record Nothing() implements RemoteContent.Bytes {
        @Override
        public int read(byte[] buffer, int offset, int length) {
            return -1;
        }

        @Override
        public void verifyUnchanged() {}

        @Override
        public void close() {}
    }

    /// As a bucket that is a target says of itself.
    @Override
    public String domain() throws IOException {
        return objects.account();
    }

    @Override
    public void close() {
        objects.close();
    }
}
