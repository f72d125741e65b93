package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
    private static final int MOST = 32;
    private static final int READS = 2000;
    private static final long MILLI = 1_000_000;

    /// A gigabit over 80 ms gives 255 KiB every 2.1 ms; a reader of 80 MB/s takes 3 ms for that.
    @Test
    void aLongLineIsUsedAlsoByAReaderThatIsSlowerThanTheLine() {
        Line line = new Line(80 * MILLI, 2_100_000, 3 * MILLI, 4);

        assertThat(line.read())
                .as("the reader's own time and little more")
                .isLessThan(READS * 33 / 10);
        assertThat(line.ahead.reads()).isEqualTo(MOST);
    }

    @Test
    void aLongLineIsUsedByAFastReader() {
        Line line = new Line(50 * MILLI, 2_100_000, MILLI / 10, 4);

        assertThat(line.read())
                .as("the line's own time and little more")
                .isLessThan(READS * 24 / 10);
    }

    @Test
    void nothingPilesUpWhereTheReaderIsWhatIsSlow() {
        Line line = new Line(MILLI / 20, MILLI / 4, MILLI, 4);

        line.read();
        assertThat(line.ahead.reads()).isEqualTo(4);
    }

    @Test
    void aShortReadBeginsWithOne() {
        assertThat(new ReadAhead(1, MOST, 0).reads()).isEqualTo(1);
    }

    /// Answers come in order, each `spacing` after the one before, a `delay` after they were asked
    /// for at the soonest.
    private static final class Line {
        private final long delay;
        private final long spacing;
        private final long work;
        private final ReadAhead ahead;
        private final ArrayDeque<Long> there = new ArrayDeque<>();
        private long now;
        private long last;

        Line(long delay, long spacing, long work, int first) {
            this.delay = delay;
            this.spacing = spacing;
            this.work = work;
            this.ahead = new ReadAhead(first, MOST, 0);
        }

        /// @return the milliseconds it took
        long read() {
            for (int i = 0; i < READS; i++) {
                while (there.size() < ahead.reads()) {
                    last = Math.max(last + spacing, now + delay);
                    there.addLast(last);
                }
                long asked = now;
                now = Math.max(now, there.removeFirst());
                ahead.answered(asked, now);
                now += work;
            }
            return now / MILLI;
        }
    }
}
