package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PointInTimeTest {
    private static final Clock BERLIN =
            Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneId.of("Europe/Berlin"));

    @ParameterizedTest
    @CsvSource({
        "2026-11-20,                2026-11-19T23:00:00Z",
        "2026-07-20,                2026-07-19T22:00:00Z",
        "2026-11-20T14:02,          2026-11-20T13:02:00Z",
        "2026-11-20 14:02:03,       2026-11-20T13:02:03Z",
        "2026-11-20T14:02:03.5,     2026-11-20T13:02:03.5Z",
        "2026-11-20T14:02Z,         2026-11-20T14:02:00Z",
        "2026-11-20T14:02:03+05:30, 2026-11-20T08:32:03Z",
        "2d,                        2026-11-20T12:00:00Z",
        "90m,                       2026-11-22T10:30:00Z",
    })
    void aTimeIsReadWhereTheReaderIs(String text, Instant expected) {
        assertThat(PointInTime.of("--at", text, BERLIN)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2026-13-01",
                "2026-02-30",
                "2026-11-20T25:00",
                "20261120",
                "2 weeks",
                "0001-01-01",
                "9999-01-01",
                "999999999d",
                "2026-11-20\u001b[31m"
            })
    void whatIsNoTimeIsOneLine(String text) {
        assertThatThrownBy(() -> PointInTime.of("--at", text, BERLIN))
                .isInstanceOfSatisfying(
                        CommandException.class,
                        refused -> {
                            assertThat(refused.exitCode()).isEqualTo(2);
                            assertThat(refused.getMessage())
                                    .hasLineCount(1)
                                    .startsWith("--at '")
                                    .contains("2026-11-22T14:02")
                                    .doesNotContain("\u001b");
                        });
    }
}
