package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.target.TargetException.Remedy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EndpointInputTest {
    private final byte[] content = new byte[3_000_000];
    private final List<String> asked = new ArrayList<>();
    private boolean ranges = true;

    /// After so many bytes the next answers break.
    private int breaks = Integer.MAX_VALUE;

    private int broken;
    private int mostBroken = Integer.MAX_VALUE;

    {
        new Random(3).nextBytes(content);
    }

    private final class Fake implements Endpoint {
        @Override
        public @Nullable Answer get(String name, long from, long count) throws TargetException {
            asked.add(from + "+" + (count == Long.MAX_VALUE ? "all" : count));
            if (!name.equals("there")) {
                return null;
            }
            int first = ranges ? (int) Math.min(from, content.length) : 0;
            int end =
                    ranges
                            ? (int) Math.min(content.length, first + Math.min(count, 1L << 30))
                            : content.length;
            InputStream in = new ByteArrayInputStream(content, first, end - first);
            return new Answer(
                    broken < mostBroken ? new Breaking(in) : in,
                    ranges && (from > 0 || count != Long.MAX_VALUE));
        }

        @Override
        public void put(String name, InputStream body, long bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete(String name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Entry> list() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String place(String name) {
            return "fake:" + name;
        }
    }

    private final class Breaking extends java.io.FilterInputStream {
        private int left = breaks;

        Breaking(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                broken++;
                throw new IOException("cable pulled");
            }
            int count = super.read(into, offset, Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }
    }

    private byte[] read(long from, long expected) throws IOException {
        try (InputStream in = EndpointInput.open(new Fake(), "there", from, expected)) {
            return in.readAllBytes();
        }
    }

    @Test
    void stretchesGrowAndEndWithTheFile() throws IOException {
        assertThat(read(0, Long.MAX_VALUE)).isEqualTo(content);
        assertThat(asked).containsExactly("0+all");
        asked.clear();
        assertThat(read(7, 1)).isEqualTo(Arrays.copyOfRange(content, 7, content.length));
        assertThat(asked).containsExactly("7+262144", "262151+1048576", "1310727+4194304");
    }

    @Test
    void whatServesNoRangesIsReadFromTheStart() throws IOException {
        ranges = false;
        assertThat(read(1_234_567, 10))
                .isEqualTo(Arrays.copyOfRange(content, 1_234_567, content.length));
        assertThat(asked).hasSize(1);
    }

    @Test
    void aBrokenStretchGoesOnWhereItBroke() throws IOException {
        for (boolean some : List.of(true, false)) {
            ranges = some;
            breaks = 500_000;
            broken = 0;
            mostBroken = some ? Integer.MAX_VALUE : 1;
            assertThat(read(some ? 100 : 0, Long.MAX_VALUE))
                    .isEqualTo(Arrays.copyOfRange(content, some ? 100 : 0, content.length));
            assertThat(broken).isPositive();
        }
    }

    @Test
    void whatBreaksAgainAndAgainIsTheTargetsFault() throws IOException {
        breaks = 0;
        try (EndpointInput in = EndpointInput.open(new Fake(), "there", 0, Long.MAX_VALUE)) {
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(TargetException.class)
                    .hasMessageContaining("fake:there: reading broke off: cable pulled");
            assertThat(in.lost())
                    .isNotNull()
                    .extracting(TargetException::remedy)
                    .isEqualTo(Remedy.WAIT);
        }
        assertThat(asked).hasSize(3);
    }

    @Test
    void whatIsNotThereIsToldAsThat() {
        assertThatThrownBy(() -> EndpointInput.open(new Fake(), "gone", 0, 1))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("fake:gone");
    }
}
