package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Content.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PartTest {
    @Test
    void aFileOfTheSizeOfAPartIsOnePart() {
        assertThat(Part.cut(whole(4096), 4096, 4096)).hasSize(1);
        assertThat(Part.cut(whole(4097), 4097, 4096)).hasSize(2);
        assertThat(Part.cut(whole(8192), 8192, 4096)).hasSize(2);
        // rounded down to whole blocks
        assertThat(Part.cut(whole(8192), 8192, 4097))
                .extracting(Part::size)
                .containsExactly(4096L, 4096L);
        assertThat(Part.cut(whole(1025), 1025, 100))
                .extracting(Part::size)
                .containsExactly(512L, 512L, 1L);
    }

    @Test
    void aHoleGoesWithTheDataBehindItAndTheLastWithWhatIsBefore() {
        long mib = 1 << 20;
        List<Part> parts =
                Part.cut(List.of(new Extent(mib, mib), new Extent(10 * mib, mib)), 20 * mib, mib);

        assertThat(parts).extracting(Part::offset).containsExactly(0L, 2 * mib);
        assertThat(parts).extracting(Part::size).containsExactly(2 * mib, 18 * mib);
        assertThat(parts).extracting(Part::stored).containsExactly(mib, mib);
        assertThat(parts.get(1).extents()).containsExactly(new Extent(8 * mib, mib));
        assertThat(parts.get(1).isLast()).isTrue();
    }

    @Test
    void partsOfAnyFileAreTheFileAndNoneStoresMoreThanItMay() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            long size = 1 + random.nextLong(20 << 20);
            long most = 512 + random.nextLong(2 << 20);
            List<Extent> data = random.nextBoolean() ? whole(size) : extents(random, size);

            List<Part> parts = Part.cut(data, size, most);

            assertThat(parts).as("seed %d", seed).isEqualTo(Part.cut(data, size, most));
            long offset = 0;
            long stored = 0;
            for (int i = 0; i < parts.size(); i++) {
                Part part = parts.get(i);
                assertThat(part.number()).isEqualTo(i + 1);
                assertThat(part.count()).isEqualTo(parts.size());
                assertThat(part.offset()).as("seed %d", seed).isEqualTo(offset);
                assertThat(part.stored()).isBetween(0L, most & -512);
                for (Extent extent : part.extents()) {
                    assertThat(extent.offset() % 512).isZero();
                    assertThat(extent.end()).isLessThanOrEqualTo(part.size());
                }
                offset = part.end();
                stored += part.stored();
            }
            assertThat(offset).isEqualTo(size);
            SparseMap map = SparseMap.of(data, size);
            assertThat(stored).isEqualTo(map == null ? size : map.stored());
        }
    }

    private static List<Extent> whole(long size) {
        return List.of(new Extent(0, size));
    }

    private static List<Extent> extents(Random random, long size) {
        List<Extent> extents = new ArrayList<>();
        long at = random.nextLong(size);
        while (at < size) {
            long length = Math.min(size - at, 1 + random.nextLong(1 << 20));
            extents.add(new Extent(at, length));
            at += length + 1 + random.nextLong(1 << 20);
        }
        return extents;
    }
}
