package dev.caravan.target;

import dev.caravan.item.Content;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredPart;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The bytes of a copy in parts, one part after the other. Holes read as zeros: where they lie is
/// only known part by part. Confined to one thread.
final class PartedContent implements Content {
    private final CopyStore store;
    private final Version version;
    private final Catalog.Copy copy;
    private final Iterator<StoredPart> parts;
    private @Nullable Content current;

    PartedContent(CopyStore store, Version version, Catalog.Copy copy) throws IOException {
        this.store = store;
        this.version = version;
        this.copy = copy;
        this.parts = copy.parts().iterator();
        next(); // a copy that can not be opened must say so now: another may be taken
    }

    private boolean next() throws IOException {
        close();
        if (!parts.hasNext()) {
            return false;
        }
        StoredPart part = parts.next();
        current = CopyContents.member(store, version, copy.at(part), part.part().size());
        return true;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (current != null) {
            int count = current.read(buffer, offset, length);
            if (count >= 0) {
                return count;
            }
            next();
        }
        return -1;
    }

    @Override
    public List<Extent> extents() {
        return List.of(new Extent(0, version.metadata().size()));
    }

    /// A copy does not change; that it is the right one shows in its hash.
    @Override
    public void verifyUnchanged() {}

    @Override
    public void close() throws IOException {
        Content closing = current;
        current = null;
        if (closing != null) {
            closing.close();
        }
    }
}
