package dev.caravan.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IndexWriterTest {

    @Test
    void aTimeIsWrittenAsAFormatterWritesIt() {
        var formatter = new DateTimeFormatterBuilder().appendInstant(9).toFormatter(Locale.ROOT);
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            Instant instant =
                    Instant.ofEpochSecond(
                            random.nextLong(-99_000_000_000L, 280_000_000_000L),
                            random.nextInt(1_000_000_000));
            assertThat(IndexWriter.time(instant)).isEqualTo(formatter.format(instant));
        }
        for (String edge :
                new String[] {
                    "-0001-12-31T23:59:59.999999999Z",
                    "0000-01-01T00:00:00Z",
                    "1969-12-31T23:59:59.000000001Z",
                    "9999-12-31T23:59:59.999999999Z",
                    "+10000-01-01T00:00:00Z"
                }) {
            Instant instant = Instant.parse(edge);
            assertThat(IndexWriter.time(instant)).isEqualTo(formatter.format(instant));
        }
    }
}
