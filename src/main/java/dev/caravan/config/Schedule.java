package dev.caravan.config;

import java.text.ParseException;
import java.time.Duration;
import java.util.Date;
import org.quartz.CronExpression;

/// When the service walks its sources. Immutable.
public sealed interface Schedule {
    /// Only when a command asks for it.
    record Manual() implements Schedule {}

    /// Again so long after the last walk ended.
    record Every(Duration pause) implements Schedule {}

    /// By Quartz's seven-field expressions: second, minute, hour, day of month, month, day of week,
    /// year (may be left out).
    record Cron(String expression) implements Schedule {}

    /// `manual`, a duration (`15m`) or a cron expression (`0 0/15 * * * ?`).
    ///
    /// @throws IllegalArgumentException saying what is wrong with it
    static Schedule parse(String text) {
        String schedule = text.strip();
        if (schedule.equals("manual")) {
            return new Manual();
        }
        if (schedule.contains(" ")) {
            return cron(schedule);
        }
        try {
            Duration pause = Durations.parse(schedule);
            if (pause.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException("schedule '" + text + "': at least 1s");
            }
            return new Every(pause);
        } catch (IllegalArgumentException notADuration) {
            throw new IllegalArgumentException(
                    "schedule '"
                            + text
                            + "': want 'manual', a duration of 1s or more such as 15m, or a Quartz"
                            + " cron such as 0 0/15 * * * ?",
                    notADuration);
        }
    }

    private static Schedule cron(String expression) {
        try {
            CronExpression cron = new CronExpression(expression);
            // Quartz's own number for '*' is 99, which it takes as such from a person too
            if (expression.matches("(\\S+\\s+)?99\\s.*")) {
                throw new ParseException("minutes and seconds are 0 to 59", 0);
            }
            if (cron.getNextValidTimeAfter(new Date()) == null) {
                throw new ParseException("there is no such time to come", 0);
            }
            return new Cron(cron.getCronExpression());
        } catch (ParseException | RuntimeException e) {
            // Quartz lets IllegalArgument and IndexOutOfBounds slip through for some of them
            throw new IllegalArgumentException(
                    "cron '"
                            + expression
                            + "': "
                            + (e instanceof IndexOutOfBoundsException
                                    ? "not understood"
                                    : e.getMessage())
                            + " (Quartz form: second minute hour day month weekday)",
                    e);
        }
    }
}
