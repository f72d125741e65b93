package dev.caravan.tape.pool;

import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAdjusters;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// When a media pool begins a new media set, and so a cartridge of its own for what is written from
/// then on. Immutable.
public sealed interface Allocation {
    /// The set goes on for ever; the next cartridge is begun when one is full.
    record Continue() implements Allocation {
        @Override
        public String toString() {
            return "continue";
        }
    }

    /// Each run of the writer, from its start to its end, has a set of its own.
    record Always() implements Allocation {
        @Override
        public String toString() {
            return "always";
        }
    }

    /// The first write in each period begins a set.
    record Calendar(Period period) implements Allocation {
        @Override
        public String toString() {
            return period.toString();
        }
    }

    /// A stretch of the calendar; it begins at midnight where the clock is.
    sealed interface Period {
        /// When the period began in which `now` is.
        LocalDate startOf(LocalDate now);

        record Daily() implements Period {
            @Override
            public LocalDate startOf(LocalDate now) {
                return now;
            }

            @Override
            public String toString() {
                return "daily";
            }
        }

        /// From one such day to the next; `weekly` is from Monday to Monday.
        record Weekly(DayOfWeek day) implements Period {
            @Override
            public LocalDate startOf(LocalDate now) {
                return now.with(TemporalAdjusters.previousOrSame(day));
            }

            @Override
            public String toString() {
                return day == DayOfWeek.MONDAY ? "weekly" : shortName(day);
            }
        }

        record Monthly() implements Period {
            @Override
            public LocalDate startOf(LocalDate now) {
                return now.withDayOfMonth(1);
            }

            @Override
            public String toString() {
                return "monthly";
            }
        }
    }

    /// @param text `continue`, `always`, `daily`, `weekly`, `monthly`, or a day such as `fri`
    /// @throws IllegalArgumentException saying what there is
    static Allocation parse(String text) {
        return switch (text) {
            case "continue" -> new Continue();
            case "always" -> new Always();
            case "daily" -> new Calendar(new Period.Daily());
            case "weekly" -> new Calendar(new Period.Weekly(DayOfWeek.MONDAY));
            case "monthly" -> new Calendar(new Period.Monthly());
            default ->
                    new Calendar(
                            new Period.Weekly(
                                    Arrays.stream(DayOfWeek.values())
                                            .filter(day -> shortName(day).equals(text))
                                            .findFirst()
                                            .orElseThrow(() ->
                                                    new IllegalArgumentException(
                                                            "allocation '%s': want continue, always, daily, weekly, monthly or a day such as fri"
                                                                    .formatted(text)))));
        };
    }

    private static String shortName(DayOfWeek day) {
        return day.name().substring(0, 3).toLowerCase(Locale.ROOT);
    }

    /// Whether what is written now begins a new set.
    ///
    /// @param began when the newest set was begun; nothing if the pool has none
    /// @param ours whether this run of the writer has begun it
    /// @param clock tells the time, and the zone whose midnight it is; a clock that went backwards
    ///   begins nothing
    default boolean beginsAnew(Optional<Instant> began, boolean ours, Clock clock) {
        if (began.isEmpty()) {
            return true;
        }
        return switch (this) {
            case Continue _ -> false;
            case Always _ -> !ours;
            case Calendar(Period period) -> {
                LocalDate today = ZonedDateTime.now(clock).toLocalDate();
                LocalDate then = began.get().atZone(clock.getZone()).toLocalDate();
                yield then.isBefore(period.startOf(today));
            }
        };
    }
}
