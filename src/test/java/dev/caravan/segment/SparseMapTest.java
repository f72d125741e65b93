package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Content.Extent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SparseMapTest {
    private static final long K = 1024;

    @Test
    void aFileWithoutAHoleWorthStoringHasNoMap() {
        assertThat(SparseMap.of(List.of(new Extent(0, 1000 * K)), 1000 * K)).isNull();
        assertThat(SparseMap.of(List.of(new Extent(4 * K, 996 * K)), 1000 * K)).isNull();
        assertThat(SparseMap.of(List.of(), 0)).isNull();
    }

    @Test
    void aFileOfNothingButAHoleHasAnEmptyExtentAtItsEnd() {
        SparseMap map = map(List.of(), 1000 * K);

        assertThat(map.stored()).isZero();
        assertThat(new String(map.encoded(), StandardCharsets.US_ASCII).trim())
                .isEqualTo("1\n1024000\n0");
    }

    @Test
    void extentsGrowToWholeBlocksAndShortHolesAreFilled() {
        SparseMap map =
                map(
                        List.of(
                                new Extent(100 * K + 1, 10),
                                new Extent(130 * K, 600),
                                new Extent(900 * K, K)),
                        901 * K - 3);

        assertThat(map.extents())
                .containsExactly(new Extent(100 * K, 31 * K), new Extent(900 * K, K - 3));
    }

    @Test
    void aFileInVeryManyPiecesLosesItsShortestHolesOnly() {
        List<Extent> extents = new ArrayList<>();
        for (long i = 0; i < 20_000; i++) {
            extents.add(new Extent(i * 100 * K + 50 * K, K));
        }
        long size = 1L << 40;

        SparseMap map = map(extents, size);

        assertThat(map.extents()).hasSizeLessThanOrEqualTo(4096);
        assertThat(map.encoded().length).isLessThan(Format.MAX_MAP);
        assertThat(map.stored()).isLessThan(20_000 * 100 * K);
    }

    private static SparseMap map(List<Extent> extents, long size) {
        return Objects.requireNonNull(SparseMap.of(extents, size));
    }
}
