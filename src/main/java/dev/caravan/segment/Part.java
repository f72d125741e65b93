package dev.caravan.segment;

import dev.caravan.item.Content.Extent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stretch of a file that is too large for a segment: it travels in a segment of its own, and all
/// parts of a file in their order are the file. Immutable.
///
/// @param number 1 for the first
/// @param count how many parts the file has
/// @param offset of its first byte in the file
/// @param size bytes of content, holes included
/// @param extents where data lies, counted from `offset`; one over everything when there are no
///   holes
public record Part(int number, int count, long offset, long size, List<Extent> extents) {
    public Part {
        extents = List.copyOf(extents);
    }

    /// The first byte behind it.
    public long end() {
        return offset + size;
    }

    public boolean isLast() {
        return number == count;
    }

    /// Bytes of data, without holes.
    public long stored() {
        long sum = 0;
        for (Extent extent : extents) {
            sum += extent.length();
        }
        return sum;
    }

    /// Its holes; null if there are none.
    @Nullable SparseMap map() {
        return stored() == size ? null : new SparseMap(extents, size);
    }

    /// Cuts a file into parts of at most so many bytes of data. A hole goes with the data behind
    /// it, one at the end with the data before it. The same file is always cut the same way.
    ///
    /// @param data where data lies in the file, ascending
    /// @param size bytes of the file, holes included
    /// @param mostStored rounded down to whole blocks of 512, because holes begin and end at such
    /// @return one part, if the file needs no more
    public static List<Part> cut(List<Extent> data, long size, long mostStored) {
        SparseMap map = SparseMap.of(data, size);
        List<Extent> whole = map == null ? List.of(new Extent(0, size)) : map.extents();
        long most = Math.max(Format.BLOCK, mostStored & -Format.BLOCK);
        List<Stretch> stretches = new ArrayList<>();
        List<Extent> taken = new ArrayList<>();
        long start = 0;
        long end = 0;
        long stored = 0;
        for (Extent extent : whole) {
            for (long at = extent.offset(); at < extent.end(); at = end) {
                if (stored == most) {
                    stretches.add(new Stretch(start, end, taken));
                    taken = new ArrayList<>();
                    start = end;
                    stored = 0;
                }
                long length = Math.min(most - stored, extent.end() - at);
                taken.add(new Extent(at - start, length));
                stored += length;
                end = at + length;
            }
        }
        stretches.add(new Stretch(start, size, taken));
        List<Part> parts = new ArrayList<>(stretches.size());
        for (Stretch stretch : stretches) {
            parts.add(
                    new Part(
                            parts.size() + 1,
                            stretches.size(),
                            stretch.start,
                            stretch.end - stretch.start,
                            stretch.extents));
        }
        return parts;
    }

    private record Stretch(long start, long end, List<Extent> extents) {}
}
