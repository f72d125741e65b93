package dev.caravan.restore;

import dev.caravan.item.Kind;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Rebuild.Unproven;
import dev.caravan.ledger.StoredObject;
import dev.caravan.segment.Entry;
import dev.caravan.segment.SegmentReader;
import dev.caravan.target.ObjectContent;
import dev.caravan.target.ObjectReading;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// The copies on a target that keeps objects. The members of a segment are read one after the
/// other, not each by itself. Confined to one thread.
public final class OffsiteCopies implements CopyReading.Bytes {
    /// What lies between is read, if it is less: to open the object again takes as long.
    private static final long NEAR = 1 << 20;

    private final ObjectReading server;
    private @Nullable InputStream in;
    private @Nullable SegmentReader reader;
    private String segment = "";
    private long position;
    private ReadMembers read = new ReadMembers();

    public OffsiteCopies(ObjectReading server) {
        this.server = server;
    }

    @Override
    public @Nullable String difference(Unproven copy) throws IOException {
        Version version = copy.version();
        StoredObject object = copy.object();
        if (object == null) {
            return "it lies in no object";
        }
        if (!object.segment()) {
            ObjectContent content = ObjectContent.of(server, object);
            try (InputStream plain = content.open(0, content.length())) {
                return CopyReading.difference(plain, version);
            }
        }
        try {
            return member(object, copy.offset(), version);
        } catch (IOException failed) {
            dropSegment();
            throw failed;
        }
    }

    private @Nullable String member(StoredObject object, long offset, Version version)
            throws IOException {
        boolean other = !object.name().equals(segment);
        if (other || !read.has(offset)) {
            SegmentReader open = reader;
            if (other || open == null || offset < position || offset - position > NEAR) {
                open = open(object, offset);
            }
            readOn(open, offset);
        }
        return read.difference(offset, version);
    }

    private SegmentReader open(StoredObject object, long offset) throws IOException {
        dropSegment();
        ObjectContent content = ObjectContent.of(server, object);
        InputStream opened = content.open(offset, content.length() - offset);
        SegmentReader fresh = new SegmentReader(opened, offset);
        in = opened;
        reader = fresh;
        segment = object.name();
        position = offset;
        return fresh;
    }

    private void readOn(SegmentReader open, long offset) throws IOException {
        while (position <= offset) {
            Entry entry = open.next();
            if (entry == null) {
                position = Long.MAX_VALUE;
                return;
            }
            boolean own = entry.metadata().kind() == Kind.FILE && entry.hardLinkTo() == null;
            read.add(entry, own ? hash(entry) : null);
            position = entry.offset() + 1;
        }
    }

    private static Sha256 hash(Entry entry) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[64 << 10];
        InputStream content = entry.content();
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            digest.update(buffer, 0, count);
        }
        return Sha256.of(digest.digest());
    }

    @Override
    public void requireTarget() throws IOException {
        server.requireThere();
    }

    private void dropSegment() throws IOException {
        InputStream open = in;
        in = null;
        reader = null;
        segment = "";
        read = new ReadMembers();
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() throws IOException {
        dropSegment();
    }
}
