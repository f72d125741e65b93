package dev.caravan.cli;

import dev.caravan.config.Durations;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import org.jspecify.annotations.Nullable;

/// A time as people write it: a date, which is when that day begins, a date and time, or how long
/// ago. Without a zone it is meant where the reader is.
final class PointInTime {
    private static final Instant FIRST = Instant.parse("1700-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("2262-01-01T00:00:00Z");

    private PointInTime() {}

    /// @param option it was given to, for the message
    /// @param text null where it was not given
    /// @throws CommandException with exit 2 if it is no time, or none the ledger can have
    static @Nullable Instant of(String option, @Nullable String text) {
        return text == null ? null : of(option, text, Clock.systemDefaultZone());
    }

    static Instant of(String option, String text, Clock clock) {
        try {
            Instant time = parse(text.strip(), clock);
            if (time.isBefore(FIRST) || time.isAfter(LAST)) {
                throw new DateTimeException("out of range");
            }
            return time;
        } catch (DateTimeException | IllegalArgumentException | ArithmeticException wrong) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "%s '%s': want a date (2026-11-22), a date and time (2026-11-22T14:02, local unless a zone such as Z or +01:00 follows), or how long ago (2d, 3h)"
                            .formatted(option, Words.shown(text)),
                    wrong);
        }
    }

    private static Instant parse(String text, Clock clock) {
        ZoneId zone = clock.getZone();
        if (text.matches("\\d+\\s*[a-zA-Z]+")) {
            return clock.instant().minus(Durations.parse(text));
        }
        if (text.matches("\\d{4}-\\d{2}-\\d{2}")) {
            return LocalDate.parse(text).atStartOfDay(zone).toInstant();
        }
        String iso = text.matches("\\d{4}-\\d{2}-\\d{2} .*") ? text.replaceFirst(" ", "T") : text;
        TemporalAccessor time =
                DateTimeFormatter.ISO_DATE_TIME.parseBest(
                        iso, ZonedDateTime::from, LocalDateTime::from);
        return time instanceof LocalDateTime local
                ? local.atZone(zone).toInstant()
                : Instant.from(time);
    }
}
