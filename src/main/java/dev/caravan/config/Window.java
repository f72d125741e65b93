package dev.caravan.config;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The times of a week in which a target takes copies, by the clock on the wall. Immutable.
///
/// A day is the one on which a span begins: `Fri 20:00-06:00` ends on Saturday morning. Where
/// clocks are put forward, a time that does not exist is the moment of the change; where they are
/// put back, a time that comes twice is the first one.
///
/// @param text as it was written
/// @param spans empty = always
public record Window(String text, List<Span> spans) {
    public static final Window ALWAYS = new Window("always", List.of());

    private static final String WANT =
            "want always, or times such as 20:00-06:00 or Mon-Fri 20:00-06:00,Sat-Sun";
    private static final int MINUTES_A_DAY = 24 * 60;
    private static final List<String> DAYS =
            List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final String DAY = "([a-z]{3})";
    private static final String TIME = "(\\d{1,2}):(\\d{2})";
    private static final Pattern FORM =
            Pattern.compile(
                    "(?:%1$s(?:\\s*-\\s*%1$s)?)?(?:(?:^|\\s+)%2$s\\s*-\\s*%2$s)?"
                            .formatted(DAY, TIME));

    /// A span that does not exist on the day clocks change exists a week later.
    private static final int DAYS_TO_LOOK = 16;

    /// One span of each of these days.
    ///
    /// @param begin in minutes after midnight
    /// @param end in minutes after the same midnight, up to two days
    record Span(Set<DayOfWeek> days, int begin, int end) {
        Instant begin(LocalDate day, ZoneId zone) {
            return instant(day, begin, zone);
        }

        Instant end(LocalDate day, ZoneId zone) {
            return instant(day, end, zone);
        }

        private static Instant instant(LocalDate day, int minutes, ZoneId zone) {
            LocalDateTime local =
                    day.plusDays(minutes / MINUTES_A_DAY)
                            .atTime(minutes % MINUTES_A_DAY / 60, minutes % 60);
            ZoneOffsetTransition change = zone.getRules().getTransition(local);
            return change != null && change.isGap()
                    ? change.getInstant()
                    : local.atZone(zone).toInstant();
        }
    }

    public Window {
        spans = List.copyOf(spans);
    }

    /// `always`, or spans separated by commas: days (`Mon`, `Sat-Sun`), times (`20:00-06:00`), or
    /// both.
    ///
    /// @throws IllegalArgumentException saying what is wrong with it
    public static Window parse(String text) {
        if (text.strip().equals(ALWAYS.text)) {
            return ALWAYS;
        }
        List<Span> spans = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            spans.add(span(part.strip()));
        }
        return new Window(text.strip().replaceAll("\\s+", " "), spans);
    }

    private static Span span(String text) {
        Matcher form = FORM.matcher(text.toLowerCase(Locale.ROOT));
        if (text.isEmpty() || !form.matches()) {
            throw new IllegalArgumentException("window '%s': %s".formatted(text, WANT));
        }
        Set<DayOfWeek> days = EnumSet.allOf(DayOfWeek.class);
        if (form.group(1) != null) {
            DayOfWeek first = day(form.group(1));
            days = days(first, form.group(2) == null ? first : day(form.group(2)));
        }
        if (form.group(3) == null) {
            return new Span(days, 0, MINUTES_A_DAY);
        }
        int begin = minutes(form.group(3), form.group(4));
        int end = minutes(form.group(5), form.group(6));
        if (begin == end || begin == MINUTES_A_DAY) {
            throw new IllegalArgumentException(
                    "window '%s': it has no length: the whole day is 00:00-24:00".formatted(text));
        }
        return new Span(days, begin, end > begin ? end : end + MINUTES_A_DAY);
    }

    private static DayOfWeek day(String name) {
        int day = DAYS.indexOf(name);
        if (day < 0) {
            throw new IllegalArgumentException(
                    "day '%s': want Mon, Tue, Wed, Thu, Fri, Sat or Sun".formatted(name));
        }
        return DayOfWeek.of(day + 1);
    }

    /// From one to the other, over the end of the week if need be.
    private static Set<DayOfWeek> days(DayOfWeek first, DayOfWeek last) {
        Set<DayOfWeek> days = EnumSet.of(last);
        for (DayOfWeek day = first; day != last; day = day.plus(1)) {
            days.add(day);
        }
        return days;
    }

    private static int minutes(String hours, String minutes) {
        int time = Integer.parseInt(hours) * 60 + Integer.parseInt(minutes);
        if (Integer.parseInt(minutes) > 59 || time > MINUTES_A_DAY) {
            throw new IllegalArgumentException(
                    "time '%s:%s': want 00:00 to 24:00".formatted(hours, minutes));
        }
        return time;
    }

    /// When it opens; empty while it is open.
    public Optional<Instant> closedUntil(ZonedDateTime time) {
        Instant now = time.toInstant();
        ZoneId zone = time.getZone();
        LocalDate yesterday = time.toLocalDate().minusDays(1);
        if (spans.isEmpty() || isOpen(yesterday, now, zone)) {
            return Optional.empty();
        }
        Instant next = null;
        for (int i = 0; i < DAYS_TO_LOOK && next == null; i++) {
            next = next(yesterday.plusDays(i), now, zone);
        }
        if (next == null) {
            throw new DateTimeException("window '%s' never opens in %s".formatted(text, zone));
        }
        return Optional.of(next);
    }

    /// What is open now began today or yesterday.
    private boolean isOpen(LocalDate yesterday, Instant now, ZoneId zone) {
        for (int i = 0; i <= 1; i++) {
            LocalDate day = yesterday.plusDays(i);
            for (Span span : spans) {
                if (span.days().contains(day.getDayOfWeek())
                        && !now.isBefore(span.begin(day, zone))
                        && now.isBefore(span.end(day, zone))) {
                    return true;
                }
            }
        }
        return false;
    }

    private @Nullable Instant next(LocalDate day, Instant now, ZoneId zone) {
        return spans.stream()
                .filter(span -> span.days().contains(day.getDayOfWeek()))
                .filter(span -> span.begin(day, zone).isBefore(span.end(day, zone)))
                .map(span -> span.begin(day, zone))
                .filter(now::isBefore)
                .min(Instant::compareTo)
                .orElse(null);
    }

    @Override
    public String toString() {
        return text;
    }
}
