package dev.caravan.segment;

import dev.caravan.item.Content.Extent;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the data of a sparse file lies: ascending extents that do not touch, each of whole blocks
/// of 512 bytes unless it ends with the file, for GNU tar reads whole blocks per extent. Immutable.
///
/// @param size bytes of the file, holes included
record SparseMap(List<Extent> extents, long size) {

    /// Shorter holes are stored as zeros: they would cost more in map and seeks than they save.
    private static final long LEAST_HOLE = 64 << 10;

    /// Bounds the memory a map takes; a file in more pieces has its shortest holes filled.
    private static final int MOST_EXTENTS = 4096;

    SparseMap {
        extents = List.copyOf(extents);
    }

    /// The map of a file with data at `extents`; null if it is better stored in full.
    static @Nullable SparseMap of(List<Extent> extents, long size) {
        long hole = LEAST_HOLE;
        List<Extent> merged = merge(extents, size, hole);
        while (merged.size() > MOST_EXTENTS) {
            hole *= 2;
            merged = merge(merged, size, hole);
        }
        SparseMap map = new SparseMap(merged, size);
        return map.stored() == size ? null : map;
    }

    private static List<Extent> merge(List<Extent> extents, long size, long leastHole) {
        List<Extent> merged = new ArrayList<>();
        long start = 0;
        long end = 0;
        long last = 0;
        for (Extent extent : extents) {
            if (extent.offset() < last || extent.length() < 0) {
                throw new IllegalArgumentException("extents are not in order: " + extents);
            }
            last = extent.end();
            long from = Math.min(extent.offset(), size) & -Format.BLOCK;
            if (from - end >= leastHole) {
                addTo(merged, start, end);
                start = from;
            }
            end = Math.min(Format.padded(last), size);
        }
        if (size - end < leastHole) {
            end = size;
        }
        addTo(merged, start, end);
        return merged;
    }

    private static void addTo(List<Extent> merged, long start, long end) {
        if (end > start) {
            merged.add(new Extent(start, end - start));
        }
    }

    /// Bytes of data.
    long stored() {
        long sum = 0;
        for (Extent extent : extents) {
            sum += extent.length();
        }
        return sum;
    }

    /// The map of GNU's sparse format 1.0, a multiple of 512 bytes: decimal numbers, one a line:
    /// how many, then offset and length of each. A file that ends in a hole has an empty extent at
    /// its end, from which GNU tar knows how far to extend it.
    byte[] encoded() {
        boolean hole = extents.isEmpty() || extents.getLast().end() < size;
        StringBuilder text = new StringBuilder();
        text.append(extents.size() + (hole ? 1 : 0)).append('\n');
        for (Extent extent : extents) {
            text.append(extent.offset()).append('\n').append(extent.length()).append('\n');
        }
        if (hole) {
            text.append(size).append("\n0\n");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Format.ascii(text.toString()));
        out.writeBytes(new byte[(int) (Format.padded(out.size()) - out.size())]);
        return out.toByteArray();
    }
}
