package dev.caravan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /// Monday the 23rd, unless said otherwise.
    private static ZonedDateTime at(String local) {
        return LocalDateTime.parse(local).atZone(BERLIN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # window                       | now              | opens
                    always                         | 2026-11-23T12:00 | open
                    08:00-18:00                    | 2026-11-23T08:00 | open
                    08:00-18:00                    | 2026-11-23T17:59 | open
                    08:00-18:00                    | 2026-11-23T18:00 | 2026-11-24T08:00
                    08:00-18:00                    | 2026-11-23T07:59 | 2026-11-23T08:00
                    20:00-06:00                    | 2026-11-23T23:59 | open
                    20:00-06:00                    | 2026-11-24T00:00 | open
                    20:00-06:00                    | 2026-11-24T05:59 | open
                    20:00-06:00                    | 2026-11-24T06:00 | 2026-11-24T20:00
                    Mon-Fri 20:00-06:00            | 2026-11-23T03:00 | 2026-11-23T20:00
                    Mon-Fri 20:00-06:00            | 2026-11-28T05:59 | open
                    Mon-Fri 20:00-06:00            | 2026-11-28T06:00 | 2026-11-30T20:00
                    Mon-Fri 20:00-06:00,Sat-Sun    | 2026-11-28T06:00 | open
                    Mon-Fri 20:00-06:00,Sat-Sun    | 2026-11-29T23:59 | open
                    Mon-Fri 20:00-06:00,Sat-Sun    | 2026-11-30T00:00 | 2026-11-30T20:00
                    Sun                            | 2026-11-23T00:00 | 2026-11-29T00:00
                    Fri-Mon                        | 2026-11-24T00:00 | 2026-11-27T00:00
                    fri - mon  22:00 - 23:00       | 2026-11-23T22:30 | open
                    Wed 18:00-24:00                | 2026-11-25T23:59 | open
                    Wed 18:00-24:00                | 2026-11-26T00:00 | 2026-12-02T18:00
                    Tue 00:00-24:00                | 2026-11-24T23:59 | open
                    1:00-2:00,3:00-4:00            | 2026-11-23T02:30 | 2026-11-23T03:00
                    """)
    void itIsOpenWhenItSays(String window, String now, String opens) {
        Optional<Instant> expected =
                opens.equals("open") ? Optional.empty() : Optional.of(at(opens).toInstant());

        assertThat(Window.parse(window).closedUntil(at(now))).isEqualTo(expected);
    }

    /// On 2026-03-29 at 02:00 it is 03:00: there is no 02:30.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    01:00-02:30 | 2026-03-29T00:59:00Z | open
                    01:00-02:30 | 2026-03-29T01:00:00Z | 2026-03-29T23:00:00Z
                    02:30-05:00 | 2026-03-29T00:59:00Z | 2026-03-29T01:00:00Z
                    02:30-05:00 | 2026-03-29T01:00:00Z | open
                    02:10-02:50 | 2026-03-29T00:59:00Z | 2026-03-30T00:10:00Z
                    Sun 02:10-02:50 | 2026-03-29T00:59:00Z | 2026-04-05T00:10:00Z
                    22:00-06:00 | 2026-03-29T03:59:00Z | open
                    22:00-06:00 | 2026-03-29T04:00:00Z | 2026-03-29T20:00:00Z
                    """)
    void whereClocksArePutForwardWhatDoesNotExistIsTheMomentOfTheChange(
            String window, Instant now, String opens) {
        Optional<Instant> expected =
                opens.equals("open") ? Optional.empty() : Optional.of(Instant.parse(opens));

        assertThat(Window.parse(window).closedUntil(now.atZone(BERLIN))).isEqualTo(expected);
    }

    /// On 2026-10-25 at 03:00 it is 02:00 once more.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    01:00-02:30 | 2026-10-25T00:29:00Z | open
                    01:00-02:30 | 2026-10-25T00:30:00Z | 2026-10-26T00:00:00Z
                    01:00-02:30 | 2026-10-25T01:10:00Z | 2026-10-26T00:00:00Z
                    02:30-05:00 | 2026-10-25T00:30:00Z | open
                    02:30-05:00 | 2026-10-25T01:10:00Z | open
                    22:00-06:00 | 2026-10-25T04:59:00Z | open
                    22:00-06:00 | 2026-10-25T05:00:00Z | 2026-10-25T21:00:00Z
                    """)
    void whereClocksArePutBackItIsTheFirstOfTwo(String window, Instant now, String opens) {
        Optional<Instant> expected =
                opens.equals("open") ? Optional.empty() : Optional.of(Instant.parse(opens));

        assertThat(Window.parse(window).closedUntil(now.atZone(BERLIN))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "never",
                ",",
                "20:00-06:00,",
                "20:00",
                "20-06",
                "24:01-06:00",
                "20:60-21:00",
                "08:00-08:00",
                "24:00-06:00",
                "Mon-",
                "Mon Tue",
                "Mo 20:00-06:00",
                "Mony 20:00-06:00",
                "Mon20:00-06:00",
                "Mon-Fri-Sun",
                "always,Mon"
            })
    void whatIsNoWindowIsRefusedInOneLine(String text) {
        assertThatThrownBy(() -> Window.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .hasLineCount(1)
                .containsPattern("^(window|day|time) '[^']*': ");
    }

    /// The moment it names is the first at which it is open.
    @Property
    void itOpensWhenItSaysAndNotBefore(
            @ForAll("windows") String text, @ForAll("times") ZonedDateTime now) {
        Window window = Window.parse(text);

        window.closedUntil(now)
                .ifPresent(opens -> {
                    assertThat(opens).isAfter(now.toInstant());
                    assertThat(window.closedUntil(opens.atZone(BERLIN))).isEmpty();
                    ZonedDateTime before = opens.minusMillis(1).atZone(BERLIN);
                    assertThat(window.closedUntil(before)).contains(opens);
                    ZonedDateTime between =
                            now.plus(Duration.between(now.toInstant(), opens).dividedBy(2));
                    assertThat(window.closedUntil(between)).contains(opens);
                });
    }

    @Provide
    Arbitrary<String> windows() {
        Arbitrary<String> day = Arbitraries.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
        Arbitrary<String> days =
                Combinators.combine(day, day).as((first, last) -> first + "-" + last);
        Arbitrary<String> times =
                Combinators.combine(
                                Arbitraries.integers().between(0, 24 * 60 - 1),
                                Arbitraries.integers().between(1, 24 * 60 - 1))
                        .as((begin, length) ->
                                clock(begin) + "-" + clock((begin + length) % (24 * 60)));
        Arbitrary<String> both =
                Combinators.combine(days, times).as((some, time) -> some + " " + time);
        return Arbitraries.oneOf(day, days, times, both)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(spans -> String.join(",", spans));
    }

    private static String clock(int minutes) {
        return "%02d:%02d".formatted(minutes / 60, minutes % 60);
    }

    /// Of a year, with both changes of clocks in it.
    @Provide
    Arbitrary<ZonedDateTime> times() {
        return Arbitraries.longs()
                .between(0, 365L * 24 * 60 * 60)
                .map(seconds -> at("2026-01-01T00:00").plusSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({
        "unlimited, 0",
        "64KiB, 65536",
        "20MiB, 20971520",
        "100MB, 100000000",
        "1000000, 1000000"
    })
    void aRateIsBytesASecond(String text, long bytes) {
        assertThat(Limits.rate(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "63KiB", "fast", "20MiB/s", "-1", "none"})
    void whatIsNoRateIsRefused(String text) {
        assertThatThrownBy(() -> Limits.rate(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate '" + text + "': want bytes a second");
    }

    @Test
    void aWindowIsToldAsItWasWritten() {
        assertThat(Window.parse("  Mon-Fri \t 20:00-06:00 ")).hasToString("Mon-Fri 20:00-06:00");
    }
}
