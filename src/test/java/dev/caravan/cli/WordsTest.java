package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `Words`, `Table`, `Style` and `Json`.
class WordsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void bytesAreSaidInTheUnitThatFits() {
        assertThat(Words.bytes(0)).isEqualTo("0 B");
        assertThat(Words.bytes(1023)).isEqualTo("1023 B");
        assertThat(Words.bytes(1024)).isEqualTo("1.0 KiB");
        assertThat(Words.bytes((1 << 20) - 1)).isEqualTo("1.0 MiB");
        assertThat(Words.bytes(1_503_238_554)).isEqualTo("1.4 GiB");
        assertThat(Words.bytes(Long.MAX_VALUE)).isEqualTo("8.0 EiB");
    }

    @Test
    void timesAreSaidAsPeopleSayThem() {
        assertThat(Words.ago(NOW.plusSeconds(9), NOW)).isEqualTo("just now");
        assertThat(Words.ago(NOW.minusSeconds(200), NOW)).isEqualTo("3 min ago");
        assertThat(Words.duration(Duration.ofMillis(850))).isEqualTo("850 ms");
        assertThat(Words.duration(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
        assertThat(Words.duration(Duration.ofHours(30))).isEqualTo("1 day");
        assertThat(Words.count(48_201, "copy", "copies")).isEqualTo("48,201 copies");
    }

    @Test
    void machinesGetNineDigitsOfNanosecondsAndZ() {
        assertThat(Words.rfc3339(NOW)).isEqualTo("2026-11-22T10:00:00.000000000Z");
        assertThat(Words.rfc3339(Instant.parse("1901-01-01T00:00:00.5Z")))
                .isEqualTo("1901-01-01T00:00:00.500000000Z");
    }

    @Test
    void columnsLineUpUnderTheirHeadsWhateverTheirColour() {
        StringWriter out = new StringWriter();
        Style colour = new Style(true);
        Table table = new Table("  ").left("NAME").right("N").left("");
        table.row(
                List.of(
                        new Table.Cell("é", colour::good),
                        Table.Cell.of("1,000"),
                        Table.Cell.of("")));
        table.row("long", "2", "x");

        table.print(new PrintWriter(out, true), Style.PLAIN);

        assertThat(out.toString().lines())
                .containsExactly(
                        "  NAME      N", "  \u001b[32mé\u001b[0m     1,000", "  long      2  x");
    }

    @Test
    void longTextIsWrappedBetweenWords() {
        assertThat(Words.wrap("one two three-and-more", 8))
                .containsExactly("one two", "three-and-more");
    }

    @Test
    void jsonHoldsNoControlThatATerminalWouldObey() {
        StringWriter out = new StringWriter();

        Json.print(
                new PrintWriter(out),
                json -> json.text("a", "é\u009B2J\u007F\u001b").number("n", null));

        assertThat(out).hasToString("{\n  \"a\":\"é\\u009B2J\\u007F\\u001B\",\n  \"n\":null\n}\n");
    }
}
