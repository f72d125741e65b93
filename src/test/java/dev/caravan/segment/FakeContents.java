package dev.caravan.segment;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Contents whose files can be made to fail in every way a file can. A file's bytes follow from its
/// version's id, so that 3 GiB need no memory. Thread-safe.
final class FakeContents implements Contents {

    /// What happens to a file; the default is nothing.
    static final class Fate {
        @Nullable IOException onOpen;
        @Nullable IOException onRead;
        @Nullable IOException atEnd;
        long failAt = Long.MAX_VALUE;
        long endsAt = Long.MAX_VALUE;
        long strayDataAt = -1;
        @Nullable List<Content.Extent> extents;
        int salt;
    }

    final Map<Long, Fate> fates = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();

    int open() {
        return open.get();
    }

    int opened() {
        return opened.get();
    }

    Fate fate(Version version) {
        return fates.computeIfAbsent(version.id(), _ -> new Fate());
    }

    static ContentUnavailableException gone(String message) {
        return new ContentUnavailableException(Reason.VANISHED, message);
    }

    /// The bytes of a file, in full.
    byte[] bytes(Version version) {
        byte[] bytes = new byte[(int) version.metadata().size()];
        new Fake(version, fate(version)).fill(0, bytes, 0, bytes.length);
        return bytes;
    }

    @Override
    public Content open(Version version) throws IOException {
        Fate fate = fate(version);
        opened.incrementAndGet();
        if (fate.onOpen != null) {
            throw fate.onOpen;
        }
        open.incrementAndGet();
        return new Fake(version, fate);
    }

    final class Fake implements Content {
        private final Version version;
        private final Fate fate;
        private long position;

        Fake(Version version, Fate fate) {
            this.version = version;
            this.fate = fate;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            long end = Math.min(version.metadata().size(), fate.endsAt);
            if (position >= fate.failAt && fate.onRead != null) {
                throw fate.onRead;
            }
            if (position >= end) {
                return -1;
            }
            // Odd short reads, as a file system may give.
            int count = (int) Math.min(Math.min(length, 100_003), end - position);
            fill(position, buffer, offset, count);
            position += count;
            return count;
        }

        void fill(long from, byte[] buffer, int offset, int count) {
            Arrays.fill(buffer, offset, offset + count, (byte) 0);
            for (Extent extent : extents()) {
                long start = Math.max(from, extent.offset());
                long end = Math.min(from + count, extent.end());
                for (long i = start; i < end; i++) {
                    buffer[offset + (int) (i - from)] =
                            (byte) (i * 31 + (i >> 9) + version.id() * 7 + fate.salt + 1);
                }
            }
            long stray = fate.strayDataAt - from;
            if (stray >= 0 && stray < count) {
                buffer[offset + (int) stray] = 1;
            }
        }

        @Override
        public List<Extent> extents() {
            return fate.extents == null
                    ? List.of(new Extent(0, version.metadata().size()))
                    : fate.extents;
        }

        @Override
        public void verifyUnchanged() throws IOException {
            if (fate.atEnd != null) {
                throw fate.atEnd;
            }
        }

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }
}
